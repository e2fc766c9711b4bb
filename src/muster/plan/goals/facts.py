"""What the SMART meter has to know of a goal: its metric, its events, and past campaigns (PL2)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from muster.events import names
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.goals import rules
from muster.plan.goals.drafts import reading_of
from muster.plan.goals.history import ended_of
from muster.plan.goals.models import Goal
from muster.team.stores import NO_NUMBERS, warehouse
from muster.warehouse.arrivals import last_received
from muster.warehouse.metrics import METRICS, VISITS, Direction, Metric


def metric_of(goal: Goal) -> Metric | None:
    """The catalogue's entry of the goal's metric."""
    return METRICS.get(goal.metric)


def falls(metric: Metric | None) -> bool:
    """Whether a lower number is better."""
    return metric is not None and metric.direction is Direction.LOWER


def facts_of(goal: Goal) -> rules.GoalFacts:
    """The goal as the rules see it."""
    metric = metric_of(goal)
    needs, seen = arrivals(metric)
    return rules.GoalFacts(
        metric=goal.metric,
        metric_name=gettext(metric.name) if metric else "",
        target=goal.target,
        baseline=goal.baseline,
        statement=goal.statement,
        said=reading_of(goal.statement, goal.created_at.date() if goal.created_at else today()),
        population=goal.population,
        channel=goal.channel,
        reason=goal.reason,
        objective=goal.objective.name if goal.objective else "",
        supports=goal.supports,
        starts=goal.starts,
        due=goal.due,
        checkpoints=goal.checkpoint_dates,
        falls=falls(metric),
        needs=needs,
        seen=seen,
        comparable=past_values(goal.campaign, goal.metric),
        names=metric_names(),
    )


def metric_names() -> dict[str, str]:
    """The catalogue in the reader's words."""
    return {key: gettext(metric.name) for key, metric in METRICS.items()}


def smart(goal: Goal, now: datetime | None = None) -> list[rules.Letter]:
    """The five letters of this goal."""
    return rules.smart(facts_of(goal), now or timezone.now())


def arrivals(metric: Metric | None) -> tuple[frozenset[str], dict[str, datetime | None]]:
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
    except NO_NUMBERS:
        return frozenset(), {}
    visits = needs & set(VISITS)
    arrived = {name: at for name in visits if (at := seen[name]) is not None}
    if visits:
        best = max(arrived, key=lambda name: arrived[name]) if arrived else VISITS[0]
        needs = needs - visits | {best}
    return needs, seen


def past_values(campaign: Campaign, metric: str) -> tuple[Decimal, ...]:
    """What the metric reached in comparable campaigns that are over, the latest first."""
    return tuple(one.value for one in ended_of(campaign, metric))


def main_facts(campaign: Campaign) -> tuple[Goal, list[rules.Letter]] | None:
    """The main goal and its letters; None while the campaign has no goal."""
    goal = campaign.goals.first()
    return (goal, smart(goal)) if goal else None
