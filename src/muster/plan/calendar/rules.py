"""Which days a view of the calendar shows, and where a bar of several days lies (S15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

ONE_DAY = timedelta(days=1)
AGENDA_DAYS = 42
WEEKS_IN_QUARTER = 13


class View(StrEnum):
    """The ways of looking at the calendar, in the order of the keys 1 to 5."""

    MONTH = "month"
    WEEK = "week"
    QUARTER = "quarter"
    YEAR = "year"
    AGENDA = "agenda"


@dataclass(frozen=True)
class Span:
    """The days of a view; `shown_*` are the whole weeks around a month."""

    view: View
    first: date
    last: date
    shown_first: date
    shown_last: date

    @property
    def days(self) -> list[date]:
        """Every day that is shown."""
        return days_of(self.shown_first, self.shown_last)

    @property
    def weeks(self) -> list[list[date]]:
        """The days that are shown, in rows of seven."""
        days = self.days
        return [days[n : n + 7] for n in range(0, len(days), 7)]

    def step(self, by: int) -> date:
        """A day in the span so many steps later (earlier when negative)."""
        if self.view is View.WEEK:
            return self.first + timedelta(days=7 * by)
        if self.view is View.AGENDA:
            return self.first + timedelta(days=AGENDA_DAYS * by)
        months = {View.MONTH: 1, View.QUARTER: 3, View.YEAR: 12}[self.view] * by
        at = self.first.year * 12 + self.first.month - 1 + months
        return date(at // 12, at % 12 + 1, 1)


def span(view: View, day: date, week_starts: int = 0) -> Span:
    """The span of a view that holds this day; Monday is 0."""
    if view is View.WEEK:
        first = week_of(day, week_starts)
        return Span(view, first, first + timedelta(days=6), first, first + timedelta(days=6))
    if view is View.AGENDA:
        last = day + timedelta(days=AGENDA_DAYS - 1)
        return Span(view, day, last, day, last)
    if view is View.YEAR:
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        return Span(view, first, last, first, last)
    if view is View.QUARTER:
        first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        last = month_end(date(first.year, first.month + 2, 1))
        return Span(view, first, last, first, last)
    first = day.replace(day=1)
    last = month_end(first)
    return Span(
        view,
        first,
        last,
        week_of(first, week_starts),
        week_of(last, week_starts) + timedelta(days=6),
    )


def week_of(day: date, week_starts: int = 0) -> date:
    """The first day of the week that holds this day."""
    return day - timedelta(days=(day.weekday() - week_starts) % 7)


def month_end(day: date) -> date:
    """The last day of the month that holds this day."""
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return after - ONE_DAY


def days_of(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class Lasting(Protocol):
    """Something that lasts from one day to another."""

    @property
    def first(self) -> date: ...

    @property
    def last(self) -> date: ...


T = TypeVar("T", bound=Lasting)


@dataclass(frozen=True)
class Segment(Generic[T]):
    """The part of a bar that lies in one week."""

    thing: T
    begin: int
    """The column of its first day in the week, 0 to 6."""
    days: int
    starts: bool
    """Whether the thing itself begins here, and does not come from the week before."""
    ends: bool


def lanes(things: Iterable[T], week: Sequence[date]) -> list[list[Segment[T]]]:
    """The bars of a week, one over the other so that none covers another.

    A longer thing that began earlier lies higher, so that a bar keeps its place from week to week
    as far as it can.
    """
    first, last = week[0], week[-1]
    rows: list[list[Segment[T]]] = []
    inside = [thing for thing in things if thing.first <= last and thing.last >= first]
    for thing in sorted(inside, key=lambda one: (one.first, one.first - one.last)):
        begin = max((thing.first - first).days, 0)
        end = min((thing.last - first).days, len(week) - 1)
        segment = Segment(thing, begin, end - begin + 1, thing.first >= first, thing.last <= last)
        free = next((row for row in rows if row[-1].begin + row[-1].days <= begin), None)
        if free is None:
            rows.append([segment])
        else:
            free.append(segment)
    return rows


def heat(count: int, most: int) -> int:
    """How warm a day is, 0 to 4, against the warmest of the year."""
    if not count or not most:
        return 0
    return min(4, 1 + (count * 4 - 1) // most) if count < most else 4
