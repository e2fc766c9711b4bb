"""Events that are older than they are kept go for good, and everything else stays as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from muster.events import expiring as events_expiring
from muster.events import names
from muster.events.shape import event, identify
from muster.people.consent.actions import Word, record
from muster.people.consent.models import ConsentTerms
from muster.people.identity import expiring
from muster.people.identity.jobs import begin_expiring
from muster.people.identity.merging import merge, unmerge
from muster.people.identity.records import PeopleRecords
from muster.people.profile.models import Person
from muster.people.segments.models import Segment, SegmentMember
from muster.people.segments.refreshing import refresh
from muster.team import stores as team_stores
from muster.team.changes.models import Change
from muster.team.jobs.models import Job
from muster.warehouse import expiring as tables
from muster.warehouse import following
from muster.warehouse.attribution import Credit, attribution
from muster.warehouse.loader import Loader
from muster.warehouse.store import Warehouse

NOW = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
"""Three at night in Shanghai."""


def days_ago(number: float) -> datetime:
    return NOW - timedelta(days=number)


def view(path: str, at: datetime, **whose: str) -> bytes:
    said = {"url": f"https://tea.example{path}", "note": "a rather long note about this page"}
    return event("Page Viewed", properties=said, at=at, **whose)


@pytest.fixture
def shop(stores: Any, workspace: Any) -> Any:
    """Ann came a year ago and last month, Bo only long ago, and somebody unknown long ago."""
    team_stores.emit(
        [
            identify({"city": "上海", "email": "ann@example.com"}, user_id="ann", at=days_ago(390)),
            view("/old", days_ago(400), user_id="ann", anonymous_id="device-of-ann"),
            view("/middle", days_ago(380), user_id="ann", anonymous_id="device-of-ann"),
            view("/new", days_ago(20), anonymous_id="device-of-ann"),
            view("/bo", days_ago(395), user_id="bo"),
            view("/bo2", days_ago(394), user_id="bo"),
            view("/bo3", days_ago(393), user_id="bo"),
            view("/nobody", days_ago(399), anonymous_id="device-of-nobody"),
            event("Order Completed", user_id="ann", at=days_ago(385),
                  properties={"order_id": "o1", "total": 90, "currency": "CNY"}),
        ]
    )  # fmt: skip
    stores.settle()
    ann = Person.objects.get(external_id="ann")
    word = Word(ann, "email", "marketing", "granted", {"form": "1"}, "v1")
    record([word], now=days_ago(388), source="double_opt_in")
    stores.settle()
    return stores


def rows(query: str) -> list[Any]:
    with team_stores.warehouse() as db:
        return sorted(db.con.execute(query).fetchall())


def everything() -> dict[str, list[Any]]:
    """What the tables hold, but for the places in the log and their own mark."""
    return {
        "events": rows("SELECT * EXCLUDE (received_at) FROM events"),
        "profiles": rows("SELECT COLUMNS(*)::VARCHAR FROM profiles"),
        "consents": rows('SELECT person_id, state, "at", confirmed FROM consents'),
        "identities": rows("SELECT * FROM identities"),
    }


def rebuild() -> None:
    current = team_stores.stores()
    Loader(current.warehouse, current.spool.folder, PeopleRecords(rebuilding=True)).rebuild()


def log(stores: Any) -> str:
    return "".join(path.read_text() for path in sorted(stores.stores.spool.folder.iterdir()))


class TestExpiring:
    def test_takes_old_events_out_and_leaves_what_stays(self, shop: Any, api: Any) -> None:
        assert api("PUT", "/consent/law", {"law": "pipl", "keep_events": 12}).status_code == 200
        before = rows("SELECT first_seen, last_seen FROM profiles")
        told = expiring.expire(NOW)
        # Of the six views the first of Ann and her device stays as a trace, as do two of Bo.
        assert told == {"events": 3, "files": 0}
        urls = rows("SELECT url FROM events WHERE url IS NOT NULL")
        assert urls == [("https://tea.example/new",)]
        counted = rows("SELECT name, count(*) FROM events GROUP BY name")
        assert counted == [
            (names.CONSENT_GIVEN, 1), (names.ORDER_COMPLETED, 1), (names.PAGE_VIEWED, 1),
            (names.PROFILE_UPDATED, 4),
        ]  # fmt: skip
        assert rows("SELECT first_seen, last_seen FROM profiles") == before
        text = log(shop)
        for gone in (
            "/old",
            "/middle",
            "/bo",
            "/nobody",
            'a rather long note about this page"}}\n{',
        ):
            assert f"tea.example{gone}" not in text
        assert "double_opt_in" in text
        assert "o1" in text
        change = Change.objects.get(verb="events_expired")
        assert change.details["events"] == 3
        assert expiring.expire(NOW) == {"events": 0, "files": 0}

    def test_a_rebuild_gives_the_same(self, shop: Any) -> None:
        ConsentTerms.objects.create(keep_events=12)
        expiring.expire(NOW)
        kept = everything()
        rebuild()
        assert everything() == kept
        shop.settle()
        team_stores.emit([view("/later", days_ago(1), anonymous_id="device-of-ann")])
        shop.settle()
        ann = Person.objects.get(external_id="ann").pk
        found = rows("SELECT person_id FROM events WHERE url LIKE '%/later'")
        assert found == [(ann,)]

    def test_a_file_of_the_log_of_which_nothing_is_left_goes(self, shop: Any) -> None:
        ConsentTerms.objects.create(keep_events=12)
        folder, spool = shop.stores.spool.folder, shop.stores.spool
        spool.close()
        there = len(list(folder.iterdir()))
        team_stores.emit([view("/a", days_ago(500), anonymous_id="x")])
        shop.settle()
        assert len(list(folder.iterdir())) == there + 1
        assert expiring.expire(NOW)["files"] == 0, "it is still written to"
        team_stores.emit([view("/b", days_ago(500), anonymous_id="y")])
        shop.settle()
        spool.close()
        assert expiring.expire(NOW)["files"] == 1
        assert len(list(folder.iterdir())) == there
        kept = everything()
        rebuild()
        assert everything() == kept

    def test_nothing_goes_by_itself(self, shop: Any) -> None:
        kept = everything()
        assert expiring.expire(NOW) == {"events": 0, "files": 0}
        assert everything() == kept
        assert not expiring.is_due(NOW)

    def test_is_due_once_a_night(self, shop: Any, run_jobs: Any) -> None:
        ConsentTerms.objects.create(keep_events=12)
        assert not expiring.is_due(NOW + timedelta(hours=6))
        assert expiring.is_due(NOW)
        begin_expiring(NOW)
        Job.objects.update(created_at=NOW)
        assert not expiring.is_due(NOW + timedelta(minutes=30))
        assert expiring.is_due(NOW + timedelta(days=1))
        run_jobs()
        assert Job.objects.get().result == {"events": 3, "files": 0}

    def test_needs_the_right(self, api: Any, user_with: Any, client_for: Any) -> None:
        body = {"law": "pipl", "keep_events": 12}
        assert api("PUT", "/consent/law", body, scopes=["consents:write"]).status_code == 403
        form = {"law": "pipl", "months": "0", "keep_events": "12"}
        assert client_for(user_with("operator")).post("/consent/law", form).status_code == 403
        assert api("PUT", "/consent/law", {"law": "pipl", "keep_events": 121}).status_code == 422
        assert api("GET", "/consent/law").json()["keep_events"] == 0

    def test_events_without_a_date_or_an_id_of_their_own_are_no_hindrance(self, shop: Any) -> None:
        ConsentTerms.objects.create(keep_events=12)
        line = {"at": "2020-01-01T00:00:00.000000Z", "from": "key:site",
                "e": {"type": "track", "event": "X", "userId": "ann"}}  # fmt: skip
        shop.stores.spool.append_lines((json.dumps(line, separators=(",", ":")) + "\n").encode())
        shop.settle()
        expiring.expire(NOW)
        there = [(days_ago(0).replace(2020, 1, 1, 0, tzinfo=None),)]
        assert rows("SELECT \"at\" FROM events WHERE name = 'X'") == there, "as in the log"
        rebuild()
        assert rows("SELECT \"at\" FROM events WHERE name = 'X'") == there


def place() -> following.Place:
    with team_stores.warehouse() as db:
        return following.place(db)


def expire_and_be_killed(stores: Any, before: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events are taken out, and the tables are not written anew."""
    current = stores.stores

    def killed() -> None:
        raise KeyboardInterrupt

    def empty(ids: set[int], traces: set[int]) -> events_expiring.Expired:
        return events_expiring.expire(current.spool.folder, ids, traces)

    with monkeypatch.context() as patched:
        patched.setattr(current.warehouse, "compact", killed)
        with pytest.raises(KeyboardInterrupt):
            tables.expire(current.warehouse, before, empty)


@pytest.fixture
def busy(stores: Any, workspace: Any) -> Any:
    """Five people who looked at much long ago, in a file as large as one that is worth it."""
    ConsentTerms.objects.create(keep_events=12)
    team_stores.emit(
        [identify({"city": "上海"}, user_id=f"u{n}", at=days_ago(500)) for n in range(5)]
        + [view(f"/{n}", days_ago(450 - n / 100), user_id=f"u{n % 5}") for n in range(3000)]
    )
    stores.settle()
    return stores


class TestRowsThatMove:
    def test_nobody_is_missed_by_a_segment(self, busy: Any) -> None:
        segment = Segment.objects.create(
            name="Buyers", kind="live", rule={"event": "Order Completed", "within": "30d"}
        )
        now = timezone.now()
        expiring.expire(NOW)
        busy.settle()
        refresh(now)
        busy.stores.warehouse.checkpoint()
        busy.stores.warehouse.compact()
        team_stores.emit([event("Order Completed", user_id="u3", at=now - timedelta(hours=1),
                                properties={"order_id": "o1", "total": 9})])  # fmt: skip
        busy.settle()
        refresh(now + timedelta(minutes=1))
        assert SegmentMember.objects.filter(segment=segment).count() == 1

    def test_the_place_stays_when_nothing_was_taken_out(self, busy: Any) -> None:
        before = place()
        busy.stores.warehouse.compact()
        assert place() == before

    def test_after_it_a_place_is_another_and_holds(self, busy: Any) -> None:
        before = place()
        assert expiring.expire(NOW)["events"] > 2900
        after = place()
        assert after.built != before.built
        busy.stores.warehouse.checkpoint()
        busy.stores.warehouse.compact()
        assert place() == after
        assert rows("SELECT count(*) FROM events") == [(after.rows,)]

    def test_a_kill_leaves_no_place_that_may_move(
        self, busy: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        expire_and_be_killed(busy, days_ago(365), monkeypatch)
        assert place().built != place().built
        warehouse = busy.stores.warehouse
        warehouse.close()
        again = Warehouse(warehouse.path, b"k" * 32)
        try:
            with again.read() as db:
                first = following.place(db).built
            again.checkpoint()
            with again.read() as db:
                assert following.place(db).built != first
            assert again.owes_compacting()
            again.compact()
            assert not again.owes_compacting()
            with again.read() as db:
                assert following.place(db) == following.place(db)
        finally:
            again.close()

    def test_the_next_night_ends_what_was_broken_off(
        self, busy: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expire_and_be_killed(busy, days_ago(365), monkeypatch)
        ConsentTerms.objects.update(keep_events=0)
        assert expiring.is_due(NOW)
        assert expiring.expire(NOW) == {"events": 0, "files": 0}
        assert place() == place()
        assert not expiring.is_due(NOW)

    def test_rows_that_somebody_else_took_out_count_too(self, busy: Any) -> None:
        before = place()
        with busy.stores.warehouse.write() as cursor:
            cursor.execute("DELETE FROM events WHERE url LIKE '%/1_'")
        busy.stores.warehouse.compact()
        assert place().built != before.built

    def test_in_memory_they_close_up_at_once(self) -> None:
        warehouse = Warehouse(None, b"k" * 32)
        with warehouse.write() as cursor:
            cursor.execute("INSERT INTO events (type) SELECT 'track' FROM range(10)")
        with warehouse.write() as cursor:
            cursor.execute("DELETE FROM events WHERE rowid < 4")
        warehouse.compact()
        with warehouse.read() as db:
            assert following.place(db).rows == 6

    def test_nothing_of_it_is_left_in_a_file(self, busy: Any, tmp_path: Path) -> None:
        def marks() -> int:
            there = (path for path in tmp_path.rglob("*") if path.is_file())
            return sum(path.read_bytes().count(b"MARKED") for path in there)

        warehouse = busy.stores.warehouse
        with warehouse.write() as cursor:
            # Else the bytes would not be found though they were there.
            cursor.execute("PRAGMA force_compression = 'uncompressed'")
        team_stores.emit([view(f"/MARKED{n}", days_ago(420), user_id=f"u{n % 5}")
                          for n in range(500)])  # fmt: skip
        busy.settle()
        warehouse.checkpoint()
        assert marks() > 900, "in the log and in the tables"
        expiring.expire(NOW)
        warehouse.checkpoint()
        assert marks() == 0


def views(who: str, device: str, days: Iterable[int]) -> list[bytes]:
    return [view("/" + "p" * 200, days_ago(n), user_id=who, anonymous_id=device) for n in days]


class TestDevices:
    def test_many_nights_leave_as_few_lines_as_one(self, stores: Any, workspace: Any) -> None:
        ConsentTerms.objects.create(keep_events=12)
        team_stores.emit(views("ann", "of-ann", range(405, 365, -1)))
        stores.settle()
        for night in range(40, -1, -4):
            expiring.expire(NOW - timedelta(days=night))
        by_night = rows("SELECT count(*) FROM events")
        team_stores.emit(views("bo", "of-bo", range(405, 365, -1)))
        stores.settle()
        expiring.expire(NOW)
        # When they were seen first and last; the first says whose the device is too.
        assert by_night == [(2,)]
        assert rows("SELECT count(*) FROM events GROUP BY person_id") == [(2,), (2,)]
        kept = everything()
        rebuild()
        assert everything() == kept

    def test_the_last_owner_stays_the_owner(self, stores: Any, workspace: Any) -> None:
        """Ann's, lent to Bo, and given back: whoever comes by it next is Ann."""
        ConsentTerms.objects.create(keep_events=12)
        for who in ("ann", "bo", "bo", "ann", "ann"):
            team_stores.emit(views(who, "shared", [400]))
            stores.settle()
        for who in ("ann", "bo"):
            team_stores.emit([view("/then", days_ago(500), user_id=who),
                              view("/now", days_ago(1), user_id=who)])  # fmt: skip
        stores.settle()
        kept = rows("SELECT * FROM identities")
        # Of the five by the device stay the three by which it changed hands.
        assert expiring.expire(NOW)["events"] == 2
        rebuild()
        assert rows("SELECT * FROM identities") == kept
        team_stores.emit([view("/by", days_ago(0), anonymous_id="shared")])
        stores.settle()
        ann = Person.objects.get(external_id="ann").pk
        assert rows("SELECT person_id FROM events WHERE url LIKE '%/by'") == [(ann,)]

    def test_a_younger_line_says_it_as_well(self, stores: Any, workspace: Any) -> None:
        ConsentTerms.objects.create(keep_events=12)
        team_stores.emit([view("/then", days_ago(500), user_id="ann")])
        team_stores.emit(views("ann", "of-ann", [10, 400]))
        stores.settle()
        assert expiring.expire(NOW) == {"events": 1, "files": 0}
        kept = everything()
        rebuild()
        assert everything() == kept

    def test_what_a_machine_says_makes_nobody_known(self, stores: Any, workspace: Any) -> None:
        """A scanner's line stays no proof of whose a device is when Ann's own line goes."""
        ConsentTerms.objects.create(keep_events=12)
        team_stores.emit([view("/then", days_ago(500), user_id="ann")])
        scanned = {"actor": "machine", "note": "a rather long note about this page"}
        team_stores.emit([event("Page Viewed", properties=scanned, at=days_ago(5), user_id="ann",
                                anonymous_id="of-ann")])  # fmt: skip
        team_stores.emit(views("ann", "of-ann", [400]))
        stores.settle()
        assert expiring.expire(NOW)["events"] == 0
        kept = rows("SELECT * FROM identities")
        rebuild()
        assert rows("SELECT * FROM identities") == kept


class TestOwners:
    def test_people_who_are_told_apart_later_have_their_profiles(
        self, stores: Any, owner: Any
    ) -> None:
        ConsentTerms.objects.create(keep_events=12)
        for who, days in {"ann": (500, 450, 10), "bo": (400, 395, 390)}.items():
            team_stores.emit([view("/x", days_ago(n), user_id=who) for n in days])
        stores.settle()
        ann, bo = (Person.objects.get(external_id=who) for who in ("ann", "bo"))
        seen = rows("SELECT person_id, first_seen, last_seen FROM profiles")
        merge(ann, bo, by=owner, now=timezone.now())
        stores.settle()
        assert expiring.expire(NOW)["events"] == 2, "one of Ann's, one of Bo's"
        ann.refresh_from_db()
        unmerge(ann, None, by=owner, now=timezone.now())
        stores.settle()
        assert rows("SELECT person_id, first_seen, last_seen FROM profiles") == seen


class TestSegmentsOfTheLog:
    def test_what_was_added_meanwhile_stays(
        self, stores: Any, workspace: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A writer appends and closes between the reading of a segment and its end."""
        ConsentTerms.objects.create(keep_events=12)
        team_stores.emit([view("/a", days_ago(500), anonymous_id="x")])
        stores.settle()
        asked = events_expiring._is_over

        def late(*about: Any) -> bool:
            team_stores.emit([event("Order Completed", user_id="u", properties={"order_id": "1"})])
            stores.stores.spool.close()
            return asked(*about)

        with monkeypatch.context() as patched:
            patched.setattr(events_expiring, "_is_over", late)
            assert expiring.expire(NOW)["files"] == 0
        stores.settle()
        rebuild()
        assert rows("SELECT name FROM events") == [(names.ORDER_COMPLETED,)]

    def test_one_that_was_only_just_made_stays(self, tmp_path: Path) -> None:
        fresh = tmp_path / "server-20261120190000000000-000001.ndjson"
        fresh.touch()
        assert events_expiring.expire(tmp_path, {1}, set()).segments == 0
        assert fresh.exists()

    def test_what_is_gone_does_not_count_as_unreadable(self, shop: Any) -> None:
        ConsentTerms.objects.create(keep_events=12)
        assert expiring.expire(NOW)["events"] == 3
        current = team_stores.stores()
        loader = Loader(current.warehouse, current.spool.folder, PeopleRecords(rebuilding=True))
        shop.stores.spool.append_lines(b"torn\n")
        loader.rebuild()
        assert loader.counters["unreadable"] == 1


class TestOrders:
    def test_what_an_order_is_attributed_to_stays_as_long_as_the_order(
        self, stores: Any, workspace: Any
    ) -> None:
        ConsentTerms.objects.create(keep_events=12)

        def touch(days: float, channel: str, **whose: str) -> bytes:
            said = {"campaign": {"channel": channel, "name": "Spring"}}
            return event("Page Viewed", context=said, at=days_ago(days), **whose)

        team_stores.emit(
            [
                view("/first", days_ago(900), user_id="ann"),
                touch(591, "too_early", user_id="ann"),
                touch(589, "email", user_id="ann"),
                view("/between", days_ago(550), user_id="ann"),
                touch(501, "wechat", user_id="ann"),
                touch(499, "too_late", user_id="ann"),
                touch(501, "of_bo", user_id="bo"),
                view("/bo", days_ago(900), user_id="bo"),
                view("/bo", days_ago(1), user_id="bo"),
                touch(510, "of_visitor", anonymous_id="visitor"),
                event("Order Completed", user_id="ann", at=days_ago(500),
                      properties={"order_id": "o1", "total": 90, "currency": "CNY"}),
                event("Order Completed", anonymous_id="visitor", at=days_ago(500),
                      properties={"order_id": "o2", "total": 9, "currency": "CNY"}),
            ]
        )  # fmt: skip
        stores.settle()

        def credit() -> dict[str, list[Credit]]:
            with team_stores.warehouse() as db:
                return attribution(db, names.ORDER_COMPLETED, window="90d").models

        before = credit()
        assert {one.key for one in before["linear"]} == {"email", "wechat", "of_visitor"}
        expiring.expire(NOW)
        left = rows("SELECT channel FROM events WHERE channel IS NOT NULL")
        assert left == [("email",), ("of_visitor",), ("wechat",)]
        assert credit() == before
        rebuild()
        assert credit() == before


class TestSetting:
    def test_a_number_that_is_not_given_stays(self, api: Any, client_for: Any, owner: Any) -> None:
        api("PUT", "/consent/law", {"law": "pipl", "keep_events": 12})
        answer = api("PUT", "/consent/law", {"law": "gdpr"})
        assert answer.json()["keep_events"] == 12
        assert api("GET", "/consent/law").json()["law"] == "gdpr"
        client_for(owner).post("/consent/law", {"law": "pipl", "months": "6"})
        assert api("GET", "/consent/law").json()["months"] == 6
        assert api("GET", "/consent/law").json()["keep_events"] == 12
        client_for(owner).post("/consent/law", {"law": "pipl", "months": "6", "keep_events": ""})
        assert api("GET", "/consent/law").json()["keep_events"] == 0
