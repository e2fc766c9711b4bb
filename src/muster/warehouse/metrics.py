"""Every number that Muster reports, defined once (PL2, ME1, ME3).

Goals, results, experiments and retrospectives ask for a metric by its key, so the same word means
the same sum everywhere. Revenue is what an order says as `revenue`, else as `total`; a refund is
subtracted when it happens; other currencies are shown apart and never added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import ibis
import pyarrow as pa

from muster.events import names
from muster.events.shape import OURS
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse.functions import json_extract_string
from muster.warehouse.lending import lent
from muster.warehouse.lending import people as rows_of
from muster.warehouse.tables import EVENTS, answer, human, surely_human, vouched, who
from muster.warehouse.visits import LOOK_AHEAD, LOOK_BACK, on_pages

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

Formula: TypeAlias = "Callable[[ir.Table], ir.NumericScalar]"
Condition: TypeAlias = "Callable[[ir.Table], ir.BooleanValue]"
Amount: TypeAlias = "Callable[[ir.Table], ir.NumericValue]"

FORM_SUBMITTED = "Form Submitted"
VISITS = (names.PAGE_VIEWED, names.SCREEN_VIEWED, "Session Started", "Visit")
"""Any of these shows that somebody came by."""


class Unit(StrEnum):
    """What a metric is counted in."""

    PEOPLE = "people"
    COUNT = "count"
    RATIO = "ratio"
    MONEY = "money"
    MEAN = "mean"


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


class CostRole(StrEnum):
    """How the money spent enters a metric."""

    RETURN = "return"
    """(numerator − cost) ÷ cost"""
    PER = "per"
    """cost ÷ denominator"""
    TIMES = "times"
    """numerator ÷ cost"""


@dataclass(frozen=True)
class Metric:
    """A number about what people did."""

    key: str
    name: str
    explanation: str
    """The formula in words."""
    unit: Unit
    needs: frozenset[str]
    """The events without which the number cannot be known; any one visit stands for the others."""
    numerator: Formula
    denominator: Formula | None = None
    """None for a plain sum."""
    direction: Direction = Direction.HIGHER
    cost: CostRole | None = None
    extra: frozenset[str] = frozenset()
    """What has to be worked out beside the events: first_order_at, first_visit_at, order_place,
    visit, ready_at, deal_at, next_order_at, to_date."""
    success: Condition | None = None
    """The event that makes a person count as a success, for a share of people."""
    amount: Amount | None = None
    """What an event adds to the person's quantity, for a mean over people."""

    @property
    def is_share(self) -> bool:
        """Whether it is a part of a whole, and so never more than all of it."""
        return self.unit is Unit.RATIO and self.key.endswith("_rate")

    @property
    def may_be_negative(self) -> bool:
        """Money lost counts below zero; people, times and shares do not."""
        return self.cost is CostRole.RETURN or self.unit is Unit.MONEY

    def is_known(self, tracked: Set[str]) -> bool:
        """Whether the number can be known when these events are tracked."""
        visits = self.needs & set(VISITS)
        return self.needs - visits <= tracked and (not visits or bool(visits & tracked))


@dataclass(frozen=True)
class Scope:
    """Whose events count, and when.

    Without `people` everyone counts; with a campaign or send and no `people`, those to whom it
    sent a message. Events of messages count only for that campaign or send; what people did
    otherwise counts whatever led them there.
    """

    start: datetime | None = None
    """This moment counts."""
    end: datetime | None = None
    """This moment does not count any more."""
    people: Sequence[int] | pa.Array | pa.ChunkedArray | None = None
    campaign_id: str | None = None
    send_id: str | None = None
    currency: str = "CNY"


@dataclass(frozen=True)
class Value:
    """A metric's number; None where it cannot be known, such as a share of nobody."""

    value: Decimal | float | None
    numerator: Decimal | float | None
    denominator: Decimal | float | None
    n: int
    """The people in scope."""
    apart: Mapping[str, Decimal] = field(default_factory=dict)
    """Revenue in other currencies, which the value leaves out."""


def _is(*event_names: str) -> Condition:
    return lambda e: e.name.isin(event_names) & human(e)


def _is_surely(name: str) -> Condition:
    return lambda e: (e.name == name) & surely_human(e)


def _people_who(condition: Condition) -> Formula:
    return lambda e: e.who.nunique(where=condition(e))


def _times(condition: Condition) -> Formula:
    return lambda e: e.count(where=condition(e))


def _messages(condition: Condition) -> Formula:
    """Different messages; one that carries no id counts once for its person and send."""
    return lambda e: e.message_id.coalesce(
        e.send_id.fill_null("").concat(" ", e.who.cast("string"))
    ).nunique(where=condition(e))


def _of_currency(e: ir.Table) -> ir.BooleanValue:
    return e.currency.coalesce(e.scope_currency).upper() == e.scope_currency


def _earned(e: ir.Table) -> ir.DecimalValue:
    """What an event adds to revenue: an order its amount, a refund the same with a minus."""
    amount = ibis.ifelse(_REFUND(e), -e.revenue.abs(), e.revenue)
    return ibis.ifelse(_ORDER(e) | _REFUND(e), amount, ibis.null("decimal(18, 4)"))


def _earned_here(e: ir.Table) -> ir.DecimalValue:
    return ibis.ifelse(_of_currency(e), _earned(e), ibis.null("decimal(18, 4)"))


def _revenue(e: ir.Table) -> ir.NumericScalar:
    return _earned(e).sum(where=_of_currency(e)).fill_null(0)


def _discounts(e: ir.Table) -> ir.NumericScalar:
    return e.discount.sum(where=_ORDER(e) & _of_currency(e)).fill_null(0)


def _ordered(e: ir.Table) -> ir.NumericScalar:
    return e.revenue.sum(where=_paid_order(e)).fill_null(0)


def _refunded(e: ir.Table) -> ir.NumericScalar:
    return e.revenue.abs().sum(where=_REFUND(e) & _of_currency(e)).fill_null(0)


def _everyone(e: ir.Table) -> ir.NumericScalar:
    return e.scope_people.max()


_SENT = _is(names.MESSAGE_SENT)
_HANDED_OVER = _is(names.MESSAGE_SENT, names.MESSAGE_DELIVERED)
_OPENED = _is_surely(names.MESSAGE_OPENED)
_CLICKED = _is_surely(names.MESSAGE_CLICKED)
_BOUNCED = _is(names.MESSAGE_BOUNCED)
_COMPLAINED = _is(names.MESSAGE_COMPLAINED)
_UNSUBSCRIBED = _is(names.UNSUBSCRIBED)
_VISITED = _is(*VISITS)
_LEAD = _is(FORM_SUBMITTED)
_TAKEN_ON = _is(names.LEAD_CREATED)
_DEAL = _is(names.DEAL_CREATED, names.DEAL_WON)
_ORDER = _is(names.ORDER_COMPLETED)
_REFUND = _is(names.ORDER_REFUNDED)


def _delivered(e: ir.Table) -> ir.NumericScalar:
    """Mail servers rarely report a delivery: what they accepted and did not return counts."""
    return _messages(_HANDED_OVER)(e) - _messages(_BOUNCED)(e)


def _reached(e: ir.Table) -> ir.NumericScalar:
    return _people_who(_HANDED_OVER)(e) - _people_who(_BOUNCED)(e)


def _paid_order(e: ir.Table) -> ir.BooleanValue:
    return _ORDER(e) & _of_currency(e)


def _first_order(e: ir.Table) -> ir.BooleanValue:
    return _ORDER(e) & (e.at == e.first_order_at)


def _first_visit(e: ir.Table) -> ir.BooleanValue:
    return _VISITED(e) & (e.at == e.first_visit_at)


def _view(e: ir.Table) -> ir.BooleanValue:
    return _is(names.PAGE_VIEWED, names.SCREEN_VIEWED)(e)


def _visit(e: ir.Table) -> ir.BooleanValue:
    return e.visit_begins.fill_null(False) & (e.visit_views > 0)


def _bounce(e: ir.Table) -> ir.BooleanValue:
    return _visit(e) & (e.visit_views == 1)


def _returning(e: ir.Table) -> ir.NumericScalar:
    return _people_who(_VISITED)(e) - _people_who(_first_visit)(e)


def _seconds_seen(e: ir.Table) -> ir.NumericScalar:
    return e.seconds.sum(where=_is(names.PAGE_LEFT)(e)).fill_null(0.0)


def _next_order(e: ir.Table) -> ir.BooleanValue:
    return _ORDER(e) & (e.order_place > 0)


def _became_ready(e: ir.Table) -> ir.BooleanValue:
    return _LEAD(e) & (e.ready_at >= e.at)


def _became_deal(e: ir.Table) -> ir.BooleanValue:
    return _TAKEN_ON(e) & (e.deal_at >= e.at)


def _again_within(days: int) -> Condition:
    return lambda e: _ORDER(e) & (e.next_order_at <= e.at + ibis.interval(seconds=days * 86_400))


def _brought_to_date(e: ir.Table) -> ir.NumericScalar:
    """What those who bought for the first time have brought in all, each person once."""
    return e.to_date.sum(where=_first_order(e) & (e.newcomer_place == 0)).fill_null(0)


_ORDERS = frozenset({names.ORDER_COMPLETED})
_SENDING = frozenset({names.MESSAGE_SENT})
_DELIVERY = _SENDING
_HISTORY = frozenset({"first_order_at"})
_FIRST_VISIT = frozenset({"first_visit_at"})
_PLACES = frozenset({"order_place"})
_NEXT = frozenset({"next_order_at"})
_PAGES = frozenset({names.PAGE_VIEWED})
_IN_VISITS = frozenset({"visit"})

METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in [
        Metric(
            "people_reached",
            _("People reached"),
            _("People to whom at least one message was delivered."),
            Unit.PEOPLE,
            _DELIVERY,
            _reached,
        ),
        Metric(
            "messages_sent",
            _("Messages sent"),
            _("Messages that left the house."),
            Unit.COUNT,
            _SENDING,
            _messages(_SENT),
        ),
        Metric(
            "messages_delivered",
            _("Messages delivered"),
            _("Messages that a mail server accepted and that did not come back."),
            Unit.COUNT,
            _DELIVERY,
            _delivered,
        ),
        Metric(
            "delivery_rate",
            _("Delivery rate"),
            _("Messages delivered ÷ messages sent."),
            Unit.RATIO,
            _DELIVERY,
            _delivered,
            _messages(_SENT),
        ),
        Metric(
            "bounce_rate",
            _("Bounce rate"),
            _("Messages that came back ÷ messages sent."),
            Unit.RATIO,
            _SENDING | {names.MESSAGE_BOUNCED},
            _messages(_BOUNCED),
            _messages(_SENT),
            Direction.LOWER,
        ),
        Metric(
            "opens",
            _("Messages opened"),
            _("Messages opened by people, each counted once; programs do not count."),
            Unit.COUNT,
            frozenset({names.MESSAGE_OPENED}),
            _messages(_OPENED),
        ),
        Metric(
            "open_rate",
            _("Open rate"),
            _("Messages opened by people ÷ messages delivered."),
            Unit.RATIO,
            _DELIVERY | {names.MESSAGE_OPENED},
            _messages(_OPENED),
            _delivered,
        ),
        Metric(
            "clicks",
            _("Messages clicked"),
            _("Messages in which people clicked, each counted once; programs do not count."),
            Unit.COUNT,
            frozenset({names.MESSAGE_CLICKED}),
            _messages(_CLICKED),
        ),
        Metric(
            "click_rate",
            _("Click rate"),
            _("Messages in which people clicked ÷ messages delivered."),
            Unit.RATIO,
            _DELIVERY | {names.MESSAGE_CLICKED},
            _messages(_CLICKED),
            _delivered,
        ),
        Metric(
            "unsubscribe_rate",
            _("Unsubscribe rate"),
            _("People who unsubscribed ÷ people reached."),
            Unit.RATIO,
            _DELIVERY | {names.UNSUBSCRIBED},
            _people_who(_UNSUBSCRIBED),
            _reached,
            Direction.LOWER,
        ),
        Metric(
            "complaint_rate",
            _("Complaint rate"),
            _("People who complained ÷ people reached."),
            Unit.RATIO,
            _DELIVERY | {names.MESSAGE_COMPLAINED},
            _people_who(_COMPLAINED),
            _reached,
            Direction.LOWER,
        ),
        Metric(
            "visitors",
            _("Visitors"),
            _("People who came to the site, the app or the shop."),
            Unit.PEOPLE,
            frozenset(VISITS),
            _people_who(_VISITED),
        ),
        Metric(
            "new_visitors",
            _("New visitors"),
            _("People who came for the first time ever."),
            Unit.PEOPLE,
            frozenset(VISITS),
            _people_who(_first_visit),
            extra=_FIRST_VISIT,
        ),
        Metric(
            "returning_visitors",
            _("Returning visitors"),
            _("Visitors who had come by before the period began: visitors − new visitors."),
            Unit.PEOPLE,
            _PAGES,
            _returning,
            extra=_FIRST_VISIT,
        ),
        Metric(
            "page_views",
            _("Page views"),
            _("Looks of people at pages; programs do not count."),
            Unit.COUNT,
            _PAGES,
            _times(_view),
        ),
        Metric(
            "visits",
            _("Visits"),
            _("Looks at pages that belong together: a visit ends after 30 minutes of rest."),
            Unit.COUNT,
            _PAGES,
            _times(_visit),
            extra=_IN_VISITS,
        ),
        Metric(
            "one_page_rate",
            _("Visits of one page only"),
            _("Visits that saw one page and no other ÷ visits."),
            Unit.RATIO,
            _PAGES,
            _times(_bounce),
            _times(_visit),
            Direction.LOWER,
            extra=_IN_VISITS,
        ),
        Metric(
            "pages_per_visit",
            _("Pages per visit"),
            _("Page views ÷ visits."),
            Unit.MEAN,
            _PAGES,
            _times(_view),
            _times(_visit),
            extra=_IN_VISITS,
        ),
        Metric(
            "seconds_per_visit",
            _("Seconds per visit"),
            _("Seconds for which pages were on the screen ÷ visits; at most half an hour a look."),
            Unit.MEAN,
            _PAGES,
            _seconds_seen,
            _times(_visit),
            extra=_IN_VISITS,
        ),
        Metric(
            "visit_rate",
            _("Visit rate"),
            _("Visitors ÷ all people looked at."),
            Unit.RATIO,
            frozenset(VISITS),
            _people_who(_VISITED),
            _everyone,
            success=_VISITED,
        ),
        Metric(
            "leads",
            _("Leads"),
            _("People who submitted a form."),
            Unit.PEOPLE,
            frozenset({FORM_SUBMITTED}),
            _people_who(_LEAD),
        ),
        Metric(
            "lead_rate",
            _("Lead rate"),
            _("Leads ÷ all people looked at."),
            Unit.RATIO,
            frozenset({FORM_SUBMITTED}),
            _people_who(_LEAD),
            _everyone,
            success=_LEAD,
        ),
        Metric(
            "mql_rate",
            _("MQL rate"),
            _("Leads that the score found ready for sales after their form ÷ leads."),
            Unit.RATIO,
            frozenset({FORM_SUBMITTED, names.LEAD_SCORED}),
            _people_who(_became_ready),
            _people_who(_LEAD),
            extra=frozenset({"ready_at"}),
        ),
        Metric(
            "opportunity_rate",
            _("Lead to opportunity rate"),
            _("People given to sales as a lead who became a deal afterwards ÷ all given to sales."),
            Unit.RATIO,
            frozenset({names.LEAD_CREATED, names.DEAL_CREATED}),
            _people_who(_became_deal),
            _people_who(_TAKEN_ON),
            extra=frozenset({"deal_at"}),
        ),
        Metric(
            "buyers",
            _("Buyers"),
            _("People who placed an order."),
            Unit.PEOPLE,
            _ORDERS,
            _people_who(_ORDER),
        ),
        Metric(
            "conversion_rate",
            _("Conversion rate"),
            _("Buyers ÷ all people looked at."),
            Unit.RATIO,
            _ORDERS,
            _people_who(_ORDER),
            _everyone,
            success=_ORDER,
        ),
        Metric(
            "first_time_buyers",
            _("First-time buyers"),
            _("People who placed the first order of their life."),
            Unit.PEOPLE,
            _ORDERS,
            _people_who(_first_order),
            extra=_HISTORY,
        ),
        Metric(
            "repeat_rate",
            _("Repeat rate"),
            _("People who placed two orders or more ÷ buyers."),
            Unit.RATIO,
            _ORDERS,
            _people_who(_next_order),
            _people_who(_ORDER),
            extra=_PLACES,
        ),
        *(
            Metric(
                f"retention_{days}_rate",
                name,
                explanation,
                Unit.RATIO,
                _ORDERS,
                _people_who(_again_within(days)),
                _people_who(_ORDER),
                extra=_NEXT,
            )
            for days, name, explanation in (
                (
                    30,
                    _("Retention within 30 days"),
                    _("Buyers who ordered again within 30 days of an order ÷ buyers."),
                ),
                (
                    90,
                    _("Retention within 90 days"),
                    _("Buyers who ordered again within 90 days of an order ÷ buyers."),
                ),
            )
        ),
        Metric(
            "orders",
            _("Orders"),
            _("Orders placed."),
            Unit.COUNT,
            _ORDERS,
            _times(_ORDER),
        ),
        Metric(
            "orders_per_person",
            _("Orders per person"),
            _("Orders ÷ all people looked at."),
            Unit.RATIO,
            _ORDERS,
            _times(_ORDER),
            _everyone,
            amount=lambda e: _ORDER(e).cast("int64"),
        ),
        Metric(
            "revenue",
            _("Revenue"),
            _("Orders in the currency of the scope, less refunds when they happen."),
            Unit.MONEY,
            _ORDERS,
            _revenue,
        ),
        Metric(
            "discounts",
            _("Discounts given"),
            _("What orders were reduced by."),
            Unit.MONEY,
            _ORDERS,
            _discounts,
            direction=Direction.LOWER,
        ),
        Metric(
            "average_order_value",
            _("Average order value"),
            _("Revenue ÷ orders."),
            Unit.MONEY,
            _ORDERS,
            _revenue,
            _times(_paid_order),
        ),
        Metric(
            "refund_rate",
            _("Refund rate"),
            _("Money paid back ÷ money of the orders, each when it happens."),
            Unit.RATIO,
            _ORDERS | {names.ORDER_REFUNDED},
            _refunded,
            _ordered,
            Direction.LOWER,
        ),
        Metric(
            "revenue_per_person",
            _("Revenue per person"),
            _("Revenue ÷ all people looked at."),
            Unit.MONEY,
            _ORDERS,
            _revenue,
            _everyone,
            amount=_earned_here,
        ),
        Metric(
            "roi",
            _("ROI"),
            _("(Revenue − cost) ÷ cost."),
            Unit.RATIO,
            _ORDERS,
            _revenue,
            cost=CostRole.RETURN,
        ),
        Metric(
            "cpa",
            _("Cost per buyer"),
            _("Cost ÷ buyers."),
            Unit.MONEY,
            _ORDERS,
            _people_who(_ORDER),
            direction=Direction.LOWER,
            cost=CostRole.PER,
        ),
        Metric(
            "cpl",
            _("Cost per lead"),
            _("Cost ÷ leads."),
            Unit.MONEY,
            frozenset({FORM_SUBMITTED}),
            _people_who(_LEAD),
            direction=Direction.LOWER,
            cost=CostRole.PER,
        ),
        Metric(
            "cac",
            _("Cost per first-time buyer"),
            _("Cost ÷ first-time buyers."),
            Unit.MONEY,
            _ORDERS,
            _people_who(_first_order),
            direction=Direction.LOWER,
            cost=CostRole.PER,
            extra=_HISTORY,
        ),
        Metric(
            "ltv_cac",
            _("LTV to CAC"),
            _("What first-time buyers have brought to date ÷ what it cost to win them."),
            Unit.MEAN,
            _ORDERS,
            _brought_to_date,
            cost=CostRole.TIMES,
            extra=_HISTORY | {"to_date"},
        ),
    ]
}
"""Every metric by its key, in the order in which people choose."""


def evaluate(
    db: Backend,
    keys: Iterable[str],
    scope: Scope,
    *,
    cost: Decimal | None = None,
    looks: ir.Table | None = None,
) -> dict[str, Value]:
    """The metrics' values in one pass over the events of the scope.

    `cost` is what was spent, in the currency of the scope; metrics that need it are None without.
    `looks` are the rows of `looks_in` in the scope, where they are at hand already.
    Raises `Invalid` for a key that is no metric.
    """
    metrics = [_metric(key) for key in dict.fromkeys(keys)]
    if not metrics:
        return {}
    with scoped(db, scope) as (events, n):
        e = _with_extra(events, scope, frozenset().union(*(m.extra for m in metrics)), looks)
        columns: dict[str, ir.Value] = {}
        for i, metric in enumerate(metrics):
            columns[f"n{i}"] = metric.numerator(e)
            if metric.denominator is not None:
                columns[f"d{i}"] = (
                    ibis.literal(n) if metric.denominator is _everyone else metric.denominator(e)
                )
        row = answer(db, e.agg(**columns)).to_pylist()[0]
        shows_money = any(m.numerator is _revenue for m in metrics)
        apart = _apart(db, e, scope.currency) if shows_money else {}
    return {
        metric.key: _value(
            metric,
            row[f"n{i}"],
            row.get(f"d{i}"),
            n,
            cost,
            apart if metric.numerator is _revenue else {},
        )
        for i, metric in enumerate(metrics)
    }


@contextmanager
def scoped(db: Backend, scope: Scope) -> Iterator[tuple[ir.Table, int]]:
    """The events of the scope and the number of people in it."""
    events = EVENTS.filter(_during(EVENTS, scope))
    ids = _people(db, scope)
    if ids is None:
        events = events.mutate(who=who(events))
        everyone = events.agg(n=events.who.nunique(where=human(events)))
        yield events, answer(db, everyone).column(0)[0].as_py()
        return
    with chosen_people(db, ids) as chosen:
        theirs = events.semi_join(chosen, "person_id").filter(lambda e: _of_send(e, scope))
        yield theirs.mutate(who=theirs.person_id), len(ids)


@contextmanager
def chosen_people(db: Backend, people: Sequence[int] | pa.Array) -> Iterator[ir.Table]:
    """These people as a table with the column person_id, for as long as a question needs it."""
    ids = people if isinstance(people, pa.Array) else pa.array(people, pa.int64())
    with lent(db, rows_of(ids)) as chosen:
        yield chosen


def _during(events: ir.Table, scope: Scope) -> list[ir.BooleanValue]:
    out = [events.person_id.notnull() | events.anonymous.notnull(), vouched(events)]
    if scope.start is not None:
        out.append(events.at >= naive(scope.start))
    if scope.end is not None:
        out.append(events.at < naive(scope.end))
    return out


def naive(moment: datetime) -> datetime:
    """The moment as the warehouse writes it: UTC, without a time zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _of_send(events: ir.Table, scope: Scope) -> ir.BooleanValue:
    """Events of messages count for the campaign or send alone, the others always."""
    truth = ibis.literal(True)
    if scope.campaign_id is not None:
        truth = truth & (events.campaign_id == scope.campaign_id)
    if scope.send_id is not None:
        truth = truth & (events.send_id == scope.send_id)
    return truth | events.name.notin(names.OF_MESSAGES)


def _people(db: Backend, scope: Scope) -> pa.Array | None:
    if scope.people is not None:
        given = scope.people
        ids = given if isinstance(given, pa.Array | pa.ChunkedArray) else pa.array(given)
        return ids.cast(pa.int64()).unique()
    if scope.campaign_id is None and scope.send_id is None:
        return None
    sent = EVENTS.filter(EVENTS.name == names.MESSAGE_SENT, EVENTS.person_id.notnull())
    sent = sent.filter(vouched(sent))
    sent = sent.filter(_of_send(sent, scope))
    return answer(db, sent.select("person_id").distinct()).column(0).combine_chunks()


def looks_in(scope: Scope) -> ir.Table:
    """What happened on pages, each with its visit, which may begin before the scope and go on
    after it."""
    around = EVENTS.filter(vouched(EVENTS))
    if scope.start is not None:
        around = around.filter(around.at >= naive(scope.start - LOOK_BACK))
    if scope.end is not None:
        around = around.filter(around.at < naive(scope.end + LOOK_AHEAD))
    return on_pages(around)


def _with_extra(
    events: ir.Table, scope: Scope, extra: frozenset[str], looks: ir.Table | None = None
) -> ir.Table:
    e = events.mutate(scope_currency=ibis.literal(scope.currency.upper()))
    if "first_order_at" in extra:
        orders = EVENTS.filter(_ORDER(EVENTS))
        firsts = orders.group_by(first_who=who(orders)).agg(first_order_at=orders.at.min())
        e = e.left_join(firsts, e.who == firsts.first_who)
    if "first_visit_at" in extra:
        visits = EVENTS.filter(_VISITED(EVENTS))
        first_visits = visits.group_by(visit_who=who(visits)).agg(first_visit_at=visits.at.min())
        e = e.left_join(first_visits, e.who == first_visits.visit_who)
    if "visit" in extra:
        marks = looks_in(scope) if looks is None else looks
        marks = marks.select("visit_begins", "visit_views", "seconds", marked_id=marks.event_id)
        e = e.left_join(marks, e.event_id == marks.marked_id)
    if "ready_at" in extra:
        ready = EVENTS.filter(
            EVENTS.name == names.LEAD_SCORED,
            # Write keys are public: only what our own score found counts.
            EVENTS.source == OURS,
            json_extract_string(EVENTS.props, "$.sales_ready") == "true",
        )
        e = _with_latest(e, _until(ready, scope), "ready_at")
    if "deal_at" in extra:
        e = _with_latest(e, _until(EVENTS.filter(_DEAL(EVENTS)), scope), "deal_at")
    if "next_order_at" in extra:
        orders = EVENTS.filter(_ORDER(EVENTS))
        orders = orders.mutate(buyer=who(orders))
        in_turn = ibis.row_number().over(group_by=orders.buyer, order_by=orders.at)
        orders = orders.select("event_id", "buyer", "at", place=in_turn)
        after = orders.select(
            next_buyer=orders.buyer, place_before=orders.place - 1, next_order_at=orders.at
        )
        pairs = orders.join(
            after, [orders.buyer == after.next_buyer, orders.place == after.place_before]
        )
        pairs = pairs.select("next_order_at", ordered_id="event_id")
        e = e.left_join(pairs, e.event_id == pairs.ordered_id)
    if "to_date" in extra:
        paid = EVENTS.filter(_ORDER(EVENTS) | _REFUND(EVENTS))
        paid = paid.mutate(payer=who(paid), scope_currency=ibis.literal(scope.currency.upper()))
        sums = paid.group_by("payer").agg(to_date=_earned(paid).sum(where=_of_currency(paid)))
        e = e.left_join(sums, e.who == sums.payer)
        newcomer = ibis.window(group_by=[e.who, _first_order(e)], order_by=e.at)
        e = e.mutate(newcomer_place=ibis.row_number().over(newcomer))
    if "order_place" in extra:
        placed = ibis.window(group_by=[e.who, _ORDER(e)], order_by=e.at)
        e = e.mutate(order_place=ibis.row_number().over(placed))
    return e


def _until(events: ir.Table, scope: Scope) -> ir.Table:
    """What is still to come when the scope ends is not known to it."""
    return events if scope.end is None else events.filter(events.at < naive(scope.end))


def _with_latest(e: ir.Table, events: ir.Table, column: str) -> ir.Table:
    """The events with the moment at which one of these happened to their person last."""
    found = events.group_by(**{f"{column}_who": who(events)}).agg(**{column: events.at.max()})
    return e.left_join(found, e.who == found[f"{column}_who"])


def _apart(db: Backend, e: ir.Table, currency: str) -> dict[str, Decimal]:
    """Revenue by currency, without that of the scope."""
    other = e.filter(~_of_currency(e)).mutate(earned=_earned)
    other = other.filter(other.earned.notnull())
    sums = other.group_by(code=other.currency.upper()).agg(earned=other.earned.sum())
    return {row["code"]: row["earned"] for row in answer(db, sums.order_by("code")).to_pylist()}


def _metric(key: str) -> Metric:
    try:
        return METRICS[key]
    except KeyError:
        raise Invalid.at(
            "",
            "unknown_metric",
            _("There is no metric %(key)s; possible are: %(keys)s."),
            key=key,
            keys=", ".join(METRICS),
        ) from None


def _value(
    metric: Metric,
    numerator: Decimal | int,
    denominator: int | None,
    n: int,
    cost: Decimal | None,
    apart: Mapping[str, Decimal],
) -> Value:
    value: Decimal | float | None
    if metric.cost is not None:
        if cost is None:
            return Value(None, numerator, None, n, apart)
        if metric.cost is CostRole.RETURN:
            value = float((numerator - cost) / cost) if cost else None
            return Value(value, numerator - cost, cost, n, apart)
        if metric.cost is CostRole.TIMES:
            return Value(float(numerator / cost) if cost else None, numerator, cost, n, apart)
        return Value(cost / numerator if numerator else None, cost, numerator, n, apart)
    if metric.denominator is None:
        return Value(numerator, numerator, None, n, apart)
    value = numerator / denominator if denominator else None
    return Value(value, numerator, denominator, n, apart)
