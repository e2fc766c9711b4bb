"""The people of a campaign against its tasks: skills, and hours per week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from muster.kit.days import monday
from muster.plan.campaigns.models import Campaign
from muster.plan.resources import rules
from muster.plan.tasks.models import Task
from muster.plan.tasks.planning import plan_of
from muster.plan.tasks.shown import loads
from muster.team.calendars.working import work_calendar
from muster.team.users.models import User

MOST_WEEKS = 10


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


def needs(campaign: Campaign) -> list[rules.Need]:
    """Which skills the open tasks ask for, and who has them."""
    open_tasks = campaign.tasks.exclude(status=Task.Status.DONE)
    wanted = [skill for skill in open_tasks.values_list("skill", flat=True) if skill]
    users = User.objects.filter(is_active=True).order_by("name")
    return rules.needs(wanted, {user.name or user.email: user.skills for user in users})


def weeks(campaign: Campaign) -> Weeks:
    """Hours per person and week, as the plan's schedule spreads them over working days."""
    plan = plan_of(campaign)
    ends = [plan.when(task.pk).end for task in plan.tasks if not task.is_done]
    if not ends or max(ends) < plan.today:
        return Weeks([], [])
    last = min(max(ends), monday(plan.today) + timedelta(weeks=MOST_WEEKS, days=-1))
    days = work_calendar(plan.today).days(plan.today, last)
    mondays = sorted({monday(day) for day in days})
    rows = []
    for one in loads(plan, days):
        sums = {week: (Decimal(0), Decimal(0)) for week in mondays}
        for day, work in zip(days, one.days, strict=True):
            hours, capacity = sums[monday(day)]
            sums[monday(day)] = (hours + work.hours, capacity + work.capacity)
        if one.hours:
            rows.append((one.user, [Cell(*sums[week]) for week in mondays]))
    return Weeks(mondays, rows)
