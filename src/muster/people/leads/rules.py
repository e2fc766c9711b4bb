"""Where a lead can go from where it is, until when it must hear from us, and who gets it (PE7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from muster.kit.days import WorkCalendar

NEW, ACCEPTED, WORKING, QUALIFIED = "new", "accepted", "working", "qualified"
WON, LOST, RECYCLED = "won", "lost", "recycled"
STAGES = (NEW, ACCEPTED, WORKING, QUALIFIED, WON, RECYCLED, LOST)
"""In the order of the board; the number keys count in it."""
OPEN = (NEW, ACCEPTED, WORKING, QUALIFIED)
UNTOUCHED = (NEW, ACCEPTED)
"""Nobody has spoken to the person yet."""
NEXT: Mapping[str, tuple[str, ...]] = {
    NEW: (ACCEPTED, WORKING, RECYCLED, LOST),
    ACCEPTED: (WORKING, RECYCLED, LOST),
    WORKING: (QUALIFIED, RECYCLED, LOST),
    QUALIFIED: (WON, LOST, RECYCLED),
    WON: (),
    LOST: (),
    RECYCLED: (),
}
NEEDS_REASON = (LOST, RECYCLED)
NEEDS_AMOUNT = (QUALIFIED, WON)


@dataclass(frozen=True)
class Hours:
    """When somebody is at work to call: working days, from opening to closing."""

    opens: time
    closes: time
    zone: ZoneInfo


def contact_due(start: datetime, hours: float, calendar: WorkCalendar, open_: Hours) -> datetime:
    """The moment so many working hours after `start`; days off and nights do not count."""
    left = timedelta(hours=hours)
    moment = start.astimezone(open_.zone)
    day = moment.date()
    for _day in range(3_660):
        begins, ends = _open(day, open_)
        if calendar.is_working(day) and moment < ends:
            begins = max(begins, moment)
            if ends - begins >= left:
                return (begins + left).astimezone(start.tzinfo)
            left -= ends - begins
        day += timedelta(days=1)
        moment = _open(day, open_)[0]
    raise ValueError("This calendar has no working days.")


def _open(day: date, hours: Hours) -> tuple[datetime, datetime]:
    return (
        datetime.combine(day, hours.opens, hours.zone),
        datetime.combine(day, hours.closes, hours.zone),
    )


@dataclass(frozen=True)
class Seller:
    """Somebody who can take leads now."""

    pk: int
    has: int
    """Open leads that still want work."""
    room: int
    """The most that this person takes."""
    last: datetime | None
    """When this person was last given one."""


def whose_turn(sellers: Sequence[Seller]) -> Seller | None:
    """The one with the smallest share of their room taken; of equals who has waited longest."""
    free = [one for one in sellers if one.has < one.room]
    if not free:
        return None
    return min(
        free, key=lambda one: (one.has / one.room, one.last.timestamp() if one.last else 0, one.pk)
    )
