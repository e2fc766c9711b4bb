"""When a person is told, outside Muster: at once, in the morning's summary, or after the night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Habits:
    """How somebody wants to be left alone."""

    zone: ZoneInfo
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_hour: int = 9
    is_off: Callable[[date], bool] = lambda day: False
    """Whether this person does not work on that day (and minds)."""


def tell_at(now: datetime, habits: Habits, *, urgent: bool, wait: timedelta) -> datetime:
    """The moment for a notice of its own: after the wait, outside quiet hours.

    Urgent news waits for the end of the night at most; the rest for a day on which one works.
    """
    moment = (now + wait).astimezone(habits.zone)
    moment = _after_quiet(moment, habits)
    if urgent:
        return moment
    for _day in range(400):
        if not habits.is_off(moment.date()):
            break
        start = habits.quiet_until or time(habits.digest_hour)
        moment = datetime.combine(moment.date() + timedelta(days=1), start, habits.zone)
    return moment


def digest_at(now: datetime, habits: Habits) -> datetime:
    """The moment of the next summary: the chosen hour of the next day on which one works."""
    local = now.astimezone(habits.zone)
    day = local.date()
    if local.time() >= time(habits.digest_hour):
        day += timedelta(days=1)
    for _day in range(400):
        if not habits.is_off(day):
            break
        day += timedelta(days=1)
    return datetime.combine(day, time(habits.digest_hour), habits.zone)


def _after_quiet(moment: datetime, habits: Habits) -> datetime:
    start, end = habits.quiet_from, habits.quiet_until
    if start is None or end is None or start == end:
        return moment
    clock = moment.time()
    # The quiet hours may cross midnight, so "inside" is then an "or".
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if not inside:
        return moment
    day = moment.date() + timedelta(days=1 if clock >= end else 0)
    return datetime.combine(day, end, habits.zone)
