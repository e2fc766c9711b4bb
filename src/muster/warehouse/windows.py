"""Moments and windows of a rule as UTC bounds: days and months begin where the team is (PE4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ibis

from muster.kit.clock import CALENDAR_WINDOWS, Span, calendar_window

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True)
class Clock:
    """The moment at which a rule is read, and the time zone in which its days begin."""

    now: datetime
    """With a time zone."""
    zone: ZoneInfo

    @property
    def utc_now(self) -> datetime:
        """The moment as the warehouse writes it: UTC, without a time zone."""
        return _naive(self.now)

    def moment(self, text: str) -> datetime:
        """The UTC moment of an ISO text; a text without an offset is local, a date its midnight."""
        moment = datetime.fromisoformat(text)
        return _naive(moment if moment.tzinfo else moment.replace(tzinfo=self.zone))

    def window(self, text: str) -> tuple[datetime, datetime | None]:
        """The UTC bounds [from, to) of `30d`, which has no end, or of `this_month`."""
        if text in CALENDAR_WINDOWS:
            start, end = calendar_window(text, self.now, self.zone)
            return _naive(start), _naive(end)
        span = Span.parse(text)
        if span is None:
            raise ValueError(text)
        return _naive(span.before(self.now)), None

    def days(self, text: str) -> tuple[date, date]:
        """The local days, both included, from today through a duration, or of a calendar window."""
        if text in CALENDAR_WINDOWS:
            start, end = calendar_window(text, self.now, self.zone)
            last = end.astimezone(self.zone) - timedelta(microseconds=1)
            return start.astimezone(self.zone).date(), last.date()
        span = Span.parse(text)
        if span is None:
            raise ValueError(text)
        today = self.now.astimezone(self.zone)
        return today.date(), span.after(today).date()


def earlier(at: ir.TimestampValue, span: str) -> ir.TimestampValue:
    """The moment that long before; months and years follow the calendar."""
    read = Span.parse(span)
    if read is None:
        raise ValueError(span)
    if read.unit in _SECONDS:
        return at - ibis.interval(seconds=read.count * _SECONDS[read.unit])
    return at - ibis.interval(months=read.count * (12 if read.unit == "y" else 1))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
