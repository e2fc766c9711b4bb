"""Writes the ledger of consent and the state that follows from it, many rows at a time (PE3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from django.db import connection, transaction

from muster.events.names import FREQUENCY, PAUSE, WISHES
from muster.people.consent.models import State
from muster.people.consent.rules import IMPORT, UNDONE
from muster.people.consent.terms import counted, lapses
from muster.people.profile.given import given, moment
from muster.people.profile.models import Person

Place: TypeAlias = tuple[int, str, str, int]
"""Person, channel, purpose, topic; topic 0 means the channel and purpose as a whole."""


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
    topic_id: int | None = None
    expires_at: datetime | None = None


@transaction.atomic
def write(entries: Sequence[Said]) -> None:
    """Add the entries that are not there yet, and bring the states up to date.

    The state is that of the latest word, but a granted word from a file counts only while the
    person has never withdrawn. A word that a file said and that was taken back counts as never
    said (`UNDONE`), and what was said before it counts again. Words of people who are
    gone are left out.
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
            "topic_id": "bigint",
            "expires_at": "timestamptz",
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
                said.topic_id,
                _utc(said.expires_at) if said.expires_at else None,
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
                 by_id, topic_id, expires_at)
            SELECT message_id, person_id, channel, purpose, state, source, {moment("given.at")},
                text_version, {proof}, by_id, t.id, {moment("given.expires_at")}
            FROM {source} JOIN people_person p ON p.id = given.person_id AND p.erased_at IS NULL
            LEFT JOIN people_topic t ON t.id = given.topic_id
            WHERE given.topic_id IS NULL OR t.id IS NOT NULL
            ORDER BY given.n
            ON CONFLICT (message_id) DO NOTHING
            """,
            parameters,
        )
    refresh(
        {
            (said.person_id, said.channel[:20], said.purpose[:20], said.topic_id or 0)
            for said in entries
        }
    )
    if taken_back := {said.person_id for said in entries if said.state == State.UNKNOWN}:
        # What held because of the word is not there any more, nor of whom they are one with.
        refresh_people(sorted(taken_back | set(_who_they_are(taken_back).values())))


def refresh(places: set[Place]) -> None:
    """Work out anew what holds for these persons, channels, purposes and topics."""
    together: set[Place] = set()
    if Person.objects.filter(merged_into__isnull=False).exists():
        now_is = _who_they_are({place[0] for place in places})
        # What is said of a merged person holds for the one they are now.
        together = {(now_is[place[0]], *place[1:]) for place in places if place[0] in now_is}
        places = {place for place in places if place[0] not in now_is}
    for work, some in ((_last_words, places), (_weighed_words, together)):
        for table in (_WHOLE, _OF_TOPICS):
            mine = {place for place in some if bool(place[3]) == (table is _OF_TOPICS)}
            if mine:
                work(mine, table)


@dataclass(frozen=True)
class _Table:
    """Where a kind of state is kept, and how it is told apart from the other."""

    name: str
    key: str
    fits: str
    """Which entries (e) speak of the asked place (o)."""


_WHOLE = _Table("people_consentstate", "person_id, channel, purpose", "{e}.topic_id IS NULL")
_OF_TOPICS = _Table(
    "people_topicstate", "person_id, channel, purpose, topic_id", "{e}.topic_id = {o}.topic_id"
)


def refresh_terms() -> None:
    """The law was changed: work out for everybody which words count, and until when."""
    with connection.cursor() as cursor:
        for table in (_WHOLE, _OF_TOPICS):
            until = lapses("e.at", "e.expires_at", "e.purpose", "p.phone")
            state = counted("e.state", "e.channel", "e.purpose", "e.source", "p.phone")
            cursor.execute(
                f"""
                UPDATE {table.name} SET state = said.state, expires_at = said.expires_at
                FROM (SELECT s.id, {state} AS state,
                        CASE WHEN e.state = 'granted' THEN {until} END AS expires_at
                    FROM {table.name} s JOIN people_consententry e ON e.id = s.entry_id
                    JOIN people_person p ON p.id = s.person_id) AS said
                WHERE said.id = {table.name}.id
                """
            )


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
        for table in (_WHOLE, _OF_TOPICS):
            cursor.execute(
                f"DELETE FROM {table.name} WHERE person_id IN (SELECT id FROM {source})",
                parameters,
            )
        cursor.execute(
            f"""
            SELECT DISTINCT given.id, e.channel, e.purpose, coalesce(e.topic_id, 0) FROM {source}
            JOIN people_person p ON p.id = given.id OR p.merged_into_id = given.id
            JOIN people_consententry e ON e.person_id = p.id
            """,
            parameters,
        )
        places = set(cursor.fetchall())
    refresh(places)


def _last_words(places: set[Place], table: _Table) -> None:
    source, parameters = _asked(places)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {_insert(table)} FROM (
                SELECT e.*, row_number() OVER (
                    PARTITION BY e.person_id, e.channel, e.purpose, e.topic_id
                    ORDER BY e.at DESC, e.state DESC, e.id DESC) AS place
                FROM {source} JOIN people_consententry e ON e.person_id = given.person_id
                    AND e.channel = given.channel AND e.purpose = given.purpose
                    AND {table.fits.format(e="e", o="given")}
                WHERE NOT (e.state = 'granted' AND e.source LIKE '{IMPORT}%%' AND EXISTS (
                    SELECT 1 FROM people_consententry w WHERE w.person_id = e.person_id
                        AND w.channel = e.channel AND w.purpose = e.purpose
                        AND {table.fits.format(e="w", o="e")}
                        AND w.state = 'withdrawn' AND w.source NOT LIKE '{UNDONE}:%%'
                        AND NOT {_taken_back("w", table)}))
                    AND e.source NOT LIKE '{UNDONE}:%%' AND NOT {_taken_back("e", table)}) AS e
            JOIN people_person p ON p.id = e.person_id
            WHERE e.place = 1
            {_or_update(table)}
            """,
            parameters,
        )


def _weighed_words(places: set[Place], table: _Table) -> None:
    """Of people who are one: the last word since the merge, else the stricter of what each said.

    Of wishes the stricter word is that which is granted: the pause that ends later, the lower
    limit.
    A granted word from a file counts only while nobody of them has ever withdrawn.
    """
    source, parameters = _asked(places)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH asked AS (SELECT person_id, channel, purpose, topic_id FROM {source}),
            cut AS (SELECT merged_into_id, max(merged_at) AS merged_at FROM people_person
                WHERE merged_into_id IS NOT NULL GROUP BY merged_into_id),
            owner AS (
                SELECT asked.*, asked.person_id AS owner_id, cut.merged_at FROM asked
                LEFT JOIN cut ON cut.merged_into_id = asked.person_id
                UNION ALL
                SELECT asked.*, p.id, cut.merged_at FROM asked
                JOIN people_person p ON p.merged_into_id = asked.person_id
                    AND p.merged_into_id IS NOT NULL
                JOIN cut ON cut.merged_into_id = asked.person_id),
            of_each AS (
                SELECT o.person_id, e.channel, e.purpose, e.topic_id, e.state, e.at, e.id,
                    e.source, e.expires_at, e.proof,
                    CASE WHEN e.at > o.merged_at THEN 1 ELSE 0 END AS is_later,
                    row_number() OVER (
                        PARTITION BY o.person_id, e.person_id, e.channel, e.purpose, e.topic_id,
                            CASE WHEN e.at > o.merged_at THEN 1 ELSE 0 END
                        ORDER BY e.at DESC, e.state DESC, e.id DESC) AS place
                FROM owner o JOIN people_consententry e ON e.person_id = o.owner_id
                    AND e.channel = o.channel AND e.purpose = o.purpose
                    AND {table.fits.format(e="e", o="o")}
                WHERE NOT (e.state = 'granted' AND e.source LIKE '{IMPORT}%%' AND EXISTS (
                    SELECT 1 FROM owner w JOIN people_consententry we
                        ON we.person_id = w.owner_id
                    WHERE w.person_id = o.person_id AND w.channel = o.channel
                        AND w.purpose = o.purpose AND w.topic_id = o.topic_id
                        AND we.channel = e.channel AND we.purpose = e.purpose
                        AND {table.fits.format(e="we", o="e")}
                        AND we.state = 'withdrawn' AND we.source NOT LIKE '{UNDONE}:%%'
                        AND NOT {_taken_back("we", table)}))
                    AND e.source NOT LIKE '{UNDONE}:%%' AND NOT {_taken_back("e", table)}),
            weighed AS (
                SELECT of_each.*, row_number() OVER (
                    PARTITION BY person_id, channel, purpose, topic_id
                    ORDER BY is_later DESC, CASE WHEN is_later = 1 THEN at END DESC,
                        {_strictest_first()}, at DESC, id DESC) AS rank
                FROM of_each WHERE place = 1)
            {_insert(table)} FROM weighed e JOIN people_person p ON p.id = e.person_id
            WHERE e.rank = 1
            {_or_update(table)}
            """,
            parameters,
        )


def _strictest_first() -> str:
    """SQL: the order of what different people said, of one channel and purpose."""
    most = (
        "json_extract(proof, '$.at_most')"
        if connection.vendor == "sqlite"
        else "(proof ->> 'at_most')::int"
    )
    return (
        f"CASE WHEN purpose IN {WISHES} THEN state END, state DESC,"
        # A pause that has ended ends before one that runs.
        f" CASE WHEN purpose = '{PAUSE}' THEN expires_at END DESC NULLS LAST,"
        f" CASE WHEN purpose = '{FREQUENCY}' THEN {most} END NULLS LAST"
    )


def _taken_back(word: str, table: _Table) -> str:
    """SQL: whether the file that said this word was taken back."""
    same = table.fits.format(e="u", o=word)
    return (
        f"({word}.source LIKE '{IMPORT}:%%' AND EXISTS (SELECT 1 FROM people_consententry u"
        f" WHERE u.person_id = {word}.person_id AND u.channel = {word}.channel"
        f" AND u.purpose = {word}.purpose AND {same} AND u.state = 'unknown'"
        f" AND u.source = '{UNDONE}:' || substr({word}.source, {len(IMPORT) + 2})))"
    )


def _asked(places: set[Place]) -> tuple[str, list[Any]]:
    columns = {"person_id": "bigint", "channel": "text", "purpose": "text", "topic_id": "bigint"}
    return given(columns, sorted(places))


def _insert(table: _Table) -> str:
    key = ", ".join(f"e.{column}" for column in table.key.split(", "))
    until = lapses("e.at", "e.expires_at", "e.purpose", "p.phone")
    return (
        f"INSERT INTO {table.name} ({table.key}, state, at, entry_id, expires_at)"
        f" SELECT {key}, {counted('e.state', 'e.channel', 'e.purpose', 'e.source', 'p.phone')},"
        f" e.at, e.id, CASE WHEN e.state = 'granted' THEN {until} END"
    )


def _or_update(table: _Table) -> str:
    return (
        f"ON CONFLICT ({table.key}) DO UPDATE SET state = excluded.state, at = excluded.at,"
        " entry_id = excluded.entry_id, expires_at = excluded.expires_at"
    )


def _utc(at: datetime) -> str:
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat(timespec="microseconds")
