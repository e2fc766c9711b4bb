"""All campaigns in one list with their figures (S05)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from muster.kit.money import Money
from muster.plan.budget.models import Bound, bound
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import CHIP
from muster.plan.campaigns.rules import Clock
from muster.plan.goals.shown import ShownGoal, shown_goal
from muster.plan.readiness.checks import Lately, lately


@dataclass(frozen=True)
class Row:
    """One campaign of the list."""

    campaign: Campaign
    chip: str
    clock: Clock
    goal: ShownGoal | None
    bound: Bound
    readiness: Lately | None
    """None once it has started."""


@dataclass(frozen=True)
class Total:
    """Sums over the campaigns of one currency."""

    currency: str
    planned: Money
    actual: Money


def rows_of(campaigns: Sequence[Campaign]) -> list[Row]:
    """The figures of these campaigns; their goals have been fetched with them."""
    sums = bound(campaign.pk for campaign in campaigns)
    return [_row(campaign, sums.get(campaign.pk) or Bound()) for campaign in campaigns]


def _row(campaign: Campaign, money: Bound) -> Row:
    goals = list(campaign.goals.all())
    return Row(
        campaign=campaign,
        chip=CHIP.get(Campaign.Status(campaign.status), ""),
        clock=campaign.clock(),
        goal=shown_goal(campaign, goals[0]) if goals else None,
        bound=money,
        readiness=lately(campaign) if campaign.is_planned else None,
    )


def totals(rows: Iterable[Row]) -> list[Total]:
    """Budget and spending, apart for each currency."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        planned, actual = sums.get(row.campaign.currency, (Decimal(0), Decimal(0)))
        sums[row.campaign.currency] = (
            planned + row.campaign.total_budget,
            actual + row.bound.actual,
        )
    return [
        Total(currency, Money(planned, currency), Money(actual, currency))
        for currency, (planned, actual) in sorted(sums.items())
    ]
