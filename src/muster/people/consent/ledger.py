"""Writes the ledger of consent and the state that follows from it, many rows at a time (PE3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction

from muster.people.consent.rules import IMPORT
from muster.people.profile.given import given, moment


@dataclass(frozen=True)
class Said:
    """What one person said about one channel and purpose."""

    message_id: str
    person_id: int
    channel: str
    purpose: str
    state: str
    at: datetime
    source: str
    text_version: str = ""
    proof: Mapping[str, object] = field(default_factory=dict)
    by_id: int | None = None


@transaction.atomic
def write(entries: Sequence[Said]) -> None:
    """Add the entries that are not there yet, and bring the states up to date.

    The state is that of the latest word, but a granted word from a file counts only while the
    person has never withdrawn. Words of people who are gone are left out.
    """
    if not entries:
        return
    source, parameters = given(
        {
            "message_id": "text",
            "person_id": "bigint",
            "channel": "text",
            "purpose": "text",
            "state": "text",
            "source": "text",
            "at": "timestamptz",
            "text_version": "text",
            "proof": "text",
            "by_id": "bigint",
        },
        [
            (
                said.message_id[:200],
                said.person_id,
                said.channel[:20],
                said.purpose[:20],
                said.state,
                said.source[:120],
                _utc(said.at),
                said.text_version[:60],
                json.dumps(said.proof),
                said.by_id,
            )
            for said in entries
        ],
    )
    proof = "given.proof" if connection.vendor == "sqlite" else "given.proof::jsonb"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO people_consententry
                (message_id, person_id, channel, purpose, state, source, at, text_version, proof,
                 by_id)
            SELECT message_id, person_id, channel, purpose, state, source, {moment("given.at")},
                text_version, {proof}, by_id
            FROM {source} JOIN people_person p ON p.id = given.person_id AND p.erased_at IS NULL
            ORDER BY given.n
            ON CONFLICT (message_id) DO NOTHING
            """,
            parameters,
        )
    refresh({(said.person_id, said.channel[:20], said.purpose[:20]) for said in entries})


def refresh(places: set[tuple[int, str, str]]) -> None:
    """Work out anew what holds for these persons, channels and purposes."""
    source, parameters = given(
        {"person_id": "bigint", "channel": "text", "purpose": "text"}, sorted(places)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO people_consentstate (person_id, channel, purpose, state, at, entry_id)
            SELECT person_id, channel, purpose, state, at, id FROM (
                SELECT e.*, row_number() OVER (
                    PARTITION BY e.person_id, e.channel, e.purpose
                    ORDER BY e.at DESC, e.state DESC, e.id DESC) AS place
                FROM {source} JOIN people_consententry e ON e.person_id = given.person_id
                    AND e.channel = given.channel AND e.purpose = given.purpose
                WHERE NOT (e.state = 'granted' AND e.source LIKE '{IMPORT}%%' AND EXISTS (
                    SELECT 1 FROM people_consententry w WHERE w.person_id = e.person_id
                        AND w.channel = e.channel AND w.purpose = e.purpose
                        AND w.state = 'withdrawn'))) AS ranked
            WHERE place = 1
            ON CONFLICT (person_id, channel, purpose) DO UPDATE
            SET state = excluded.state, at = excluded.at, entry_id = excluded.entry_id
            """,
            parameters,
        )


def _utc(at: datetime) -> str:
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat(timespec="microseconds")
