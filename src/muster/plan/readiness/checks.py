"""The list of questions asked before launch. Every part of Muster may add its own.

Planning lies below the parts that it has to ask, so it does not import them: each part puts its
questions into its own `readiness.py`, and they are found at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import TypeAlias

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language, gettext

from muster.kit.words import _
from muster.plan.campaigns import days
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import looking, once
from muster.plan.readiness.duties import duty_name
from muster.plan.readiness.looking import is_outdated, mark_of, seen_at
from muster.plan.readiness.models import CheckRule, Waiver
from muster.team.changes.models import Change


class Severity(StrEnum):
    """What a finding does to the launch."""

    BLOCK = "block"
    WARN = "warn"


GROUPS = {
    "goals": _("Goals"),
    "budget": _("Budget"),
    "audience": _("Audience"),
    "content": _("Content"),
    "channels": _("Channels"),
    "plan": _("Plan"),
    "team": _("Team"),
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
    about: str = ""
    """What it is about, where a place may have several such troubles: an address, a send."""
    one: str = ""
    """The sentence where `count` is 1; it is the same trouble all the same."""
    count: Decimal | int = 0

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCK

    @property
    def mark(self) -> str:
        """The same trouble of the same thing, whatever the numbers in it are."""
        mark = f"{self.fix_at} {self.text}"[:300]
        return f"{mark} {sha256(self.about.encode()).hexdigest()[:16]}" if self.about else mark

    @property
    def sentence(self) -> str:
        """What it says, in English."""
        return self.one if self.one and self.count == 1 else self.text

    def __str__(self) -> str:
        words = gettext(self.sentence)
        return words % self.params if self.params else words.replace("%%", "%")


@dataclass(frozen=True)
class Note:
    """Something worth knowing about a question although it stands in nobody's way."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return gettext(self.text) % self.params if self.params else gettext(self.text)


Check: TypeAlias = Callable[[Campaign], Iterable[Finding | Note]]
Fits: TypeAlias = Callable[[Campaign], bool]


def _always(campaign: Campaign) -> bool:
    return True


@dataclass(frozen=True)
class Dial:
    """A number in a check that a workspace may set."""

    class Unit(StrEnum):
        """What the number counts."""

        PERCENT = "percent"
        HOURS = "hours"
        POINTS = "points"

    name: str
    words: str
    """What it says, in English and marked for translation."""
    unit: Unit
    usual: Decimal
    """Parts of 1 for percents."""
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1)


@dataclass(frozen=True)
class Question:
    """One question, the group it is listed under, and its short name."""

    key: str
    group: str
    title: str
    ask: Check
    fits: Fits = _always
    """Whether it makes sense to ask this campaign."""
    may_be_waived: bool = True
    by_hand: bool = False
    """Only people can answer it."""
    severity: Severity | None = Severity.BLOCK
    """What its findings usually do; None where it depends on what is found."""
    dials: tuple[Dial, ...] = ()
    set_at: str = ""
    """The route of the page on which its numbers and severity are set, where that is elsewhere."""
    duty: str = ""
    """Whose duty the answer is: `CheckRule.duty`."""
    look: str = ""
    """What the machine looks at beside the pages to answer it: a key of `looking`."""
    estimates: bool = False
    """Whether it has an answer before the machine has looked, too."""

    @property
    def duty_name(self) -> str:
        """Whose duty it is, in words; "" for whoever plans."""
        return duty_name(self.duty)


@dataclass(frozen=True)
class Answer:
    """A question, what was found, and who answers for going on all the same."""

    question: Question
    findings: tuple[Finding, ...]
    waiver: Waiver | None = None
    notes: tuple[Note, ...] = ()
    seen_at: datetime | None = None
    """When the machine looked last, where the answer rests on a look beside the pages."""

    @property
    def passed(self) -> bool:
        return not self.findings

    @property
    def open(self) -> tuple[Finding, ...]:
        """What was found and is not waived."""
        covered = self.waiver.covers if self.waiver else ()
        return tuple(finding for finding in self.findings if finding.mark not in covered)

    @property
    def waived(self) -> bool:
        """Something was found, and somebody answers for all of it."""
        return bool(self.findings) and not self.open

    @property
    def blocks(self) -> bool:
        return any(finding.blocks for finding in self.open)


_questions: dict[str, Question] = {}


def check(
    group: str,
    title: str,
    *,
    fits: Fits = _always,
    may_be_waived: bool = True,
    severity: Severity | None = Severity.BLOCK,
    dials: tuple[Dial, ...] = (),
    set_at: str = "",
    look: str = "",
    estimates: bool = False,
) -> Callable[[Check], Check]:
    """Ask this question of every campaign that it fits; `title` says shortly what has to hold.

    `severity` is what all its findings do; None where they differ. What rests on a `look` is open
    again while that has seen something else than there is now, unless it `estimates`.
    """
    if group not in GROUPS:
        raise LookupError(f"There is no group {group!r}")

    def register(ask: Check) -> Check:
        key = f"{group}.{ask.__name__}"
        _questions[key] = Question(
            key,
            group,
            title,
            ask,
            fits,
            may_be_waived,
            severity=severity,
            dials=dials,
            set_at=set_at,
            look=look,
            estimates=estimates,
        )
        return ask

    return register


def by_hand(
    name: str, group: str, title: str, text: str, *, fits: Fits = _always, url: str = ""
) -> None:
    """A question that only people can answer; `text` says what to do before saying that it is done.

    It is open until somebody says so, and warns only.
    """
    key = f"{group}.{name}"
    _questions[key] = _for_people(key, group, title, text, Severity.WARN, fits=fits, url=url)


def _for_people(
    key: str,
    group: str,
    title: str,
    text: str,
    severity: Severity,
    *,
    fits: Fits = _always,
    url: str = "",
    duty: str = "",
) -> Question:
    def ask(campaign: Campaign) -> Iterable[Finding]:
        yield Finding(text, url or f"/c/{campaign.public_id}/readiness", severity)

    return Question(key, group, title, ask, fits, by_hand=True, severity=severity, duty=duty)


@once
def _rules_here(campaign: Campaign) -> dict[str, CheckRule]:
    return rules_here()


def rules_here() -> dict[str, CheckRule]:
    """What this workspace decided: key of a check → its row."""
    return {rule.key: rule for rule in CheckRule.objects.select_related("by")}


def dial(campaign: Campaign, key: str, name: str) -> Decimal:
    """What a number of a check is in this workspace."""
    rule = _rules_here(campaign).get(key)
    value = rule.dials.get(name) if rule else None
    return dial_of(_questions[key], name).usual if value is None else Decimal(value)


def dial_of(question: Question, name: str) -> Dial:
    """The number of a check by its name; KeyError if it has none of that name."""
    return {one.name: one for one in question.dials}[name]


@dataclass(frozen=True)
class Readiness:
    """All answers about one campaign."""

    answers: tuple[Answer, ...]
    asked_at: datetime = field(default_factory=timezone.now)

    @property
    def passed(self) -> int:
        return sum(answer.passed for answer in self.answers)

    @property
    def total(self) -> int:
        return len(self.answers)

    @property
    def waived(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.waived]

    @property
    def blockers(self) -> list[Finding]:
        return [f for answer in self.answers for f in answer.open if f.blocks]

    @property
    def warnings(self) -> list[Finding]:
        return [f for answer in self.answers for f in answer.open if not f.blocks]

    @property
    def findings(self) -> list[Finding]:
        """What stands in the way first, then what is only worth a look."""
        return [*self.blockers, *self.warnings]

    @property
    def opened(self) -> list[Answer]:
        """The answers with something that nobody has waived."""
        return [answer for answer in self.answers if answer.open]

    def groups(self) -> list[tuple[str, list[Answer]]]:
        """Title of the group and its answers, in the order of GROUPS, empty groups left out."""
        listed = []
        for group, title in GROUPS.items():
            answers = [answer for answer in self.answers if answer.question.group == group]
            if answers:
                listed.append((title, answers))
        return listed

    def answer(self, key: str) -> Answer | None:
        """The answer to one question, if it was asked."""
        return next((one for one in self.answers if one.question.key == key), None)


def readiness(campaign: Campaign) -> Readiness:
    """Ask every question that fits this campaign, now."""
    waivers = waivers_of(campaign)
    with looking(campaign):
        rules = _rules_here(campaign)
        return Readiness(
            tuple(
                _answered(campaign, question, _found(campaign, question), waivers)
                for question in questions(rules)
                if _is_asked(question, campaign, rules.get(question.key))
                and question.fits(campaign)
            )
        )


def questions(rules: Mapping[str, CheckRule]) -> list[Question]:
    """Every question in the order of the groups, as serious as the workspace takes it."""
    order = {group: place for place, group in enumerate(GROUPS)}
    known = [_tuned(question, rules.get(question.key)) for question in _questions.values()]
    own = [
        _for_people(
            rule.key,
            rule.group,
            rule.title,
            rule.text or rule.title,
            Severity(rule.severity or Severity.WARN),
            duty=rule.duty,
        )
        for rule in rules.values()
        if rule.is_own
    ]
    return sorted([*known, *own], key=lambda question: order[question.group])


def usual(key: str) -> Question | None:
    """A question of the code as it is without anything that a workspace decided."""
    return _questions.get(key)


def _tuned(question: Question, rule: CheckRule | None) -> Question:
    # What others have to decide is never softened here.
    if rule is None or not rule.severity or not question.may_be_waived or question.set_at:
        return question
    severity = Severity(rule.severity)

    def ask(campaign: Campaign) -> Iterator[Finding | Note]:
        for one in question.ask(campaign):
            yield replace(one, severity=severity) if isinstance(one, Finding) else one

    return replace(question, ask=ask, severity=severity)


def _is_asked(question: Question, campaign: Campaign, rule: CheckRule | None) -> bool:
    if rule is None or not question.may_be_waived:
        return True
    return not rule.off and (not rule.strategies or campaign.strategy in rule.strategies)


def _found(campaign: Campaign, question: Question) -> Iterable[Finding | Note]:
    found = question.ask(campaign)
    if not question.look or question.estimates or not is_outdated(campaign, question.look):
        return found
    severity = question.severity or Severity.BLOCK
    # Who waives it goes on without this look; what changes later is looked at anew.
    about = mark_of(campaign, question.look)
    said = [
        replace(one, severity=severity, about=about) for one in found if isinstance(one, Finding)
    ]
    place = f"/c/{campaign.public_id}/readiness"
    return said or [Finding(_PENDING, place, severity, about=about)]


_PENDING = _("This is being looked at. Come back in a minute.")


@once
def waivers_of(campaign: Campaign) -> dict[str, Waiver]:
    """What somebody answers for or said is done, and nobody revoked: key of a check → its row."""
    rows = Waiver.objects.filter(campaign=campaign, revoked_at=None).select_related("by")
    return {waiver.check_key: waiver for waiver in rows}


def _answered(
    campaign: Campaign,
    question: Question,
    found: Iterable[Finding | Note],
    waivers: Mapping[str, Waiver],
) -> Answer:
    waiver = waivers.get(question.key)
    if question.by_hand and waiver is not None and waiver.done:
        return Answer(question, (), waiver)
    said = list(found)
    return Answer(
        question,
        tuple(one for one in said if isinstance(one, Finding)),
        waiver,
        tuple(one for one in said if isinstance(one, Note)),
        seen_at(campaign, question.look) if question.look else None,
    )


_GOOD_FOR = 60
"""Seconds for which a page takes an earlier answer, as long as nobody changes anything."""
_RECENT = 500
"""What can still be taken back is among so many latest changes."""


def asked_now(campaign: Campaign) -> Readiness:
    """Every question asked anew; what the rest of the page glances at is the same answer."""
    found = readiness(campaign)
    said = {one.question.key: (*one.findings, *one.notes) for one in found.answers}
    cache.set(_key(campaign), said, _GOOD_FOR)
    return found


@once
def glance(campaign: Campaign) -> Readiness:
    """The answers as a page shows them in passing: header, tabs and tiles.

    They were asked within the last minute, and nobody has done anything since.
    """
    said: dict[str, tuple[Finding | Note, ...]] | None = cache.get(_key(campaign))
    if said is None:
        return asked_now(campaign)
    waivers = waivers_of(campaign)
    return Readiness(
        tuple(
            _answered(campaign, question, said[question.key], waivers)
            for question in questions(_rules_here(campaign))
            if question.key in said
        )
    )


def _key(campaign: Campaign) -> str:
    """Names the answers by what they could depend on: whatever people do leaves a change."""
    last = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    undone = Change.objects.filter(pk__gt=last - _RECENT).aggregate(at=Max("undone_at"))["at"]
    marks = (campaign.pk, campaign.updated_at, last, undone, days.today(), get_language())
    return "said:" + sha256(repr(marks).encode()).hexdigest()


@dataclass(frozen=True)
class Lately:
    """What a list of campaigns says about one of them."""

    passed: int
    total: int
    findings: list[Finding]
    """What blocks first."""

    @property
    def blockers(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.blocks]


def lately(campaign: Campaign) -> Lately:
    """What was found within the last minute: lists of many campaigns do not ask them all anew."""
    key = f"readiness:{campaign.pk}:{campaign.updated_at.timestamp()}:{get_language()}"
    found: Lately | None = cache.get(key)
    if found is None:
        now = glance(campaign)
        found = Lately(now.passed, now.total, now.findings)
        cache.set(key, found, _GOOD_FOR)
    return found


def findings(campaign: Campaign) -> list[Finding]:
    """Everything that was found, blockers first."""
    return readiness(campaign).findings
