"""The numbers of the catalogue as signs by which risks show."""

from __future__ import annotations

from decimal import Decimal

from muster.kit import clock
from muster.measure.results.groups import members
from muster.measure.results.numbers import goal_now
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal
from muster.plan.risks.registry import sign
from muster.team.stores import NO_NUMBERS, warehouse
from muster.warehouse.metrics import METRICS


@sign
def metric_now(campaign: Campaign, metric: str) -> Decimal | None:
    """The metric over the days of the campaign; None before the first send."""
    if metric not in METRICS:
        return None
    people = members(campaign)
    if not people.groups:
        return None
    asked = Goal(
        campaign=campaign,
        metric=metric,
        target=Decimal(1),
        starts=campaign.starts,
        due=campaign.ends,
    )
    try:
        with warehouse() as db:
            found = goal_now(db, campaign, asked, people, clock.now())
    except NO_NUMBERS:
        return None
    return None if found is None or found.actual is None else Decimal(str(found.actual))
