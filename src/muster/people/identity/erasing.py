"""Takes away everything that says who somebody was (PE1, PE3); the number stays, empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import connection, transaction
from django.utils.translation import gettext

from muster.events import names, shape
from muster.events.spool import Position
from muster.people.identity.models import Identifier, OwnRecord
from muster.people.profile.given import BATCH, given, put
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person
from muster.team import stores
from muster.team.jobs.actions import start_job

Forget: TypeAlias = Callable[[Sequence[int]], None]
"""Takes away what a part keeps of these people; it is asked for at most `BATCH` at a time."""

_forgetting: list[Forget] = []


def on_erasure(forget: Forget) -> Forget:
    """Also call this, within the transaction of the erasure: parts above keep traces of people."""
    _forgetting.append(forget)
    return forget


def erase(people: Sequence[int], *, now: datetime) -> Position | None:
    """Empty the records of these people and tell the warehouse; the place in the log.

    Their consent ledger stays without its proofs, so that what was allowed when can be shown.
    """
    people = with_merged(people)
    if people:
        start_job(
            "people.forget",
            {"erased_at": now.isoformat()},
            title=gettext("Taking erased people out of the log"),
            by=None,
        )
    return empty(people, now=now)


def empty(people: Sequence[int], *, now: datetime) -> Position | None:
    """Empty these records alone, which `with_merged` found; the files are left to `forgetting`."""
    place = None
    for start in range(0, len(people), BATCH):
        place = _erase(people[start : start + BATCH], now=now)
    return place


def addresses_of(people: Sequence[int], kind: str) -> set[str]:
    """Every `email` or `phone` that these people have or ever had."""
    known = Identifier.objects.filter(person__in=people, kind=kind).values_list("value", flat=True)
    shown = Person.objects.filter(pk__in=people).values_list(kind, flat=True)
    own = OwnRecord.objects.filter(person__in=people).values_list(kind, flat=True)
    return {address for address in (*known, *shown, *own) if address}


def hashes_of(people: Sequence[int]) -> list[tuple[int, str]]:
    """Person and keyed hash of every id, address and phone that they have or ever had."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    among = f"IN (SELECT id FROM {source})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, external_id, email_hash, phone_hash FROM people_person WHERE id {among}",
            parameters,
        )
        hashes = [
            (person, found)
            for person, external_id, *others in cursor.fetchall()
            for found in (address_hash("external_id", external_id or ""), *others)
            if found
        ]
        cursor.execute(
            f"SELECT person_id, kind, value FROM people_identifier WHERE person_id {among}",
            parameters,
        )
        hashes += [(person, address_hash(kind, value)) for person, kind, value in cursor.fetchall()]
        cursor.execute(
            f"SELECT person_id, email_hash, phone_hash FROM people_ownrecord"
            f" WHERE person_id {among}",
            parameters,
        )
        hashes += [
            (person, found) for person, *others in cursor.fetchall() for found in others if found
        ]
    return list(dict.fromkeys(hashes))


def with_merged(people: Sequence[int]) -> list[int]:
    """These people and whoever was merged into them: nothing of the same person may stay."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id FROM {source} JOIN people_person p ON p.merged_into_id = given.id"
            " WHERE p.merged_into_id IS NOT NULL",
            parameters,
        )
        return list(dict.fromkeys([*people, *(number for (number,) in cursor.fetchall())]))


@transaction.atomic
def _erase(people: Sequence[int], *, now: datetime) -> Position:
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    among = f"IN (SELECT id FROM {source})"
    put("people_erasedidentity", {"person_id": "bigint", "hash": "text"}, hashes_of(people))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM people_identifier WHERE person_id {among}",
            parameters,
        )
        # Reasons and tags in the trace of changes may tell who it was.
        cursor.execute(
            "UPDATE team_change SET details = '{}', undo = '{}'"
            f" WHERE kind = 'people.person' AND object_id {among}",
            parameters,
        )
        cursor.execute(
            "UPDATE team_change SET details = '{}' WHERE kind = 'people.likeness' AND object_id IN"
            f" (SELECT id FROM people_likeness WHERE first_id {among} OR second_id {among})",
            [*parameters, *parameters],
        )
        cursor.execute(
            f"UPDATE people_merge SET reason = '' WHERE person_id {among} OR other_id {among}",
            [*parameters, *parameters],
        )
        for table, column in (
            ("people_ownrecord", "person_id"),
            ("people_likeness", "first_id"),
            ("people_likeness", "second_id"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} {among}", parameters)
        for table in ("people_consentstate", "people_topicstate"):
            cursor.execute(f"DELETE FROM {table} WHERE person_id {among}", parameters)
        cursor.execute(
            f"UPDATE people_consententry SET proof = '{{}}' WHERE person_id {among}",
            parameters,
        )
        cursor.execute(
            "UPDATE people_person SET external_id = NULL, email = '', phone = '',"
            " email_hash = '', phone_hash = '', first_name = '', last_name = '', language = '',"
            f" time_zone = '', erased_at = %s WHERE id {among}",
            [connection.ops.adapt_datetimefield_value(now), *parameters],
        )
    for forget in _forgetting:
        forget(people)
    return stores.emit([shape.event(names.PERSON_ERASED, person_id=one) for one in people])
