"""What the SMART meter has to know of a goal: its metric, its events, and past campaigns (PL2)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from muster.events import names
from muster.kit.errors import Unavailable
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.plan.goals import rules
from muster.plan.goals.models import Goal
from muster.plan.goals.progress import progress_of
from muster.team.stores import warehouse
from muster.warehouse.arrivals import last_received
from muster.warehouse.metrics import METRICS, VISITS, Direction, Metric

_COMPARABLE = 12
"""At most this many past campaigns are looked at, the latest first."""


def metric_of(goal: Goal) -> Metric | None:
    """The catalogue's entry of the goal's metric."""
    return METRICS.get(goal.metric)


def falls(metric: Metric | None) -> bool:
    """Whether a lower number is better."""
    return metric is not None and metric.direction is Direction.LOWER


def facts_of(goal: Goal) -> rules.GoalFacts:
    """The goal as the rules see it."""
    metric = metric_of(goal)
    needs, seen = _arrivals(metric)
    return rules.GoalFacts(
        metric=goal.metric,
        metric_name=gettext(metric.name) if metric else "",
        target=goal.target,
        baseline=goal.baseline,
        statement=goal.statement,
        population=goal.population,
        channel=goal.channel,
        reason=goal.reason,
        objective=goal.objective,
        starts=goal.starts,
        due=goal.due,
        checkpoints=goal.checkpoint_dates,
        falls=falls(metric),
        needs=needs,
        seen=seen,
        comparable=_comparable(goal),
    )


def smart(goal: Goal, now: datetime | None = None) -> list[rules.Letter]:
    """The five letters of this goal."""
    return rules.smart(facts_of(goal), now or timezone.now())


def _arrivals(metric: Metric | None) -> tuple[frozenset[str], dict[str, datetime | None]]:
    """The events from outside that the metric needs, and when each was last received.

    What happens to our own messages is always known; of the ways to visit any one will do.
    """
    if metric is None:
        return frozenset(), {}
    needs = metric.needs - set(names.OF_MESSAGES)
    if not needs:
        return needs, {}
    try:
        with warehouse() as db:
            seen = last_received(db, sorted(needs))
    except Unavailable:
        return frozenset(), {}
    visits = needs & set(VISITS)
    arrived = {name: at for name in visits if (at := seen[name]) is not None}
    if visits:
        best = max(arrived, key=lambda name: arrived[name]) if arrived else VISITS[0]
        needs = needs - visits | {best}
    return needs, seen


def _comparable(goal: Goal) -> tuple[Decimal, ...]:
    past = (
        Goal.objects.filter(
            metric=goal.metric, campaign__status__in=OVER, campaign__deleted_at=None
        )
        .exclude(campaign=goal.campaign_id)
        .select_related("campaign")
        .order_by("-campaign__ends")[:_COMPARABLE]
    )
    if len(past) < rules.ENOUGH_CAMPAIGNS:
        return ()
    found = [progress_of(one.campaign, one) for one in past]
    return tuple(progress.value for progress in found if progress is not None)


def main_facts(campaign: Campaign) -> tuple[Goal, list[rules.Letter]] | None:
    """The main goal and its letters; None while the campaign has no goal."""
    goal = campaign.goals.first()
    return (goal, smart(goal)) if goal else None
