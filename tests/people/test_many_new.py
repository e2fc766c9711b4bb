"""Many new people at once are written beside what the loader does next, and all of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
import pytest
from django.db import connection

from muster.people.identity import records as identity
from muster.people.identity.models import Identifier, Likeness
from muster.people.identity.records import PeopleRecords
from muster.people.profile.models import Person
from muster.warehouse.records import KEYS

MANY = 3000
Asked = tuple[str | None, str | None, str | None]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def may_look_while_somebody_writes(transactional_db: None) -> None:
    """As in a file: the tests' database in memory would lock its tables."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA read_uncommitted = true")


def keys_of(asked: Sequence[Asked]) -> pa.Table:
    keys = {name: [None] * len(asked) for name in KEYS.names}
    keys |= dict(zip(("external_id", "email", "phone"), zip(*asked, strict=True), strict=True))  # type: ignore[arg-type]
    keys |= {"n": range(len(asked)), "source": ["import:x"] * len(asked)}  # type: ignore[dict-item]
    keys |= {"at": [datetime(2026, 1, 1)] * len(asked)}  # type: ignore[list-item]  # noqa: DTZ001
    return pa.table({name: list(values) for name, values in keys.items()}, schema=KEYS)


def everybody() -> list[Asked]:
    return [(f"c{n}", f"p{n}@example.com", f"+8613800{n:06}") for n in range(MANY)]


def emails() -> dict[int, str]:
    return dict(Person.objects.values_list("pk", "email"))


def test_all_are_there_when_it_is_settled_and_found_when_asked_again() -> None:
    records = PeopleRecords()
    found = records.people_for(keys_of(everybody()))
    records.settle()
    numbers = found["person_id"].to_pylist()
    assert all(found["made"].to_pylist())
    assert emails() == dict(
        zip(numbers, (email for _id, email, _phone in everybody()), strict=True)
    )
    assert Identifier.objects.count() == 3 * MANY
    again = records.people_for(keys_of(everybody()))
    records.settle()
    assert again["person_id"].to_pylist() == numbers
    assert not any(again["made"].to_pylist())
    assert (Person.objects.count(), Identifier.objects.count()) == (MANY, 3 * MANY)


def test_what_cannot_be_written_is_said_and_can_be_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = PeopleRecords()

    def fail(*_given: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(identity, "_keep_first_identifiers", fail)
        records.people_for(keys_of(everybody()))
        with pytest.raises(OSError, match="the disk is full"):
            records.settle()
    assert not Person.objects.exists()
    found = records.people_for(keys_of(everybody()))
    records.settle()
    assert set(found["person_id"].to_pylist()) == set(emails())
    assert Person.objects.count() == MANY


def test_who_was_made_by_somebody_else_meanwhile_is_not_made_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records, add = PeopleRecords(), identity._Writer.add

    def behind_another(writer: identity._Writer, plan: identity._Plan) -> None:
        Person.objects.create(email="p7@example.com")
        add(writer, plan)

    with monkeypatch.context() as patched:
        patched.setattr(identity._Writer, "add", behind_another)
        records.people_for(keys_of(everybody()))
        with pytest.raises(RuntimeError, match="Somebody else"):
            records.settle()
    (known,) = Person.objects.all()
    found = records.people_for(keys_of(everybody()))
    records.settle()
    assert found["person_id"].to_pylist()[7] == known.pk
    assert Person.objects.count() == MANY


def test_a_load_that_failed_is_waited_for_before_the_next_one() -> None:
    records = PeopleRecords()
    first = records.people_for(keys_of(everybody()))
    second = records.people_for(keys_of(everybody()))
    records.settle()
    assert first["person_id"].to_pylist() == second["person_id"].to_pylist()


def write_late(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Nothing is written in the thread until this is set."""
    let_go, write = threading.Event(), identity._Writer._write

    def late(writer: identity._Writer, plan: identity._Plan) -> None:
        assert let_go.wait(20)
        write(writer, plan)

    monkeypatch.setattr(identity._Writer, "_write", late)
    return let_go


def test_who_was_given_an_id_in_one_batch_has_it_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(identity, "BATCH", 1)
    monkeypatch.setattr(identity, "_WORTH_A_THREAD", 1)
    let_go = write_late(monkeypatch)
    known = Person.objects.create(email="e@example.com", phone="+8613800000001")
    records = PeopleRecords()
    asked: list[Asked] = [("c1", "e@example.com", None), ("c2", None, "+8613800000001")]
    first, second = records.people_for(keys_of(asked))["person_id"].to_pylist()
    let_go.set()
    records.settle()
    assert first == known.pk
    assert second != known.pk
    assert set(Person.objects.values_list("pk", "external_id")) == {(first, "c1"), (second, "c2")}


@pytest.mark.parametrize("seed", range(5))
def test_whoever_is_met_in_another_batch_is_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In small batches, of which the later ones do not see what is being written of the earlier."""
    chance = random.Random(seed)

    def one(kind: str) -> str | None:
        return chance.choice([None, f"{kind}{chance.randrange(12)}"])

    asked: list[Asked] = []
    while len(asked) < 40:
        external_id, email, phone = one("c"), one("e"), one("+861380000000")
        if external_id or email or phone:
            asked.append((external_id, email and f"{email}@example.com", phone))

    let_go = write_late(monkeypatch)

    def outcome(batch: int, least: int) -> tuple[object, ...]:
        let_go.clear()
        monkeypatch.setattr(identity, "BATCH", batch)
        monkeypatch.setattr(identity, "_WORTH_A_THREAD", least)
        Person.objects.all().delete()
        # These two are there before.
        Person.objects.create(email="e1@example.com")
        Person.objects.create(phone="+8613800000002", external_id="c3")
        records = PeopleRecords()
        found = records.people_for(keys_of(asked))["person_id"].to_pylist()
        let_go.set()
        records.settle()
        place = {
            number: n
            for n, number in enumerate(Person.objects.order_by("pk").values_list("pk", flat=True))
        }
        return (
            [place[number] for number in found],
            list(Person.objects.order_by("pk").values_list("external_id", "email", "phone")),
            sorted((place[i.person_id], i.kind, i.value) for i in Identifier.objects.all()),
            sorted((place[a.first_id], place[a.second_id]) for a in Likeness.objects.all()),
        )

    one_by_one = outcome(batch=1, least=1000)
    assert outcome(batch=3, least=1) == one_by_one
    assert outcome(batch=100, least=1000) == one_by_one
