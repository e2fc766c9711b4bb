"""The tables of the warehouse as questions see them, and the way to an answer.

The shapes are written down here, so that a question costs no look at the catalogue first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ibis

from muster.events import names
from muster.events.shape import OURS
from muster.warehouse import schema
from muster.warehouse.elsewhere import Elsewhere

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends.duckdb import Backend

_TYPES = {
    "BIGINT": "int64",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "timestamp(6)",
    "VARCHAR": "string",
    "DOUBLE": "float64",
    "DECIMAL(18,4)": "decimal(18, 4)",
    "UHUGEINT": "decimal(38, 0)",
}
BUILT_IN = {
    "mail_domain": "text",
    "phone_region": "text",
    "first_seen": "time",
    "last_seen": "time",
}
"""Traits that every profile has, and their kind."""


def _table(name: str, more: Mapping[str, str] | None = None) -> ir.Table:
    columns = {**schema.TABLES[name], **(more or {})}
    known = {column: _TYPES[kind] for column, kind in columns.items() if kind in _TYPES}
    return ibis.table(known, name=name)


EVENTS = _table("events")
ORDERS = _table("orders")
TAGS = _table("tags")
CONSENTS = _table("consents")


def profiles(traits: Mapping[str, tuple[str, str]]) -> ir.Table:
    """The profiles with the columns of these traits, as `trait_columns` gives them."""
    return _table("profiles", {col: schema.KINDS[kind] for col, kind in traits.values()})


def trait_columns(db: Backend) -> dict[str, tuple[str, str]]:
    """Trait → its column and its kind (text, number, boolean or time)."""
    rows = db.con.execute("SELECT name, col, kind FROM traits ORDER BY name").fetchall()
    return {name: (column, kind) for name, column, kind in rows}


def answer(db: Backend, question: ir.Expr) -> pa.Table:
    """The rows of a question, from the engine that holds the warehouse."""
    if isinstance(db, Elsewhere):
        return db.answer(question)
    return db.con.execute(db.compile(question)).to_arrow_table()


def human(events: ir.Table) -> ir.BooleanValue:
    """Whether people did it: everything that was not found to be the work of a machine."""
    return events.actor.fill_null("unknown") != "machine"


def who(events: ir.Table) -> ir.IntegerValue:
    """The person, or the visitor whose name is not known yet; nobody where both were erased."""
    # DuckDB gives nothing a number too, which would make one person of all who were erased.
    visitor = ibis.ifelse(events.anonymous.notnull(), events.anonymous.hash(), None)
    return events.person_id.coalesce(visitor)


def surely_human(events: ir.Table) -> ir.BooleanValue:
    """Whether nothing speaks against people: pictures fetched by a mail service are no proof."""
    return events.actor.fill_null("human") == "human"


def vouched(events: ir.Table) -> ir.BooleanValue:
    """Whether it may be believed: what became of a message is known to nobody but ourselves.

    Write keys are public, so anybody can claim with one that a message was opened.
    """
    return (events.source == OURS) | events.name.notin(names.OF_MESSAGES)
