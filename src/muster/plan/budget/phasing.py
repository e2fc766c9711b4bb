"""When money is planned to be spent: by month, adding up to the line to the cent (PL3)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from muster.plan.budget.rules import CENT


def months(starts: date, ends: date) -> list[date]:
    """The first days of all months from the first to the last day."""
    found, month = [], starts.replace(day=1)
    while month <= ends:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def spread(amount: Decimal, starts: date, ends: date) -> dict[date, Decimal]:
    """The sum laid over the months by their days; the last month takes the cents left over."""
    days = Decimal((ends - starts).days + 1)
    parts: dict[date, Decimal] = {}
    for month in months(starts, ends):
        last = month.replace(day=monthrange(month.year, month.month)[1])
        inside = (min(last, ends) - max(month, starts)).days + 1
        parts[month] = (amount * inside / days).quantize(CENT)
    parts[max(parts)] += amount - sum(parts.values(), Decimal(0))
    return parts


def phased(
    planned: Decimal, given: Mapping[date, Decimal], starts: date, ends: date
) -> dict[date, Decimal]:
    """The plan of a line by month: as it was given, or spread evenly where nothing was."""
    return dict(given) if given else spread(planned, starts, ends)


def running(parts: Mapping[date, Decimal], days: Sequence[date]) -> list[Decimal]:
    """The sum of the parts up to and including each of these ascending days."""
    waiting = sorted(parts.items())
    sums, total, at = [], Decimal(0), 0
    for day in days:
        while at < len(waiting) and waiting[at][0] <= day:
            total += waiting[at][1]
            at += 1
        sums.append(total)
    return sums
