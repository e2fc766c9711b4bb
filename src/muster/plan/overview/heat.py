"""The list as the warmth of a year (S05): how many of its campaigns run on each day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import get_language

from muster.plan.calendar.board import week_starts
from muster.plan.calendar.rules import View, heat, span
from muster.plan.campaigns.models import Campaign
from muster.ui.formats import listed

_MOST_NAMES = 5
_WARM = 4
"""So many campaigns at once are warm, even where there never are more."""


@dataclass(frozen=True)
class Warm:
    """One day of the year."""

    day: date
    level: int
    """0 for a day on which nothing runs, 4 for the warmest ones."""
    count: int
    about: str
    """The names of the campaigns."""
    url: str


@dataclass(frozen=True)
class Year:
    """A year of days, and how much runs in it."""

    year: int
    months: list[tuple[date, list[list[Warm | None]]]]
    most: int
    """How many run on the warmest day."""
    busiest: date | None
    weekdays: list[date]


def year_of(campaigns: Sequence[Campaign], year: int, today: date) -> Year:
    """The days of a year, each as warm as the number of these campaigns that run on it."""
    running: dict[date, list[str]] = {}
    for one in campaigns:
        first, last = max(one.starts, date(year, 1, 1)), min(one.ends, date(year, 12, 31))
        for n in range(max((last - first).days + 1, 0)):
            running.setdefault(first + timedelta(days=n), []).append(one.name)
    most = max(map(len, running.values()), default=0)
    months = []
    for month in range(1, 13):
        inner = span(View.MONTH, date(year, month, 1), week_starts())
        weeks = [
            [
                _warm(day, running.get(day, ()), most) if inner.first <= day <= inner.last else None
                for day in week
            ]
            for week in inner.weeks
        ]
        months.append((inner.first, weeks))
    busiest = next((day for day in sorted(running) if len(running[day]) == most), None)
    weekdays = span(View.WEEK, today, week_starts()).days
    return Year(year, months, most, busiest, weekdays)


def _warm(day: date, names: Iterable[str], most: int) -> Warm:
    names = list(names)
    shown = listed(names[:_MOST_NAMES], get_language() or "en")
    if len(names) > _MOST_NAMES:
        shown += " …"
    url = f"{reverse('plan:calendar')}?view={View.MONTH.value}&day={day}"
    return Warm(day, heat(len(names), max(most, _WARM)), len(names), shown, url)
