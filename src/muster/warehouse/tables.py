"""The tables of the warehouse as questions see them, and the few functions that SQL lends us.

The shapes are written down here, so that a question costs no look at the catalogue first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ibis

from muster.events import names
from muster.events.shape import OURS
from muster.warehouse import schema

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
    """The rows of a question."""
    return db.con.execute(db.compile(question)).to_arrow_table()


def human(events: ir.Table) -> ir.BooleanValue:
    """Whether people did it: everything that was not found to be the work of a machine."""
    return events.actor.fill_null("unknown") != "machine"


def who(events: ir.Table) -> ir.IntegerValue:
    """The person, or the visitor whose name is not known yet."""
    return events.person_id.coalesce(events.anonymous.hash())


def surely_human(events: ir.Table) -> ir.BooleanValue:
    """Whether nothing speaks against people: pictures fetched by a mail service are no proof."""
    return events.actor.fill_null("human") == "human"


def vouched(events: ir.Table) -> ir.BooleanValue:
    """Whether it may be believed: what became of a message is known to nobody but ourselves.

    Write keys are public, so anybody can claim with one that a message was opened.
    """
    return (events.source == OURS) | events.name.notin(names.OF_MESSAGES)


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_extract_string(json: str, path: str) -> str:  # type: ignore[empty-body]
    """The value at a JSON pointer as text; nothing for null and for what is not there."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def url_decode(text: str) -> str:  # type: ignore[empty-body]
    """The text that stands in an address with percent signs."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_keys(json: str) -> list[str]:  # type: ignore[empty-body]
    """The names in a JSON object."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def md5_number_upper(text: str) -> ibis.dtype("uint64"):  # type: ignore[valid-type]
    """The first eight bytes of the MD5 sum as a number, the lowest byte first."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def to_local(zone: str, moment: ibis.dtype("timestamp('UTC')")) -> ibis.dtype("timestamp"):  # type: ignore[valid-type]
    """What the clocks of the zone show at the moment."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def from_local(zone: str, shown: ibis.dtype("timestamp")) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]
    """The moment at which the clocks of the zone show this."""
