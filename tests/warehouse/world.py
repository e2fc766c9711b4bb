"""A small warehouse in memory, told row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb

from muster.events import names
from muster.warehouse import duck, orders, schema

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


class World:
    """Tables like those of the loader, filled by hand."""

    def __init__(self) -> None:
        self.con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        self.con.execute("SET TimeZone = 'UTC'")
        for statement in schema.create_statements():
            self.con.execute(statement)
        self.con.execute("INSERT INTO built VALUES ('world')")
        self.db = duck.over(self.con)
        self._kinds: dict[str, str] = {}

    def trait(self, name: str, kind: str) -> None:
        column = schema.trait_column(len(self._kinds))
        self._kinds[name] = column
        self.con.execute("INSERT INTO traits VALUES (?, ?, ?)", [name, column, kind])
        self.con.execute(f"ALTER TABLE profiles ADD COLUMN {column} {schema.KINDS[kind]}")

    def person(self, person_id: int, *, known: bool = True, **traits: Any) -> None:
        row = {"person_id": person_id, "known": known}
        row.update({self._kinds.get(name, name): value for name, value in traits.items()})
        self._insert("profiles", row)

    def event(self, person_id: int | None, name: str, at: str, **more: Any) -> None:
        props = {k: v for k, v in more.items() if k not in schema.EVENTS}
        row = {k: v for k, v in more.items() if k in schema.EVENTS}
        count = self.con.execute("SELECT count(*) FROM events").fetchone()
        row = {"event_id": count[0] + 1, "clamped": False, "actor": "human", **row}
        row |= {"person_id": person_id, "name": name, "at": at, "props": json.dumps(props)}
        row.setdefault("received_at", at)
        row.setdefault("type", "track")
        row.setdefault("source", "muster" if name in names.OF_MESSAGES else "key:test")
        if "revenue" in row:
            row["revenue"] = Decimal(str(row["revenue"]))
        self._insert("events", row)
        if name in (names.ORDER_COMPLETED, names.ORDER_REFUNDED):
            take_orders(self.con, f"event_id = {row['event_id']}")

    def tag(self, person_id: int, tag: str) -> None:
        self._insert("tags", {"person_id": person_id, "tag": tag, "at": "2026-01-01"})

    def consent(self, person_id: int, channel: str, state: str, purpose: str = "marketing") -> None:
        row = {"person_id": person_id, "channel": channel, "purpose": purpose, "state": state}
        row = {**row, "topic": "", "confirmed": False}
        self._insert("consents", {**row, "at": "2026-01-02"})

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        columns = ", ".join(map(schema.quoted, row))
        places = ", ".join("?" for _ in row)
        self.con.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(row.values()))


def take_orders(con: duckdb.DuckDBPyConnection, of: str = "true") -> None:
    """Do with orders among the events what the loader does with those of a chunk."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP VIEW chunk AS
        SELECT event_id AS n, * EXCLUDE (person_id) FROM events WHERE {of};
        CREATE OR REPLACE TEMP VIEW person AS
        SELECT event_id AS n, person_id FROM events WHERE person_id IS NOT NULL
        """
    )
    orders.keep(con)
    orders.settle(con, "SELECT NULL::BIGINT")
