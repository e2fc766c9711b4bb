"""The people of a campaign against its tasks: skills, and hours per week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from muster.kit.days import monday
from muster.plan.peaks.models import Peak
from muster.plan.peaks.rules import HOURS
from muster.plan.peaks.shortage import Demand
from muster.plan.resources import rules
from muster.plan.tasks.planning import Plan
from muster.plan.tasks.shown import loads
from muster.team.users.models import User


@dataclass(frozen=True)
class Cell:
    """One person's week."""

    hours: Decimal
    capacity: Decimal

    @property
    def is_over(self) -> bool:
        return self.hours > self.capacity


@dataclass(frozen=True)
class Weeks:
    """Everybody with work in the campaign, week by week from this one on."""

    weeks: list[date]
    rows: list[tuple[User, list[Cell]]]
    temporary: list[tuple[Peak, list[Decimal]]]
    """The hours that temporary staff brings, those of them who passed the training."""


def needs(
    plan: Plan, wanted: Sequence[Demand], users: Iterable[User], peaks: Iterable[Peak]
) -> list[rules.Need]:
    """Which skills the open tasks ask for, and who has them; temporary staff on its days."""
    asked = [task.skill for task in plan.tasks if not task.is_done and task.skill]
    ready = [peak for peak in peaks if peak.trained]
    days = {one.key: one.needed_on() for one in wanted}
    there = [(peak.skill.casefold(), peak.trained, peak.covers) for peak in ready]
    names = {user.name or user.email: user.skills for user in users}
    return rules.needs(asked, names, days, there)


def weeks(plan: Plan, days: Sequence[date], peaks: Iterable[Peak]) -> Weeks:
    """Hours per person and week, as the plan's schedule spreads them over working days."""
    mondays = sorted({monday(day) for day in days})
    rows = []
    for one in loads(plan, days):
        sums = {week: (Decimal(0), Decimal(0)) for week in mondays}
        for day, work in zip(days, one.days, strict=True):
            hours, capacity = sums[monday(day)]
            sums[monday(day)] = (hours + work.hours, capacity + work.capacity)
        if one.hours:
            rows.append((one.user, [Cell(*sums[week]) for week in mondays]))
    found = ((peak, _brings(peak, mondays, days)) for peak in peaks)
    return Weeks(mondays, rows, [(peak, hours) for peak, hours in found if any(hours)])


def _brings(peak: Peak, mondays: Sequence[date], days: Sequence[date]) -> list[Decimal]:
    """The hours of those who passed the training, on the working days of each week."""
    worked = Counter(monday(day) for day in days if peak.covers(day))
    return [peak.trained * HOURS * worked[week] for week in mondays]
