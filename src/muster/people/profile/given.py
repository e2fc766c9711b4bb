"""Hands many rows to the database as one parameter, so that a batch is one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

BATCH = 20_000
_TYPES = {"bigint", "text", "timestamptz"}


def given(columns: dict[str, str], rows: Iterable[Sequence[object]]) -> tuple[str, list[Any]]:
    """A subquery with these columns (name → bigint, text or timestamptz), and its parameters.

    Rows hold the values in the order of the columns; moments are ISO 8601 text.
    """
    if not set(columns.values()) <= _TYPES:
        raise ValueError(columns)
    table = rows if isinstance(rows, list) else list(rows)
    if connection.vendor == "sqlite":
        if len(columns) == 1:
            # A list of plain values need not be taken apart row by row.
            picked = ", ".join(f"value AS {name}" for name in columns)
            text = msgspec.json.encode([value for (value,) in table]).decode()
        else:
            picked = ", ".join(f"value ->> {i} AS {name}" for i, name in enumerate(columns))
            text = msgspec.json.encode(table).decode()
        return f"(SELECT key AS n, {picked} FROM json_each(%s)) AS given", [text]
    names = ", ".join(columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    turned = [[row[i] for row in table] for i in range(len(columns))]
    return (
        f"unnest({arrays}) WITH ORDINALITY AS given({names}, n)",
        list(turned),
    )


def put(
    table: str, columns: dict[str, str], rows: Sequence[Sequence[Any]], *, again: str = ""
) -> None:
    """Insert these rows; moments as `written_moment` says them.

    `again` is what happens to those that are there already, such as `(kind) DO NOTHING`.
    """
    conflict = f" ON CONFLICT {again}" if again else ""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Here a row costs less by itself than as one of a list that is taken apart again.
            places = ", ".join("%s" for _column in columns)
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}){conflict}", rows
            )
            return
        source, parameters = given(columns, rows)
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(columns)} FROM {source} WHERE true{conflict}",
            parameters,
        )


def change(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, where: str = "true"
) -> None:
    """Set these text columns; a row is (id, value per column), and None leaves a value."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            changes = ", ".join(f"{column} = coalesce(%s, {column})" for column in columns)
            cursor.executemany(
                f"UPDATE {table} SET {changes} WHERE id = %s AND {where}",
                [(*row[1:], row[0]) for row in rows],
            )
            return
        source, parameters = given({"id": "bigint", **dict.fromkeys(columns, "text")}, rows)
        changes = ", ".join(
            f"{column} = coalesce(given.{column}, {table}.{column})" for column in columns
        )
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.id = given.id"
            f" AND {table}.{where}",
            parameters,
        )


def written_moment(at: datetime) -> str:
    """The moment as this database keeps it."""
    return kept_moment(at.astimezone(UTC).isoformat(timespec="microseconds"))


def kept_moment(said: str) -> str:
    """ISO 8601 text with microseconds and zone UTC as this database keeps it."""
    return said[:26].replace("T", " ") if connection.vendor == "sqlite" else said


def moment(column: str) -> str:
    """SQL that turns ISO 8601 text with microseconds and zone UTC into a stored moment."""
    # Django keeps moments in SQLite as text without a zone.
    if connection.vendor == "sqlite":
        return f"replace(substr({column}, 1, 26), 'T', ' ')"
    return column
