"""What came of each group (EX1, ME3): hold-out, variants and treated people side by side.

Everything that people of a group did in the window counts, whatever led them there: only so may a
group that got nothing be compared with one that did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from muster.warehouse.lending import lent
from muster.warehouse.metrics import METRICS, Metric, naive
from muster.warehouse.tables import EVENTS, answer, vouched

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class Share:
    """How many of n people did it."""

    n: int
    successes: int

    @property
    def value(self) -> float | None:
        """None for nobody."""
        return self.successes / self.n if self.n else None


@dataclass(frozen=True)
class Sums:
    """A quantity over n people: its sum and the sum of its squares."""

    n: int
    sum: float
    sum_squares: float

    @property
    def value(self) -> float | None:
        """The mean for each person; None for nobody."""
        return self.sum / self.n if self.n else None


@dataclass(frozen=True)
class Outcome:
    """What came of one group."""

    people: int
    metrics: Mapping[str, Share | Sums]


COMPARABLE = tuple(
    key
    for key, metric in METRICS.items()
    if metric.success is not None or metric.amount is not None
)
"""The metrics that can be compared between groups: shares of people and means over people."""


def outcomes(
    db: Backend,
    groups: pa.Table,
    start: datetime,
    end: datetime,
    *,
    currency: str,
    keys: Iterable[str] = COMPARABLE,
) -> dict[str, Outcome]:
    """Group → its outcome in [start, end), in one pass.

    `groups` has the columns person_id and group; a person belongs to one group.
    """
    metrics = [METRICS[key] for key in keys]
    with lent(db, _normal(groups)) as people:
        asked = _question(people, metrics, naive(start), naive(end), currency)
        rows = answer(db, asked).to_pylist()
    return {
        row["group"]: Outcome(
            row["people"], {metric.key: _numbers_of(metric, row) for metric in metrics}
        )
        for row in rows
    }


def _normal(groups: pa.Table) -> pa.Table:
    return pa.table(
        {
            "person_id": groups.column("person_id").cast(pa.int64()),
            "group": groups.column("group").cast(pa.string()),
        }
    )


def _question(
    people: ir.Table, metrics: list[Metric], start: datetime, end: datetime, currency: str
) -> ir.Table:
    wanted = sorted({event for metric in metrics for event in metric.needs} | {"Order Refunded"})
    events = EVENTS.filter(EVENTS.name.isin(wanted), EVENTS.at >= start, EVENTS.at < end)
    events = events.filter(vouched(events))
    events = events.semi_join(people, "person_id")
    events = events.mutate(scope_currency=ibis.literal(currency.upper()))
    each = events.group_by(who="person_id").agg(
        **{metric.key: _of_person(events, metric) for metric in metrics}
    )
    rows = people.left_join(each, people.person_id == each.who)
    columns: dict[str, ir.Value] = {"people": rows.count()}
    for metric in metrics:
        value = rows[metric.key].fill_null(0)
        columns[metric.key] = value.sum()
        if metric.amount is not None:
            columns[f"{metric.key}_squares"] = (value * value).sum()
    return rows.group_by("group").agg(**columns).order_by("group")


def _of_person(events: ir.Table, metric: Metric) -> ir.NumericValue:
    if metric.success is not None:
        return metric.success(events).any().cast("int64")
    if metric.amount is None:
        raise ValueError(metric.key)
    return metric.amount(events).sum().cast("float64")


def _numbers_of(metric: Metric, row: Mapping[str, float]) -> Share | Sums:
    n = int(row["people"])
    if metric.success is not None:
        return Share(n, int(row[metric.key]))
    return Sums(n, float(row[metric.key]), float(row[f"{metric.key}_squares"]))
