"""Working days as whole numbers, so that a schedule is computed with sums instead of calendars.

A number is the moment between two working days: `start(monday)` is the moment at which Monday
begins, `end(monday)` the one at which it is over. A weekend lies in one moment: Friday's end is
Monday's start.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from threading import Lock

from muster.kit.days import WorkCalendar

_DAY = timedelta(days=1)
_MOST_YEARS = 40


class Axis:
    """The working days of a calendar, counted from the first of January of a year.

    It grows by whole years as far as it is asked; what lies behind the last of them falls on its
    last day.
    """

    def __init__(self, calendar: WorkCalendar, year: int) -> None:
        self.calendar = calendar
        self.first = date(year, 1, 1)
        self._zero = self.first.toordinal()
        self._days: list[date] = []
        """Number → the working day that begins at it."""
        self._worked: list[int] = [0]
        """Days since the first → how many working days lie before."""
        self._year = year
        self._growing = Lock()

    def start(self, day: date) -> int:
        """The moment at which this day begins (the next working day, if it is off)."""
        return self._before(day.toordinal() - self._zero)

    def end(self, day: date) -> int:
        """The moment at which this day is over (the last working day, if it is off)."""
        return self._before(day.toordinal() - self._zero + 1)

    def day_from(self, moment: int) -> date:
        """The working day that begins at this moment."""
        if moment < 0:
            return self.first
        while moment >= len(self._days) and self._grow():
            pass
        return self._days[min(moment, len(self._days) - 1)]

    def day_until(self, moment: int) -> date:
        """The working day that is over at this moment."""
        return self.day_from(moment - 1)

    def days(self, first: date, last: date) -> Sequence[date]:
        """The working days from `first` to `last`, both included."""
        begun, over = self.start(first), self.end(last)
        return self._days[begun:over]

    def _before(self, offset: int) -> int:
        if offset < 0:
            return 0
        while offset >= len(self._worked) and self._grow():
            pass
        return self._worked[min(offset, len(self._worked) - 1)]

    def _grow(self) -> bool:
        with self._growing:
            if self._year - self.first.year >= _MOST_YEARS:
                return False
            day, after = date(self._year, 1, 1), date(self._year + 1, 1, 1)
            days, worked = [], []
            count = len(self._days)
            is_working = self.calendar.is_working
            while day < after:
                if is_working(day):
                    days.append(day)
                    count += 1
                worked.append(count)
                day += _DAY
            # Readers without the lock see whole years only.
            self._days += days
            self._worked += worked
            self._year += 1
            return True


@lru_cache(maxsize=64)
def axis_of(calendar: WorkCalendar, year: int) -> Axis:
    """The axis that begins with this year."""
    return Axis(calendar, year)
