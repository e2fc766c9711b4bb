"""The working calendar of the workspace, and of one person in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from muster.kit.days import WorkCalendar
from muster.team.calendars.models import CustomDay, Leave
from muster.team.calendars.rules import Returning, occurrences
from muster.team.users.models import User, Workspace

_BACK, _AHEAD = timedelta(days=3 * 366), timedelta(days=3 * 366)


def work_calendar(around: date) -> WorkCalendar:
    """The days on which the workspace works, exact within three years of `around`."""
    since, until = around - _BACK, around + _AHEAD
    rows = CustomDay.objects.exclude(effect=CustomDay.Effect.NOTE)
    off: set[date] = set()
    worked: set[date] = set()
    for row in rows:
        days = off if row.effect == CustomDay.Effect.OFF else worked
        for first, last in occurrences(
            Returning(row.first, row.last, row.recurrence), since, until
        ):
            days.update(_each(first, last))
    country = Workspace.here().country
    return WorkCalendar(country, off=frozenset(off), worked=frozenset(worked))


def days_away(users: list[User], since: date, until: date) -> dict[int, set[date]]:
    """Person's number → the days within the span on which that person is away."""
    away: dict[int, set[date]] = {user.pk: set() for user in users}
    rows = Leave.objects.filter(user__in=users, first__lte=until, last__gte=since)
    for row in rows:
        away[row.user_id].update(_each(max(row.first, since), min(row.last, until)))
    return away


def _each(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)
