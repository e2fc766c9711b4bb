"""The tables of the warehouse: what people did, and what we know of them now (PF1).

All of it can be rebuilt from the event log, so a change of these tables is a rebuild, never a
migration: `VERSION` is raised, and the next start begins afresh.
"""

from __future__ import annotations

from collections.abc import Mapping

VERSION = 6

EVENTS = {
    "event_id": "UHUGEINT",
    "at": "TIMESTAMP",
    "received_at": "TIMESTAMP",
    "clamped": "BOOLEAN",
    "person_id": "BIGINT",
    "anonymous": "VARCHAR",
    "type": "VARCHAR",
    "name": "VARCHAR",
    "source": "VARCHAR",
    "actor": "VARCHAR",
    "channel": "VARCHAR",
    "campaign": "VARCHAR",
    "campaign_id": "VARCHAR",
    "send_id": "VARCHAR",
    "message_id": "VARCHAR",
    "variant": "VARCHAR",
    "content": "VARCHAR",
    "order_id": "VARCHAR",
    "currency": "VARCHAR",
    "revenue": "DECIMAL(18,4)",
    "discount": "DECIMAL(18,4)",
    "url": "VARCHAR",
    "props": "VARCHAR",
}
"""Columns of `events`; all times are UTC."""

ORDERS = {
    "event_id": "UHUGEINT",
    "person_id": "BIGINT",
    "at": "TIMESTAMP",
    "orders": "BIGINT",
    "amount": "DECIMAL(18,4)",
    "currency": "VARCHAR",
}
"""What people bought and got back, and nothing else of it: `orders` is 1 for an order that counts,
`amount` what it brought, with a minus for a refund."""

ORDER_SAID = {
    "anonymous": "VARCHAR",
    "order_hash": "UBIGINT",
    "discount": "DECIMAL(18,4)",
    "said_revenue": "DECIMAL(18,4)",
    "said_discount": "DECIMAL(18,4)",
    "said_currency": "VARCHAR",
}
"""What the loader needs beside it to tell the reports of an order apart."""

TAUGHT = dict.fromkeys(
    ("email", "phone", "first_name", "last_name", "wecom_id", "language", "time_zone"), "TIMESTAMP"
)
"""What the record store keeps of people: the moment of which is kept here."""

PROFILES = {
    "person_id": "BIGINT",
    "known": "BOOLEAN",
    "first_seen": "TIMESTAMP",
    "last_seen": "TIMESTAMP",
    "email_hash": "VARCHAR",
    "mail_domain": "VARCHAR",
    "phone_region": "VARCHAR",
}
"""The fixed columns of `profiles`; one more for each trait follows, named in `traits`."""

TABLES = {
    "events": EVENTS,
    "orders": {**ORDERS, **ORDER_SAID},
    "profiles": PROFILES,
    "traits": {"name": "VARCHAR", "col": "VARCHAR", "kind": "VARCHAR"},
    "tags": {"person_id": "BIGINT", "tag": "VARCHAR", "at": "TIMESTAMP"},
    "consents": {
        "person_id": "BIGINT",
        "channel": "VARCHAR",
        "purpose": "VARCHAR",
        "state": "VARCHAR",
        "at": "TIMESTAMP",
        "topic": "VARCHAR",
        "expires_at": "TIMESTAMP",
        "confirmed": "BOOLEAN",
    },
    "taught": {"person_id": "BIGINT", **TAUGHT},
    "identities": {"hash": "VARCHAR", "person_id": "BIGINT"},
    "aliases": {"alias": "BIGINT", "person_id": "BIGINT", "at": "TIMESTAMP"},
    "repointed": {"event_id": "UHUGEINT", "owner_id": "BIGINT"},
    "loaded": {"segment": "VARCHAR", "position": "BIGINT"},
    "built": {"id": "VARCHAR"},
}

MOVING = "moving-"
"""Begins the name in `built` while the numbers of the rows of events may change."""

CHANGES = {
    "followed": {"id": "VARCHAR"},
    "changes": {"number": "BIGINT"},
    "changed_events": {"number": "BIGINT", "event_id": "UHUGEINT"},
    "changed_people": {"number": "BIGINT", "person_id": "BIGINT"},
}
"""What another engine may not have yet; `followed` names the time since which it is noted."""

KINDS = {"text": "VARCHAR", "number": "DOUBLE", "boolean": "BOOLEAN", "time": "TIMESTAMP"}
"""Kind of trait → the type of its column."""

MOST_TRAITS = 1000
"""More names than this are not kept as columns; the loader counts what it leaves out."""

GRANTED, WITHDRAWN, UNKNOWN = "granted", "withdrawn", "unknown"
"""The states of consent; `topic` is empty where channel and purpose are meant as a whole."""

CONFIRMED = ("double_opt_in", "preferences")
"""Sources of a yes that only the owner of a mailbox can be behind."""


def trait_column(number: int) -> str:
    """The column of the trait that was met as the number-th; names of traits may be anything."""
    return f"t{number}"


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text, or a path, as SQL writes it."""
    said = "'" + str(text).replace("'", "''") + "'"
    # The engine's parser takes a zero byte for the end of the statement.
    return "(" + said.replace("\0", "' || chr(0) || '") + ")" if "\0" in said else said


def create_statements(tables: Mapping[str, Mapping[str, str]] = TABLES) -> list[str]:
    """SQL that makes every table that is not there yet.

    There are no keys or indexes: the loader alone writes and keeps rows unique itself, and an
    index in the log of a killed process is the likeliest way to a file that does not open.
    """
    return [
        f"CREATE TABLE IF NOT EXISTS {table} ("
        + ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        + ")"
        for table, columns in tables.items()
    ]
