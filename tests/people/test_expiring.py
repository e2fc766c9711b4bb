"""Events that are older than they are kept go for good, and everything else stays as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muster.events import names
from muster.events.shape import event, identify
from muster.people.consent.actions import Word, record
from muster.people.consent.models import ConsentTerms
from muster.people.identity import expiring
from muster.people.identity.jobs import begin_expiring
from muster.people.identity.records import PeopleRecords
from muster.people.profile.models import Person
from muster.team import stores as team_stores
from muster.team.changes.models import Change
from muster.team.jobs.models import Job
from muster.warehouse.loader import Loader

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
        assert rows("SELECT count(*) FROM events WHERE name = 'X'") == [(0,)]
