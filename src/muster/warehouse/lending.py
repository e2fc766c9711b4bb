"""Tables for the time of a question: rows from outside, and what is worked out only once.

Every engine takes them: the DuckDB of this process sees them beside its own tables, another
engine gets rows along with the questions that name them, and keeps an answer for its asker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from muster.warehouse.elsewhere import Elsewhere

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

_numbers = count()


def fresh(prefix: str) -> str:
    """A name that no other table has."""
    return f"{prefix}_{next(_numbers)}"


@contextmanager
def lent(db: Backend, rows: pa.Table, name: str = "") -> Iterator[ir.Table]:
    """Rows from outside as a table, while the block runs."""
    name = name or fresh("lent")
    if isinstance(db, Elsewhere):
        with db.lending(name, rows):
            yield _table(rows, name)
        return
    db.con.register(name, rows)
    try:
        yield _table(rows, name)
    finally:
        db.con.unregister(name)


@contextmanager
def kept(db: Backend, question: ir.Table, prefix: str) -> Iterator[ir.Table]:
    """The rows of a question, worked out once for all that is asked of them in the block."""
    name = fresh(prefix)
    table = ibis.table(question.schema(), name=name)
    if isinstance(db, Elsewhere):
        with db.keeping(name, question):
            yield table
        return
    db.con.execute(f"CREATE TEMP TABLE {name} AS {db.compile(question)}")
    try:
        yield table
    finally:
        db.con.execute(f"DROP TABLE {name}")


def people(ids: pa.Array | pa.ChunkedArray) -> pa.Table:
    """People as rows to lend: their numbers in the column person_id."""
    return pa.table({"person_id": ids.cast(pa.int64())})


def _table(rows: pa.Table, name: str) -> ir.Table:
    kinds: Mapping[str, Any] = {field.name: _KINDS[field.type] for field in rows.schema}
    return ibis.table(kinds, name=name)


_KINDS = {pa.int64(): "int64", pa.string(): "string"}
