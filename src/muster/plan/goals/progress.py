"""How far a goal is (PL2): the measuring part counts, the plan only asks.

The part that measures registers one function; without it a goal has no value yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.goals.models import Goal


@dataclass(frozen=True)
class Progress:
    """The value of a goal's metric at a moment."""

    value: Decimal
    as_of: datetime
    trace: str = ""
    """The address that shows how the value came about."""


ProgressOf: TypeAlias = Callable[[Campaign, Goal], Progress | None]
_sources: list[ProgressOf] = []


def progress(source: ProgressOf) -> ProgressOf:
    """Ask this function for the value of goals; None where it cannot know."""
    _sources.append(source)
    return source


def progress_of(campaign: Campaign, goal: Goal) -> Progress | None:
    """The value of the goal's metric now, or None when nobody can tell."""
    known, key = _known(campaign), (goal.pk, goal.metric, goal.starts, goal.due)
    if key not in known:
        found = (source(campaign, goal) for source in _sources)
        known[key] = next((one for one in found if one is not None), None)
    return known[key]


@once
def _known(campaign: Campaign) -> dict[Any, Progress | None]:
    """Header, sentence and tiles of one page show the same value, so it is counted once."""
    return {}
