"""Who is behind an event, and what it taught us: the loader asks, we remember (PE1, PE3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, cast

import pyarrow as pa
from django.db import connection, transaction
from django.db.models import CharField
from django.utils import timezone

from muster.kit import ids
from muster.people.consent.ledger import Said, write
from muster.people.identity.likeness import put_up
from muster.people.identity.models import OwnRecord
from muster.people.profile.given import BATCH, given, moment
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person
from muster.people.profile.rules import home_region, normal_email, normal_phone
from muster.team.users.models import Workspace
from muster.warehouse.records import FOUND

_KINDS = ("external_id", "email", "phone")
_LONGEST = {
    field: cast(CharField[str, str], Person._meta.get_field(field)).max_length or 0
    for field in (*_KINDS, "first_name", "last_name", "language", "time_zone")
}


class PeopleRecords:
    """`warehouse.records.Records` over the tables of people.

    While the warehouse is `rebuilding`, what erased people did before finds their empty records;
    otherwise the same address is somebody new.
    """

    def __init__(self, *, rebuilding: bool = False) -> None:
        self._rebuilding = rebuilding

    def people_for(self, keys: pa.Table) -> pa.Table:
        """See `Records`."""
        clean = _Cleaner()
        rows = [
            (row["n"], *(clean(row[kind], kind) for kind in _KINDS)) for row in keys.to_pylist()
        ]
        people: list[int] = []
        for batch in _batches(rows):
            people += _people_for(batch, self._rebuilding)
        return pa.table({"n": [row[0] for row in rows], "person_id": people}, schema=FOUND)

    def learn(self, profiles: pa.Table) -> None:
        """See `Records`."""
        for batch in _batches(profiles.to_pylist()):
            _learn(batch)

    def consents(self, changes: pa.Table) -> None:
        """See `Records`."""
        for batch in _batches(changes.to_pylist()):
            write(
                [
                    Said(
                        message_id=row["message_id"],
                        person_id=row["person_id"],
                        channel=row["channel"],
                        purpose=row["purpose"],
                        state=row["state"],
                        at=row["at"],
                        source=row["source"] or "",
                        proof={"text": row["proof"]} if row["proof"] else {},
                        topic_id=ids.number("topic", row["topic"]) if row["topic"] else None,
                        expires_at=row["expires_at"],
                        text_version=row["text_version"] or "",
                    )
                    for row in batch
                ]
            )


class Known:
    """Who has which identities now, as far as one batch asks."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.owner: dict[tuple[str, str], int] = {}
        """(kind, value) → the person who had it first."""
        self.external: dict[int, str | None] = {}
        """Person → external id, of those found by address or phone."""
        for place, kind in enumerate(_KINDS, 1):
            values = sorted({row[place] for row in rows if row[place]})
            if values:
                self._find(kind, values)

    def owner_of(self, row: Sequence[Any]) -> int | None:
        """Whose row (n, external id, address, phone) this is; None for someone new."""
        asked = [item for item in zip(_KINDS, row[1:], strict=True) if item[1]]
        person = next((self.owner[item] for item in asked if item in self.owner), None)
        if person is not None and row[1] and self.external.get(person) not in (None, row[1]):
            # An address that belongs to another external id stays with its owner.
            return None
        return person

    def _find(self, kind: str, values: list[str]) -> None:
        source, parameters = given({"value": "text"}, [(value,) for value in values])
        former = (
            ""
            if kind == "external_id"
            else f""" UNION ALL
            SELECT given.value, p.id, p.external_id, p.merged_into_id FROM {source}
            CROSS JOIN people_identifier f CROSS JOIN people_person p
            WHERE f.kind = '{kind}' AND f.value = given.value AND p.id = f.person_id"""
        )
        query = f"""
            SELECT value, id, external_id FROM (
                SELECT given.value, p.id, p.external_id, p.merged_into_id FROM {source}
                JOIN people_person p ON p.{kind} = given.value{former}) AS found
            ORDER BY coalesce(merged_into_id, id) DESC,
                CASE WHEN merged_into_id IS NULL THEN 0 ELSE 1 END, id DESC"""
        with connection.cursor() as cursor:
            cursor.execute(query, parameters * (2 if former else 1))
            for value, person, external_id in cursor.fetchall():
                # The last one wins: the smallest number, but of merged people the one who
                # brought the address along.
                self.owner[kind, value] = person
                self.external[person] = external_id


@transaction.atomic
def _people_for(rows: Sequence[tuple[Any, ...]], rebuilding: bool) -> list[int]:
    _only_one_at_a_time()
    known = Known(rows)
    erased = _erased_among(rows) if rebuilding else {}
    found: list[int] = []
    fresh: list[list[Any]] = []
    named: dict[int, str] = {}
    alike: list[tuple[int, int]] = []
    for row in rows:
        asked = [item for item in zip(_KINDS, row[1:], strict=True) if item[1]]
        person, external_id = known.owner_of(row), row[1]
        if person is None and erased:
            gone = next((erased[h] for h in map(_hash, asked) if h in erased), None)
            if gone is not None:
                found.append(gone)
                continue
        if person is None:
            fresh.append(list(row[1:]))
            person = -len(fresh)
            known.external[person] = external_id
        elif external_id and known.external.get(person) is None:
            known.external[person] = external_id
            if person > 0:
                named[person] = external_id
            else:
                fresh[-person - 1][0] = external_id
        for item in asked:
            owner = known.owner.setdefault(item, person)
            if owner != person:
                # Two ids that each say who it is, and say two different people.
                alike.append((owner, person))
        found.append(person)
    numbers = _insert(fresh)
    _give_external_ids(named)
    _keep_identifiers(
        [
            (owner if owner > 0 else numbers[-owner - 1], *item)
            for row, owner in zip(rows, found, strict=True)
            for item in zip(_KINDS, row[1:], strict=True)
            if item[1] and known.owner.get(item) == owner
        ]
    )

    def number(place: int) -> int:
        return place if place > 0 else numbers[-place - 1]

    if alike:
        put_up(((number(a), number(b)) for a, b in alike), why="ids_disagree", now=timezone.now())
    return [number(place) for place in found]


def _keep_identifiers(found: Sequence[tuple[int, str, str]]) -> None:
    """From now on these lead to these people, also when others take their place."""
    if not found:
        return
    now = timezone.now().isoformat(timespec="microseconds")
    source, parameters = given(
        {"person_id": "bigint", "kind": "text", "value": "text", "at": "timestamptz"},
        [(*one, now) for one in dict.fromkeys(found)],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO people_identifier (person_id, kind, value, strength, source, first_seen)
            SELECT p.id, given.kind, given.value, 'strong', '', {moment("given.at")} FROM {source}
            CROSS JOIN people_person p WHERE p.id = given.person_id AND p.erased_at IS NULL
            ON CONFLICT (person_id, kind, value) DO NOTHING
            """,
            parameters,
        )


def _hash(item: tuple[str, str]) -> str:
    return address_hash(*item)


def _erased_among(rows: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """Hash → the erased person who had this identity last."""
    asked = {_hash(item) for row in rows for item in zip(_KINDS, row[1:], strict=True) if item[1]}
    source, parameters = given({"hash": "text"}, [(one,) for one in sorted(asked)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.hash, max(e.person_id) FROM {source}"
            " JOIN people_erasedidentity e ON e.hash = given.hash GROUP BY e.hash",
            parameters,
        )
        return dict(cursor.fetchall())


def _only_one_at_a_time() -> None:
    # SQLite has one writer anyway; addresses are not unique, so elsewhere two writers could
    # make the same person twice.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7001)")


def _insert(people: Sequence[Sequence[Any]]) -> list[int]:
    if not people:
        return []
    numbers = _fresh_numbers(len(people))
    now = timezone.now().isoformat(timespec="microseconds")
    rows = [
        (
            number,
            external_id,
            email or "",
            phone or "",
            address_hash("email", email or ""),
            address_hash("phone", phone or ""),
            now,
        )
        for number, (external_id, email, phone) in zip(numbers, people, strict=True)
    ]
    source, parameters = given(
        {
            "id": "bigint",
            "external_id": "text",
            "email": "text",
            "phone": "text",
            "email_hash": "text",
            "phone_hash": "text",
            "created_at": "timestamptz",
        },
        rows,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO people_person (id, external_id, email, phone, email_hash, phone_hash,
                created_at, first_name, last_name, language, time_zone)
            SELECT id, external_id, email, phone, email_hash, phone_hash, {moment("created_at")},
                '', '', '', '' FROM {source} WHERE true
            """,
            parameters,
        )
    return numbers


def _fresh_numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'people_person'")
            row = cursor.fetchone()
            last = int(row[0]) if row else 0
            return list(range(last + 1, last + count + 1))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('people_person', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _give_external_ids(named: dict[int, str]) -> None:
    if not named:
        return
    source, parameters = given({"id": "bigint", "external_id": "text"}, named.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE people_person SET external_id = given.external_id FROM {source}"
            " WHERE people_person.id = given.id AND people_person.external_id IS NULL",
            parameters,
        )


_LEARNT = ("email", "phone", "first_name", "last_name", "language", "time_zone")


@transaction.atomic
def _learn(rows: Sequence[dict[str, Any]]) -> None:
    columns = {"id": "bigint", **dict.fromkeys((*_LEARNT, "email_hash", "phone_hash"), "text")}
    clean = _Cleaner()
    values = []
    named = []
    for row in rows:
        said = [clean(row[field], field) for field in _LEARNT]
        hashes = [
            None if said[i] is None else address_hash(kind, said[i] or "")
            for i, kind in enumerate(("email", "phone"))
        ]
        values.append((row["person_id"], *said, *hashes))
        wecom = (row.get("wecom_id") or "").replace("\x00", "")[:254]
        at, door = _moment(row["at"]), (row.get("source") or "")[:60]
        named += [
            (row["person_id"], kind, value, door, at)
            for kind, value in (("email", said[0]), ("phone", said[1]), ("wecom_id", wecom))
            if value
        ]
    source, parameters = given(columns, values)
    changes = ", ".join(
        f"{name} = COALESCE(given.{name}, people_person.{name})" for name in columns if name != "id"
    )
    with connection.cursor() as cursor:
        _learn_identifiers(cursor, named)
        for kind in ("email", "phone"):
            # Nothing that a row showed is lost when something else takes its place.
            cursor.execute(
                f"""
                INSERT INTO people_identifier (person_id, kind, value, strength, source)
                SELECT p.id, '{kind}', p.{kind}, 'strong', '' FROM {source}
                JOIN people_person p ON p.id = given.id
                WHERE given.{kind} <> p.{kind} AND p.{kind} <> '' AND p.erased_at IS NULL
                ON CONFLICT (person_id, kind, value) DO NOTHING
                """,
                parameters,
            )
        cursor.execute(
            f"UPDATE people_person SET {changes} FROM {source}"
            " WHERE people_person.id = given.id AND people_person.erased_at IS NULL",
            parameters,
        )
        if OwnRecord.objects.exists():
            moments = [_moment(row["at"]) for row in rows]
            timed = [(*value, at) for value, at in zip(values, moments, strict=True)]
            source, parameters = given({**columns, "at": "timestamptz"}, timed)
            _learn_of_merged(cursor, source, parameters, [name for name in columns if name != "id"])


def _learn_identifiers(cursor: Any, named: Sequence[tuple[Any, ...]]) -> None:
    if not named:
        return
    source, parameters = given(
        {
            "person_id": "bigint",
            "kind": "text",
            "value": "text",
            "source": "text",
            "at": "timestamptz",
        },
        named,
    )
    earlier, later = ("min", "max") if connection.vendor == "sqlite" else ("least", "greatest")
    cursor.execute(
        f"""
        INSERT INTO people_identifier
            (person_id, kind, value, strength, source, first_seen, last_seen)
        SELECT p.id, given.kind, given.value, 'strong', given.source, {moment("given.at")},
            {moment("given.at")}
        FROM {source} CROSS JOIN people_person p
        WHERE p.id = given.person_id AND p.erased_at IS NULL
        ON CONFLICT (person_id, kind, value) DO UPDATE SET
            source = CASE WHEN excluded.source = '' THEN people_identifier.source
                ELSE excluded.source END,
            first_seen = {earlier}(coalesce(people_identifier.first_seen, excluded.first_seen),
                excluded.first_seen),
            last_seen = {later}(coalesce(people_identifier.last_seen, excluded.last_seen),
                excluded.last_seen)
        """,
        parameters,
    )


def _learn_of_merged(
    cursor: Any, source: str, parameters: Sequence[object], columns: Sequence[str]
) -> None:
    """Merged people: the row of who they are shows what is said of any of them since."""
    # What the row of who they are showed until now may be known from nowhere else.
    for kind in ("email", "phone"):
        cursor.execute(
            f"""
            INSERT INTO people_identifier (person_id, kind, value, strength, source)
            SELECT o.person_id, '{kind}', o.{kind}, 'strong', '' FROM {source}
            JOIN people_ownrecord o ON o.person_id = given.id
            JOIN people_person p ON p.id = o.person_id AND p.erased_at IS NULL
            WHERE given.{kind} <> o.{kind} AND o.{kind} <> ''
            UNION
            SELECT k.id, '{kind}', k.{kind}, 'strong', '' FROM {source}
            JOIN people_person m ON m.id = given.id AND m.merged_into_id IS NOT NULL
            JOIN people_person k ON k.id = m.merged_into_id AND k.erased_at IS NULL
            WHERE given.{kind} <> k.{kind} AND k.{kind} <> ''
            ON CONFLICT (person_id, kind, value) DO NOTHING
            """,
            [*parameters, *parameters],
        )
    cursor.execute(
        f"UPDATE people_ownrecord SET"
        f" {', '.join(f'{c} = COALESCE(given.{c}, people_ownrecord.{c})' for c in columns)}"
        f" FROM {source} WHERE people_ownrecord.person_id = given.id",
        parameters,
    )
    newest = ", ".join(f"said.{column}" for column in columns)
    cursor.execute(
        f"""
        UPDATE people_person SET
            {", ".join(f"{c} = COALESCE(said.{c}, people_person.{c})" for c in columns)}
        FROM (SELECT m.merged_into_id, {newest.replace("said.", "given.")},
                row_number() OVER (PARTITION BY m.merged_into_id ORDER BY given.n DESC) AS place
            FROM {source} JOIN people_person m ON m.id = given.id
            WHERE m.merged_into_id IS NOT NULL AND {moment("given.at")} > m.merged_at) AS said
        WHERE said.place = 1 AND people_person.id = said.merged_into_id
            AND people_person.erased_at IS NULL
        """,
        parameters,
    )


def _moment(at: datetime) -> str:
    return at.replace(tzinfo=UTC).isoformat(timespec="microseconds")


class _Cleaner:
    """Brings what senders write into the form of the record store."""

    def __init__(self) -> None:
        workspace = Workspace.here()
        self._region = home_region(workspace.time_zone, workspace.currency)

    def __call__(self, value: str | None, field: str) -> str | None:
        if value is None:
            return None
        value = value.replace("\x00", "")
        if field == "email" and value:
            value = normal_email(value) or value
        elif field == "phone" and value:
            value = normal_phone(value, self._region) or value
        return value[: _LONGEST[field]]


def _batches(rows: Sequence[Any]) -> Iterator[list[Any]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch
