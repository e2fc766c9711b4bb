"""The same person is found again, however the address is written."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from muster.events import shape
from muster.people.consent.models import ConsentEntry, ConsentState
from muster.people.identity.erasing import erase
from muster.people.identity.models import Identifier
from muster.people.identity.records import PeopleRecords
from muster.people.profile.models import Person
from muster.people.profile.names import full_name, split_name
from muster.people.profile.rules import home_region, normal_email, normal_phone
from muster.team.stores import emit, wait_until_loaded, warehouse
from muster.warehouse.loader import Loader
from muster.warehouse.records import CONSENTS, KEYS, PROFILES

records = PeopleRecords()
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def people_for(
    *asked: tuple[str | None, str | None, str | None],
    rebuilding: bool = False,
    at: datetime = LONG_AGO,
) -> list[int]:
    columns = list(zip(*asked, strict=True))
    keys: dict[str, list[Any]] = {name: [None] * len(asked) for name in KEYS.names}
    keys |= {"n": list(range(len(asked)))}
    keys |= {"source": ["muster"] * len(asked), "at": [at.replace(tzinfo=None)] * len(asked)}
    keys |= dict(zip(("external_id", "email", "phone"), map(list, columns), strict=True))  # type: ignore[arg-type]
    found = PeopleRecords(rebuilding=rebuilding).people_for(pa.table(keys, schema=KEYS))
    return list(found["person_id"].to_pylist())


def learn(person: int, *, rebuilding: bool = False, at: datetime = LONG_AGO, **said: str) -> None:
    row: dict[str, list[Any]] = {name: [said.get(name)] for name in PROFILES.names}
    row |= {"person_id": [person], "at": [at.replace(tzinfo=None)]}
    PeopleRecords(rebuilding=rebuilding).learn(pa.table(row, schema=PROFILES))


def say(person: int, *words: tuple[str, str, int, str]) -> None:
    rows = [
        {
            "message_id": i,
            "person_id": person,
            "channel": "email",
            "purpose": "marketing",
            "state": state,
            "at": datetime(2026, 1, day, tzinfo=UTC).replace(tzinfo=None),
            "source": source,
            "proof": "",
        }
        for i, state, day, source in words
    ]
    records.consents(pa.Table.from_pylist(rows, schema=CONSENTS))


def state() -> str:
    return ConsentState.objects.get().state


class TestWhoIsBehindAnEvent:
    def test_the_external_id_decides_then_the_address_then_the_phone(self, db: None) -> None:
        first, second = people_for(("c1", "a@b.cn", None), (None, None, "+8613800138000"))
        assert people_for(("c1", None, "+8613800138000")) == [first]
        assert people_for((None, "a@b.cn", "+8613800138000")) == [first]
        assert people_for((None, None, "+8613800138000")) == [second]

    def test_asking_again_makes_nobody(self, db: None) -> None:
        asked = [("c1", "a@b.cn", None), ("c1", None, None), (None, "a@b.cn", None)]
        assert people_for(*asked) == people_for(*asked)
        assert Person.objects.count() == 1

    def test_someone_known_by_address_gets_the_id(self, db: None) -> None:
        (person,) = people_for((None, "a@b.cn", None))
        assert people_for(("c1", "a@b.cn", None)) == [person]
        assert Person.objects.get().external_id == "c1"

    def test_an_address_of_another_id_stays_with_its_owner(self, db: None) -> None:
        first, second = people_for(("c1", "a@b.cn", None), ("c2", "a@b.cn", None))
        assert first != second
        assert people_for((None, "a@b.cn", None)) == [first]

    def test_a_former_address_still_leads_to_the_person(self, db: None) -> None:
        (person,) = people_for(("c1", "old@b.cn", None))
        learn(person, email="new@b.cn")
        assert people_for((None, "old@b.cn", None)) == [person]
        assert Person.objects.get().email == "new@b.cn"

    def test_a_number_without_a_country_is_one_of_the_workspace(self, workspace: Any) -> None:
        (person,) = people_for((None, None, "13800138000"))
        assert people_for((None, None, "+8613800138000")) == [person]


class TestAnOldWordThatComesLate:
    def told(self, *calls: tuple[int, dict[str, Any]], who: str = "u1") -> Person:
        """Say it in one load; the days are those since long ago."""
        lines = [
            shape.identify(traits, user_id=who, at=LONG_AGO + timedelta(days=day))
            for day, traits in calls
        ]
        wait_until_loaded(emit(lines))
        return Person.objects.get(external_id=who)

    def test_takes_the_place_of_nothing_newer(self, stores: Any) -> None:
        self.told((5, {"email": "new@x.org", "first_name": "Li"}))
        person = self.told((1, {"email": "old@x.org", "first_name": "Lee", "language": "en"}))
        assert (person.email, person.first_name) == ("new@x.org", "Li")
        assert person.language == "en"
        assert people_for((None, "old@x.org", None)) == [person.pk]
        person = self.told((6, {"email": "newer@x.org", "first_name": "Lily"}))
        assert (person.email, person.first_name) == ("newer@x.org", "Lily")

    def test_nor_do_two_of_them_or_one_beside_a_new_one(self, stores: Any) -> None:
        self.told((5, {"email": "new@x.org", "first_name": "New"}))
        person = self.told(
            (1, {"email": "old1@x.org", "first_name": "Old"}),
            (2, {"email": "old2@x.org"}),
            (9, {"last_name": "Z"}),
        )
        assert (person.email, person.first_name, person.last_name) == ("new@x.org", "New", "Z")
        assert people_for((None, "old1@x.org", None), (None, "old2@x.org", None)) == [person.pk] * 2

    def test_does_not_bring_back_what_was_taken_away(self, stores: Any) -> None:
        self.told((1, {"email": "a@x.org"}))
        assert self.told((5, {"email": None})).email == ""
        assert self.told((3, {"email": "b@x.org"})).email == ""

    def test_of_what_a_new_person_says_at_once_the_newest_counts(self, stores: Any) -> None:
        person = self.told(
            (1, {"email": "old@x.org", "first_name": "O"}),
            (2, {"email": "new@x.org", "first_name": "N"}),
        )
        assert (person.email, person.first_name) == ("new@x.org", "N")
        assert people_for((None, "old@x.org", None)) == [person.pk]

    def test_a_former_address_may_be_said_as_often_as_one_likes(self, stores: Any) -> None:
        self.told((1, {"email": "x@x.org"}))
        person = self.told(
            *((day, {"email": "x@x.org"}) for day in (2, 3, 4)),
            *((day, {"email": "y@x.org"}) for day in range(5, 20)),
            (30, {"first_name": "N"}),
        )
        assert person.email == "y@x.org"
        rows = Identifier.objects.filter(person=person, kind="email").order_by("value")
        assert [
            (one.value, (one.first_seen - LONG_AGO).days, (one.last_seen - LONG_AGO).days)
            for one in rows
        ] == [("x@x.org", 1, 4), ("y@x.org", 19, 19)]

    def test_a_rebuild_leaves_the_present_address(self, stores: Any) -> None:
        self.told((1, {"email": "x@x.org"}), (9, {"first_name": "N"}))
        self.told((4, {"email": "y@x.org"}))
        there = stores.stores
        again = PeopleRecords(rebuilding=True)
        Loader(there.warehouse, there.spool.folder, again, chunk_bytes=1).rebuild()
        assert Person.objects.get(external_id="u1").email == "y@x.org"

    def test_other_words_since_do_not_matter(self, stores: Any) -> None:
        self.told((1, {"first_name": "A"}))
        self.told((5, {"plan": "x"}))
        assert self.told((3, {"first_name": "B"})).first_name == "B"


class TestErasing:
    def test_leaves_an_empty_record_and_the_address_is_somebody_new(self, stores: Any) -> None:
        from django.utils import timezone

        (person,) = people_for(("c1", "a@b.cn", None))
        learn(person, first_name="Li")
        erase([person], now=timezone.now())
        gone = Person.objects.get()
        assert (gone.external_id, gone.email, gone.email_hash, gone.first_name) == (
            None,
            "",
            "",
            "",
        )
        assert people_for(("c1", "a@b.cn", None), rebuilding=True) == [person]
        assert people_for(("c1", "a@b.cn", None)) != [person]


class TestTheLedgerOfConsent:
    @pytest.mark.parametrize(
        ("words", "holds"),
        [
            ([("a", "granted", 1, "form")], "granted"),
            ([("a", "granted", 1, "form"), ("b", "withdrawn", 2, "form")], "withdrawn"),
            ([("a", "withdrawn", 1, "form"), ("b", "granted", 2, "form")], "granted"),
            ([("a", "withdrawn", 1, "form"), ("b", "granted", 2, "import:x")], "withdrawn"),
            ([("a", "granted", 2, "import:x"), ("b", "withdrawn", 1, "form")], "withdrawn"),
            ([("a", "granted", 1, "import:x"), ("b", "granted", 2, "import:y")], "granted"),
            ([("a", "granted", 1, "form"), ("b", "withdrawn", 1, "form")], "withdrawn"),
        ],
    )
    def test_the_latest_word_counts_but_a_file_never_gives_back(
        self, db: None, words: list[tuple[str, str, int, str]], holds: str
    ) -> None:
        (person,) = people_for(("c1", None, None))
        say(person, *words)
        assert state() == holds

    def test_a_word_counts_once(self, db: None) -> None:
        (person,) = people_for(("c1", None, None))
        for _time in range(2):
            say(person, ("a", "granted", 1, "form"))
        assert ConsentEntry.objects.count() == 1


class TestAddressesAndPhones:
    @pytest.mark.parametrize(
        ("written", "address"),
        [
            (" Li.Na@Example.COM ", "li.na@example.com"),
            ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "li@example.com"),
            ("mailto:a@b.cn", "a@b.cn"),
            ("a@例子.中国", "a@xn--fsqu00a.xn--fiqs8s"),
            ("a@b", None),
            ("a@b..cn", None),
            ("a b@c.cn", None),
            ('"a b"@c.cn', None),
            ("a@[127.0.0.1]", None),
        ],
    )
    def test_an_address_has_one_form(self, written: str, address: str | None) -> None:
        assert normal_email(written) == address

    def test_published_addresses_are_judged_as_mail_can_be_sent(self, shared_data: Path) -> None:
        file = shared_data / "email_address_vectors" / "isemail_tests.json"
        for address, diagnosis in json.loads(file.read_text())["tests"]:
            if address == address.strip():
                can_be_sent = diagnosis == "valid" or diagnosis.startswith("dnsWarn")
                assert (normal_email(address) is not None) is can_be_sent, address

    def test_published_numbers_get_their_form(self, shared_data: Path) -> None:
        with (shared_data / "phone_numbers" / "vectors.csv").open() as file:
            for row in csv.DictReader(file):
                expected = row["e164"] if row["valid"] == "True" else None
                assert normal_phone(row["input"], row["region"]) == expected, row

    def test_the_home_of_numbers_is_that_of_the_time_zone(self) -> None:
        assert [home_region(*pair) for pair in [("Asia/Shanghai", "USD"), ("UTC", "CNY")]] == [
            "CN",
            "CN",
        ]


class TestNames:
    @pytest.mark.parametrize(
        ("whole", "first", "last"),
        [
            ("李小雨", "小雨", "李"),
            ("欧阳娜娜", "娜娜", "欧阳"),
            ("Anna Maria Li", "Anna Maria", "Li"),
            ("Madonna", "Madonna", ""),
        ],
    )
    def test_are_split_and_joined_by_their_script(self, whole: str, first: str, last: str) -> None:
        assert split_name(whole) == (first, last)
        assert full_name(first, last) == whole


class TestWhatEventsSayOfAddresses:
    def test_only_addresses_and_numbers_lead_to_people(self, stores: Any) -> None:
        said = [
            ({"email": "n/a"}, "a1"),
            ({"email": "not an address", "phone": "12"}, "a2"),
            ({"phone": "１３８００１３８５５５"}, "a3"),
            ({"phone": "+86 138-0013-8555", "email": "MAILTO:Li@例子.cn"}, "a4"),
            ({"email": "li@xn--fsqu00a.cn"}, "a5"),
        ]
        place = emit([shape.identify(traits, anonymous_id=who) for traits, who in said])
        wait_until_loaded(place, 30)
        assert list(Person.objects.values_list("email", "phone")) == [
            ("li@xn--fsqu00a.cn", "+8613800138555")
        ]
        with warehouse() as db:
            names = db.con.execute(
                "SELECT count(*), count(DISTINCT person_id) FROM events WHERE person_id IS NOT NULL"
            ).fetchone()
        assert names == (3, 1)


class TestARebuild:
    def test_puts_no_former_address_in_the_place_of_the_present_one(self, db: None) -> None:
        (person,) = people_for(("c1", "old@b.cn", None))
        learn(person, email="new@b.cn", at=LONG_AGO + timedelta(days=2))
        learn(person, email="old@b.cn", first_name="Li", rebuilding=True)
        assert Person.objects.values_list("email", "first_name").get() == ("new@b.cn", "Li")
        learn(person, email="newer@b.cn", rebuilding=True, at=LONG_AGO + timedelta(days=3))
        assert Person.objects.get().email == "newer@b.cn"

    def test_takes_whoever_came_after_the_erasure_for_somebody_new(self, stores: Any) -> None:
        (gone,) = people_for(("c1", "a@b.cn", None))
        erase([gone], now=LONG_AGO + timedelta(days=5))
        (before,) = people_for((None, "a@b.cn", None), rebuilding=True)
        (after,) = people_for(
            (None, "a@b.cn", None), rebuilding=True, at=LONG_AGO + timedelta(days=6)
        )
        assert (before, after != gone) == (gone, True)


class TestARebuildAfterErasing:
    def test_does_not_bring_anybody_back(self, stores: Any, owner: Any) -> None:
        from django.utils import timezone

        from muster.people.directory import actions
        from muster.warehouse.loader import Loader

        now = timezone.now()
        gone = actions.create({"external_id": "c1", "email": "a@b.cn"}, {}, by=owner, now=now)
        actions.create({"external_id": "c2"}, {}, by=owner, now=now)
        actions.erase(gone, by=owner, now=now)
        current = stores.stores
        records = PeopleRecords(rebuilding=True)
        Loader(current.warehouse, current.spool.folder, records).rebuild()
        kept = Person.objects.get(external_id="c2").pk
        with warehouse() as db:
            assert db.con.execute("SELECT person_id FROM profiles").fetchall() == [(kept,)]
        assert Person.objects.count() == 2
        gone.refresh_from_db()
        assert (gone.email, gone.external_id) == ("", None)
