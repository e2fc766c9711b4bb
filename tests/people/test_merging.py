"""Two people become one and are told apart again, while every count stays right."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from muster.events.shape import event, identify, iso
from muster.people.consent import actions as consent
from muster.people.consent import wishes
from muster.people.consent.actions import Word
from muster.people.consent.models import ConsentState
from muster.people.consent.reaching import reachable
from muster.people.identity.models import Likeness
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person
from muster.people.segments import counting
from muster.people.segments.models import Segment, SegmentMember
from muster.people.segments.refreshing import refresh
from muster.team import stores as team_stores
from muster.team.changes.models import Change
from muster.warehouse.loader import Loader
from muster.warehouse.timeline import orders_of

BUYERS = {"event": "Order Completed", "op": "count", "cmp": ">=", "value": 1, "within": "365d"}


def day(number: int) -> datetime:
    return datetime(2026, 5, number, 9, 0, tzinfo=UTC)


def order(user: str, number: str, total: float, at: int = 1) -> bytes:
    said = {"order_id": number, "total": total, "currency": "CNY"}
    return event("Order Completed", user_id=user, properties=said, at=day(at))


@pytest.fixture
def two(stores: Any, api: Any) -> tuple[str, str]:
    """Li Na of the shop, who bought twice, and Li Na of the newsletter, who bought once."""
    shop = api(
        "POST",
        "/people",
        {
            "external_id": "c1",
            "phone": "13800138000",
            "last_name": "李",
            "first_name": "娜",
            "traits": {"city": "上海", "level": 2},
            "tags": ["VIP"],
        },
    ).json()["id"]
    letter = api(
        "POST",
        "/people",
        {
            "external_id": "c2",
            "email": "li.na@example.com",
            "traits": {"level": 5, "hobby": "tea"},
            "tags": ["reader"],
        },
    ).json()["id"]
    team_stores.emit([order("c1", "a", 100), order("c1", "b", 50), order("c2", "c", 7, 2)])
    stores.settle()
    return shop, letter


def bought(person: str) -> tuple[int, float]:
    from muster.kit import ids

    with team_stores.warehouse() as db:
        found = orders_of(db, ids.number("person", person) or 0, "CNY")
    return (found[0].orders, float(found[0].revenue)) if found else (0, 0.0)


def known(api: Any, person: str) -> dict[str, Any]:
    found = api("GET", f"/people/{person}").json()
    consents = api("GET", f"/people/{person}/consents").json()["items"]
    return {**found, "consents": sorted((c["channel"], c["purpose"], c["state"]) for c in consents)}


def everyone() -> int:
    return counting.counted({"tag": "none"}).everyone


class TestMerging:
    def test_both_count_as_one(self, two: tuple[str, str], api: Any) -> None:
        shop, letter = two
        assert (bought(shop), bought(letter), everyone()) == ((2, 150.0), (1, 7.0), 2)
        answer = api("POST", f"/people/{shop}/merge", {"other": letter})
        assert answer.status_code == 200, answer.content
        one = answer.json()
        assert (one["id"], one["email"], one["phone"], one["name"]) == (
            shop,
            "li.na@example.com",
            "+8613800138000",
            "李娜",
        )
        assert sorted(one["tags"]) == ["VIP", "reader"]
        assert (one["traits"]["city"], one["traits"]["hobby"]) == ("上海", "tea")
        assert (bought(shop), bought(letter), everyone()) == ((3, 157.0), (0, 0.0), 1)
        assert api("GET", f"/people/{letter}").json()["id"] == shop
        for query in ("external_id=c1", "external_id=c2", "email=li.na@example.com"):
            items = api("GET", f"/people?{query}").json()["items"]
            assert [item["id"] for item in items] == [shop], query
        assert len(api("GET", "/people").json()["items"]) == 1

    def test_taking_it_back_restores_everything(
        self, two: tuple[str, str], api: Any, stores: Any
    ) -> None:
        shop, letter = two
        for person, state in ((shop, "granted"), (letter, "withdrawn")):
            word = {"channel": "email", "purpose": "marketing", "state": state}
            api("PUT", f"/people/{person}/consents", word)
        stores.settle()
        before = known(api, shop), known(api, letter)
        api("POST", f"/people/{shop}/merge", {"other": letter})
        assert known(api, shop) != before[0]
        answer = api("POST", f"/people/{shop}/unmerge", {})
        assert answer.status_code == 200, answer.content
        assert (known(api, shop), known(api, letter)) == before
        assert answer.json()["other"]["email"] == "li.na@example.com"
        assert (bought(shop), bought(letter), everyone()) == ((2, 150.0), (1, 7.0), 2)
        verbs = set(Change.objects.filter(kind="people.person").values_list("verb", flat=True))
        assert {"merged", "unmerged"} <= verbs

    def test_what_comes_later_goes_to_the_owner_of_the_id(
        self, two: tuple[str, str], api: Any, stores: Any
    ) -> None:
        shop, letter = two
        api("POST", f"/people/{shop}/merge", {"other": letter})
        team_stores.emit(
            [
                order("c2", "d", 3, 3),
                identify({"email": "new@example.com", "level": 9}, user_id="c2"),
            ]
        )
        stores.settle()
        one = known(api, shop)
        assert (one["email"], one["traits"]["level"], bought(shop)) == (
            "new@example.com",
            9.0,
            (4, 160.0),
        )
        api("POST", f"/people/{letter}/unmerge", {})
        team_stores.emit([order("c2", "e", 1, 4)])
        stores.settle()
        assert (bought(shop), bought(letter)) == ((2, 150.0), (3, 11.0))
        mine, theirs = known(api, shop), known(api, letter)
        assert (mine["email"], mine["traits"]["level"]) == (None, 2.0)
        assert (theirs["email"], theirs["traits"]["level"]) == ("new@example.com", 9.0)

    def test_the_stricter_word_holds_until_a_newer_one(
        self, two: tuple[str, str], api: Any, stores: Any
    ) -> None:
        shop, letter = two

        def say(person: str, state: str) -> None:
            word = {"channel": "email", "purpose": "marketing", "state": state}
            assert api("PUT", f"/people/{person}/consents", word).status_code == 200

        def holds() -> tuple[str, int]:
            stores.settle()
            rule = {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}}
            return ConsentState.objects.get(person__merged_into=None).state, counting.count(rule)

        say(letter, "withdrawn")
        say(shop, "granted")
        api("POST", f"/people/{shop}/merge", {"other": letter})
        assert holds() == ("withdrawn", 0)
        say(shop, "granted")
        assert holds() == ("granted", 1)

    def test_the_history_of_consent_holds_the_words_of_both(
        self, two: tuple[str, str], api: Any, owner: Any, client_for: Any
    ) -> None:
        for person, state in zip(two, ("granted", "withdrawn"), strict=True):
            word = {"channel": "email", "purpose": "marketing", "state": state}
            proof = {"note": f"{state} at the till"}
            answer = api("PUT", f"/people/{person}/consents", {**word, "proof": proof})
            assert answer.status_code == 200, answer.content

        def history(person: str) -> list[str]:
            page = client_for(owner).get(f"/people/{person}").content.decode()
            return re.findall(r"(granted|withdrawn) at the till", page)

        assert history(two[0]) == ["granted"]
        api("POST", f"/people/{two[0]}/merge", {"other": two[1]})
        assert history(two[0]) == ["withdrawn", "granted"]
        api("POST", f"/people/{two[0]}/unmerge", {})
        assert [history(person) for person in two] == [["granted"], ["withdrawn"]]

    def test_three_become_one_and_come_apart_in_any_order(
        self, two: tuple[str, str], api: Any, stores: Any
    ) -> None:
        shop, letter = two
        third = api("POST", "/people", {"external_id": "c3", "first_name": "Anna"}).json()["id"]
        team_stores.emit([order("c3", "f", 20)])
        stores.settle()
        api("POST", f"/people/{letter}/merge", {"other": third})
        api("POST", f"/people/{shop}/merge", {"other": letter})
        assert (bought(shop), everyone()) == ((4, 177.0), 1)
        assert api("POST", f"/people/{letter}/unmerge", {"other": third}).status_code == 409
        api("POST", f"/people/{shop}/unmerge", {"other": letter})
        assert (bought(shop), bought(letter), everyone()) == ((2, 150.0), (2, 27.0), 2)
        assert known(api, third)["id"] == letter
        api("POST", f"/people/{letter}/unmerge", {"other": third})
        assert [bought(one) for one in (shop, letter, third)] == [(2, 150.0), (1, 7.0), (1, 20.0)]
        assert known(api, third)["name"] == "Anna"

    def test_loading_everything_anew_gives_the_same(
        self, two: tuple[str, str], api: Any, stores: Any
    ) -> None:
        shop, letter = two
        api("POST", f"/people/{shop}/merge", {"other": letter})
        merged = known(api, shop), bought(shop)
        _rebuild(stores)
        assert (known(api, shop), bought(shop), everyone()) == (*merged, 1)
        api("POST", f"/people/{shop}/unmerge", {})
        apart = known(api, shop), known(api, letter), bought(shop), bought(letter)
        _rebuild(stores)
        assert (known(api, shop), known(api, letter), bought(shop), bought(letter)) == apart

    def test_a_frozen_segment_of_the_other_one_is_kept(
        self, two: tuple[str, str], api: Any
    ) -> None:
        shop, letter = (Person.objects.get(external_id=one) for one in ("c1", "c2"))
        segment = Segment.objects.create(name="Readers", kind="frozen", rule={})
        SegmentMember.objects.create(segment=segment, person=letter)
        api("POST", f"/people/{two[0]}/merge", {"other": two[1]})
        assert counting.members(segment).to_pylist() == [shop.pk]
        api("POST", f"/people/{two[0]}/unmerge", {})
        assert counting.members(segment).to_pylist() == [letter.pk]

    def test_a_live_segment_has_one_and_then_two_again(
        self, two: tuple[str, str], api: Any, stores: Any
    ) -> None:
        shop, letter = two
        # So many that only those are asked about whom something new concerns.
        team_stores.emit([identify({"city": "北京"}, user_id=f"other{n}") for n in range(20)])
        rules = {
            "Buyers": {"event": "Order Completed"},
            "Regulars": {"event": "Order Completed", "count": {"gte": 3}},
        }
        for name, rule in rules.items():
            Segment.objects.create(name=name, rule=rule)

        def members() -> dict[str, tuple[int, set[str]]]:
            stores.settle()
            refresh(datetime.now(UTC))
            return {
                segment.name: (
                    segment.size,
                    {member.person.public_id for member in segment.members.all()},
                )
                for segment in Segment.objects.all()
            }

        apart = {"Buyers": (2, {shop, letter}), "Regulars": (0, set())}
        assert members() == apart
        api("POST", f"/people/{shop}/merge", {"other": letter})
        assert members() == {"Buyers": (1, {shop}), "Regulars": (1, {shop})}
        parted = api("POST", f"/people/{shop}/unmerge")
        assert parted.status_code == 200, parted.content
        assert members() == apart

    def test_erasing_one_erases_all_of_them(self, two: tuple[str, str], api: Any) -> None:
        shop, letter = two
        api("POST", f"/people/{shop}/merge", {"other": letter})
        assert api("DELETE", f"/people/{shop}").status_code == 204
        assert set(Person.objects.values_list("email", "phone", "external_id")) == {("", "", None)}
        assert everyone() == 0

    def test_refusals_say_why(self, two: tuple[str, str], api: Any) -> None:
        shop, letter = two
        assert api("POST", f"/people/{shop}/merge", {"other": shop}).status_code == 409
        assert api("POST", f"/people/{shop}/merge", {"other": "per_00000000"}).status_code == 422
        assert api("POST", f"/people/{shop}/unmerge", {}).json()["code"] == "not_merged"
        stranger = api("POST", f"/people/{shop}/merge", {"other": letter}, scopes=["people:read"])
        assert stranger.status_code == 403


class TestTheWordsOfThoseWhoAreOne:
    """What the row of who they are shows, of words that come in any order."""

    Words = tuple[str, int, dict[str, Any]]
    """Who, so many minutes ago, what."""

    @pytest.fixture
    def say(self, stores: Any, workspace: Any) -> Any:
        now = timezone.now()

        def said(*words: TestTheWordsOfThoseWhoAreOne.Words) -> None:
            team_stores.emit(
                [identify(w, user_id=user, at=now - timedelta(minutes=m)) for user, m, w in words]
            )
            stores.settle()

        return said

    @pytest.fixture
    def merge(self, api: Any) -> Any:
        def merged(kept: str, other: str, minutes: int) -> None:
            into, gone = (Person.objects.get(external_id=one) for one in (kept, other))
            answer = api("POST", f"/people/{into.public_id}/merge", {"other": gone.public_id})
            assert answer.status_code == 200
            then = timezone.now() - timedelta(minutes=minutes)
            Person.objects.filter(pk=gone.pk).update(merged_at=then)

        return merged

    @staticmethod
    def shown(who: str) -> tuple[str, str, str]:
        row = Person.objects.get(external_id=who)
        assert row.email_hash == address_hash("email", row.email)
        return row.email, row.phone, row.first_name

    def test_each_field_is_the_newest_of_any(self, say: Any, merge: Any, stores: Any) -> None:
        say(("a", 300, {"phone": "13800138000"}), ("b", 300, {"first_name": "N"}))
        merge("a", "b", 200)
        say(
            ("a", 20, {"phone": "13900139000", "first_name": "Nina"}),
            ("b", 30, {"email": "na@example.com", "first_name": "Nana"}),
        )
        newest = ("na@example.com", "+8613900139000", "Nina")
        assert self.shown("a") == newest
        # Nothing that a says is newer, but b said another address later.
        say(("a", 40, {"email": "older@example.com"}))
        assert self.shown("a") == newest
        say(("a", 10, {"email": "new@example.com"}))
        assert self.shown("a") == ("new@example.com", *newest[1:])
        _rebuild(stores)
        assert self.shown("a") == ("new@example.com", *newest[1:])

    def test_a_name_counts_by_its_own_moment(self, say: Any, merge: Any, stores: Any) -> None:
        say(("a", 300, {"first_name": "Old"}), ("b", 300, {"last_name": "X"}))
        merge("a", "b", 200)
        say(
            ("a", 100, {"first_name": "Before"}),
            ("b", 90, {"first_name": "New"}),
            ("a", 80, {"language": "de"}),
        )
        assert self.shown("a")[2] == "New"
        _rebuild(stores)
        assert self.shown("a")[2] == "New"

    def test_what_was_said_before_they_were_one_stays_their_own(
        self, say: Any, merge: Any, stores: Any
    ) -> None:
        say(("a", 300, {"email": "a@example.com"}), ("b", 290, {"first_name": "B"}))
        merge("a", "b", 200)
        say(
            ("b", 250, {"email": "b@example.com", "first_name": "Late"}),
            ("b", 100, {"language": "de"}),
        )
        assert (self.shown("a")[0], self.shown("b")[0]) == ("a@example.com", "b@example.com")
        _rebuild(stores)
        assert (self.shown("a")[0], self.shown("b")[0]) == ("a@example.com", "b@example.com")

    def test_a_late_word_of_the_middle_one_is_there_after_parting(
        self, say: Any, merge: Any, api: Any
    ) -> None:
        say(*((one, 300, {"first_name": one.upper()}) for one in "abc"))
        merge("b", "a", 200)
        merge("c", "b", 100)
        say(("b", 150, {"first_name": "New", "email": "b@example.com"}))
        for one in "cb":
            person = Person.objects.get(external_id=one).public_id
            assert api("POST", f"/people/{person}/unmerge", {}).status_code == 200
        assert self.shown("b") == ("b@example.com", "", "New")


class TestTheWishesOfThoseWhoAreOne:
    """Of two people who are one, the stricter wish holds, whoever said it last."""

    CASES: ClassVar = {
        "a_pause_and_none": ([30, 0], [90], 90, [], [], None),
        "none_was_said_last": ([90], [30, 0], 90, [], [], None),
        "the_longer_pause_first": ([90], [30], 90, [], [], None),
        "one_that_has_ended": ([(90, 60)], [(30, 40)], 30, [], [], None),
        "both_ended_theirs": ([30, 0], [60, 0], None, [], [], None),
        "a_limit_and_none": ([], [], None, [3, 0], [1], 1),
        "no_limit_was_said_last": ([], [], None, [1], [3, 0], 1),
        "the_lower_limit_first": ([], [], None, [1], [3], 1),
        "the_lower_limit_last": ([], [], None, [3], [1], 1),
    }
    """Pauses of one and the other in days (and how many days ago), and in how many days the pause
    of both ends; then the same of limits a week."""

    @pytest.mark.parametrize("case", CASES)
    @pytest.mark.parametrize("stays", [0, 1])
    def test_the_stricter_one_holds(
        self, case: str, stays: int, two: tuple[str, str], api: Any, stores: Any
    ) -> None:
        pauses, other_pauses, ends_in, limits, other_limits, most = self.CASES[case]
        now = timezone.now()
        people = [Person.objects.get(external_id=one) for one in ("c1", "c2")]
        said = {"source": "preferences", "proof": {"how": "page"}}
        for n, (person, days_said, most_said) in enumerate(
            zip(people, (pauses, other_pauses), (limits, other_limits), strict=True)
        ):
            for hour, one in enumerate(days_said):
                days, ago = one if isinstance(one, tuple) else (one, 1)
                at = now - timedelta(days=ago) + timedelta(hours=hour + 3 * n)
                wishes.pause(person, "email", days, now=at, **said)
            for hour, number in enumerate(most_said):
                at = now - timedelta(days=1) + timedelta(hours=hour + 3 * n)
                wishes.limit(person, "email", number, now=at, **said)
        stores.settle()
        apart = [self.holds(person, now) for person in people]
        staying, going = people[stays], people[1 - stays]
        merge = f"/people/{staying.public_id}/merge"
        assert api("POST", merge, {"other": going.public_id}).status_code == 200
        stores.settle()
        held = self.holds(staying, now)
        paused_until, at_most, _in_warehouse = held
        assert at_most == most
        if ends_in is None:
            assert paused_until is None
        else:
            assert paused_until is not None
            assert abs(paused_until - now - timedelta(days=ends_in)) < timedelta(days=2)
        _rebuild(stores)
        assert self.holds(staying, now) == held
        # What they say from now on is the word of both.
        at = timezone.now()
        wishes.pause(staying, "email", 0, now=at, **said)
        wishes.limit(staying, "email", 2, now=at, **said)
        stores.settle()
        assert self.holds(staying, now) == (None, 2, (None, True))
        _rebuild(stores)
        assert self.holds(staying, now) == (None, 2, (None, True))
        assert api("POST", f"/people/{staying.public_id}/unmerge", {}).status_code == 200
        stores.settle()
        assert self.holds(going, now) == apart[1 - stays]
        _rebuild(stores)
        assert self.holds(going, now) == apart[1 - stays]
        assert self.holds(staying, now) == (None, 2, (None, True))

    def holds(self, person: Person, now: datetime) -> tuple[Any, Any, tuple[Any, bool]]:
        """Until when the pause lasts, how many a week, and what the warehouse says of both."""
        with team_stores.warehouse() as db:
            rows = db.con.execute(
                "SELECT purpose, expires_at FROM consents"
                " WHERE person_id = ? AND channel = 'email' AND state = 'granted'",
                [person.pk],
            ).fetchall()
        there = {purpose: end.replace(tzinfo=UTC) if end else None for purpose, end in rows}
        until = wishes.paused_until(person, "email", now)
        end = there.get("pause")
        assert (end if end is not None and end > now else None) == until, "both say the same"
        most = wishes.at_most(person, "email")
        assert ("frequency" in there) == (most is not None), "both say the same"
        return until, most, (until, "frequency" in there)

    def test_the_stricter_one_keeps_offers_back(self, two: tuple[str, str], api: Any) -> None:
        shop, letter = (Person.objects.get(external_id=one) for one in ("c1", "c2"))
        now = timezone.now() - timedelta(days=1)
        said = {"source": "preferences", "proof": {"how": "page"}}
        allowed = Word(letter, "email", "marketing", "granted", {"form": "1"}, "v1")
        consent.record([allowed], now=now, source="form")
        wishes.pause(letter, "email", 90, now=now, **said)
        wishes.pause(shop, "email", 30, now=now, **said)
        wishes.pause(shop, "email", 0, now=now + timedelta(hours=1), **said)
        api("POST", f"/people/{two[0]}/merge", {"other": two[1]})
        shop.refresh_from_db()
        assert ConsentState.objects.granted().filter(person=shop).count() == 1
        assert reachable([shop]) == {shop.pk: ()}


class TestIdsThatDisagree:
    def test_are_put_up_and_nobody_is_merged(self, stores: Any, workspace: Any) -> None:
        team_stores.emit(
            [
                identify({"email": "a@b.cn"}, user_id="c1"),
                identify({"email": "a@b.cn"}, user_id="c2"),
            ]
        )
        stores.settle()
        first, second = Person.objects.order_by("pk")
        likeness = Likeness.objects.get()
        assert (likeness.first, likeness.second, likeness.why, likeness.state) == (
            first,
            second,
            "ids_disagree",
            "open",
        )
        assert everyone() == 2

    def test_a_machine_makes_nobody(self, stores: Any, workspace: Any) -> None:
        from muster.events import spool

        line = spool.lines(iso(day(1)), "key:site", [identify({}, user_id="bot")], actor="machine")
        team_stores.stores().spool.append_lines(line)
        stores.settle()
        assert not Person.objects.exists()
        team_stores.emit([identify({}, user_id="bot")])
        stores.settle()
        assert Person.objects.count() == 1


def _rebuild(stores: Any) -> None:
    from muster.people.identity.records import PeopleRecords

    current = team_stores.stores()
    loader = Loader(current.warehouse, current.spool.folder, PeopleRecords(rebuilding=True))
    loader.rebuild()
