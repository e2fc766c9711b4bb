"""Who may send which message now (CH9): claims with a lease, and results in one statement.

A row moves only while its owner and attempt are those that the mover knows, so a sender that was
away too long changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from muster.channels.sending.models import Recipient
from muster.people.profile.given import given, moment

LEASE = timedelta(seconds=60)
MOST = 500
State = Recipient.State


@dataclass(frozen=True)
class Piece:
    """One claimed message, in one attempt."""

    recipient: int
    attempt: int

    @property
    def pair(self) -> tuple[int, int]:
        return self.recipient, self.attempt


@dataclass(frozen=True)
class Result:
    """What becomes of a claimed message."""

    recipient: int
    attempt: int
    state: str
    reason: str = ""
    code: int | None = None
    answer: str = ""
    at: datetime | None = None
    """When the answer came; None when nothing was handed over."""
    due_at: datetime | None = None
    back: bool = False
    """Whether the attempt does not count, because it did not begin."""


def claim(send_id: int, owner: str, *, limit: int, now: datetime) -> list[Piece]:
    """Take up to `limit` messages of a send that are due; durable when this returns."""
    with transaction.atomic():
        found = _claim(send_id, owner, State.RETRY, limit, now)
        if len(found) < limit:
            found += _claim(send_id, owner, State.QUEUED, limit - len(found), now)
    return found


def _claim(send_id: int, owner: str, state: str, limit: int, now: datetime) -> list[Piece]:
    adapt = connection.ops.adapt_datetimefield_value
    due = " AND due_at <= %(now)s" if state == State.RETRY else ""
    skip = "" if connection.vendor == "sqlite" else " FOR UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH chosen AS MATERIALIZED (
                SELECT id FROM channels_recipient
                WHERE send_id = %(send)s AND state = '{state}'{due}
                ORDER BY id LIMIT %(limit)s{skip})
            UPDATE channels_recipient
            SET state = '{State.CLAIMED}', reason = '', owner = %(owner)s, lease_until = %(lease)s,
                attempt = attempt + 1, due_at = NULL, sent_at = %(now)s
            WHERE id IN (SELECT id FROM chosen) AND state = '{state}'
            RETURNING id, attempt
            """,  # noqa: S608
            {
                "send": send_id,
                "limit": limit,
                "owner": owner,
                "lease": adapt(now + LEASE),
                "now": adapt(now),
            },
        )
        return [Piece(number, attempt) for number, attempt in sorted(cursor.fetchall())]


def settle(owner: str, results: Sequence[Result]) -> int:
    """Write what became of messages of this owner, all in one statement; returns how many moved."""
    if not results:
        return 0
    columns = {
        "id": "bigint",
        "attempt": "bigint",
        "state": "text",
        "reason": "text",
        "code": "bigint",
        "answer": "text",
        "at": "timestamptz",
        "due_at": "timestamptz",
        "back": "bigint",
        "quiet": "bigint",
    }
    source, parameters = given(columns, [_row(result) for result in results])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE channels_recipient
            SET state = given.state, reason = given.reason, code = given.code,
                answer = given.answer, sent_at = {moment("given.at")},
                due_at = {moment("given.due_at")}, lease_until = NULL,
                attempt = channels_recipient.attempt - given.back, announced = (given.quiet = 1)
            FROM {source}
            WHERE channels_recipient.id = given.id AND channels_recipient.owner = %s
                AND channels_recipient.attempt = given.attempt
                AND channels_recipient.state IN ('{State.CLAIMED}', '{State.UNKNOWN}')
            """,  # noqa: S608
            [*parameters, owner],
        )
        return int(cursor.rowcount)


def _row(result: Result) -> tuple[Any, ...]:
    return (
        result.recipient,
        result.attempt,
        result.state,
        result.reason,
        result.code,
        result.answer[:200],
        result.at.isoformat(timespec="microseconds") if result.at else None,
        result.due_at.isoformat(timespec="microseconds") if result.due_at else None,
        int(result.back),
        int(result.state not in {State.SENT, State.FAILED}),
    )


def renew(owner: str, recipients: Iterable[int], now: datetime) -> None:
    """Keep the lease of messages that wait for an answer."""
    numbers = list(recipients)
    if numbers:
        Recipient.objects.filter(pk__in=numbers, owner=owner, state=State.CLAIMED).update(
            lease_until=now + LEASE
        )
