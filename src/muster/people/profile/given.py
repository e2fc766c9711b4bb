"""Hands many rows to the database as one parameter, so that a batch is one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def moment(column: str) -> str:
    """SQL that turns ISO 8601 text with microseconds and zone UTC into a stored moment."""
    # Django keeps moments in SQLite as text without a zone.
    if connection.vendor == "sqlite":
        return f"replace(substr({column}, 1, 26), 'T', ' ')"
    return column
