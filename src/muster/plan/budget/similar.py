"""What earlier releases for the same kind of reason returned, to judge the next one by (PL3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from muster.plan.budget.measured import outcome
from muster.plan.budget.models import BudgetMove
from muster.plan.campaigns.models import Campaign

_MOST = 3


@dataclass(frozen=True)
class Similar:
    """A release of another campaign, and what that campaign brought for each unit of money."""

    move: BudgetMove
    per_unit: Decimal | None


def similar_releases(reason_class: str, *, besides: Campaign) -> list[Similar]:
    """The latest releases of this class in other campaigns that were measured."""
    rows = BudgetMove.objects.filter(
        kind=BudgetMove.Kind.RELEASE,
        state=BudgetMove.State.POSTED,
        reverses=None,
        reversed_by=None,
        campaign__deleted_at=None,
    ).exclude(campaign=besides)
    if reason_class:
        rows = rows.filter(reason_class=reason_class)
    rows = rows.select_related("campaign", "source", "target")
    found = []
    for move in rows[:_MOST]:
        brought = outcome(move.campaign)
        found.append(Similar(move, brought.per_unit if brought else None))
    return found
