"""Where the money worked (ME3): cost and revenue by channel, week or phase of the campaign.

Orders go to the channel of the last touch before them. What belongs to no channel stands in rows
of its own, so the rows always add up to the campaign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from muster.events import names
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.measure.reports.rules import (
    DISCOUNTS,
    NO_CHANNEL,
    REFUNDS,
    Row,
    merged,
    total,
    week_of,
    weeks,
)
from muster.measure.results.groups import members
from muster.measure.results.numbers import outcome_window
from muster.plan.budget.models import Cost, costs_by
from muster.plan.campaigns.models import Campaign
from muster.team.stores import warehouse
from muster.team.users.models import Workspace
from muster.warehouse.attribution import attribution
from muster.warehouse.metrics import Scope, evaluate

if TYPE_CHECKING:
    from muster.warehouse.store import Backend

BY = ("channel", "week", "phase")


@dataclass(frozen=True)
class Report:
    """Rows in one currency, and their sum."""

    by: str
    currency: str
    rows: Sequence[Row]
    apart: Sequence[Campaign] = ()
    """Campaigns in other currencies, which are left out."""

    @property
    def total(self) -> Row:
        return total(self.rows)


def roi_of(campaign: Campaign, by: str) -> Report:
    """Return of one campaign; raises Invalid for an unknown `by`."""
    _check(by)
    with warehouse() as db:
        return Report(by, campaign.currency, _rows(db, campaign, by))


def roi_of_all(campaigns: Iterable[Campaign], by: str) -> Report:
    """Return of these campaigns together, in the currency of the workspace."""
    _check(by)
    currency = Workspace.here().currency
    rows: list[Row] = []
    apart = []
    with warehouse() as db:
        for campaign in campaigns:
            if campaign.currency == currency:
                rows += _rows(db, campaign, by)
            else:
                apart.append(campaign)
    found = merged(rows)
    return Report(
        by, currency, sorted(found, key=lambda row: row.key) if by == "week" else found, apart
    )


def _check(by: str) -> None:
    if by not in BY:
        raise Invalid.at(
            "/by",
            "unknown_group",
            _("Return cannot be split by “%(by)s”; possible are: %(known)s."),
            by=by,
            known=", ".join(BY),
        )


def _rows(db: Backend, campaign: Campaign, by: str) -> list[Row]:
    people = members(campaign).treated
    if by == "channel":
        return _by_channel(db, campaign, people)
    return _by_time(db, campaign, people, _weeks(campaign) if by == "week" else _phases(campaign))


def _by_channel(db: Backend, campaign: Campaign, people: pa.Array) -> list[Row]:
    start, end = outcome_window(campaign)
    credit = attribution(
        db,
        names.ORDER_COMPLETED,
        start=start,
        end=end,
        window=f"{Workspace.here().attribution_days}d",
        models=["last"],
        currency=campaign.currency,
        people=people,
    )
    costs = {key or NO_CHANNEL: amount for key, amount in costs_by(campaign, "channel").items()}
    rows = [
        Row(part.key, costs.pop(part.key, Decimal(0)), _money(part.value), part.conversions)
        for part in credit.models["last"]
    ]
    rows += [Row(key, amount, Decimal(0), 0.0) for key, amount in costs.items()]
    revenue, discounts, _orders = _sums(db, campaign, people, start, end)
    if discounts:
        rows.append(Row(DISCOUNTS, discounts, Decimal(0), 0.0))
    refunds = revenue - sum((row.revenue for row in rows), Decimal(0))
    if refunds:
        rows.append(Row(REFUNDS, Decimal(0), refunds, 0.0))
    return rows


@dataclass(frozen=True)
class _Part:
    """A stretch of days: when its revenue counts, and which days' costs."""

    key: str
    start: datetime
    end: datetime
    first: date
    last: date


def _by_time(
    db: Backend, campaign: Campaign, people: pa.Array, parts: Sequence[_Part]
) -> list[Row]:
    costs = list(
        Cost.objects.filter(campaign=campaign, kind=Cost.Kind.ACTUAL).values_list("at", "amount")
    )
    rows = []
    for part in parts:
        spent = sum((a for day, a in costs if part.first <= day <= part.last), Decimal(0))
        revenue, discounts, orders = Decimal(0), Decimal(0), 0
        if part.start < part.end:
            revenue, discounts, orders = _sums(db, campaign, people, part.start, part.end)
        rows.append(Row(part.key, spent + discounts, revenue, float(orders)))
    return rows


def _weeks(campaign: Campaign) -> list[_Part]:
    """The weeks of the outcome window and of every cost that lies outside it."""
    start, end = outcome_window(campaign)
    zone = Workspace.here().zone
    booked = Cost.objects.filter(campaign=campaign, kind=Cost.Kind.ACTUAL)
    days = {start.astimezone(zone).date(), (end - timedelta(seconds=1)).astimezone(zone).date()}
    days |= set(booked.values_list("at", flat=True))
    inside = {week_of(day) for day in days}
    parts = []
    for key, monday in weeks(min(days), max(days)):
        opens = datetime.combine(monday, time.min, zone).astimezone(UTC)
        closes = datetime.combine(monday + timedelta(days=7), time.min, zone).astimezone(UTC)
        part = _Part(key, max(opens, start), min(closes, end), monday, monday + timedelta(days=6))
        if key in inside or part.start < part.end:
            parts.append(part)
    return parts


def _phases(campaign: Campaign) -> list[_Part]:
    start, end = outcome_window(campaign)
    _first, over = campaign.window()
    day = timedelta(days=1)
    return [
        _Part("before", start, start, date.min, campaign.starts - day),
        _Part("during", start, over, campaign.starts, campaign.ends),
        _Part("after", over, end, campaign.ends + day, date.max),
    ]


def _sums(
    db: Backend, campaign: Campaign, people: pa.Array, start: datetime, end: datetime
) -> tuple[Decimal, Decimal, int]:
    scope = Scope(start, end, people, campaign.public_id, currency=campaign.currency)
    found = evaluate(db, ["revenue", "discounts", "orders"], scope)
    return (
        Decimal(found["revenue"].value or 0),
        Decimal(found["discounts"].value or 0),
        int(found["orders"].value or 0),
    )


def _money(value: float) -> Decimal:
    return Decimal(str(round(value, 4)))
