"""Which events are older than is wanted, and how the tables forget them (PE3)."""

# ruff: noqa: S608 - what the statements are put together from are names of ours.

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from muster.events import names
from muster.events.expiring import Expired
from muster.events.shape import OURS
from muster.warehouse import loader
from muster.warehouse.attribution import NEVER_ARRIVED
from muster.warehouse.orders import BUYER
from muster.warehouse.store import Warehouse, let_move

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
TOUCH_DAYS = 90
"""So long before an order that stays, what it is attributed to stays too."""
PIECE = 500_000
"""Events that are taken out together: so many ids are held in memory."""

_SAID_BY_US = f"(source = '{OURS}' AND coalesce(name, '') IN {names.SAID_BY_US})"
_NO_MACHINE = "coalesce(actor, 'unknown') <> 'machine'"


def expire(
    warehouse: Warehouse, before: datetime, empty: Callable[[set[int], set[int]], Expired]
) -> Expired:
    """Take events that happened before that moment out of the tables, piece by piece.

    `empty` is given their ids, and those of which a trace has to stay; it takes them out of the
    log first, so that what a kill leaves behind is found again the next time. For each piece all
    of the log is read while nothing is loaded; between two pieces the loader has its turn. In the
    end the tables are written anew, so that no file holds any more what was taken out.
    """
    done = Expired()
    moment = before.astimezone(UTC).replace(tzinfo=None)
    while True:
        # No chunk of the log may come in between what is looked for and what is taken out.
        with warehouse.write() as cursor:
            ids, traces = _old(cursor, moment, done.whole)
            if not ids:
                break
            piece = empty(ids, traces)
            whole = piece.whole | (ids & _ids_of(warehouse, cursor, piece.unnamed))
            if ids - whole:
                _forget(cursor, ids - whole, piece.traces)
        done.removed += len(ids) - len(whole) - len(piece.traces)
        done.segments += piece.segments
        done.traces |= piece.traces
        done.whole |= whole
    if warehouse.owes_compacting():
        warehouse.compact()
    return done


def _ids_of(
    warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, lines: Sequence[bytes]
) -> set[int]:
    """The ids of lines that have none of their own: only the loader's own reading tells them."""
    if not lines:
        return set()
    place = warehouse.path.parent if warehouse.path else None
    with tempfile.NamedTemporaryFile(dir=place, prefix="chunk-", suffix=".ndjson") as file:
        file.writelines(lines)
        file.flush()
        return set(map(_number, loader.ids_of(warehouse, cursor, Path(file.name))))


def _old(
    cursor: duckdb.DuckDBPyConnection, before: datetime, whole: set[int]
) -> tuple[set[int], set[int]]:
    """Ids of the oldest piece, and those by which people were seen first and last.

    People who were merged are looked at one by one, since they may be told apart again.
    """
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE owner AS
        SELECT coalesce(owner_id, person_id) AS owner_id, min("at") AS first_seen,
               max("at") FILTER (actor = 'human' AND NOT {_SAID_BY_US}) AS last_seen
        FROM events LEFT JOIN repointed USING (event_id) WHERE person_id IS NOT NULL GROUP BY 1
        """
    )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE old AS
        WITH touch AS (
            SELECT event_id
            FROM (SELECT event_id, "at", {BUYER} AS who FROM events
                  WHERE "at" < $before AND name NOT IN {STAY} AND name NOT IN {NEVER_ARRIVED}
                    AND {_NO_MACHINE} AND coalesce(channel, campaign, campaign_id) IS NOT NULL) t
            ASOF JOIN (SELECT "at", {BUYER} AS who FROM events
                       WHERE name = '{names.ORDER_COMPLETED}' AND {_NO_MACHINE}) o
            ON t.who = o.who AND t."at" <= o."at"
            WHERE o."at" <= t."at" + INTERVAL {TOUCH_DAYS} DAY)
        SELECT event_id, owner.owner_id, "at", first_seen, last_seen,
               actor = 'human' AND NOT {_SAID_BY_US} AS is_human
        FROM events ANTI JOIN touch USING (event_id) LEFT JOIN repointed USING (event_id)
        LEFT JOIN owner ON owner.owner_id = coalesce(repointed.owner_id, person_id)
        WHERE "at" < $before AND coalesce(name, '') NOT IN {STAY}
          -- What we said of people, first of all that is known of them, is no sign of themselves.
          AND NOT ({_SAID_BY_US} AND coalesce(first_seen = "at", false))
        ORDER BY "at" LIMIT {PIECE + len(whole)}
        """,
        {"before": before},
    )
    rows = cursor.execute("SELECT CAST(event_id AS VARCHAR) FROM old").fetchall()
    traces = cursor.execute(
        """
        SELECT CAST(arg_min(event_id, (NOT is_human, event_id)) AS VARCHAR) FROM old
        WHERE "at" = first_seen OR (is_human AND "at" = last_seen) GROUP BY owner_id, "at"
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
        """
    )
    let_move(cursor)


def _is_uuid(cursor: duckdb.DuckDBPyConnection) -> bool:
    kind = cursor.execute("SELECT typeof(event_id) FROM events LIMIT 1").fetchone()
    return kind is not None and kind[0] == "UUID"


def _uuid(number: int) -> str:
    return str(uuid.UUID(int=number))


def _number(said: str) -> int:
    return int(said) if said.isdecimal() else uuid.UUID(said).int
