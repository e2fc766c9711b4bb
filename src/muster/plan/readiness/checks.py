"""The list of questions asked before launch. Every part of Muster may add its own.

Planning lies below the parts that it has to ask, so it does not import them: each part puts its
questions into its own `readiness.py`, and they are found at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from django.utils.translation import gettext

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign


class Severity(StrEnum):
    """What a finding does to the launch."""

    BLOCK = "block"
    WARN = "warn"


GROUPS = {
    "goals": _("Goals"),
    "plan": _("Tasks"),
    "budget": _("Budget"),
    "audience": _("Audience"),
    "content": _("Content"),
    "channels": _("Channels"),
    "tracking": _("Tracking"),
    "compliance": _("Approvals and law"),
}
"""Key → title, in the order in which pages list them."""


@dataclass(frozen=True)
class Finding:
    """Something that stands in the way of the launch."""

    text: str
    """An English sentence marked for translation, with %(named)s places."""
    fix_at: str
    """The address of the page where it is mended."""
    severity: Severity = Severity.BLOCK
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCK

    def __str__(self) -> str:
        words = gettext(self.text)
        return words % self.params if self.params else words.replace("%%", "%")


Check: TypeAlias = Callable[[Campaign], Iterable[Finding]]


@dataclass(frozen=True)
class Question:
    """One question, the group it is listed under, and its short name."""

    key: str
    group: str
    title: str
    ask: Check


@dataclass(frozen=True)
class Answer:
    """A question, and what was found."""

    question: Question
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        return not self.findings

    @property
    def blocks(self) -> bool:
        return any(finding.blocks for finding in self.findings)


_questions: dict[str, Question] = {}


def check(group: str, title: str) -> Callable[[Check], Check]:
    """Ask this question of every campaign; `title` says in a few words what has to hold."""
    if group not in GROUPS:
        raise LookupError(f"There is no group {group!r}")

    def register(ask: Check) -> Check:
        key = f"{group}.{ask.__name__}"
        _questions[key] = Question(key, group, title, ask)
        return ask

    return register


@dataclass(frozen=True)
class Readiness:
    """All answers about one campaign."""

    answers: tuple[Answer, ...]

    @property
    def passed(self) -> int:
        return sum(answer.passed for answer in self.answers)

    @property
    def total(self) -> int:
        return len(self.answers)

    @property
    def blockers(self) -> list[Finding]:
        return [f for answer in self.answers for f in answer.findings if f.blocks]

    @property
    def warnings(self) -> list[Finding]:
        return [f for answer in self.answers for f in answer.findings if not f.blocks]

    @property
    def findings(self) -> list[Finding]:
        """What stands in the way first, then what is only worth a look."""
        return [*self.blockers, *self.warnings]

    def groups(self) -> list[tuple[str, list[Answer]]]:
        """Title of the group and its answers, in the order of GROUPS, empty groups left out."""
        listed = []
        for group, title in GROUPS.items():
            answers = [answer for answer in self.answers if answer.question.group == group]
            if answers:
                listed.append((title, answers))
        return listed


def readiness(campaign: Campaign) -> Readiness:
    """Ask every question of this campaign."""
    order = {group: place for place, group in enumerate(GROUPS)}
    questions = sorted(_questions.values(), key=lambda question: order[question.group])
    return Readiness(
        tuple(Answer(question, tuple(question.ask(campaign))) for question in questions)
    )


def findings(campaign: Campaign) -> list[Finding]:
    """Everything that was found, blockers first."""
    return readiness(campaign).findings
