"""Which events are older than is wanted, and how the tables forget them (PE3)."""

# ruff: noqa: S608 - what the statements are put together from are names of ours.

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import duckdb

from muster.events import names
from muster.events.expiring import Expired
from muster.events.shape import OURS
from muster.warehouse.store import Warehouse

STAY = tuple(
    dict.fromkeys(
        [
            *names.CONSENT_EVENTS,
            *names.TAG_EVENTS,
            *names.MERGE_EVENTS,
            *names.OF_ORDERS,
            *names.OF_DEALS,
            *names.OF_LEADS,
            names.COST_BOOKED,
            names.PERSON_ERASED,
            names.PROFILE_UPDATED,
            names.ALIAS_MADE,
        ]
    )
)
"""What stays however old: proofs of consent, what money reports need, and what people are."""
PIECE = 500_000
"""Events that are taken out together: so many ids are held in memory."""


def expire(
    warehouse: Warehouse, before: datetime, empty: Callable[[set[int], set[int]], Expired]
) -> Expired:
    """Take events that happened before that moment out of the tables, piece by piece.

    `empty` is given their ids, and those of which a trace has to stay; it takes them out of the
    log first, so that what a kill leaves behind is found again the next time.
    """
    done = Expired()
    moment = before.astimezone(UTC).replace(tzinfo=None)
    while True:
        # No chunk of the log may come in between what is looked for and what is taken out.
        with warehouse.write() as cursor:
            ids, traces = _old(cursor, moment, done.whole)
            if not ids:
                return done
            piece = empty(ids, traces)
            _forget(cursor, ids - piece.whole, piece.traces)
        done.removed += len(ids) - len(piece.whole) - len(piece.traces)
        done.segments += piece.segments
        done.traces |= piece.traces
        done.whole |= piece.whole


def _old(
    cursor: duckdb.DuckDBPyConnection, before: datetime, whole: set[int]
) -> tuple[set[int], set[int]]:
    """Ids of the oldest piece, and those by which people were seen first and last."""
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE old AS
        SELECT event_id, person_id, "at", actor = 'human' AS is_human
        FROM events WHERE "at" < ? AND name NOT IN {STAY}
          -- What we said of people, first of all that is known of them, is no sign of themselves.
          AND NOT (source = '{OURS}' AND name IN {names.SAID_BY_US}
                   AND EXISTS (SELECT 1 FROM profiles p
                               WHERE p.person_id = events.person_id AND p.first_seen = events."at"))
        ORDER BY "at" LIMIT {PIECE + len(whole)}
        """,
        [before],
    )
    rows = cursor.execute("SELECT CAST(event_id AS VARCHAR) FROM old").fetchall()
    traces = cursor.execute(
        """
        SELECT CAST(arg_min(event_id, event_id) AS VARCHAR)
        FROM old JOIN profiles p USING (person_id)
        WHERE old."at" = p.first_seen OR (is_human AND old."at" = p.last_seen)
        GROUP BY person_id, old."at"
        """
    ).fetchall()
    return {_number(row[0]) for row in rows} - whole, {_number(row[0]) for row in traces} - whole


def _forget(cursor: duckdb.DuckDBPyConnection, ids: set[int], traces: set[int]) -> None:
    cursor.execute("CREATE OR REPLACE TEMP TABLE expired (event_id VARCHAR, is_trace BOOLEAN)")
    written = _uuid if _is_uuid(cursor) else str
    if ids:
        cursor.execute(
            "INSERT INTO expired SELECT unnest(?), unnest(?)",
            [[written(one) for one in ids], [one in traces for one in ids]],
        )
    said = "CAST(event_id AS VARCHAR)"
    cursor.execute(
        f"""
        UPDATE events SET type = 'identify', name = '{names.PROFILE_UPDATED}', channel = NULL,
            campaign = NULL, campaign_id = NULL, send_id = NULL, message_id = NULL, variant = NULL,
            content = NULL, order_id = NULL, currency = NULL, revenue = NULL, discount = NULL,
            url = NULL, props = '{{}}'
        WHERE {said} IN (SELECT event_id FROM expired WHERE is_trace);
        DELETE FROM repointed WHERE {said} IN (SELECT event_id FROM expired WHERE NOT is_trace);
        DELETE FROM events WHERE {said} IN (SELECT event_id FROM expired WHERE NOT is_trace);
        DELETE FROM built;
        INSERT INTO built VALUES ('{uuid.uuid4().hex}');
        """
    )


def _is_uuid(cursor: duckdb.DuckDBPyConnection) -> bool:
    kind = cursor.execute("SELECT typeof(event_id) FROM events LIMIT 1").fetchone()
    return kind is not None and kind[0] == "UUID"


def _uuid(number: int) -> str:
    return str(uuid.UUID(int=number))


def _number(said: str) -> int:
    return int(said) if said.isdecimal() else uuid.UUID(said).int
