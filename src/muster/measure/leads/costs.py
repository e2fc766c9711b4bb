"""CPL and MQL rate by campaign and channel: people of the event log beside booked costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext

from muster.kit.money import Money
from muster.measure.keeping import kept
from muster.people.leads.costs import DAYS, Costs, Row, counts_costs
from muster.plan.budget.models import Cost
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.models import Campaign
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import User, Workspace
from muster.warehouse.attribution import NONE, NOT_SET
from muster.warehouse.captured import Captured, captured


@counts_costs
def lead_costs(reader: User, now: datetime) -> Costs | None:
    """Of the last days; money only for who sees budgets, campaigns only as far as visible."""
    if not reader.may("insights.see"):
        return None
    workspace = Workspace.here()
    start = now - timedelta(days=DAYS)
    window = f"{workspace.attribution_days}d"

    def count() -> tuple[list[Captured], list[Captured]]:
        with warehouse() as db:
            by_campaign, by_channel = (
                captured(db, by, start=start, end=now, window=window)
                for by in ("campaign", "channel")
            )
        return by_campaign, by_channel

    try:
        found = kept("lead-costs", count)
    except NO_NUMBERS:
        return None
    if found is None:
        return None
    with_money = reader.may("budget.see")
    visible = {one.public_id: one for one in Campaign.objects.visible_to(reader)}
    zone = workspace.zone
    booked = Cost.objects.filter(
        kind=Cost.Kind.ACTUAL,
        campaign__in=list(visible.values()),
        at__gte=start.astimezone(zone).date(),
        at__lte=now.astimezone(zone).date(),
    )
    costs = list(booked.values_list("campaign_id", "campaign__currency", "channel", "amount"))
    numbers = {one.pk: public_id for public_id, one in visible.items()}
    of_campaigns = _summed((numbers[number], amount) for number, _c, _channel, amount in costs)
    here = workspace.currency
    of_channels = _summed(
        (channel or NOT_SET, amount) for _n, currency, channel, amount in costs if currency == here
    )
    apart = {numbers[number] for number, currency, _channel, _a in costs if currency != here}
    return Costs(
        _rows(
            found[0],
            {key: Money(sum_, visible[key].currency) for key, sum_ in of_campaigns.items()},
            {
                key: (one.name, reverse("plan:overview", args=[one.pk]))
                for key, one in visible.items()
            },
            with_money=with_money,
        ),
        _rows(
            found[1],
            {key: Money(sum_, here) for key, sum_ in of_channels.items()},
            {},
            with_money=with_money,
        ),
        with_money,
        [visible[key].name for key in sorted(apart)],
    )


def _summed(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, Decimal(0)) + amount
    return sums


def _rows(
    found: Iterable[Captured],
    costs: Mapping[str, Money],
    known: Mapping[str, tuple[str, str]],
    *,
    with_money: bool,
) -> list[Row]:
    """Whoever brought people, then what only cost money."""
    left = dict(costs)
    rows = [
        Row(
            one.key,
            *known.get(one.key, (_label(one.key), "")),
            one.people,
            one.became,
            one.opportunities,
            one.won,
            left.pop(one.key, None) if with_money else None,
        )
        for one in found
    ]
    if with_money:
        rows += [
            Row(key, *known.get(key, (_label(key), "")), 0, 0, 0, 0, money)
            for key, money in sorted(left.items())
            if money.amount
        ]
    return rows


def _label(key: str) -> str:
    if key == NONE:
        return gettext("No touch before")
    return gettext("Not said") if key == NOT_SET else channel_name(key)
