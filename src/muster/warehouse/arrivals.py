"""Which events reach us, and when the last one of each kind came (TR1, PL2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from muster.warehouse.tables import EVENTS, answer

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def last_received(db: Backend, names: Iterable[str]) -> dict[str, datetime | None]:
    """Event → the moment (UTC) at which the last one arrived; None for those that never did."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    events = EVENTS.filter(EVENTS.name.isin(wanted))
    rows = answer(db, events.group_by("name").agg(last=events.received_at.max())).to_pylist()
    found = {row["name"]: row["last"].replace(tzinfo=UTC) for row in rows}
    return {name: found.get(name) for name in wanted}


def last_by_source(db: Backend) -> dict[str, datetime]:
    """Source, such as `key:shop` → the moment (UTC) at which its last event arrived."""
    rows = answer(db, EVENTS.group_by("source").agg(last=EVENTS.received_at.max())).to_pylist()
    return {row["source"]: row["last"].replace(tzinfo=UTC) for row in rows if row["source"]}
