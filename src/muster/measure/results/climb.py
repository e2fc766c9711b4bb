"""How the main goal climbed from day to day, beside the line it was planned on (ME1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from muster.measure.results.groups import Members
from muster.measure.results.numbers import GoalNow
from muster.plan.campaigns.models import Campaign
from muster.team.stores import warehouse
from muster.team.users.models import Workspace
from muster.warehouse.metrics import Scope, evaluate

_MOST_POINTS = 10


@dataclass(frozen=True)
class Point:
    """The goal's number at the end of a day."""

    day: date
    actual: float | None
    """None in the future."""
    planned: float


def climb(campaign: Campaign, goal: GoalNow, people: Members, now: datetime) -> Sequence[Point]:
    """Up to ten days from the first to the due one; nothing for rates, which do not climb."""
    if not goal.aim.adds_up or not people.groups:
        return ()
    zone = Workspace.here().zone
    start, due = goal.aim.starts, goal.aim.due
    days = max((due.astimezone(zone).date() - start.astimezone(zone).date()).days, 1)
    first = start.astimezone(zone).date()
    points = []
    with warehouse() as db:
        for number in _numbers(days):
            end = start + timedelta(days=number)
            actual = None
            if end - timedelta(days=1) <= now:
                scope = Scope(
                    start, end, people.treated, campaign.public_id, currency=campaign.currency
                )
                value = evaluate(db, [goal.goal.metric], scope)[goal.goal.metric].value
                actual = float(value) if value is not None else None
            planned = goal.aim.target * number / days
            points.append(Point(first + timedelta(days=number - 1), actual, planned))
    return points


def _numbers(days: int) -> list[int]:
    """Which days are drawn: all of them, or ten that lie evenly and end on the last."""
    if days <= _MOST_POINTS:
        return list(range(1, days + 1))
    return sorted({round(days * at / _MOST_POINTS) for at in range(1, _MOST_POINTS + 1)})
