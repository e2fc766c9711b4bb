"""Writes the ledger of consent and the state that follows from it, many rows at a time (PE3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction

from muster.people.consent.rules import IMPORT
from muster.people.profile.given import given, moment
from muster.people.profile.models import Person


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
    together: set[tuple[int, str, str]] = set()
    if Person.objects.filter(merged_into__isnull=False).exists():
        now_is = _who_they_are({place[0] for place in places})
        # What is said of a merged person holds for the one they are now.
        together = {(now_is[place[0]], *place[1:]) for place in places if place[0] in now_is}
        places = {place for place in places if place[0] not in now_is}
    if places:
        _last_words(places)
    if together:
        _weighed_words(together)


def _who_they_are(people: set[int]) -> dict[int, int]:
    """Person → who they are now, for those who were merged or have others merged into them."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in sorted(people)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT p.id, p.merged_into_id FROM {source} JOIN people_person p ON p.id = given.id
            WHERE p.merged_into_id IS NOT NULL
            UNION
            SELECT p.merged_into_id, p.merged_into_id FROM {source} JOIN people_person p
                ON p.merged_into_id = given.id WHERE p.merged_into_id IS NOT NULL
            """,
            parameters * 2,
        )
        return dict(cursor.fetchall())


def refresh_people(people: Sequence[int]) -> None:
    """Forget and work out anew what holds for these people: they were merged or told apart."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM people_consentstate WHERE person_id IN (SELECT id FROM {source})",
            parameters,
        )
        cursor.execute(
            f"""
            SELECT DISTINCT given.id, e.channel, e.purpose FROM {source}
            JOIN people_person p ON p.id = given.id OR p.merged_into_id = given.id
            JOIN people_consententry e ON e.person_id = p.id
            """,
            parameters,
        )
        places = set(cursor.fetchall())
    refresh(places)


def _last_words(places: set[tuple[int, str, str]]) -> None:
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


def _weighed_words(places: set[tuple[int, str, str]]) -> None:
    """Of people who are one: the last word since the merge, else the stricter of what each said.

    A granted word from a file counts only while nobody of them has ever withdrawn.
    """
    source, parameters = given(
        {"person_id": "bigint", "channel": "text", "purpose": "text"}, sorted(places)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH asked AS (SELECT person_id, channel, purpose FROM {source}),
            owner AS (
                SELECT asked.*, asked.person_id AS owner_id, cut.merged_at FROM asked
                LEFT JOIN (SELECT merged_into_id, max(merged_at) AS merged_at FROM people_person
                    WHERE merged_into_id IS NOT NULL GROUP BY merged_into_id) cut
                    ON cut.merged_into_id = asked.person_id
                UNION ALL
                SELECT asked.*, p.id, cut.merged_at FROM asked
                JOIN people_person p ON p.merged_into_id = asked.person_id
                    AND p.merged_into_id IS NOT NULL
                JOIN (SELECT merged_into_id, max(merged_at) AS merged_at FROM people_person
                    WHERE merged_into_id IS NOT NULL GROUP BY merged_into_id) cut
                    ON cut.merged_into_id = asked.person_id),
            of_each AS (
                SELECT o.person_id, e.channel, e.purpose, e.state, e.at, e.id,
                    CASE WHEN e.at > o.merged_at THEN 1 ELSE 0 END AS is_later,
                    row_number() OVER (
                        PARTITION BY o.person_id, e.person_id, e.channel, e.purpose,
                            CASE WHEN e.at > o.merged_at THEN 1 ELSE 0 END
                        ORDER BY e.at DESC, e.state DESC, e.id DESC) AS place
                FROM owner o JOIN people_consententry e ON e.person_id = o.owner_id
                    AND e.channel = o.channel AND e.purpose = o.purpose
                WHERE NOT (e.state = 'granted' AND e.source LIKE '{IMPORT}%%' AND EXISTS (
                    SELECT 1 FROM owner w JOIN people_consententry we
                        ON we.person_id = w.owner_id
                    WHERE w.person_id = o.person_id AND w.channel = o.channel
                        AND w.purpose = o.purpose AND we.channel = e.channel
                        AND we.purpose = e.purpose AND we.state = 'withdrawn'))),
            weighed AS (
                SELECT of_each.*, row_number() OVER (
                    PARTITION BY person_id, channel, purpose
                    ORDER BY is_later DESC, CASE WHEN is_later = 1 THEN at END DESC,
                        state DESC, at DESC, id DESC) AS rank
                FROM of_each WHERE place = 1)
            INSERT INTO people_consentstate (person_id, channel, purpose, state, at, entry_id)
            SELECT person_id, channel, purpose, state, at, id FROM weighed WHERE rank = 1
            ON CONFLICT (person_id, channel, purpose) DO UPDATE
            SET state = excluded.state, at = excluded.at, entry_id = excluded.entry_id
            """,
            parameters,
        )


def _utc(at: datetime) -> str:
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat(timespec="microseconds")
