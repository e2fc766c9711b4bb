"""Who has how much to do on which day, against the hours of that person (PL4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from muster.plan.tasks.schedule.axis import Axis


class Share(NamedTuple):
    """A person's part of one task."""

    user: int
    first: date
    last: date
    part: Decimal = Decimal(1)
    """The part of each working day."""
    hours: Decimal | None = None
    """The work altogether, spread evenly over the days; None: `part` of each day."""


class Day(NamedTuple):
    """One working day of one person."""

    hours: Decimal
    capacity: Decimal

    @property
    def is_over(self) -> bool:
        return self.hours > self.capacity


def capacity(
    shares: Iterable[Share],
    days: Sequence[date],
    hours_per_day: Mapping[int, Decimal],
    away: Mapping[int, Set[date]],
    axis: Axis,
) -> dict[int, list[Day]]:
    """Person → what is to do on each of these working days, and the hours there are for it.

    The days follow each other. Whoever is away has no hours; what is planned for that day is then
    too much.
    """
    if not days:
        return {user: [] for user in hours_per_day}
    nothing, base = Decimal(0), axis.start(days[0])
    loads = {user: [nothing] * len(days) for user in hours_per_day}
    for share in shares:
        of_user = loads.get(share.user)
        first, last = axis.start(share.first), axis.end(share.last)
        if of_user is None or last <= first:
            continue
        whole = share.part * hours_per_day[share.user]
        daily = whole if share.hours is None else share.hours / (last - first)
        for place in range(max(first - base, 0), min(last - base, len(days))):
            of_user[place] += daily
    return {
        user: [
            Day(
                hours,
                nothing if day in away.get(user, frozenset()) else hours_per_day[user],
            )
            for day, hours in zip(days, of_user, strict=True)
        ]
        for user, of_user in loads.items()
    }
