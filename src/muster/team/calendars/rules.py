"""On which days a day of one's own falls in a given span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lunar_python import Lunar, Solar


@dataclass(frozen=True)
class Returning:
    """A day, or some days in a row, that may return."""

    first: date
    last: date
    recurrence: str
    """once, yearly, lunar or monthly."""


def occurrences(one: Returning, since: date, until: date) -> list[tuple[date, date]]:
    """First and last day of each return that touches the span from `since` to `until`.

    The 29th of February returns on the last day of February; a lunar day that a year does not
    have falls on the last day of that lunar month.
    """
    length = one.last - one.first
    starts = [start for start in _starts(one, since - length, until) if start >= one.first]
    return [(start, start + length) for start in starts if start <= until]


def _starts(one: Returning, since: date, until: date) -> list[date]:
    if one.recurrence == "once":
        return [one.first] if since <= one.first <= until else []
    if one.recurrence == "monthly":
        months = range(since.year * 12 + since.month - 1, until.year * 12 + until.month)
        every = [_clipped(m // 12, m % 12 + 1, one.first.day) for m in months]
    elif one.recurrence == "yearly":
        years = range(since.year, until.year + 1)
        every = [_clipped(year, one.first.month, one.first.day) for year in years]
    else:
        lunar = Solar.fromYmd(one.first.year, one.first.month, one.first.day).getLunar()
        years = range(since.year - 1, until.year + 1)
        every = [_lunar(year, abs(lunar.getMonth()), lunar.getDay()) for year in years]
    return [day for day in every if since <= day <= until]


def _clipped(year: int, month: int, day: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day, (after - timedelta(days=1)).day))


def _lunar(year: int, month: int, day: int) -> date:
    from lunar_python import LunarMonth

    days = LunarMonth.fromYm(year, month).getDayCount()
    solar = Lunar.fromYmd(year, month, min(day, days)).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())
