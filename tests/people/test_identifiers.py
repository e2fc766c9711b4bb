"""Every identifier a person ever had leads to them, until they are erased (PE1)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from muster.events import spool
from muster.events.shape import event, identify, iso
from muster.people.consent.models import Suppression
from muster.people.identity.likeness import open_pairs
from muster.people.identity.models import Identifier
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person
from muster.people.segments import counting
from muster.team import stores as team_stores


def made(api: Any, **said: Any) -> str:
    answer = api("POST", "/people", said)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def found(api: Any, **asked: str) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return [one["id"] for one in api("GET", f"/people?{query}").json()["items"]]


@pytest.fixture
def merged(stores: Any, api: Any) -> str:
    """The one of the shop, into whom the one of the newsletter was merged."""
    shop = made(api, external_id="c1", email="shop@example.com")
    letter = made(api, external_id="c2", email="letter@example.com", phone="13800138000")
    assert api("POST", f"/people/{shop}/merge", {"other": letter}).status_code == 200
    return shop


def say(stores: Any, user: str, **traits: Any) -> None:
    team_stores.emit([identify(traits, user_id=user)])
    stores.settle()


def pairs() -> list[tuple[str, set[str]]]:
    """What waits for a decision: why, and about whom."""
    return [(one.why, {one.first.public_id, one.second.public_id}) for one in open_pairs()]


class TestTheTable:
    def test_holds_kind_strength_source_and_times(self, stores: Any, api: Any) -> None:
        person = made(api, external_id="c1", email="a@example.com")
        lines = [
            event("Page Viewed", anonymous_id="browser-1"),
            identify({"wecom_id": "wm12345678"}, user_id="c1", anonymous_id="browser-1"),
        ]
        team_stores.emit(lines)
        stores.settle()
        items = api("GET", f"/people/{person}/identifiers").json()["items"]
        kinds = {(one["kind"], one["strength"]) for one in items}
        assert kinds == {
            ("external_id", "strong"),
            ("email", "strong"),
            ("wecom_id", "strong"),
            ("device", "weak"),
        }
        wecom = next(one for one in items if one["kind"] == "wecom_id")
        assert (wecom["value"], wecom["source"]) == ("wm12345678", "muster")
        assert wecom["first_seen"] == wecom["last_seen"]
        masked = api("GET", f"/people/{person}/identifiers", scopes=["people:read"]).json()["items"]
        assert not {"wm12345678", "a@example.com"} & {one["value"] for one in masked}
        assert found(api, wecom_id="wm12345678") == [person]
        assert found(api, anonymous_id="browser-1") == [person]
        assert found(api, anonymous_id="browser-2") == []

    def test_says_which_door_said_an_id_first_and_last(self, stores: Any, api: Any) -> None:
        def told(day: int, key: str, *lines: bytes) -> None:
            at = iso(datetime(2026, 3, day, tzinfo=UTC))
            stores.stores.spool.append_lines(spool.lines(at, key, list(lines)))
            stores.settle()

        def known(kind: str) -> tuple[str, str, str]:
            one = Identifier.objects.get(kind=kind)
            assert one.first_seen is not None
            assert one.last_seen is not None
            return one.source, f"{one.first_seen:%m-%d}", f"{one.last_seen:%m-%d}"

        told(1, "key:web", identify({"email": "a@example.com"}, user_id="c1"))
        assert known("external_id") == known("email") == ("key:web", "03-01", "03-01")
        told(5, "key:shop", identify({"first_name": "Li"}, user_id="c1"))
        assert known("external_id") == ("key:shop", "03-01", "03-05")
        assert known("email") == ("key:web", "03-01", "03-01")
        told(7, "key:shop", event("Page Viewed", user_id="c1"))
        told(3, "key:web", identify({"email": "a@example.com"}, user_id="c1"))
        assert known("email") == ("key:web", "03-01", "03-03")
        assert known("external_id")[1:] == ("03-01", "03-05")

    def test_knows_an_id_from_an_event_that_says_nothing_else(
        self, stores: Any, workspace: Any
    ) -> None:
        line = spool.lines(
            iso(datetime(2026, 3, 1, tzinfo=UTC)), "key:web", [event("Page Viewed", user_id="c1")]
        )
        stores.stores.spool.append_lines(line)
        stores.settle()
        one = Identifier.objects.get()
        assert (one.kind, one.value, one.source) == ("external_id", "c1", "key:web")
        assert one.first_seen == one.last_seen == datetime(2026, 3, 1, tzinfo=UTC)

    def test_is_shown_on_the_page(self, stores: Any, api: Any, owner: Any, client_for: Any) -> None:
        person = made(api, external_id="c1", email="old@example.com")
        say(stores, "c1", email="new@example.com")
        page = client_for(owner).get(f"/people/{person}").content.decode()
        assert "old@example.com" in page
        assert "former" in page
        assert "strong" in page
        assert f"/people/{person}" in client_for(owner).get("/people?q=old@example.com").text

    def test_people_are_found_by_every_one(self, merged: str, api: Any) -> None:
        assert found(api, external_id="c2") == [merged]
        assert found(api, email="letter@example.com") == [merged]
        assert found(api, phone="%2B8613800138000") == [merged]

    def test_segment_rules_know_what_merged_people_brought(self, merged: str) -> None:
        for value in ("c1", "c2"):
            assert counting.count({"trait": "external_id", "op": "eq", "value": value}) == 1
        rule = {"trait": "email", "op": "in", "value": ["letter@example.com", "x@example.com"]}
        assert counting.count(rule) == 1
        assert counting.count({"trait": "external_id", "op": "exists"}) == 1


class TestFormerAddresses:
    def test_are_kept_when_a_merged_one_is_overwritten(
        self, merged: str, api: Any, stores: Any
    ) -> None:
        say(stores, "c2", email="third@example.com")
        assert Person.objects.get(external_id="c1").email == "third@example.com"
        say(stores, "c1", email="fourth@example.com")
        for name in ("shop", "letter", "third", "fourth"):
            assert found(api, email=f"{name}@example.com") == [merged], name
        before = Person.objects.count()
        team_stores.emit([identify({"email": "shop@example.com", "level": 3})])
        stores.settle()
        assert Person.objects.count() == before

    def test_of_two_people_are_both_kept(self, stores: Any, api: Any) -> None:
        one, two = made(api, external_id="c1", email="a@example.com"), made(api, external_id="c2")
        say(stores, "c1", email="b@example.com")
        say(stores, "c2", email="a@example.com")
        say(stores, "c2", email="c@example.com")
        known = Identifier.objects.filter(kind="email", value="a@example.com")
        assert set(known.values_list("person__external_id", flat=True)) == {"c1", "c2"}
        assert set(found(api, email="a@example.com")) == {one, two}

    def test_unmerging_brings_each_their_own(self, merged: str, api: Any, stores: Any) -> None:
        say(stores, "c2", email="third@example.com")
        api("POST", f"/people/{merged}/unmerge")
        emails = dict(Person.objects.values_list("external_id", "email"))
        assert emails == {"c1": "shop@example.com", "c2": "third@example.com"}

    def test_erasing_suppresses_every_one_and_forgets_them(
        self, merged: str, api: Any, stores: Any, run_jobs: Any
    ) -> None:
        say(stores, "c2", email="third@example.com", phone="+8613900139000")
        assert api("DELETE", f"/people/{merged}").status_code == 204
        run_jobs()
        kept_out = set(Suppression.objects.values_list("channel", "address_hash", "reason"))
        assert kept_out == {
            *(
                ("email", address_hash("email", f"{name}@example.com"), "erased")
                for name in ("shop", "letter", "third")
            ),
            ("sms", address_hash("phone", "+8613800138000"), "erased"),
            ("sms", address_hash("phone", "+8613900139000"), "erased"),
        }
        assert not Identifier.objects.exists()
        for path in stores.stores.spool.folder.glob("*.ndjson"):
            assert b"example.com" not in path.read_bytes()

    def test_a_suppressed_one_stays_so_when_it_comes_back(self, stores: Any, api: Any) -> None:
        from muster.people.consent.actions import suppress

        made(api, external_id="c1", email="a@example.com")
        now = datetime.now(UTC)
        suppress("email", ["a@example.com"], reason="complaint", now=now, source="test")
        say(stores, "c1", email="b@example.com")
        say(stores, "c1", email="a@example.com")
        person = Person.objects.get()
        assert person.email == "a@example.com"
        assert Suppression.objects.filter(address_hash=person.email_hash).exists()
        assert Identifier.objects.filter(kind="email").count() == 2


class TestWhatHoldsOfIdentity:
    def test_no_profile_before_a_human_event(self, stores: Any) -> None:
        team_stores.emit([event("Page Viewed", user_id="bot-1", properties={"actor": "machine"})])
        stores.settle()
        assert not Person.objects.exists()
        team_stores.emit([event("Page Viewed", user_id="bot-1")])
        stores.settle()
        assert Person.objects.get().external_id == "bot-1"

    def test_two_strong_ids_that_disagree_open_a_review(self, stores: Any, api: Any) -> None:
        from muster.people.identity.models import Likeness

        made(api, external_id="c1", email="a@example.com")
        made(api, external_id="c2")
        team_stores.emit([identify({"email": "a@example.com"}, user_id="c3")])
        stores.settle()
        assert Person.objects.count() == 3
        (pair,) = Likeness.objects.all()
        assert pair.why == "ids_disagree"
        assert {pair.first.external_id, pair.second.external_id} == {"c1", "c3"}

    @pytest.mark.parametrize("ids", [{}, {"external_id": True}])
    def test_an_address_and_a_phone_of_two_people_open_a_review(
        self, stores: Any, api: Any, ids: dict[str, bool]
    ) -> None:
        one = made(api, email="a@example.com", **({"external_id": "c1"} if ids else {}))
        two = made(api, phone="13800138000", **({"external_id": "c2"} if ids else {}))
        said = identify(
            {"email": "a@example.com", "phone": "+8613800138000", "city": "Wuhan"},
            anonymous_id="browser-1",
        )
        team_stores.emit([said])
        stores.settle()
        assert api("GET", f"/people/{one}").json()["phone"] is None
        assert api("GET", f"/people/{one}").json()["traits"]["city"] == "Wuhan"
        assert found(api, phone="%2B8613800138000") == [two]
        assert pairs() == [("ids_disagree", {one, two})]

    def test_an_own_phone_is_not_given_up_for_that_of_another(self, stores: Any, api: Any) -> None:
        one = made(api, email="a@example.com", phone="13900139000")
        two = made(api, email="b@example.com", phone="13800138000")
        team_stores.emit([identify({"email": "a@example.com", "phone": "13800138000"})])
        stores.settle()
        phones = [api("GET", f"/people/{each}").json()["phone"] for each in (one, two)]
        assert phones == ["+8613900139000", "+8613800138000"]
        assert pairs() == [("ids_disagree", {one, two})]

    @pytest.mark.parametrize("together", [True, False])
    def test_what_was_said_by_id_holds_where_a_later_word_is_anothers(
        self, stores: Any, api: Any, together: bool
    ) -> None:
        """Whether both are loaded at once or one after the other."""
        one = made(api, external_id="c1", email="a@example.com", phone="13800138001")
        other = made(api, external_id="c2", email="c@example.com", phone="13800138002")
        third = made(api, external_id="c3", email="d@example.com", phone="13800138003")
        lines = [
            identify({"phone": "13800138009"}, user_id="c1"),
            identify({"email": "a@example.com", "phone": "13800138002"}),
            # Of this one nobody says that it is theirs, so the last word counts.
            identify({"phone": "13800138005"}, user_id="c3"),
            identify({"email": "d@example.com", "phone": "13800138006", "city": "A"}),
        ]
        for batch in [lines] if together else [[line] for line in lines]:
            team_stores.emit(batch)
            stores.settle()
        assert pairs() == [("ids_disagree", {one, other})]
        phones = dict(Person.objects.values_list("external_id", "phone"))
        assert phones == {"c1": "+8613800138009", "c2": "+8613800138002", "c3": "+8613800138006"}
        assert found(api, phone="%2B8613800138009") == [one]
        assert found(api, phone="%2B8613800138005") == [third]

    def test_the_first_of_two_who_say_a_new_phone_gets_it(self, stores: Any, api: Any) -> None:
        one, two = (made(api, email=f"{name}@example.com") for name in "ab")
        team_stores.emit(
            [
                identify({"email": f"{name}@example.com", "phone": "13800138000"}, at=at)
                for name, at in (
                    ("b", datetime(2026, 1, 2, tzinfo=UTC)),
                    ("a", datetime(2026, 1, 3, tzinfo=UTC)),
                )
            ]
        )
        stores.settle()
        phones = [api("GET", f"/people/{each}").json()["phone"] for each in (one, two)]
        assert phones == [None, "+8613800138000"]
        assert pairs() == [("ids_disagree", {one, two})]

    def test_a_household_of_two_customers_shares_a_phone(self, stores: Any, api: Any) -> None:
        one = made(api, external_id="c1", phone="13800138000")
        two = made(api, external_id="c2", phone="13900139000")
        say(stores, "c2", phone="13800138000")
        phones = [api("GET", f"/people/{each}").json()["phone"] for each in (one, two)]
        assert phones == ["+8613800138000", "+8613800138000"]
        assert pairs() == [("ids_disagree", {one, two})]

    def test_what_merged_people_share_is_nobody_elses(
        self, merged: str, stores: Any, api: Any
    ) -> None:
        team_stores.emit([identify({"email": "shop@example.com", "phone": "13800138000"})])
        stores.settle()
        assert Person.objects.get(external_id="c1").phone == "+8613800138000"
        assert pairs() == []

    @pytest.mark.parametrize("apart", [True, False])
    def test_an_alias_of_two_known_ids_opens_a_review(
        self, stores: Any, workspace: Any, apart: bool
    ) -> None:
        alias = json.dumps({"type": "alias", "userId": "c2", "previousId": "c1", "messageId": "m"})
        lines = [identify({"level": 1}, user_id="c1"), identify({"level": 2}, user_id="c2")]
        if apart:
            team_stores.emit(lines)
            stores.settle()
            lines = []
        team_stores.emit([*lines, alias.encode()])
        stores.settle()
        assert pairs() == [("ids_disagree", {one.public_id for one in Person.objects.all()})]
        assert Person.objects.count() == 2

    def test_an_alias_of_one_id_or_of_merged_people_asks_nothing(
        self, merged: str, stores: Any
    ) -> None:
        for previous in ("c1", "c2", "browser-1"):
            alias = {"type": "alias", "userId": "c1", "previousId": previous}
            team_stores.emit([json.dumps({**alias, "messageId": previous}).encode()])
        stores.settle()
        assert pairs() == []

    def test_merging_moves_nothing_and_is_logged(self, merged: str, api: Any) -> None:
        from muster.team.changes.models import Change

        rows = Person.objects.order_by("external_id").values_list("external_id", "email")
        assert list(rows) == [("c1", "shop@example.com"), ("c2", "letter@example.com")]
        assert Change.objects.filter(verb="merged", kind="people.person").count() == 1
        owners = Identifier.objects.filter(value="letter@example.com")
        assert owners.get().person.external_id == "c2"
