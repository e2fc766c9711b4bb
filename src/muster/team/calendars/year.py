"""The next twelve months, day by day: worked or not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language

from muster.kit.days import official_days
from muster.team.calendars.models import CustomDay
from muster.team.calendars.rules import Returning, occurrences
from muster.team.calendars.working import work_calendar
from muster.team.users.models import Workspace


@dataclass(frozen=True)
class Day:
    """One day of the calendar."""

    day: date
    is_worked: bool
    names: tuple[str, ...] = ()
    is_expected: bool = False
    """Not announced yet; it may still move."""

    @property
    def kind(self) -> str:
        """off, moved (worked on a weekend), marked, weekend or worked"""
        if self.is_worked:
            return "moved" if self.day.weekday() > 4 else "marked" if self.names else "worked"
        return "off" if self.names else "weekend"


@dataclass(frozen=True)
class Month:
    """One month in weeks that begin on Monday; None where another month's days would stand."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    worked: int


def months_from(today: date, count: int = 12) -> list[Month]:
    """This month and those after it."""
    start = today.replace(day=1)
    index = start.year * 12 + start.month - 1 + count
    end = date(index // 12, index % 12 + 1, 1) - timedelta(days=1)
    names, expected = _names(start, end)
    calendar = work_calendar(today)
    months = []
    first = start
    while first <= end:
        after = (first + timedelta(days=31)).replace(day=1)
        days = [
            Day(
                day,
                calendar.is_working(day),
                tuple(names.get(day, ())),
                day in expected,
            )
            for day in (first + timedelta(days=n) for n in range((after - first).days))
        ]
        cells: list[Day | None] = [*[None] * first.weekday(), *days]
        cells += [None] * (-len(cells) % 7)
        weeks = tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7))
        months.append(Month(first, weeks, sum(day.is_worked for day in days)))
        first = after
    return months


def _names(start: date, end: date) -> tuple[dict[date, list[str]], set[date]]:
    language, country = get_language() or "en", Workspace.here().country
    names: dict[date, list[str]] = {}
    expected = set()
    for year in range(start.year, end.year + 1):
        for one in official_days(country, year):
            if start <= one.day <= end:
                names.setdefault(one.day, []).append(one.names.get(language, one.names["en"]))
                if one.is_expected:
                    expected.add(one.day)
    for row in CustomDay.objects.all():
        for first, last in occurrences(Returning(row.first, row.last, row.recurrence), start, end):
            for n in range((last - first).days + 1):
                names.setdefault(first + timedelta(days=n), []).append(row.name)
    return names, expected
