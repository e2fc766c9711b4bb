"""Dear figures of the list: readiness asks dozens of questions, progress asks the warehouse.

They are worked out once per version of a campaign and kept for a while; the list shows what is
kept and asks for the rest a few campaigns at a time, so that its page never waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.cache import cache

from muster.plan.budget.measured import outcome
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.history import reach_of
from muster.plan.goals.progress import Progress, progress_of
from muster.plan.readiness.checks import readiness

AT_ONCE = 10
_KEPT = 300
"""Seconds; what happens to a campaign changes its version anyway."""


@dataclass(frozen=True)
class Figures:
    """What is dear to know of one campaign."""

    passed: int
    total: int
    blockers: int
    progress: Progress | None
    roi: Decimal | None = None
    """(What it brought − what it cost) / what it cost; None before anything is measured."""
    audience: int | None = None
    """How many people it reaches, or can reach as it is planned."""


def kept(campaigns: Sequence[Campaign], today: date) -> dict[int, Figures]:
    """What is known already of these campaigns."""
    keys = {_key(one, today): one.pk for one in campaigns}
    return {keys[key]: figures for key, figures in cache.get_many(keys).items()}


def work_out(campaigns: Sequence[Campaign], today: date) -> dict[int, Figures]:
    """Work out the figures of some campaigns, and keep them."""
    found = {}
    for one in campaigns[:AT_ONCE]:
        ready = readiness(one) if one.is_planned else None
        goals = list(one.goals.all())
        figures = Figures(
            passed=ready.passed if ready else 0,
            total=ready.total if ready else 0,
            blockers=len(ready.blockers) if ready else 0,
            progress=progress_of(one, goals[0]) if goals and not one.is_planned else None,
            roi=_roi(one),
            audience=_audience(one),
        )
        cache.set(_key(one, today), figures, _KEPT)
        found[one.pk] = figures
    return found


def _roi(campaign: Campaign) -> Decimal | None:
    found = None if campaign.is_planned else outcome(campaign)
    return found.per_unit - 1 if found is not None and found.per_unit is not None else None


def _audience(campaign: Campaign) -> int | None:
    found = reach_of(campaign)
    return found.people if found is not None else None


def _key(campaign: Campaign, today: date) -> str:
    return f"plan:list:{campaign.pk}:{campaign.updated_at.timestamp()}:{today}"
