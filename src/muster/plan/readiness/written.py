"""What the checks found as their page writes it (S09): each line by how it looks, its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext

from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Answer
from muster.team.lookup import Addresses
from muster.ui.templatetags.alike import Alike


class _Open(NamedTuple):
    """A finding that nobody has waived."""

    blocks: bool
    by_hand: bool
    may_confirm: bool
    may_waive: bool
    has_duty: bool
    seen_at: datetime | None
    """When the machine looked, under the last finding that rests on it."""


class Shown(NamedTuple):
    """An answer, and the lines of what is open of it."""

    answer: Answer
    lines: list[Alike]


class Writer:
    """Writes the answers about one campaign for one reader."""

    def __init__(
        self,
        campaign: Campaign,
        *,
        confirmable: Set[str],
        may_waive: Callable[[Answer], bool],
    ) -> None:
        self._confirmable = confirmable
        self._may_waive = may_waive
        self._campaign = campaign.public_id
        self._confirm = Addresses("plan:confirm_check", "campaign", "")
        self._waive = Addresses("plan:waive_check", "campaign", "")

    def answers(self, answers: Iterable[Answer]) -> list[Shown]:
        """Every answer, in the same order."""
        return [Shown(answer, self._lines(answer)) for answer in answers]

    def _lines(self, answer: Answer) -> list[Alike]:
        found, question = answer.open, answer.question
        if not found:
            return []
        may_waive = self._may_waive(answer)
        words = {
            "title": gettext(question.title),
            "duty": question.duty_name,
            "confirm": self._confirm.of(self._campaign, question.key),
            "waive": self._waive.of(self._campaign, question.key),
        }
        return [
            Alike(
                _Open(
                    finding.blocks,
                    question.by_hand,
                    question.key in self._confirmable,
                    may_waive and finding is found[0],
                    bool(question.duty),
                    answer.seen_at if finding is found[-1] else None,
                ),
                words | {"says": str(finding), "fix_at": finding.fix_at},
            )
            for finding in found
        ]
