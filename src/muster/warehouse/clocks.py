"""What clocks show when something happened.

An engine looks each moment up among all changes of a zone's clocks, which costs more than to sum
what happened then. Most people live in zones whose clocks were changed a few times, if ever: there
the few are compared in place of that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ibis

from muster.warehouse.functions import from_local, to_local

if TYPE_CHECKING:
    import ibis.expr.types as ir

_FEW = 16
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(2100, 1, 1, tzinfo=UTC)


def shown(zone: str, moment: ir.TimestampValue) -> ir.TimestampValue:
    """What the clocks of the zone show at a moment in UTC that an event may have: since 1970."""
    spans = _spans(zone)
    if spans is None:
        return to_local(zone, from_local("UTC", moment))
    first, *later = spans
    if not later:
        return _moved(moment, first[1])
    # The newest come first: of them there are most.
    branches = [(moment >= since, _moved(moment, ahead)) for since, ahead in reversed(later)]
    return ibis.cases(*branches, else_=_moved(moment, first[1]))


def _moved(moment: ir.TimestampValue, ahead: timedelta) -> ir.TimestampValue:
    seconds = int(ahead.total_seconds())
    return moment + ibis.interval(seconds=seconds) if seconds else moment


@cache
def _spans(zone: str) -> list[tuple[datetime, timedelta]] | None:
    """From when (in UTC, without a zone) the clocks are how far ahead of UTC; None if they change
    often."""
    clocks = ZoneInfo(zone)

    def ahead(moment: datetime) -> timedelta:
        return moment.astimezone(clocks).utcoffset() or timedelta()

    found = [(_BEGIN.replace(tzinfo=None), ahead(_BEGIN))]
    week = _BEGIN
    while week < _END:
        after = week + timedelta(days=7)
        if ahead(after) != found[-1][1]:
            before, change = week, after
            while change - before > timedelta(seconds=1):
                middle = (before + (change - before) / 2).replace(microsecond=0)
                if ahead(middle) == found[-1][1]:
                    before = middle
                else:
                    change = middle
            found.append((change.replace(tzinfo=None), ahead(change)))
            if len(found) > _FEW:
                return None
        week = after
    return found
