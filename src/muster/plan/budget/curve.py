"""The burn-up (S10): plan, actual and forecast, each as a running sum over the campaign's days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from muster.plan.budget.models import Cost
from muster.plan.budget.phasing import phased, running
from muster.plan.budget.standing import Position
from muster.plan.campaigns.models import Campaign

_POINTS = 30


@dataclass(frozen=True)
class Curve:
    """Three running sums at the same days; None where a sum does not exist yet, or no more."""

    days: list[date]
    plan: list[Decimal]
    actual: list[Decimal | None]
    forecast: list[Decimal | None]


def curve(campaign: Campaign, lines: list[Position], today: date) -> Curve:
    """What was to be spent by each day, what was, and where that leads."""
    days = _days(campaign.starts, campaign.ends, today)
    plan: dict[date, Decimal] = {}
    for one in lines:
        given = {row.month: row.planned for row in one.line.months.all()}
        months = phased(one.planned, given, campaign.starts, campaign.ends)
        for day, part in _by_day(months, campaign.starts, campaign.ends).items():
            plan[day] = plan.get(day, Decimal(0)) + part
    costs: dict[date, Decimal] = {}
    rows = Cost.objects.filter(campaign=campaign, kind=Cost.Kind.ACTUAL).order_by()
    for at, amount in rows.values_list("at", "amount"):
        costs[at] = costs.get(at, Decimal(0)) + amount
    spent = running(costs, days)
    now = spent[max((n for n, day in enumerate(days) if day <= today), default=0)]
    # Discounts have no days here, so the curve ends where the booked costs will.
    unbooked = sum((one.line.unbooked for one in lines), Decimal(0))
    final = max(sum((one.forecast for one in lines), Decimal(0)) - unbooked, now)
    return Curve(
        days,
        running(plan, days),
        [amount if day <= today else None for day, amount in zip(days, spent, strict=True)],
        [_ahead(day, today, campaign.ends, now, final) for day in days],
    )


def _ahead(day: date, today: date, ends: date, now: Decimal, final: Decimal) -> Decimal | None:
    if day < today:
        return None
    left = (ends - today).days
    if left <= 0:
        return final
    return (now + (final - now) * min((day - today).days, left) / left).quantize(Decimal(1))


def _days(starts: date, ends: date, today: date) -> list[date]:
    length = (ends - starts).days
    step = max(length // _POINTS, 1)
    days = {starts + timedelta(days=n) for n in range(0, length, step)} | {ends}
    return sorted(days | ({today} if starts < today < ends else set()))


def _by_day(months: Mapping[date, Decimal], starts: date, ends: date) -> dict[date, Decimal]:
    parts: dict[date, Decimal] = {}
    for month, amount in months.items():
        last = month.replace(day=monthrange(month.year, month.month)[1])
        first, last = max(month, starts), min(last, ends)
        count = (last - first).days + 1
        for n in range(count):
            parts[first + timedelta(days=n)] = amount / count
    return parts
