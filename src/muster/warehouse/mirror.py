"""Brings what the loader changed in the stage to the engine that answers the questions (PF1).

The engine keeps how far it is beside the rows it has, so an outage or a kill on either side is
caught up, and rows that arrive twice take the place of themselves. Where the engine has nothing,
has another stage's rows, or cannot take over a change of a column, it gets everything anew.
"""

# ruff: noqa: S608 - the statements are put together from names of ours.

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from muster.warehouse import schema
from muster.warehouse.engines.engine import Engine, Held, Writer

if TYPE_CHECKING:
    import duckdb

    from muster.warehouse.store import Warehouse

_ZERO = r"((?:^|[^\\])(?:\\\\)*)\\u0000"
"""A zero byte as JSON writes it, behind a character that does not take its meaning away."""
_AS_TEXT = {
    "event_id": "lpad(lower(hex({})), 32, '0')",
    # Written once by one hand, numbers read the same in every engine.
    "props": "CASE WHEN json_type({0}) = 'OBJECT' THEN regexp_replace("
    "json_merge_patch({0}, '{{}}')::VARCHAR, '" + _ZERO + "', '\\1', 'g') END",
}
OF_EVENTS = ("events", "orders")
"""What is kept of events, and is replaced for an event as a whole."""
OF_PEOPLE = ("profiles", "tags", "consents")
"""What is kept of people, and is replaced for a person as a whole."""


class Mirror:
    """Keeps the engine of a warehouse up to date; for the loader only."""

    def __init__(self, warehouse: Warehouse, engine: Engine) -> None:
        self._warehouse = warehouse
        self._engine = engine

    def follow(self) -> None:
        """Take over what has changed; raises `Away`."""
        held = self._warehouse.mirrored or self._engine.held()
        with self._warehouse.stage() as cursor, tempfile.TemporaryDirectory() as folder:
            now = _state(cursor)
            if held != now:
                files = _Files(cursor, self._engine, Path(folder))
                with self._engine.writing() as writer:
                    if held is None or not _can_follow(cursor, held, now):
                        _everything(cursor, files, writer)
                    else:
                        _changed(cursor, files, writer, held, now)
                    writer.remember(now)
        self._warehouse.mirrored = now
        self._forget(now)

    def _forget(self, held: Held) -> None:
        with self._warehouse.write() as cursor:
            cursor.execute(f"DELETE FROM changed_events WHERE number <= {held.number}")
            cursor.execute(f"DELETE FROM changed_people WHERE number <= {held.number}")
            cursor.execute(f"DELETE FROM changes WHERE number < {held.number}")


class _Files:
    """Rows of the stage in files that the engine reads."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, engine: Engine, folder: Path) -> None:
        self._cursor = cursor
        self._engine = engine
        self._folder = folder

    def write(self, query: str) -> Path | None:
        """The file with the rows of the query; None if there are none."""
        file = self._folder / f"rows{self._engine.suffix}"
        file.unlink(missing_ok=True)
        counted = self._cursor.execute(
            f"COPY ({query}) TO '{str(file).replace(chr(39), chr(39) * 2)}' "
            f"({self._engine.copy_options})"
        ).fetchone()
        return file if counted and counted[0] else None


def tables(cursor: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """What the engine has to hold: table → column → its type."""
    found = cursor.execute("SELECT col, kind FROM traits ORDER BY length(col), col").fetchall()
    traits = {column: schema.KINDS[kind] for column, kind in found}
    return {
        "events": {**schema.EVENTS, "event_id": "VARCHAR"},
        "orders": {**schema.ORDERS, "event_id": "VARCHAR"},
        "profiles": {**schema.PROFILES, **traits},
        **{name: schema.TABLES[name] for name in ("tags", "consents", "traits")},
    }


def _state(cursor: duckdb.DuckDBPyConnection) -> Held:
    (built, number, rows) = cursor.execute(
        "SELECT (SELECT max(id) FROM built) || (SELECT max(id) FROM followed), "
        "(SELECT coalesce(max(number), 0) FROM changes), "
        "(SELECT coalesce(max(rowid) + 1, 0) FROM events)"
    ).fetchall()[0]
    return Held(built, number, rows, json.dumps(tables(cursor)["profiles"]))


def _can_follow(cursor: duckdb.DuckDBPyConnection, held: Held, now: Held) -> bool:
    """Whether what is noted leads from there to here."""
    before, after = json.loads(held.shape), json.loads(now.shape)
    ((first,),) = cursor.execute("SELECT coalesce(min(number), 0) FROM changes").fetchall()
    return (
        held.built == now.built
        and first - 1 <= held.number <= now.number
        and before.items() <= after.items()
    )


def _everything(cursor: duckdb.DuckDBPyConnection, files: _Files, writer: Writer) -> None:
    wanted = tables(cursor)
    writer.begin_anew(wanted)
    for table, columns in wanted.items():
        _put_in(files, writer, table, columns)


def _changed(
    cursor: duckdb.DuckDBPyConnection, files: _Files, writer: Writer, held: Held, now: Held
) -> None:
    wanted = tables(cursor)
    before, after = json.loads(held.shape), json.loads(now.shape)
    writer.add_columns("profiles", {c: after[c] for c in after if c not in before})
    events = f"SELECT DISTINCT event_id FROM changed_events WHERE number > {held.number}"
    people = f"SELECT DISTINCT person_id FROM changed_people WHERE number > {held.number}"
    text = _AS_TEXT["event_id"].format("event_id")
    ids = f"SELECT {text} AS event_id FROM ({events})"
    for table in OF_EVENTS:
        if gone := files.write(ids):
            writer.take_out(table, "event_id", gone)
            _put_in(files, writer, table, wanted[table], f"WHERE event_id IN ({events})")
    for table in OF_PEOPLE:
        if gone := files.write(people):
            writer.take_out(table, "person_id", gone)
            _put_in(files, writer, table, wanted[table], f"WHERE person_id IN ({people})")
    if gone := files.write("SELECT name FROM traits"):
        writer.take_out("traits", "name", gone)
        _put_in(files, writer, "traits", wanted["traits"])


def _put_in(
    files: _Files, writer: Writer, table: str, columns: Mapping[str, str], where: str = ""
) -> None:
    picked = ", ".join(
        f"{_said(name, kind)} AS {schema.quoted(name)}" for name, kind in columns.items()
    )
    if file := files.write(f"SELECT {picked} FROM {table} {where}"):
        writer.put_in(table, list(columns), file)


def _said(name: str, kind: str) -> str:
    column = schema.quoted(name)
    if name in _AS_TEXT:
        return _AS_TEXT[name].format(column)
    # Other engines know no text with a zero byte in it.
    return f"replace({column}, chr(0), '')" if kind == "VARCHAR" else column
