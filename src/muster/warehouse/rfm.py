"""RFM (PE5): how lately, how often and for how much somebody bought, each in five steps.

Recency is the days from the day of the last order to the asked day, frequency the number of
orders, monetary their sum less refunds. The steps are the quintiles of all buyers with linear
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

from muster.warehouse.clocks import shown
from muster.warehouse.lending import kept
from muster.warehouse.metrics import naive
from muster.warehouse.tables import ORDERS, answer

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
    theirs = ORDERS.filter(ORDERS.person_id.notnull(), ORDERS.at < naive(after))
    # What was paid in another currency is nothing in this one.
    here = theirs.currency.fill_null(currency) == currency
    buyers = theirs.group_by("person_id").agg(
        last=theirs.at.max(where=theirs.orders > 0),
        frequency=theirs.orders.sum(),
        monetary=theirs.amount.sum(where=here).fill_null(0),
    )
    buyers = buyers.filter(buyers.frequency > 0)
    day = shown(zone.key, buyers.last).date()
    return buyers.mutate(recency=ibis.literal(as_of).delta(day, unit="day")).drop("last")


def _step(measure: ir.NumericValue, edges: Sequence[float]) -> ir.IntegerValue:
    """1 up to the first edge, then one more for each edge that is passed."""
    return sum(((measure > edge).cast("int64") for edge in edges), ibis.literal(1))
