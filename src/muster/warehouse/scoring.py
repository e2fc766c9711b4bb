"""Scores (PE7): points for what people did and for who they are, for everybody in one pass.

    lead  = max(0, Σ over rules of min(cap, Σ over its events of points × 2^(−age / half-life)))
    fit   = Σ over the rules of fit that hold of their points
    grade = A, B or C from so many points of fit on, else D

Age is the time from the event to the asked moment, in days, exact to the second. That is
exponential decay, as of a radioactive substance (Rutherford and Soddy, 1902): after one half-life
an event counts half, after two a quarter. Events to come count nothing. A rule that takes points
takes at most its cap. Scores are rounded to a tenth; `docs/algorithms/lead-score.md` works one out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import ibis

from muster.warehouse.behaviour import About, Truth, about, has
from muster.warehouse.rules import GRADES
from muster.warehouse.scorecard import Behaviour, Scorecard
from muster.warehouse.tables import EVENTS, human, vouched
from muster.warehouse.windows import Clock

if TYPE_CHECKING:
    import ibis.expr.types as ir

COLUMNS = {"lead": "lead_score", "fit": "lead_fit", "grade": "lead_grade"}
"""What a condition on a score asks about → its column."""
_PARTS = "lead_part"
_LN2 = math.log(2)


@dataclass(frozen=True)
class Part:
    """What one rule of the scorecard gave somebody."""

    place: int
    """Which rule of the scorecard."""
    points: float
    count: int = 0
    last: datetime | None = None


def points(card: Scorecard, clock: Clock, whom: About, events: ir.Table) -> ir.Table:
    """person_id and the points of behaviour, one row for everybody who ever did something of it."""
    rows = _rows(card, clock, whom, events)
    parts = [_given(rows, one, clock) for one in card.behaviour]
    return rows.group_by("person_id").agg(**{_PARTS: reduce(add, parts)})


def classes(
    card: Scorecard,
    clock: Clock,
    whom: About,
    events: ir.Table,
    kinds: Mapping[str, Sequence[Behaviour]],
) -> ir.Table:
    """person_id and the sum of the points that the rules of each kind give."""
    rows = _rows(card, clock, whom, events)
    sums = {
        name: reduce(add, [_given(rows, one, clock) for one in given])
        for name, given in kinds.items()
    }
    return rows.group_by("person_id").agg(**sums)


def parts(card: Scorecard, clock: Clock, whom: About, events: ir.Table = EVENTS) -> ir.Table:
    """person_id and of every rule of behaviour its points, how often and when last."""
    rows = _rows(card, clock, whom, events)
    columns: dict[str, ir.Value] = {}
    for i, one in enumerate(card.behaviour):
        mine = _mine(rows, one, clock)
        columns[f"points{i}"] = _given(rows, one, clock)
        columns[f"count{i}"] = rows.count(where=mine)
        columns[f"last{i}"] = rows.at.max(where=mine)
    return rows.group_by("person_id").agg(**columns)


def graded(table: ir.Table, card: Scorecard, fit: Sequence[Truth]) -> ir.Table:
    """The table with score, fit and grade of every row."""
    scored = table[_PARTS].fill_null(0.0) if card.behaviour else ibis.literal(0.0)
    terms = [
        ibis.ifelse(truth(table).fill_null(False), one.points, 0)
        for one, truth in zip(card.fit, fit, strict=True)
    ]
    fitting = reduce(add, terms) if terms else ibis.literal(0)
    grade = ibis.cases(
        *((fitting >= least, name) for name, least in zip(GRADES, card.grades, strict=False)),
        else_=GRADES[-1],
    )
    return table.mutate(
        **{
            COLUMNS["lead"]: ibis.greatest(scored, 0.0).round(1),
            COLUMNS["fit"]: fitting.cast("int64"),
            COLUMNS["grade"]: grade,
        }
    )


def told(row: dict[str, object], card: Scorecard) -> list[Part]:
    """What the columns of `parts` say, what gave most first; silent rules are left out."""
    found = []
    for i in range(len(card.behaviour)):
        given, count, last = row[f"points{i}"], row[f"count{i}"], row[f"last{i}"]
        if isinstance(given, float) and isinstance(count, int) and isinstance(last, datetime):
            found.append(Part(i, given, count, last.replace(tzinfo=UTC)))
    return sorted(found, key=lambda part: -abs(part.points))


def _rows(card: Scorecard, clock: Clock, whom: About, events: ir.Table) -> ir.Table:
    names = sorted({one.event.name for one in card.behaviour})
    rows = events.filter(
        about(events, whom),
        human(events),
        vouched(events),
        events.name.isin(names),
        events.at <= clock.utc_now,
    )
    # Every half-life is worked out once an event, however many rules share it.
    age = (ibis.literal(clock.utc_now).epoch_seconds() - rows.at.epoch_seconds()) / 86_400
    return rows.mutate(
        **{
            _left(days): (-age / days * _LN2).exp()
            for days in sorted({one.half_life for one in card.behaviour if one.half_life})
        }
    )


def _mine(rows: ir.Table, one: Behaviour, clock: Clock) -> ir.BooleanValue:
    condition = rows.name == one.event.name
    for where in one.event.where:
        condition &= has(where, clock)(rows).fill_null(False)
    return condition


def _given(rows: ir.Table, one: Behaviour, clock: Clock) -> ir.FloatingValue:
    mine = _mine(rows, one, clock)
    if one.half_life:
        given = (rows[_left(one.half_life)] * one.points).sum(where=mine).fill_null(0.0)
    else:
        given = (rows.count(where=mine) * one.points).cast("float64")
    if one.cap is None:
        return given
    if one.points < 0:
        return ibis.greatest(given, float(-one.cap))
    return ibis.least(given, float(one.cap))


def _left(days: float) -> str:
    """The column of what is left of an event by this half-life."""
    return f"left_{str(days).replace('.', '_')}"
