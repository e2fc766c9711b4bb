"""Checkpoints that come and guardrails that break (PL2): seen once a day, told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import LIVE
from muster.plan.goals import rules
from muster.plan.goals.facts import falls, metric_of
from muster.plan.goals.models import Goal, Look
from muster.plan.goals.progress import progress_of
from muster.plan.goals.shown import written
from muster.team.notices.actions import close, notify
from muster.team.users.models import User, Workspace
from muster.warehouse.metrics import METRICS


@dataclass(frozen=True)
class Rail:
    """A guardrail as it stands now."""

    metric: str
    op: str
    limit: Decimal
    value: Decimal | None
    """None while nobody can tell."""

    @property
    def holds(self) -> bool | None:
        if self.value is None:
            return None
        return rules.holds(self.value, self.op, self.limit)


def rails_of(campaign: Campaign, goal: Goal) -> list[Rail]:
    """The guardrails of a goal with their present values, counted over its own days."""
    found = []
    for rail in goal.guardrails:
        counted = Goal(
            pk=goal.pk,
            campaign=campaign,
            metric=rail["metric"],
            target=Decimal(rail["value"]),
            starts=goal.starts,
            due=goal.due,
        )
        now = progress_of(campaign, counted)
        value = now.value if now is not None else None
        found.append(Rail(rail["metric"], rail["op"], Decimal(rail["value"]), value))
    return found


def look_at_goals(today: date, now: datetime | None = None) -> int:
    """Look at every goal of the campaigns that run; how many news were told."""
    now = now or timezone.now()
    goals = (
        Goal.objects.filter(campaign__status__in=LIVE, campaign__deleted_at=None)
        .select_related("campaign__owner", "owner")
        .prefetch_related("looks")
    )
    # Numbers and names in the news are written once, in the language of the workspace.
    with override(Workspace.here().language):
        return sum(_look_at(goal, today, now) for goal in goals)


def _look_at(goal: Goal, today: date, now: datetime) -> int:
    seen = {(look.kind, look.what): look for look in goal.looks.all()}
    told = 0
    for rail in rails_of(goal.campaign, goal):
        if rail.holds is not None:
            told += _keep_rail(goal, rail, seen.get((Look.Kind.RAIL, rail.metric)), now)
    for day in goal.checkpoint_dates:
        if day < today and (Look.Kind.CHECKPOINT, day.isoformat()) not in seen:
            told += _keep_checkpoint(goal, day, now)
    return told


@transaction.atomic
def _keep_rail(goal: Goal, rail: Rail, before: Look | None, now: datetime) -> int:
    state = Look.State.HELD if rail.holds else Look.State.MISSED
    if before is not None and before.state == state:
        return 0
    Look.objects.update_or_create(
        goal=goal,
        kind=Look.Kind.RAIL,
        what=rail.metric,
        defaults={"expected": rail.limit, "actual": rail.value, "state": state, "at": now},
    )
    if rail.holds:
        close(goal, "guardrail_broken")
        return 0
    metric = METRICS.get(rail.metric)
    currency = goal.campaign.currency
    notify(
        "guardrail_broken",
        goal,
        _owners(goal),
        _("“%(campaign)s”: %(metric)s is %(value)s, the guardrail is %(limit)s."),
        url=_place(goal),
        params={
            "campaign": goal.campaign.name,
            "metric": gettext(metric.name) if metric else rail.metric,
            "value": written(rail.value, metric, currency),
            "limit": written(rail.limit, metric, currency),
        },
        campaign=goal.campaign_id,
    )
    return 1


@transaction.atomic
def _keep_checkpoint(goal: Goal, day: date, now: datetime) -> int:
    """Write down what was expected by the end of that day, and what was there."""
    found = progress_of(goal.campaign, goal)
    if found is None:
        return 0
    actual, expected = found.value, expected_on(goal, day)
    metric = metric_of(goal)
    is_held = actual <= expected if falls(metric) else actual >= expected
    state = Look.State.HELD if is_held else Look.State.MISSED
    Look.objects.create(
        goal=goal,
        kind=Look.Kind.CHECKPOINT,
        what=day.isoformat(),
        expected=expected,
        actual=actual,
        state=state,
        at=now,
    )
    if is_held:
        return 0
    currency = goal.campaign.currency
    notify(
        "checkpoint_missed",
        goal,
        _owners(goal),
        _("“%(campaign)s”, checkpoint %(day)s: %(actual)s instead of %(expected)s."),
        url=_place(goal),
        params={
            "campaign": goal.campaign.name,
            "day": day.isoformat(),
            "actual": written(actual, metric, currency),
            "expected": written(expected, metric, currency),
        },
        campaign=goal.campaign_id,
    )
    return 1


def expected_on(goal: Goal, day: date) -> Decimal:
    """What the plan expects by the end of a day: an even pace for sums, the target for rates."""
    metric = metric_of(goal)
    adds_up = metric is not None and metric.denominator is None and metric.cost is None
    if not adds_up or falls(metric) or goal.starts is None or goal.due is None:
        return goal.target
    share = rules.pace(goal.starts, goal.due, day)
    return (goal.target * share).quantize(Decimal("0.0001"))


def _owners(goal: Goal) -> list[User]:
    return [one for one in (goal.owner, goal.campaign.owner) if one is not None]


def _place(goal: Goal) -> str:
    return reverse("plan:brief", args=[goal.campaign_id]) + f"#{goal.public_id}"
