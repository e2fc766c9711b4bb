"""The people of a campaign against its tasks: skills, and hours per week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from muster.kit.days import WorkCalendar
from muster.plan.campaigns.models import Campaign
from muster.plan.resources import rules
from muster.plan.tasks.models import Duty, Task
from muster.team.calendars.working import days_away, work_calendar
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

    @property
    def share(self) -> Decimal | None:
        """Hours in parts of what the person has; None for a week away."""
        return self.hours / self.capacity if self.capacity else None


@dataclass(frozen=True)
class Load:
    """Everybody with work in the campaign, week by week."""

    weeks: list[date]
    rows: list[tuple[User, list[Cell]]]


def needs(campaign: Campaign) -> list[rules.Need]:
    """Which skills the open tasks ask for, and who has them."""
    open_tasks = campaign.tasks.exclude(status=Task.Status.DONE)
    wanted = [skill for skill in open_tasks.values_list("skill", flat=True) if skill]
    users = User.objects.filter(is_active=True).order_by("name")
    return rules.needs(wanted, {user.name or user.email: user.skills for user in users})


def load(campaign: Campaign) -> Load:
    """Hours per person and week of the campaign's open tasks that have a day on which they end."""
    duties = (
        Duty.objects.filter(
            task__campaign=campaign, letter=Duty.Letter.RESPONSIBLE, user__isnull=False
        )
        .exclude(task__status=Task.Status.DONE)
        .exclude(task__due=None)
        .select_related("task", "user")
    )
    rows = [duty for duty in duties if duty.task.due and duty.user]
    if not rows:
        return Load([], [])
    last = max(duty.task.due for duty in rows if duty.task.due)
    calendar = work_calendar(last)
    pieces = [_piece(duty, calendar) for duty in rows]
    first = min(piece.first for piece in pieces)
    users = {duty.user.pk: duty.user for duty in rows if duty.user}
    away = days_away(list(users.values()), first, last)
    calendars = {pk: calendar.without(away[pk]) for pk in users}
    hours = rules.hours_per_week(pieces, lambda who, a, b: calendars[who].days(a, b))
    start = rules.monday(first)
    weeks = [
        start + timedelta(weeks=n)
        for n in range(min((rules.monday(last) - start).days // 7 + 1, MOST_WEEKS))
    ]
    table = []
    for pk, user in sorted(users.items(), key=lambda one: one[1].name):
        cells = [
            Cell(
                hours.get((pk, week), Decimal(0)),
                user.hours_per_day * calendars[pk].count(week, week + timedelta(days=6)),
            )
            for week in weeks
        ]
        table.append((user, cells))
    return Load(weeks, table)


def _piece(duty: Duty, calendar: WorkCalendar) -> rules.Work:
    task = duty.task
    last = task.due or date.max
    first = calendar.shift(last, 1 - max(task.days, 1))
    hours = task.hours
    if hours is None and duty.user is not None:
        hours = duty.user.hours_per_day * max(task.days, 1)
    return rules.Work(duty.user_id or 0, min(first, last), last, (hours or Decimal(0)) * duty.share)
