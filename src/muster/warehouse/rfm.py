"""RFM (PE5): how lately, how often and for how much somebody bought, each in five steps.

Recency is the days from the day of the last order to the asked day, frequency the number of
orders, monetary their sum less refunds. An order that was reported more than once is one, with the
money of the latest report that says any. The steps are the quintiles of all buyers with linear
interpolation (Hyndman and Fan, type 7): 5 is the best fifth. Days begin in the given time zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ibis

from muster.events import names
from muster.warehouse.functions import from_local, to_local
from muster.warehouse.lending import kept
from muster.warehouse.metrics import naive
from muster.warehouse.tables import EVENTS, answer, human

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

_DIGITS = 6
_EDGES = (0.2, 0.4, 0.6, 0.8)
_MEASURES = ("recency", "frequency", "monetary")


@dataclass(frozen=True)
class Cell:
    """The buyers with the same three steps."""

    recency: int
    frequency: int
    monetary: int
    people: int
    value: Decimal


@dataclass(frozen=True)
class Rfm:
    """All buyers by how lately, how often and for how much they bought."""

    people: int
    value: Decimal
    edges: Mapping[str, Sequence[float]]
    """Measure → the four values that part the fifths."""
    cells: Sequence[Cell]


def rfm(db: Backend, as_of: date, zone: ZoneInfo, currency: str) -> Rfm:
    """RFM of everybody who bought before the end of the day `as_of`."""
    after = datetime.combine(as_of + timedelta(days=1), time.min, zone).astimezone(UTC)
    # The steps need the edges first, so everybody is asked about twice.
    with kept(db, _buyers(as_of, after, zone, currency.upper()), "buyers") as buyers:
        return _parted(db, buyers)


def _parted(db: Backend, buyers: ir.Table) -> Rfm:
    # All edges of a measure come from one look at it in its order.
    edges = {m: buyers[m].cast("float64").quantile(_EDGES) for m in _MEASURES}
    totals = answer(
        db, buyers.agg(people=buyers.count(), value=buyers.monetary.sum(), **edges)
    ).to_pylist()[0]
    if not totals["people"]:
        return Rfm(0, Decimal(0), dict.fromkeys(_MEASURES, ()), ())
    # Between two values of four digits an edge of fifths has five: what comes after them is the
    # rounding of an engine, by which somebody right at the edge would fall on either side of it.
    found = {m: [round(float(edge), _DIGITS) for edge in totals[m]] for m in _MEASURES}
    stepped = buyers.mutate(
        r=6 - _step(buyers.recency, found["recency"]),
        f=_step(buyers.frequency, found["frequency"]),
        m=_step(buyers.monetary.cast("float64"), found["monetary"]),
    )
    cells = stepped.group_by(["r", "f", "m"]).agg(
        people=stepped.count(), value=stepped.monetary.sum()
    )
    rows = answer(db, cells.order_by([cells.r.desc(), cells.f.desc(), cells.m.desc()]))
    return Rfm(
        totals["people"],
        totals["value"],
        found,
        [Cell(c["r"], c["f"], c["m"], c["people"], c["value"]) for c in rows.to_pylist()],
    )


def _buyers(as_of: date, after: datetime, zone: ZoneInfo, currency: str) -> ir.Table:
    """person_id, recency in days, frequency, monetary of everybody with an order."""
    money = EVENTS.filter(human(EVENTS), EVENTS.person_id.notnull(), EVENTS.at < naive(after))
    here = money.currency.fill_null(currency) == currency
    # An order that was reported twice is one. To group by its id is quicker than to count ids.
    # Orders without an id are a group too, of which each is one by itself.
    ordered = money.filter(money.name == names.ORDER_COMPLETED)
    # What was paid in another currency is nothing in this one; what says no money stays unknown.
    ordered = ordered.mutate(paid=ibis.ifelse(here, ordered.revenue, ordered.revenue * 0))
    ordered = ordered.group_by("person_id", "order_id").agg(
        last=ordered.at.max(),
        times=ordered.count(),
        all=ordered.paid.sum(),
        latest=ordered.paid.argmax(ordered.at, where=ordered.paid.notnull()),
    )
    one = ordered.order_id.notnull()
    ordered = ordered.select(
        "person_id",
        "last",
        earned=ibis.ifelse(one, ordered.latest.cast("decimal(38, 4)"), ordered.all),
        orders=ibis.ifelse(one, 1, ordered.times),
    )
    refunded = money.filter(money.name == names.ORDER_REFUNDED, here)
    refunded = refunded.select(
        "person_id",
        last=ibis.null("timestamp(6)"),
        earned=(-refunded.revenue.abs()).cast("decimal(38, 4)"),
        orders=ibis.literal(0, "int64"),
    )
    both = ordered.union(refunded)
    buyers = both.group_by("person_id").agg(
        last=to_local(zone.key, from_local("UTC", both.last.max())),
        frequency=both.orders.sum(),
        monetary=both.earned.sum().fill_null(0),
    )
    buyers = buyers.filter(buyers.frequency > 0)
    recency = ibis.literal(as_of).delta(buyers.last.date(), unit="day")
    return buyers.mutate(recency=recency).drop("last")


def _step(measure: ir.NumericValue, edges: Sequence[float]) -> ir.IntegerValue:
    """1 up to the first edge, then one more for each edge that is passed."""
    return sum(((measure > edge).cast("int64") for edge in edges), ibis.literal(1))
