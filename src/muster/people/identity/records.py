"""Who is behind an event, and what it taught us: the loader asks, we remember (PE1, PE3)."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice, pairwise, repeat
from operator import itemgetter
from queue import SimpleQueue
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.models import CharField, Max
from django.utils import timezone

from muster.kit import ids
from muster.people.consent.ledger import Said, write
from muster.people.identity.likeness import put_up
from muster.people.identity.models import OwnRecord
from muster.people.profile.given import (
    BATCH,
    change,
    given,
    kept_moment,
    moment,
    put,
    written_moment,
)
from muster.people.profile.hashing import address_hash, address_hashes
from muster.people.profile.models import Person
from muster.people.profile.rules import home_region, normal_email, normal_phone
from muster.team.users.models import Workspace
from muster.warehouse.records import FOUND, LEARNT, PLAIN

_KINDS = ("external_id", "email", "phone")
_ADDRESSES = ("email", "phone")
_NAMES = ("first_name", "last_name", "language", "time_zone")
_LONGEST = {
    field: cast(CharField[str, str], Person._meta.get_field(field)).max_length or 0
    for field in (*_KINDS, *_NAMES)
}


class PeopleRecords:
    """`warehouse.records.Records` over the tables of people.

    While the warehouse is `rebuilding`, what erased people did before finds their empty records;
    otherwise the same address is somebody new.
    """

    def __init__(self, *, rebuilding: bool = False) -> None:
        self._rebuilding = rebuilding
        self._writer: _Writer | None = None

    def normal(self, kind: str, values: Sequence[str]) -> list[str | None]:
        """See `Records`."""
        if kind == "email":
            return [normal_email(value) for value in values]
        region = _region()
        return [normal_phone(value, region) for value in values]

    def people_for(self, keys: pa.Table) -> pa.Table:
        """See `Records`."""
        self._forget_failed()
        clean = _Cleaner()
        columns: list[Sequence[Any]] = [clean(keys[f], f) for f in (*_KINDS, *_NAMES)]
        columns += [_short(keys["source"], 60), _moments(keys["at"])]
        batches = (
            [column[start : start + BATCH] for column in columns]
            for start in range(0, keys.num_rows, BATCH)
        )
        asking = _Asking(columns, self._rebuilding)
        people: list[int] = []
        made: list[bool] = []
        # Inside of a transaction nobody else sees what it has done.
        is_beside = keys.num_rows >= _WORTH_A_THREAD and not connection.in_atomic_block
        if is_beside:
            self._writer = _Writer(_last_person())
        for batch in batches:
            if self._writer is not None:
                plan = asking.plan(batch)
                self._writer.add(plan)
            else:
                with transaction.atomic():
                    _only_one_at_a_time()
                    plan = asking.plan(batch)
                    plan.write()
            people += plan.people
            made += plan.made
        return pa.table([keys["n"].combine_chunks(), people, made], schema=FOUND)

    def settle(self) -> None:
        """See `Records`."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.finish()

    def _forget_failed(self) -> None:
        """Wait for what an earlier load has left, which failed and is asked for again now."""
        with suppress(Exception):
            self.settle()

    def learn(self, profiles: pa.Table) -> None:
        """See `Records`."""
        self.settle()
        for batch in _batches(_rows_of(profiles)):
            _learn(batch, self._rebuilding)

    def remember(self, profiles: pa.Table) -> None:
        """See `Records`."""
        self.settle()
        for batch in _batches(_rows_of(profiles)):
            with transaction.atomic(), connection.cursor() as cursor:
                rows = _without_others(cursor, batch, _addresses_of(cursor, batch))
                _learn_identifiers(cursor, _named(rows))

    def compare(self, pairs: pa.Table) -> None:
        """See `Records`."""
        self.settle()
        rows = zip(pairs["first"].to_pylist(), pairs["second"].to_pylist(), strict=True)
        for batch in _batches(rows):
            put_up(batch, why="ids_disagree", now=timezone.now())

    def consents(self, changes: pa.Table) -> None:
        """See `Records`."""
        self.settle()
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
                        proof=_proof(row["proof"] or ""),
                        topic_id=ids.number("topic", row["topic"]) if row["topic"] else None,
                        expires_at=row["expires_at"],
                        text_version=row["text_version"] or "",
                    )
                    for row in batch
                ]
            )


def _rows_of(profiles: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows that `_learn` takes."""
    clean = _Cleaner()
    return zip(
        profiles["person_id"].to_pylist(),
        *(clean(profiles[field], field) for field in LEARNT),
        clean(profiles["external_id"], "external_id"),
        _short(profiles["wecom_id"], 254),
        _short(profiles["source"], 60),
        *(profiles[f"{kind}_by_id"].to_pylist() for kind in _ADDRESSES),
        *(
            _moments(pc.coalesce(profiles[f"{field}_at"], profiles["at"]))
            for field in (*LEARNT[len(_ADDRESSES) :], *_ADDRESSES)
        ),
        _moments(profiles["at"]),
        strict=True,
    )


def _proof(said: str) -> dict[str, Any]:
    """Ours is an object as JSON, a file's the name of the file or what was written for it."""
    if said.startswith("{"):
        with suppress(ValueError):
            return dict(json.loads(said))
    return {"text": said} if said else {}


class Known:
    """Who has which identities now, as far as one batch asks."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.owner: dict[str, dict[str, int]] = {kind: {} for kind in _KINDS}
        """Kind → value → the person who had it first."""
        self._ids, self._mails, self._phones = (self.owner[kind] for kind in _KINDS)
        self.external: dict[int, str | None] = {}
        """Person → external id, of those found by address or phone."""
        for place, kind in enumerate(_KINDS, 1):
            values = sorted({row[place] for row in rows if row[place]})
            if values:
                self._find(kind, values)

    def owner_of(self, row: Sequence[Any]) -> int | None:
        """Whose row (n, external id, address, phone) this is; None for someone new."""
        _n, external_id, email, phone = row
        # Nobody has an empty id or address.
        person = self._ids.get(external_id)
        if person is None:
            person = self._mails.get(email)
            if person is None:
                person = self._phones.get(phone)
        if person is not None and external_id:
            other = self.external.get(person)
            if other is None or other == external_id:
                return person
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
                self.owner[kind][value] = person
                self.external[person] = external_id


@dataclass(frozen=True)
class _Plan:
    """Who the people of a batch are, and what has to be written so that they are."""

    people: list[int]
    made: list[bool]
    """Whether each is a new one to whom all of it belongs."""
    numbers: list[int]
    """Those of the new people."""
    fresh: Sequence[Sequence[Any]]
    """What is said of them, in the columns of `_KINDS` and `_NAMES`, whence and when."""
    only_here: Sequence[int]
    """The places among them of those of whose identifiers none is said by another row."""
    named: dict[int, str]
    """Person → the external id that is found to be theirs."""
    met: list[tuple[int, str, str, str, str]]
    """Person, kind, value, whence and when of identifiers that others might have too."""
    alike: list[tuple[int, int]]
    """Two people each whom one row names both."""

    def write(self) -> None:
        """Write it, inside of a transaction."""
        _insert(self.numbers, self.fresh)
        _give_external_ids(self.named)
        said = [*self.fresh[:3], *self.fresh[-2:]]
        columns = (
            said
            if len(self.only_here) == len(self.numbers)
            else [[column[place] for place in self.only_here] for column in said]
        )
        numbers = [self.numbers[place] for place in self.only_here]
        _keep_first_identifiers(list(zip(numbers, *columns, strict=True)))
        _keep_identifiers(self.met)
        if self.alike:
            put_up(self.alike, why="ids_disagree", now=timezone.now())


class _Asking:
    """Finds out who the rows of one call mean, batch by batch.

    What was found of a batch counts for the next ones, whether it is written already or not.
    """

    def __init__(self, columns: Sequence[Sequence[Any]], rebuilding: bool) -> None:
        """`columns` are those of `_KINDS` and `_NAMES`, and whence and when it was said."""
        self._rebuilding = rebuilding
        self._repeated = [_repeated(column) for column in columns[: len(_KINDS)]]
        """Per kind the values that several rows say; of the others no batch but one asks."""
        self._owner: dict[str, dict[str, int]] = {kind: {} for kind in _KINDS}
        """Kind → repeated value → whose it was found to be."""
        self._external: dict[int, str | None] = {}
        """External ids of these people, and of those who were given one."""
        self._last = 0
        """The last number that was given away."""

    def plan(self, columns: Sequence[Sequence[Any]]) -> _Plan:
        """Who the rows of this batch are."""
        size = len(columns[0])
        rows = list(zip(range(size), *columns[:3], strict=True))
        doors = list(zip(*columns[-2:], strict=True))
        known = Known(rows)
        for kind, owners_before in self._owner.items():
            known.owner[kind].update(owners_before)
        known.external.update(self._external)
        erased = _erased_among(rows, doors) if self._rebuilding else {}
        unsure = rows if erased else self._met(rows, columns, known)
        owners: dict[int, int] = {}
        """Row → person, of those who may be known; -1 - n is who is made by row n."""
        named: dict[int, str] = {}
        alike: list[tuple[int, int]] = []
        owner_of = [known.owner[kind] for kind in _KINDS]
        external = known.external
        for row in unsure:
            person, external_id = known.owner_of(row), row[1]
            if person is None and erased:
                asked = [item for item in zip(_KINDS, row[1:], strict=True) if item[1]]
                gone = next((erased[h] for h in map(_hash, asked) if h in erased), None)
                if gone is not None:
                    owners[row[0]] = gone
                    continue
            if person is None:
                person = -1 - row[0]
                external[person] = external_id
            elif external_id and external.get(person) is None:
                external[person] = external_id
                named[person] = external_id
            for owned, value in zip(owner_of, row[1:], strict=True):
                if value:
                    owner = owned.setdefault(value, person)
                    if owner != person:
                        # Two ids that each say who it is, and say two different people.
                        alike.append((owner, person))
            owners[row[0]] = person
        new = [n for n in range(size) if owners.get(n, -1 - n) == -1 - n]
        fresh = [[column[n] for n in new] if owners else list(column) for column in columns]
        places = {n: place for place, n in enumerate(new)} if owners else range(size)
        for person, external_id in named.items():
            if person < 0:
                fresh[0][places[-1 - person]] = external_id
        numbers = self._fresh_numbers(len(new))

        def number(person: int) -> int:
            return person if person > 0 else numbers[places[-1 - person]]

        met = [
            (number(owners[row[0]]), *item, *doors[row[0]])
            for row in unsure
            for item in zip(_KINDS, row[1:], strict=True)
            if item[1] and known.owner[item[0]].get(item[1]) == owners[row[0]]
        ]
        for kind, repeated in zip(_KINDS, self._repeated, strict=True):
            for value in repeated & known.owner[kind].keys():
                person = number(known.owner[kind][value])
                self._owner[kind][value] = person
                self._external[person] = external.get(known.owner[kind][value])
        self._external |= {person: said for person, said in named.items() if person > 0}
        return _Plan(
            people=[number(owners.get(n, -1 - n)) for n in range(size)] if owners else numbers,
            made=[n not in owners for n in range(size)] if owners else [True] * size,
            numbers=numbers,
            fresh=fresh,
            only_here=[place for place, n in enumerate(new) if n not in owners],
            named={person: said for person, said in named.items() if person > 0},
            met=met,
            alike=[(number(a), number(b)) for a, b in alike],
        )

    def _met(
        self, rows: Sequence[tuple[Any, ...]], columns: Sequence[Sequence[Any]], known: Known
    ) -> list[tuple[Any, ...]]:
        """The rows of which something is known, or said by another row; the others are new."""
        met: set[int] = set()
        for column, repeated, owner in zip(
            columns, self._repeated, known.owner.values(), strict=False
        ):
            if repeated or owner:
                met |= {n for n, value in enumerate(column) if value in repeated or value in owner}
        return [rows[n] for n in sorted(met)]

    def _fresh_numbers(self, count: int) -> list[int]:
        if not count:
            return []
        numbers = _numbers_after(self._last, count)
        self._last = numbers[-1]
        return numbers


def _repeated(values: Sequence[str | None]) -> set[str]:
    """Those that stand there more than once, without empty ones."""
    said = [value for value in values if value]
    if len(set(said)) == len(said):
        return set()
    return {value for value, times in Counter(said).items() if times > 1}


_WORTH_A_THREAD = 2000
"""So many people at least are written in a thread beside what the loader does next."""


class _Writer:
    """Writes what was planned in a thread, a transaction for each batch.

    All people are made by one loader. If somebody made one all the same, after it was asked who is
    there, nothing is written any more, and `finish` fails: who was planned may be there by now.
    """

    def __init__(self, last: int) -> None:
        """`last` is the greatest number of a person when it was asked who is there."""
        self._last = last
        self._plans: SimpleQueue[_Plan | None] = SimpleQueue()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._follow, name="people", daemon=True)
        self._thread.start()

    def add(self, plan: _Plan) -> None:
        """Write this too."""
        self._plans.put(plan)

    def finish(self) -> None:
        """Wait until all of it is committed; raises what went wrong."""
        self._plans.put(None)
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _follow(self) -> None:
        try:
            while (plan := self._plans.get()) is not None:
                self._write(plan)
        except BaseException as failure:  # noqa: BLE001 - raised where it is waited for
            self._failure = failure
        finally:
            connection.close()

    @transaction.atomic
    def _write(self, plan: _Plan) -> None:
        _only_one_at_a_time()
        if _last_person() != self._last:
            raise RuntimeError("Somebody else made people while they were being written")
        plan.write()
        self._last = max([self._last, *plan.numbers[-1:]])


def _last_person() -> int:
    last = Person.objects.aggregate(last=Max("pk"))["last"]
    return int(last or 0)


_NAMED = {
    "person_id": "bigint", "kind": "text", "value": "text", "source": "text", "at": "timestamptz"
}  # fmt: skip
"""What is told of an identifier: whose, which, whence and when."""


_SEEN = {
    "person_id": "bigint", "kind": "text", "value": "text", "source": "text",
    "first_seen": "timestamptz", "last_seen": "timestamptz",
}  # fmt: skip
"""The same with the moments between which it was told."""


def _keep_identifiers(found: Sequence[tuple[int, str, str, str, str]]) -> None:
    """From now on these lead to these people, also when others take their place."""
    if not found:
        return
    source, parameters = given(_NAMED, list(dict.fromkeys(found)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO people_identifier
                (person_id, kind, value, strength, source, first_seen, last_seen)
            SELECT p.id, given.kind, given.value, 'strong', given.source, {moment("given.at")},
                {moment("given.at")}
            FROM {source}
            CROSS JOIN people_person p WHERE p.id = given.person_id AND p.erased_at IS NULL
            ON CONFLICT (person_id, kind, value) DO NOTHING
            """,
            parameters,
        )


def _keep_first_identifiers(
    people: Sequence[tuple[int, str | None, str | None, str | None, str, str]],
) -> None:
    """The identifiers of new people: number, external id, address, phone, whence and when."""
    runs = _runs(people) if connection.vendor == "sqlite" else []
    if not runs or len(runs) * _WORTH > len(people):
        columns = {"person_id": "bigint", **dict.fromkeys(_FORMER, "text")}
        columns |= {"first_seen": "timestamptz", "last_seen": "timestamptz"}
        rows = [
            (number, kind, value, "strong", source, at, at)
            for number, *said, source, moment_ in people
            for at in (kept_moment(moment_),)
            for kind, value in zip(_KINDS, said, strict=True)
            if value
        ]
        put("people_identifier", columns, rows)
        return
    # What lies in the database already costs half of what is handed over once more.
    with connection.cursor() as cursor:
        for first, last, source, at in runs:
            for kind in _KINDS:
                cursor.execute(
                    "INSERT INTO people_identifier"
                    " (person_id, kind, value, strength, source, first_seen, last_seen)"
                    f" SELECT id, '{kind}', {kind}, 'strong', %s, %s, %s FROM people_person"
                    f" WHERE id BETWEEN %s AND %s AND {kind} <> ''",
                    [source, kept_moment(at), kept_moment(at), first, last],
                )


_WORTH = 100
"""So many people at least a statement has to be for to be cheaper than rows handed over."""


def _runs(people: Sequence[tuple[Any, ...]]) -> list[tuple[int, int, str, str]]:
    """Numbers from and to which people follow each other that came from one place at once."""
    runs: list[tuple[int, int, str, str]] = []
    for (source, at), same in groupby(people, key=itemgetter(-2, -1)):
        numbers = [one[0] for one in same]
        first = numbers[0]
        for before, after in pairwise([*numbers, 0]):
            if after != before + 1:
                runs.append((first, before, source, at))
                first = after
    return runs


def _hash(item: tuple[str, str]) -> str:
    return address_hash(*item)


def _erased_among(
    rows: Sequence[tuple[Any, ...]], doors: Sequence[tuple[str, str]]
) -> dict[str, int]:
    """Hash → the erased person who had this identity last.

    Whoever comes with it after the erasure is somebody new.
    """
    asked = {
        (_hash(item), at)
        for row, (_source, at) in zip(rows, doors, strict=True)
        for item in zip(_KINDS, row[1:], strict=True)
        if item[1]
    }
    source, parameters = given({"hash": "text", "at": "timestamptz"}, sorted(asked))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.hash, max(e.person_id) FROM {source}"
            " JOIN people_erasedidentity e ON e.hash = given.hash"
            " JOIN people_person p ON p.id = e.person_id"
            f" WHERE p.erased_at >= {moment('given.at')} GROUP BY e.hash",
            parameters,
        )
        return dict(cursor.fetchall())


def _only_one_at_a_time() -> None:
    # SQLite has one writer anyway; addresses are not unique, so elsewhere two writers could
    # make the same person twice.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7001)")


def _insert(numbers: Sequence[int], columns: Sequence[Sequence[Any]]) -> None:
    """Make people of these numbers and of the columns of `_Plan.fresh`."""
    if not numbers:
        return
    external_ids, emails, phones, *names = columns[:-2]
    addresses = [[value or "" for value in column] for column in (emails, phones)]
    rows = zip(
        numbers,
        external_ids,
        *addresses,
        *(address_hashes(kind, column) for kind, column in zip(_ADDRESSES, addresses, strict=True)),
        *([value or "" for value in column] for column in names),
        repeat(written_moment(timezone.now()), len(numbers)),
        strict=True,
    )
    texts = (*_KINDS, "email_hash", "phone_hash", *_NAMES)
    put(
        "people_person",
        {"id": "bigint", **dict.fromkeys(texts, "text"), "created_at": "timestamptz"},
        list(rows),
    )


def _numbers_after(given: int, count: int) -> list[int]:
    """Numbers that no person has or had; `given` is the last one given away and not yet there."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'people_person'")
            row = cursor.fetchone()
            last = max(given, int(row[0]) if row else 0)
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
            " WHERE people_person.id = given.id AND people_person.external_id IS NULL"
            " AND people_person.erased_at IS NULL",
            parameters,
        )


_BY_ID = len(LEARNT) + 4
"""The place in a row that tells whether the e-mail was said by id; the phone's is the next."""


@transaction.atomic
def _learn(rows: Sequence[tuple[Any, ...]], rebuilding: bool) -> None:
    """Take over (person, what was said per field of `LEARNT`, external id, WeCom id, source,
    whether e-mail and phone were said by id, when names, language and time zone were said, when
    e-mail and phone were, when the last of all was).
    """
    with connection.cursor() as cursor:
        if rebuilding:
            rows = _without_outdated(cursor, rows)
        known = _addresses_of(cursor, rows)
        rows = _without_others(cursor, rows, known)
        _learn_identifiers(cursor, _named(rows))
        if OwnRecord.objects.exists():
            who = _who_are_one(cursor, rows)
            _learn_of_merged(cursor, rows, who)
            # What their row shows is settled by that.
            rows = [row for row in rows if row[0] not in who or who[row[0]].present != row[0]]
        _take_addresses(rows, known)
        said = [
            (place, name)
            for place, name in enumerate(LEARNT, 1)
            if name not in _KINDS and any(row[place] is not None for row in rows)
        ]
        if said:
            change(
                "people_person",
                [name for _place, name in said],
                [(row[0], *(row[place] for place, _name in said)) for row in rows],
                where="erased_at IS NULL",
            )


_FORMER = ("kind", "value", "strength", "source")


def _short(column: pa.ChunkedArray, most: int) -> list[str]:
    return [(value or "").replace("\x00", "")[:most] for value in column.to_pylist()]


def _named(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Every identifier that was said: person, kind, value, source, when."""
    for row in rows:
        external_id, wecom_id, source = row[1 + len(LEARNT) : _BY_ID]
        *_before, email_at, phone_at, at = row
        for kind, value, moment_ in (
            ("external_id", external_id, at),
            ("email", row[1], email_at),
            ("phone", row[2], phone_at),
            ("wecom_id", wecom_id, at),
        ):
            if value:
                yield row[0], kind, value, source, moment_


def _learn_identifiers(cursor: Any, named: Iterable[tuple[Any, ...]]) -> None:
    """Keep identifiers as `_named` tells them, each as often as it was said."""
    every: dict[tuple[Any, ...], tuple[str, str, str]] = {}
    for *one, source_, at in named:
        before = every.get(key := tuple(one))
        if before is None:
            every[key] = source_, at, at
        else:
            latest = source_ if at >= before[2] else before[0]
            every[key] = latest, min(before[1], at), max(before[2], at)
    if not every:
        return
    source, parameters = given(_SEEN, [(*key, *said) for key, said in every.items()])
    earlier, later = ("min", "max") if connection.vendor == "sqlite" else ("least", "greatest")
    cursor.execute(
        f"""
        INSERT INTO people_identifier
            (person_id, kind, value, strength, source, first_seen, last_seen)
        SELECT p.id, given.kind, given.value, 'strong', given.source, {moment("given.first_seen")},
            {moment("given.last_seen")}
        FROM {source} CROSS JOIN people_person p
        WHERE p.id = given.person_id AND p.erased_at IS NULL
        ON CONFLICT (person_id, kind, value) DO UPDATE SET
            source = CASE WHEN excluded.source = '' THEN people_identifier.source
                ELSE excluded.source END,
            first_seen = {earlier}(coalesce(people_identifier.first_seen, excluded.first_seen),
                excluded.first_seen),
            last_seen = {later}(coalesce(people_identifier.last_seen, excluded.last_seen),
                excluded.last_seen)
        -- Most are as `people_for` has just written them.
        WHERE excluded.source NOT IN ('', people_identifier.source)
            OR coalesce(excluded.first_seen < people_identifier.first_seen
                OR excluded.last_seen > people_identifier.last_seen, true)
        """,
        parameters,
    )


def _without_outdated(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """The rows without addresses that took the place of none: history that is told again must not
    put a former one in the place of the present one, to which mail is being sent meanwhile.
    """
    source, parameters = given(
        {"id": "bigint", **{f"{kind}_at": "timestamptz" for kind in _ADDRESSES}},
        [(row[0], *row[-3:-1]) for row in rows],
    )
    cursor.execute(
        f"""
        SELECT p.id, k.kind FROM {source} JOIN people_person p ON p.id = given.id
        JOIN people_identifier k ON k.person_id = p.id
            AND ((k.kind = 'email' AND k.value = p.email)
                OR (k.kind = 'phone' AND k.value = p.phone))
        WHERE k.last_seen > CASE k.kind WHEN 'email' THEN {moment("given.email_at")}
            ELSE {moment("given.phone_at")} END
        """,
        parameters,
    )
    outdated = set(cursor.fetchall())
    if not outdated:
        return rows

    def kept(row: tuple[Any, ...]) -> tuple[Any, ...]:
        number, email, phone, *more = row
        email = None if (number, "email") in outdated else email
        phone = None if (number, "phone") in outdated else phone
        return number, email, phone, *more

    return [kept(row) for row in rows]


_Known = dict[int, tuple[str, str, int]]
"""Person → e-mail and phone now, and who they are, which is another one for merged people."""


def _addresses_of(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> _Known:
    source, parameters = given({"id": "bigint"}, [(row[0],) for row in rows])
    cursor.execute(
        f"SELECT p.id, p.email, p.phone, coalesce(p.merged_into_id, p.id) FROM {source}"
        " JOIN people_person p ON p.id = given.id WHERE p.erased_at IS NULL",
        parameters,
    )
    return {person: (email, phone, present) for person, email, phone, present in cursor.fetchall()}


def _without_others(
    cursor: Any, rows: Sequence[tuple[Any, ...]], known: _Known
) -> Sequence[tuple[Any, ...]]:
    """The rows without addresses that somebody else has; both are put up for a decision.

    What is said by an id of yours is taken all the same: households share a phone or a mailbox.
    """
    alike: list[tuple[int, int]] = []
    kept: dict[int, list[Any]] = {}
    for place, kind in enumerate(_ADDRESSES):
        fresh = [
            (row[1 + place], known[row[0]][2], number)
            for number, row in enumerate(rows)
            if row[1 + place] and row[0] in known and row[1 + place] != known[row[0]][place]
        ]
        fresh.sort(key=lambda one: (rows[one[2]][-1], one[1]))
        owners = _owners(cursor, kind, {value for value, _person, _number in fresh})
        for value, person, number in fresh:
            # Of several who say that it is theirs, and nobody has it yet, the first one gets it.
            least, greatest = owners.setdefault(value, (person, person))
            other = least if least != person else greatest
            if other != person:
                alike.append((other, person))
                if not rows[number][_BY_ID + place]:
                    kept.setdefault(number, list(rows[number]))[1 + place] = None
    if alike:
        put_up(alike, why="ids_disagree", now=timezone.now())
    return [tuple(kept.get(number, row)) for number, row in enumerate(rows)] if kept else rows


def _owners(cursor: Any, kind: str, values: set[str]) -> dict[str, tuple[int, int]]:
    """Value → of the people who have it now, those with the smallest and the greatest number."""
    if not values:
        return {}
    source, parameters = given({"value": "text"}, [(value,) for value in sorted(values)])
    cursor.execute(
        f"""
        SELECT value, min(present), max(present) FROM (
            SELECT given.value, coalesce(p.merged_into_id, p.id) AS present
            FROM {source} JOIN people_person p ON p.{kind} = given.value
            WHERE p.erased_at IS NULL) AS owner
        GROUP BY value
        """,
        parameters,
    )
    return {value: (least, greatest) for value, least, greatest in cursor.fetchall()}


def _take_addresses(rows: Sequence[tuple[Any, ...]], known: _Known) -> None:
    """Addresses that are another one than before: most are the one by which the person was made."""
    for place, kind in enumerate(_ADDRESSES):
        fresh, former = [], []
        for row in rows:
            value, mine = row[1 + place], known.get(row[0])
            if value is not None and mine is not None and value != mine[place]:
                fresh.append((row[0], value, address_hash(kind, value)))
                if mine[place]:
                    former.append((row[0], kind, mine[place], "strong", ""))
        if former:
            # Nothing that a row showed is lost when something else takes its place.
            columns = {"person_id": "bigint", **dict.fromkeys(_FORMER, "text")}
            put("people_identifier", columns, former, again="(person_id, kind, value) DO NOTHING")
        if fresh:
            change("people_person", [kind, f"{kind}_hash"], fresh, where="erased_at IS NULL")


def _hashed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        None if said is None else address_hash(kind, said)
        for kind, said in zip(("email", "phone"), row[1:3], strict=True)
    )


@dataclass(frozen=True)
class _Present:
    """Who a person is, of merged people and of those whom others were merged into."""

    present: int
    since: str
    """From when on what they say is said of both; ISO 8601, empty for always."""


def _who_are_one(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> dict[int, _Present]:
    """Who they are, of those who are one with others and said something since."""
    source, parameters = given(
        {"id": "bigint", "at": "timestamptz"}, [(row[0], row[-1]) for row in rows]
    )
    cursor.execute(
        f"""
        SELECT m.id, coalesce(m.merged_into_id, m.id), m.merged_at FROM {source}
        JOIN people_person m ON m.id = given.id
        LEFT JOIN people_ownrecord o ON o.person_id = m.id
        WHERE CASE WHEN m.merged_into_id IS NULL THEN o.id IS NOT NULL
            ELSE {moment("given.at")} > m.merged_at END
        """,
        parameters,
    )
    return {
        person: _Present(present, _as_said(since) if present != person else "")
        for person, present, since in cursor.fetchall()
    }


def _as_said(kept: datetime | str) -> str:
    """A moment as the database keeps it, in the form of `_moments`."""
    at = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.isoformat(timespec="microseconds")


def _learn_of_merged(
    cursor: Any, rows: Sequence[tuple[Any, ...]], who: dict[int, _Present]
) -> None:
    """Merged people: their own record keeps what they say themselves, and the row of who they are
    shows of each field the newest word of any of them since.
    """
    columns = (*LEARNT, "email_hash", "phone_hash")
    source, parameters = given(
        {"id": "bigint", **dict.fromkeys(columns, "text")},
        [(*row[: 1 + len(LEARNT)], *_hashed(row)) for row in rows],
    )
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
    newest: dict[int, dict[str, tuple[str, str]]] = {}
    for row in (row for row in rows if row[0] in who):
        one = who[row[0]]
        said = newest.setdefault(one.present, {})
        *names_at, email_at, phone_at, _last = row[_BY_ID + len(_ADDRESSES) :]
        moments = (email_at, phone_at, *names_at)
        for name, value, at in zip(LEARNT, row[1:], moments, strict=False):
            is_since = value is not None and at > one.since
            if is_since and (name not in said or at >= said[name][0]):
                said[name] = at, value
    if not newest:
        return
    for person, kind in _said_later(cursor, newest):
        del newest[person][kind]
    changes = [
        (person, *values, *_hashed((person, *values)))
        for person, said in newest.items()
        for values in [[said[name][1] if name in said else None for name in LEARNT]]
    ]
    change("people_person", columns, changes, where="erased_at IS NULL")


def _said_later(
    cursor: Any, newest: dict[int, dict[str, tuple[str, str]]]
) -> list[tuple[int, str]]:
    """The addresses among what was said, person and kind, for which the row shows one that any of
    those who are one said later.
    """
    source, parameters = given({"id": "bigint"}, [(person,) for person in newest])
    cursor.execute(
        f"SELECT m.merged_into_id, m.id FROM {source}"
        " JOIN people_person m ON m.merged_into_id = given.id",
        parameters,
    )
    everybody = [*((person, person) for person in newest), *cursor.fetchall()]
    source, parameters = given(
        {"id": "bigint", "one": "bigint", "kind": "text", "at": "timestamptz"},
        [
            (person, one, kind, newest[person][kind][0])
            for person, one in everybody
            for kind in _ADDRESSES
            if kind in newest[person]
        ],
    )
    shown = "CASE k.kind WHEN 'email' THEN p.email ELSE p.phone END"
    cursor.execute(
        f"""
        SELECT DISTINCT p.id, k.kind FROM {source} JOIN people_person p ON p.id = given.id
        JOIN people_identifier k ON k.person_id = given.one AND k.kind = given.kind
            AND k.value = {shown}
        WHERE k.last_seen > {moment("given.at")}
        """,
        parameters,
    )
    return list(cursor.fetchall())


def _moments(column: pa.ChunkedArray) -> list[str]:
    """Moments in UTC as ISO 8601; most rows of a column say the same one."""
    coded = column.combine_chunks().dictionary_encode()
    said = [
        at.replace(tzinfo=UTC).isoformat(timespec="microseconds")
        for at in coded.dictionary.to_pylist()
    ]
    return [said[place] for place in coded.indices.to_pylist()]


def _region() -> str:
    workspace = Workspace.here()
    return home_region(workspace.time_zone, workspace.currency)


class _Cleaner:
    """Brings what senders write into the form of the record store."""

    def __init__(self) -> None:
        self._region = _region()

    def __call__(self, column: pa.ChunkedArray, field: str) -> list[str | None]:
        """The values of a column; only those that do not look clean are looked at one by one."""
        values: list[str | None] = column.to_pylist()
        odd = pc.or_(
            pc.greater(pc.utf8_length(column), _LONGEST[field]), pc.match_substring(column, "\x00")
        )
        if field in PLAIN:
            odd = pc.or_(odd, pc.invert(pc.match_substring_regex(column, PLAIN[field])))
        for place in pc.indices_nonzero(pc.fill_null(odd, False)).to_pylist():
            values[place] = self._cleaned(str(values[place]), field)
        return values

    def _cleaned(self, value: str, field: str) -> str:
        value = value.replace("\x00", "")
        if field == "email" and value:
            value = normal_email(value) or value
        elif field == "phone" and value:
            value = normal_phone(value, self._region) or value
        return value[: _LONGEST[field]]


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch
