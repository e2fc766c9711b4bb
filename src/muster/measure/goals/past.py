"""Counts the past for those who plan: the same formulas as the results, on campaigns that ended.

What ended campaigns reached hardly moves, so it is kept for some minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import get_language

from muster.kit import clock
from muster.kit.words import _
from muster.measure.keeping import kept
from muster.measure.results.groups import members
from muster.measure.results.numbers import adds_up, cost_of, outcome_window
from muster.plan.budget.models import spent
from muster.plan.campaigns import days
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.plan.goals.history import Baseline, Ended, ahead, baseline, ended, rates
from muster.plan.goals.solver import Rate, Rates, Seen, rate
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import Workspace
from muster.ui import formats
from muster.warehouse.metrics import METRICS, Scope, Value, evaluate

_MOST = 12
"""At most this many ended campaigns are looked at, the latest first."""
_KEPT = 600
_STEPS = ("messages_sent", "messages_delivered", "opens", "clicks")
_ENOUGH_DAYS = 3
"""A goal whose days are nearly over would be compared with itself."""


@baseline
def before(campaign: Campaign, metric: str, starts: date, due: date) -> Baseline | None:
    """The last comparable campaign; without one, as many days just before, of everybody."""
    if metric not in METRICS or METRICS[metric].cost is not None:
        return None
    for one in ended_campaigns(campaign, metric)[:1]:
        params = {"name": one.campaign.name, "days": _span(one.campaign.starts, one.campaign.ends)}
        return Baseline(one.value, _("“%(name)s”, %(days)s"), params)
    return _same_days_before(campaign, metric, starts, due)


@ahead
def count_ahead(campaign: Campaign, metrics: Sequence[str]) -> None:
    """Several metrics of each past campaign in one pass; what is kept already is not counted."""
    known = [key for key in metrics if key in METRICS and METRICS[key].cost is None]
    for one in _past(campaign):
        missing = [key for key in known if cache.get(_key(one, (key,))) is None]
        values = _counting(one, missing)() if missing else None
        if values is not None:
            for key in missing:
                found = {key: values[key]} if key in values else {}
                cache.set(_key(one, (key,)), found, _KEPT)


@ended
def ended_campaigns(campaign: Campaign, metric: str) -> list[Ended]:
    """What the metric reached in campaigns that are over; those with the same purpose if enough."""
    if metric not in METRICS:
        return []
    past = _past(campaign)
    found = [
        Ended(one, Decimal(str(values[metric].value)))
        for one, values in zip(past, _kept_values(past, (metric,)), strict=True)
        if values and values[metric].value is not None
    ]
    alike = [one for one in found if one.campaign.strategy == campaign.strategy]
    return alike if len(alike) >= 5 else found


@rates
def own_rates(campaign: Campaign, metric: str) -> Rates | None:
    """Delivered, clicked, reached the goal: of each past campaign, with what its results cost."""
    known = METRICS.get(metric)
    if known is None or not adds_up(known):
        return None
    past = _past(campaign)
    rows = [
        (one, values)
        for one, values in zip(past, _kept_values(past, (*_STEPS, metric)), strict=True)
        if values and values["messages_sent"].value
    ]
    steps = [rate(key, list(_seen(rows, part, whole))) for key, part, whole in _way(metric)]
    if not steps or any(step is None for step in steps):
        return None
    costs = {one.pk: spent(one) for one, _values in rows}
    return Rates(
        tuple(step for step in steps if step is not None),
        _price("per_result", rows, metric, costs),
        _price("per_person", rows, "messages_sent", costs),
    )


def _way(metric: str) -> list[tuple[str, str, str]]:
    """The steps to a metric: name, part, whole."""
    delivered = ("delivered", "messages_delivered", "messages_sent")
    if metric == "messages_sent":
        return []
    if metric in ("messages_delivered", "people_reached"):
        return [("delivered", metric, "messages_sent")]
    if metric in ("opens", "clicks"):
        return [delivered, ("clicked", metric, "messages_delivered")]
    return [
        delivered,
        ("clicked", "clicks", "messages_delivered"),
        ("reached_goal", metric, "clicks"),
    ]


_Rows = Sequence[tuple[Campaign, dict[str, Value]]]


def _seen(rows: _Rows, part: str, whole: str) -> Iterable[Seen]:
    for one, values in rows:
        yield Seen(one.name, _results(one), _number(values[part]), _number(values[whole]))


def _price(key: str, rows: _Rows, of: str, costs: dict[int, Decimal]) -> Rate | None:
    return rate(
        key,
        [Seen(one.name, _results(one), costs[one.pk], _number(values[of])) for one, values in rows],
    )


def _results(campaign: Campaign) -> str:
    return reverse("measure:results", args=[campaign.pk])


def _number(value: Value) -> Decimal:
    return Decimal(str(value.value or 0))


def _past(campaign: Campaign) -> list[Campaign]:
    rows = Campaign.objects.filter(
        status__in=OVER, deleted_at=None, currency=campaign.currency, sends__frozen_at__isnull=False
    ).exclude(pk=campaign.pk)
    return list(rows.distinct().order_by("-ends", "-pk")[:_MOST])


def _kept_values(past: Sequence[Campaign], keys: Sequence[str]) -> list[dict[str, Value]]:
    """The metrics of each campaign; empty where nothing can be counted now."""
    return [kept(_key(one, keys), _counting(one, keys), _KEPT) or {} for one in past]


def _key(campaign: Campaign, keys: Sequence[str]) -> str:
    return f"past:{campaign.pk}:{campaign.updated_at.timestamp()}:{','.join(keys)}"


def _counting(campaign: Campaign, keys: Sequence[str]) -> Callable[[], dict[str, Value] | None]:
    def count() -> dict[str, Value] | None:
        people = members(campaign)
        if not people.groups:
            return {}
        scope = Scope(
            *outcome_window(campaign),
            people.treated,
            campaign.public_id,
            currency=campaign.currency,
        )
        try:
            with warehouse() as db:
                needs_cost = any(METRICS[key].cost is not None for key in keys)
                cost = cost_of(db, campaign, people.treated).total if needs_cost else None
                return evaluate(db, keys, scope, cost=cost)
        except NO_NUMBERS:
            return None

    return count


def _same_days_before(campaign: Campaign, metric: str, starts: date, due: date) -> Baseline | None:
    length = (due - starts).days + 1
    last = min(starts, days.today()) - timedelta(days=1)
    first = last - timedelta(days=length - 1)
    if length < _ENOUGH_DAYS or METRICS[metric].needs & {"Message Sent"}:
        return None
    zone = Workspace.here().zone
    start, end = (
        datetime.combine(day, time.min, zone).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )

    def count() -> Decimal | None:
        try:
            with warehouse() as db:
                scope = Scope(start, end, currency=campaign.currency)
                found = evaluate(db, [metric], scope)[metric]
        except NO_NUMBERS:
            return None
        # Nobody at all: the days lie before anything was tracked.
        return Decimal(str(found.value)) if found.value and found.n else None

    today = clock.now().date().isoformat()
    value = kept(f"before:{metric}:{first}:{last}:{campaign.currency}:{today}", count, _KEPT)
    if value is None:
        return None
    text = _("the %(length)s days before, everybody: %(days)s")
    return Baseline(value, text, {"length": length, "days": _span(first, last)})


def _span(first: date, last: date) -> str:
    language, today = get_language() or "en", days.today()
    return " – ".join(formats.day(day, language, today=today) for day in (first, last))
