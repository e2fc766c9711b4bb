"""Moments and spans: `30d`, `6mo`, `this_month`, and "now"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SPAN = re.compile(r"^(\d{1,6})(m|h|d|w|mo|y)$")
_CALENDAR = ("today", "yesterday", "this_week", "last_week", "this_month", "last_month")
CALENDAR_WINDOWS = (*_CALENDAR, "this_year", "last_year")


_shift = timedelta(0)


def now() -> datetime:
    """The present moment, in UTC; shifted while a simulation runs."""
    return datetime.now(UTC) + _shift


@contextmanager
def starting_at(moment: datetime) -> Iterator[None]:
    """Let the clock of this process run on from another moment, for simulations."""
    global _shift
    before, _shift = _shift, moment - datetime.now(UTC)
    try:
        yield
    finally:
        _shift = before


@dataclass(frozen=True)
class Span:
    """A length of time such as `30d`; months and years follow the calendar."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Span | None:
        """Read `15m 12h 30d 8w 6mo 1y`; None if it is none of these."""
        found = _SPAN.match(text)
        return cls(int(found[1]), found[2]) if found else None

    def before(self, moment: datetime) -> datetime:
        """The moment this long before another."""
        return self._shift(moment, -1)

    def after(self, moment: datetime) -> datetime:
        """The moment this long after another."""
        return self._shift(moment, 1)

    def _shift(self, moment: datetime, sign: int) -> datetime:
        hours = {"m": 1 / 60, "h": 1, "d": 24, "w": 168}.get(self.unit)
        if hours is not None:
            return moment + timedelta(hours=sign * self.count * hours)
        months = self.count * (12 if self.unit == "y" else 1) * sign
        index = moment.year * 12 + moment.month - 1 + months
        year, month = max(index // 12, 1), index % 12 + 1
        day = min(moment.day, calendar.monthrange(year, month)[1])
        return moment.replace(year=year, month=month, day=day)

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def calendar_window(name: str, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC bounds [from, to) of a calendar window such as `this_month`, in the zone.

    Weeks begin on Monday.
    """
    today = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    day, week = timedelta(days=1), timedelta(days=7)
    monday = today - today.weekday() * day
    first = today.replace(day=1)
    next_first = (first + 31 * day).replace(day=1)
    last_first = (first - day).replace(day=1)
    year = today.replace(month=1, day=1)
    bounds = {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "this_week": (monday, monday + week),
        "last_week": (monday - week, monday),
        "this_month": (first, next_first),
        "last_month": (last_first, first),
        "this_year": (year, year.replace(year=year.year + 1)),
        "last_year": (year.replace(year=year.year - 1), year),
    }
    start, end = bounds[name]
    return start.replace(tzinfo=zone).astimezone(UTC), end.replace(tzinfo=zone).astimezone(UTC)
