"""Accounts: people join by their addresses, companies are as warm as their people."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from muster.kit import clock
from muster.people.accounts import actions
from muster.people.accounts.matching import match, unknown
from muster.people.accounts.models import Account, AccountPerson
from muster.people.accounts.showing import warmth_of
from muster.people.leads.actions import set_model
from muster.people.models import Person
from muster.team.changes.actions import undo

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)  # a Wednesday
CARD = {"behaviour": [{"event": "Page Viewed", "points": 8, "half_life": 7}]}


@pytest.fixture
def market(stores, workspace, owner):
    """Three people of Lotus, two of Pine, and two with free mail."""
    events = []
    addresses = ["an@lotus.cn", "bo@lotus.cn", "cy@lotus.cn", "di@pine.tw", "ed@pine.tw",
                 "fu@qq.com", "gu@qq.com"]  # fmt: skip
    for n, address in enumerate(addresses):
        events.append(
            {
                "type": "identify", "userId": f"m{n}", "messageId": f"i{n}",
                "traits": {"email": address}, "timestamp": "2026-08-01T00:00:00Z",
            }
        )  # fmt: skip
        if n in (0, 1):
            for days in (0, 7) if n == 0 else (14,):
                at = (NOW - timedelta(days=days)).isoformat()
                events.append(
                    {
                        "type": "track", "event": "Page Viewed", "userId": f"m{n}",
                        "messageId": f"p{n}-{days}", "timestamp": at,
                    }
                )  # fmt: skip
    stores.stores.spool.append("muster", [json.dumps(event).encode() for event in events])
    stores.settle()
    with clock.starting_at(NOW):
        set_model(by=owner, card=CARD)
        yield stores


@pytest.fixture
def person(market):
    return lambda n: Person.objects.get(external_id=f"m{n}")


@pytest.fixture
def lotus(market, owner):
    return actions.make({"name": "Lotus Trading", "domain": "lotus.cn"}, by=owner, now=NOW)


class TestJoining:
    def test_is_by_the_domain_and_once(self, lotus):
        assert set(lotus.members.values_list("person__email", flat=True)) == {
            "an@lotus.cn", "bo@lotus.cn", "cy@lotus.cn",
        }  # fmt: skip
        assert match(NOW) == 0

    def test_leaves_alone_whom_somebody_put_elsewhere(self, lotus, owner, person):
        pine = actions.make({"name": "Pine"}, by=owner, now=NOW)
        actions.put(pine, person(0), "buyer", by=owner, now=NOW)
        match(NOW)
        assert AccountPerson.objects.get(person=person(0)).account == pine

    def test_offers_companies_that_are_none_yet_without_free_mail(self, lotus):
        assert [(one.domain, one.people) for one in unknown()] == [("pine.tw", 2)]

    @pytest.mark.parametrize(
        ("domain", "code"),
        [("qq.com", "free_mail"), ("no domain", "bad_domain"), ("lotus.cn", "taken")],
    )
    def test_needs_a_domain_of_its_own(self, api, lotus, domain, code):
        answer = api("POST", "/accounts", {"name": "Other", "domain": domain})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)

    def test_takes_whole_addresses_too(self, api, market):
        answer = api("POST", "/accounts", {"name": "Pine", "domain": "https://www.pine.tw/shop"})
        assert answer.json()["domain"] == "pine.tw"
        assert len(answer.json()["people"]) == 2


class TestWarmth:
    def test_adds_up_what_its_people_have(self, lotus):
        (warm,) = warmth_of([lotus])
        # 8 today and 4 a half-life ago; 2 of two half-lives ago; nothing of the third
        assert warm.known.score == pytest.approx(14, abs=0.1)
        assert (warm.members, warm.known.people, warm.known.active) == (3, 3, 2)
        assert warm.counts == [0] * 9 + [1, 1, 1]
        assert warm.weeks[-1][0].isoformat() == "2026-10-12"

    def test_says_who_is_missing(self, lotus, owner, person):
        actions.put(lotus, person(0), "decider", by=owner, now=NOW)
        actions.put(lotus, person(1), "user", by=owner, now=NOW)
        assert warmth_of([lotus])[0].missing == ("buyer", "influencer", "gatekeeper")


class TestChanging:
    def test_is_taken_back(self, lotus, owner, person):
        change = actions.put(lotus, person(0), "decider", by=owner, now=NOW)
        undo(change, by=owner)
        row = AccountPerson.objects.get(person=person(0))
        assert (row.part, row.by_domain) == ("", True)
        change = actions.take_out(lotus, person(0), by=owner)
        undo(change, by=owner)
        assert lotus.members.count() == 3
        change = actions.change(lotus, {"industry": "Tea"}, by=owner, now=NOW)
        undo(change, by=owner)
        lotus.refresh_from_db()
        assert lotus.industry == ""

    def test_through_the_api(self, api, lotus, person, owner):
        answer = api(
            "POST", f"/accounts/{lotus.public_id}/people",
            {"person": person(5).public_id, "part": "gatekeeper"},
        )  # fmt: skip
        found = {row["person"]: row["part"] for row in answer.json()["people"]}
        assert found[person(5).public_id] == "gatekeeper"
        answer = api("PATCH", f"/accounts/{lotus.public_id}", {"size": "vast"})
        assert answer.json()["errors"][0]["at"] == "/size"
        answer = api("PATCH", f"/accounts/{lotus.public_id}", {"owner": owner.public_id})
        assert answer.json()["owner"] == owner.public_id
        assert api("DELETE", f"/accounts/{lotus.public_id}").status_code == 204
        assert api("GET", f"/accounts/{lotus.public_id}").status_code == 404

    def test_is_for_sales_alone(self, api, lotus, user_with):
        assert api("GET", "/accounts", user=user_with("sales")).status_code == 200
        assert api("GET", "/accounts", user=user_with("content")).status_code == 403


class TestPages:
    def test_list_and_one(self, client_for, lotus, owner, person):
        browser = client_for(owner)
        page = browser.get("/accounts").content.decode()
        assert "Lotus Trading" in page
        assert "pine.tw" in page
        actions.put(lotus, person(0), "decider", by=owner, now=NOW)
        page = browser.get(f"/accounts/{lotus.public_id}").content.decode()
        assert "Still missing: Buyer · Influencer · User of it · Gatekeeper" in page

    def test_make_one_and_fill_it(self, client_for, market, owner, person):
        browser = client_for(owner)
        assert browser.post("/accounts/new", {"domain": "pine.tw"}).status_code == 302
        made = Account.objects.get()
        assert (made.name, made.members.count()) == ("pine.tw", 2)
        headers = {"HX-Request": "true"}
        answer = browser.post(
            f"/accounts/{made.public_id}/people",
            {"person": "an@lotus.cn", "part": "influencer"},
            headers=headers,
        )
        assert answer.status_code == 200
        assert made.members.count() == 3
        answer = browser.post(
            f"/accounts/{made.public_id}/write", {"name": "Pine", "owner": ""}, headers=headers
        )
        assert answer.status_code == 200
        assert (
            browser.post(f"/accounts/{made.public_id}/remove", headers=headers).status_code == 204
        )
        made.refresh_from_db()
        assert made.deleted_at is not None

    def test_refuse_an_older_page(self, client_for, lotus, owner, user_with):
        url = f"/accounts/{lotus.public_id}"
        manager = client_for(user_with("manager"))
        page = manager.get(url).content.decode()
        (shown,) = re.findall(r'name="version" value="(\d+)"', page)
        said = {"name": "Lotus", "domain": "lotus.cn", "version": shown}
        saved = client_for(owner).post(f"{url}/write", {**said, "note": "Calls on Mondays"})
        assert saved.status_code == 200
        assert manager.post(f"{url}/write", {**said, "note": ""}).status_code == 409
        lotus.refresh_from_db()
        assert lotus.note == "Calls on Mondays"

    def test_masks_people_of_others(self, client_for, lotus, user_with):
        page = client_for(user_with("sales")).get(f"/accounts/{lotus.public_id}").content.decode()
        assert "a***@lotus.cn" in page
        assert "an@lotus.cn" not in page
