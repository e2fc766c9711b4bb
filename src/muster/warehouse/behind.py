"""What stands behind a number (ME4): the events that were counted, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from muster.events import names
from muster.warehouse.metrics import Scope, scoped
from muster.warehouse.tables import answer, human, surely_human

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

_SURE = (names.MESSAGE_OPENED, names.MESSAGE_CLICKED)


@dataclass(frozen=True)
class Row:
    """One event that was counted."""

    person_id: int | None
    name: str
    at: datetime
    channel: str | None
    order_id: str | None
    revenue: Decimal | None
    currency: str | None
    url: str | None


@dataclass(frozen=True)
class Behind:
    """The events behind a number: how many, of how many people, and the latest of them."""

    events: int
    people: int
    rows: Sequence[Row]


def behind(db: Backend, event_names: Sequence[str], scope: Scope, *, limit: int = 50) -> Behind:
    """What people of the scope did that has one of these names; the work of machines left out."""
    with scoped(db, scope) as (events, _n):
        counted = events.filter(_counts(events, event_names))
        total = counted.agg(events=counted.count(), people=counted.who.nunique())
        sums = answer(db, total).to_pylist()[0]
        latest = counted.order_by([counted.at.desc(), counted.event_id]).limit(limit)
        columns = ("person_id", "name", "at", "channel", "order_id", "revenue", "currency", "url")
        rows = answer(db, latest.select(*columns)).to_pylist()
    shown = [Row(**{**row, "at": row["at"].replace(tzinfo=UTC)}) for row in rows]
    return Behind(sums["events"], sums["people"], shown)


def machine_opens(db: Backend, scope: Scope) -> int:
    """The opens in the scope that were, or may have been, the work of a program."""
    with scoped(db, scope) as (events, _n):
        opens = events.filter(events.name == names.MESSAGE_OPENED, ~surely_human(events))
        return int(answer(db, opens.agg(n=opens.count())).column(0)[0].as_py())


def _counts(events: ir.Table, event_names: Sequence[str]) -> ir.BooleanValue:
    sure = events.name.notin(_SURE) | surely_human(events)
    return events.name.isin(list(event_names)) & human(events) & sure
