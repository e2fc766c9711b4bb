"""Whichever lines of the log are loaded together, the tables say the same."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from muster.events import names
from muster.events.shape import event, identify
from muster.warehouse import schema, witness
from muster.warehouse.records import KEYS
from tests.warehouse.test_loader import World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EMAIL = ("email", "marketing", "")
PEOPLE, DEVICES = ("u1", "u2", "u3", "u4"), ("d", "e")
VALUES = {
    "level": (1, 2, 2.5, 7.0, None, "gold"),
    "plan": ("free", "paid", None),
    "age": (20, 30, 40),
    "fan": (True, False, None),
}


NAMES = {
    "email": (*(f"{one}@{two}.org" for one in "abcd" for two in "xy"), None),
    "first_name": ("Li", "Lee", None),
    "language": ("zh", "en"),
}


class Story:
    """Random lines of a log: words out of their order, devices, merges, and their undoing."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.lines = [event("Signed Up", user_id=who, at=NOON, message_id=who) for who in PEOPLE]
        self.into: dict[int, int] = {}
        self.merges: list[tuple[int, int, list[int]]] = []
        for n in range(self.chance.randrange(30, 70)):
            self.lines += self.one(f"{n}")

    def at(self) -> datetime:
        return NOON + timedelta(hours=self.chance.randrange(12))

    def one(self, n: str) -> list[bytes]:
        pick = self.chance.choice
        what = self.chance.random()
        who = {"user_id": pick(PEOPLE)}
        if what < 0.5:
            traits = {k: pick(v) for k, v in VALUES.items() if self.chance.random() < 0.5}
            traits["n"] = int(n)
            on = self.chance.random()
            device = {"anonymous_id": pick(DEVICES)}
            asks = who if on < 0.7 else device if on < 0.85 else who | device
            if "user_id" in asks:
                traits |= {k: pick(v) for k, v in NAMES.items() if self.chance.random() < 0.2}
            return [identify(traits, at=self.at(), message_id=n, **asks)]
        if what < 0.55:
            device = {"anonymous_id": pick(DEVICES)}
            return [event("Signed In", at=self.at(), message_id=n, **who, **device)]
        if what < 0.6:
            return [event("Viewed", at=self.at(), message_id=n, anonymous_id=pick(DEVICES))]
        if what < 0.75:
            name = pick(names.TAG_EVENTS)
            return [event(name, at=self.at(), message_id=n, properties={"tag": pick("st")}, **who)]
        if what < 0.9:
            name = pick((names.CONSENT_GIVEN, names.UNSUBSCRIBED))
            said = {"channel": "email", "proof": "form", "source": "form"}
            return [event(name, at=self.at(), message_id=n, properties=said, **who)]
        return self.merge(n) if what < 0.97 or not self.merges else self.part(n)

    def merge(self, n: str) -> list[bytes]:
        free = [one for one in range(1, len(PEOPLE) + 1) if one not in self.into]
        if len(free) < 2:
            return []
        kept, gone = self.chance.sample(free, 2)
        moved = [gone, *(one for one, to in self.into.items() if to == gone)]
        self.into |= dict.fromkeys(moved, kept)
        self.merges.append((kept, gone, moved))
        return [self.told(names.PERSON_MERGED, n, [[one, kept] for one in moved], [kept])]

    def part(self, n: str) -> list[bytes]:
        kept, gone, moved = self.merges.pop()
        del self.into[gone]
        self.into |= {one: gone for one in moved if one != gone}
        moves = [[gone, gone], *([one, gone] for one in moved if one != gone)]
        return [self.told(names.PERSON_UNMERGED, n, moves, [kept, gone])]

    def told(self, name: str, n: str, moves: list[list[int]], about: list[int]) -> bytes:
        facts = [
            {"person_id": one, "email_hash": f"h{n}", "mail_domain": f"{n}.org",
             "phone_region": "CN"}
            for one in about
        ]  # fmt: skip
        return event(
            name, person_id=about[0], at=self.at(), message_id=n,
            properties={"moves": moves, "facts": facts},
        )  # fmt: skip


def tables(world: World) -> dict[str, list[str]]:
    """What every table holds, with traits by their names."""
    named = {f'{col} AS "{name}"' for name, col in world.rows("SELECT name, col FROM traits")}
    own = {
        "profiles": ", ".join([*schema.PROFILES, *sorted(named, key=lambda one: one.split()[2])]),
        "traits": "name, kind",
    }
    ordered = {
        table: world.rows(f"SELECT {own.get(table, '*')} FROM {table}")
        for table in schema.TABLES
        if table not in ("built", "loaded")
    }
    return {table: sorted(map(str, rows)) for table, rows in ordered.items()}


def reckoned(world: World) -> dict[int, dict[str, object]]:
    """Each person's traits, from one call to the next in the order of time, then of the log."""
    rows = world.rows(
        'SELECT person_id, "at", props FROM events'
        " WHERE type = 'identify' AND person_id IS NOT NULL"
    )
    calls = [(at, json.loads(props), person) for person, at, props in rows]
    found: dict[int, dict[str, object]] = {}
    for _at, said, person in sorted(calls, key=lambda call: (call[0], call[1]["n"])):
        found.setdefault(person, {}).update(said)
    return found


def kept(world: World) -> dict[int, dict[str, object]]:
    people = [person for (person,) in world.rows("SELECT person_id FROM profiles")]
    return {person: world.profile(person) for person in people}


def as_kept(value: object, kind: str) -> object:
    return json.dumps(value) if kind == "text" and not isinstance(value, str | None) else value


@pytest.mark.parametrize("seed", range(4))
def test_any_pieces_give_the_same_tables(tmp_path, seed):
    story = Story(seed)
    world = World(tmp_path)
    left = list(story.lines)
    while left:
        size = story.chance.choice([1, 2, 5, 20])
        world.happens(*left[:size])
        del left[:size]
    kinds = world.kinds()
    told = {
        person: {name: as_kept(said.get(name), kind) for name, kind in kinds.items()}
        for person, said in reckoned(world).items()
    }
    assert {one: said for one, said in kept(world).items() if one in told} == told
    assert heard(world) == counting(world)
    assert learnt(world) == told_last(story)
    before = tables(world)
    world.loader.rebuild()
    assert tables(world) == before


def learnt(world: World) -> dict[str, dict[str, object]]:
    """What the record store has of each external id."""
    people = {one["external_id"]: one for one in world.records.people.values()}
    return {
        who: {name: people[who][name] for name in NAMES if people[who].get(name)} for who in PEOPLE
    }


def told_last(story: Story) -> dict[str, dict[str, object]]:
    """The same from the lines themselves."""
    calls = [(n, json.loads(line)) for n, line in enumerate(story.lines)]
    found: dict[str, dict[str, object]] = {who: {} for who in PEOPLE}
    for _n, call in sorted(calls, key=lambda one: (one[1]["timestamp"], one[0])):
        if call["type"] == "identify" and call.get("userId"):
            said = {k: v for k, v in call["traits"].items() if k in NAMES}
            found[call["userId"]].update(said)
    return {who: {k: v for k, v in said.items() if v} for who, said in found.items()}


def heard(world: World) -> dict[int, tuple[set[str], str]]:
    """Tags and consent of each person by the events alone."""
    with world.warehouse.read() as db:
        people = [row[0] for row in db.con.execute("SELECT person_id FROM profiles").fetchall()]
        rows = db.con.execute("SELECT max(rowid) + 1 FROM events").fetchone()[0]
        found = witness.testify(db, people, rows)
    return {who.id: (who.tags, who.consents.get(EMAIL, "unknown")) for who in found}


def counting(world: World) -> dict[int, tuple[set[str], str]]:
    """The same by the tables."""
    tags, states = {}, dict(world.rows("SELECT person_id, state FROM consents"))
    for person, tag in world.rows("SELECT person_id, tag FROM tags"):
        tags.setdefault(person, set()).add(tag)
    people = [person for (person,) in world.rows("SELECT person_id FROM profiles")]
    return {one: (tags.get(one, set()), states.get(one, "unknown")) for one in people}


class TestAnOldWordThatComesLate:
    def test_does_not_take_the_place_of_a_newer_one(self, world):
        world.happens(identify({"plan": "new"}, user_id="u1", at=NOON))
        world.happens(
            identify({"plan": "old", "fan": True}, user_id="u1", at=NOON - timedelta(days=9)),
            identify({"plan": "other"}, user_id="u2", at=NOON),
        )
        assert world.profile(1) == {"plan": "new", "fan": True}
        assert world.profile(2) == {"plan": "other", "fan": None}

    def test_nor_does_an_old_tag(self, world):
        def tagging(name, days):
            at = NOON - timedelta(days=days)
            return event(name, user_id="u1", at=at, properties={"tag": "vip"})

        world.happens(tagging(names.PERSON_UNTAGGED, 0))
        world.happens(tagging(names.PERSON_TAGGED, 9))
        assert world.rows("SELECT * FROM tags") == []

    def test_holds_for_its_moment_when_it_turns_a_number_into_a_text(self, world):
        world.happens(identify({"level": 5}, user_id="u1", at=NOON))
        world.happens(identify({"level": "low"}, user_id="u1", at=NOON - timedelta(days=9)))
        assert (world.kinds(), world.profile(1)) == ({"level": "text"}, {"level": "5"})


def test_a_device_that_becomes_somebodys_brings_what_it_told(world):
    world.happens(identify({"plan": "free", "fan": True}, anonymous_id="d", at=NOON))
    world.happens(
        identify({"plan": "paid"}, user_id="u1", anonymous_id="d", at=NOON + timedelta(days=1))
    )
    assert world.profile(1) == {"plan": "paid", "fan": True}


def test_a_device_brings_it_along_whatever_call_says_whose_it_is(world):
    world.happens(identify({"plan": "free"}, anonymous_id="d", at=NOON))
    world.happens(event("Signed In", user_id="u1", anonymous_id="d", at=NOON))
    assert world.profile(1) == {"plan": "free"}


def test_properties_of_an_identify_call_are_no_traits(world):
    odd = {"type": "identify", "userId": "u1", "timestamp": NOON.isoformat(),
           "messageId": "odd", "properties": {"plan": "x"}}  # fmt: skip
    world.happens(json.dumps(odd).encode())
    world.happens(identify({"age": 5}, user_id="u1", at=NOON - timedelta(days=1)))
    assert world.profile(1) == {"age": 5}


def test_an_address_that_another_one_follows_at_once_is_learnt_too(world):
    world.happens(
        identify({"email": "first@x.org"}, user_id="u1", at=NOON),
        identify({"email": "second@x.org"}, user_id="u1", at=NOON + timedelta(hours=1)),
    )
    asked = [dict.fromkeys(KEYS.names) | {"n": 1, "email": "first@x.org"}]
    found = world.records.people_for(pa.Table.from_pylist(asked, KEYS))
    assert found["person_id"].to_pylist() == [1]
    assert world.records.people[1]["email"] == "second@x.org"
