from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from muster.kit import ids
from muster.kit.errors import Invalid, Refused
from muster.people.models import Person, Segment
from muster.people.segments import actions, counting
from muster.team.roles import SCOPES

NOW = datetime(2026, 11, 8, 6, 5, tzinfo=UTC)
ORDERS = {"event": "Order Completed"}


@pytest.fixture
def shop(stores, workspace):
    """Four people: Ann bought twice, Bo once, Cai (VIP) never; Dan bought long ago."""
    events = [
        identify("ann", email="ann@tea.cn", firstName="Ann", lastName="Lee", city="Shanghai"),
        identify("bo", email="bo@tea.cn", firstName="Bo", city="Hangzhou"),
        identify("cai", firstName="雨", lastName="欧阳", vip=True),
        identify("dan", email="dan@shop.test", firstName="Dan"),
        order("ann", "a1", 120, "2026-11-01T02:00:00Z"),
        order("ann", "a2", 80, "2026-11-05T02:00:00Z"),
        order("bo", "b1", 40, "2026-10-20T02:00:00Z"),
        order("dan", "d1", 900, "2025-01-05T02:00:00Z"),
        consent("ann", "email"),
        consent("bo", "email"),
        consent("cai", "email"),
    ]
    stores.stores.spool.append("muster", [json.dumps(event).encode() for event in events])
    stores.settle()
    return {person.external_id: person for person in Person.objects.all()}


def identify(person, **traits):
    return {
        "type": "identify",
        "messageId": f"i-{person}",
        "userId": person,
        "traits": traits,
        "timestamp": "2026-10-01T00:00:00Z",
    }


def order(person, number, total, at):
    return {
        "type": "track",
        "messageId": f"o-{number}",
        "userId": person,
        "event": "Order Completed",
        "timestamp": at,
        "properties": {"order_id": number, "total": total, "currency": "CNY"},
    }


def consent(person, channel):
    return {
        "type": "track",
        "messageId": f"c-{person}-{channel}",
        "userId": person,
        "event": "Consent Given",
        "timestamp": "2026-10-02T00:00:00Z",
        "properties": {"channel": channel, "purpose": "marketing", "source": "test"},
    }


def meant(rule, shop):
    numbers = counting.members(rule, now=NOW).to_pylist()
    return {name for name, person in shop.items() if person.pk in numbers}


class TestCounting:
    @pytest.mark.parametrize(
        ("rule", "who"),
        [
            ({**ORDERS, "count": {"gte": 2}}, {"ann"}),
            ({**ORDERS, "within": "30d"}, {"ann", "bo"}),
            ({**ORDERS, "within": "30d", "count": {"eq": 0}}, {"cai", "dan"}),
            ({**ORDERS, "sum": {"property": "total", "gte": 200}}, {"ann", "dan"}),
            ({"trait": "city", "op": "eq", "value": "Shanghai"}, {"ann"}),
            ({"trait": "vip", "op": "eq", "value": True}, {"cai"}),
            ({"trait": "email", "op": "exists"}, {"ann", "bo", "dan"}),
            ({"trait": "email", "op": "missing"}, {"cai"}),
            ({"trait": "email", "op": "eq", "value": "ANN@tea.cn"}, {"ann"}),
            ({"trait": "email", "op": "ends_with", "value": "@tea.cn"}, {"ann", "bo"}),
            ({"trait": "email", "op": "not_contains", "value": "tea"}, {"cai", "dan"}),
            ({"trait": "first_name", "op": "in", "value": ["Ann", "Dan"]}, {"ann", "dan"}),
            ({"trait": "name", "op": "eq", "value": "Ann Lee"}, {"ann"}),
            ({"trait": "name", "op": "contains", "value": "欧阳雨"}, {"cai"}),
            ({"consent": {"channel": "email", "state": "granted"}}, {"ann", "bo", "cai"}),
        ],
    )
    def test_finds_the_people_whom_a_rule_means(self, shop, rule, who):
        assert meant(rule, shop) == who
        assert counting.count(rule, now=NOW) == len(who)

    def test_an_operation_that_makes_no_sense_on_a_name_is_told(self, shop):
        with pytest.raises(Invalid):
            counting.count({"trait": "first_name", "op": "within_last", "value": "30d"})

    def test_shows_what_each_condition_takes_away_and_whom_we_reach(self, shop):
        found = counting.counted(
            {"all": [{"consent": {"channel": "email", "state": "granted"}}, ORDERS]}, now=NOW
        )
        assert found.everyone == 4
        assert [(step.removed, step.left) for step in found.waterfall.steps] == [(1, 3), (1, 2)]
        assert found.count == 2
        assert found.reachable["email"] == 2
        assert set(found.sample) == {shop["ann"].pk, shop["bo"].pk}

    def test_consent_without_an_address_reaches_nobody(self, shop):
        found = counting.counted({"consent": {"channel": "email", "state": "granted"}}, now=NOW)
        assert (found.count, found.reachable["email"]) == (3, 2)

    def test_an_erased_person_is_in_no_answer_about_names(self, shop):
        Person.objects.filter(pk=shop["ann"].pk).update(erased_at=NOW)
        assert "ann" not in meant({"trait": "email", "op": "exists"}, shop)

    def test_says_why(self, shop):
        told = counting.explain({"all": [ORDERS, {"tag": "vip"}]}, shop["ann"], now=NOW)
        assert not told.ok
        assert [part.ok for part in told.parts] == [True, False]
        assert told.parts[0].facts["count"] == 2


class TestSegmentsInSegments:
    def test_follow_the_rule_of_the_other(self, shop, owner):
        buyers = actions.create("Buyers", ORDERS, by=owner)
        assert meant({"not": {"segment": buyers.public_id}}, shop) == {"cai"}
        assert counting.words({"segment": buyers.public_id})["en"] == "People who are in “Buyers”."

    def test_may_not_lead_back(self, shop, owner):
        first = actions.create("First", ORDERS, by=owner)
        second = actions.create("Second", {"segment": first.public_id}, by=owner)
        with pytest.raises(Invalid) as caught:
            actions.update(first, by=owner, rule={"not": {"segment": second.public_id}})
        assert caught.value.code == "circle"

    def test_one_that_another_builds_on_stays(self, shop, owner):
        first = actions.create("First", ORDERS, by=owner)
        actions.create("Second", {"any": [{"segment": first.public_id}]}, by=owner)
        with pytest.raises(Refused):
            actions.delete(first, by=owner)

    def test_one_that_is_gone_is_told(self, shop):
        with pytest.raises(Invalid):
            counting.count({"segment": ids.public("segment", 99)})


class TestFreezing:
    def test_keeps_the_people_whatever_happens_later(self, shop, owner, stores):
        buyers = actions.freeze(actions.create("Buyers", ORDERS, by=owner), by=owner)
        event = json.dumps(order("cai", "c9", 10, "2026-11-07T00:00:00Z")).encode()
        stores.stores.spool.append("muster", [event])
        stores.settle()
        assert meant(ORDERS, shop) == {"ann", "bo", "cai", "dan"}
        assert meant(buyers, shop) == {"ann", "bo", "dan"}
        assert meant({"segment": buyers.public_id}, shop) == {"ann", "bo", "dan"}

    def test_then_the_rule_stays(self, shop, owner):
        frozen = actions.create("Buyers", ORDERS, by=owner, kind="frozen")
        with pytest.raises(Refused):
            actions.update(frozen, by=owner, rule={"tag": "vip"})


class TestTheApi:
    def test_previews_a_rule(self, shop, api):
        answer = api("POST", "/segments/preview", {"rule": {**ORDERS, "count": {"gte": 2}}})
        body = answer.json()
        assert answer.status_code == 200
        assert (body["count"], body["reachable"]["email"]) == (1, 1)
        assert body["summary"]["en"].startswith("People who placed an order at least 2 times")
        assert set(body["summary"]) == {"en", "zh-hans", "zh-hant"}
        assert body["sample"][0]["email"] == "ann@tea.cn"

    def test_masks_people_without_the_scope(self, shop, api):
        rule = {"rule": {**ORDERS, "count": {"gte": 2}}}
        answer = api("POST", "/segments/preview", rule, scopes=["segments:read"])
        person = answer.json()["sample"][0]
        assert (person["email"], person["name"]) == ("a***@tea.cn", "A***")

    @pytest.mark.parametrize(
        ("trait", "op", "value"),
        [
            ("phone", "starts_with", "+861"),
            ("email", "contains", "ann"),
            ("first_name", "eq", "Ann"),
            ("name", "not_contains", "Lee"),
            ("last_name", "in", ["Lee"]),
            ("external_id", "ends_with", "nn"),
        ],
    )
    def test_what_is_masked_is_not_told_by_who_matches(
        self, shop, api, owner, user_with, trait, op, value
    ):
        rule = {"all": [ORDERS, {"not": {"trait": trait, "op": op, "value": value}}]}
        buyers = actions.create("Buyers", ORDERS, by=owner)
        analyst, at = user_with("analyst"), f"/segments/{buyers.public_id}"
        blind = [scope for scope in SCOPES if scope != "people:pii"]
        for method, path, body in (
            ("POST", "/segments/preview", {"rule": rule}),
            ("POST", "/segments/people", {"rule": rule}),
            ("POST", "/segments", {"name": "X", "rule": rule}),
            ("POST", f"{at}/difference", {"rule": rule}),
            ("PUT", at, {"rule": rule}),
        ):
            for refused in (
                api(method, path, body, user=analyst),
                api(method, path, body, scopes=blind),
            ):
                assert refused.status_code == 403
                assert trait in refused.json()["detail"]
            assert api(method, path, body).status_code in (200, 201)

    def test_what_is_masked_may_be_asked_for_at_all_and_used_as_a_whole(
        self, shop, api, owner, user_with
    ):
        analyst = user_with("analyst")
        known = {"all": [{"trait": "email", "op": "exists"}, {"trait": "phone", "op": "missing"}]}
        assert api("POST", "/segments/preview", {"rule": known}, user=analyst).json()["count"] == 3
        tea = {"trait": "email", "op": "ends_with", "value": "@tea.cn"}
        segment = actions.create("Tea", tea, by=owner).public_id
        assert api("GET", f"/segments/{segment}", user=analyst).json()["count"] == 2
        build = {"rule": {"not": {"segment": segment}}}
        assert api("POST", "/segments/preview", build, user=analyst).json()["count"] == 2
        renamed = api("PUT", f"/segments/{segment}", {"name": "Tea people"}, user=analyst)
        assert renamed.json()["name"] == "Tea people"
        more = {"rule": {"all": [tea, ORDERS]}}
        assert api("PUT", f"/segments/{segment}", more, user=analyst).status_code == 200
        other = {"rule": {"all": [{**tea, "value": "@x.cn"}, ORDERS]}}
        assert api("PUT", f"/segments/{segment}", other, user=analyst).status_code == 403

    @pytest.mark.parametrize(
        "rule",
        [
            {"trait": "backup_email", "op": "starts_with", "value": "a"},
            {"trait": "身份证号", "op": "eq", "value": "1"},
            {**ORDERS, "where": [{"property": "phone", "op": "contains", "value": "9"}]},
            {
                "sequence": [
                    ORDERS,
                    {**ORDERS, "where": [{"property": "email", "op": "eq", "value": "a"}]},
                ]
            },
        ],
    )
    def test_so_are_traits_and_properties_that_are_masked(self, shop, api, user_with, rule):
        answer = api("POST", "/segments/preview", {"rule": rule}, user=user_with("analyst"))
        assert answer.status_code == 403
        assert api("POST", "/segments/preview", {"rule": rule}).status_code == 200

    def test_a_bad_rule_comes_back_with_places(self, shop, api):
        answer = api("POST", "/segments/preview", {"rule": {"all": [{"tag": ""}, {"x": 1}]}})
        assert answer.status_code == 422
        assert {problem["at"] for problem in answer.json()["errors"]} == {
            "/rule/all/0/tag",
            "/rule/all/1",
        }

    @pytest.mark.parametrize(
        ("part", "at"),
        [
            ({**ORDERS, "from": "0001-01-01T00:00:00+14:00"}, "/from"),
            ({**ORDERS, "last": {"after": "9999-12-31T23:59:59-12:00"}}, "/last/after"),
            ({"trait": "x", "op": "eq", "value": 10**400}, "/value"),
            ({"trait": "phone", "op": "within_last", "value": "3d"}, "/op"),
            ({"segment": "seg_ZZZZ"}, "/segment"),
            ({"message": {"send": "snd_ZZZZ", "state": "opened"}}, "/message/send"),
            ({"consent": {"channel": "email", "topic": "top_ZZZZ"}}, "/consent/topic"),
        ],
    )
    def test_what_cannot_be_counted_is_refused_with_its_place_and_not_kept(
        self, shop, api, owner, part, at
    ):
        rule = {"all": [ORDERS, {"any": [{"tag": "vip"}, {"not": part}]}]}
        at = f"/rule/all/1/any/1/not{at}"
        buyers = actions.create("Buyers", ORDERS, by=owner)
        for answer in (
            api("POST", "/segments/preview", {"rule": rule}),
            api("POST", "/segments/people", {"rule": rule}),
            api("POST", "/segments", {"name": "Bad", "rule": rule}),
            api("POST", "/segments", {"name": "Bad", "rule": rule, "kind": "frozen"}),
            api("PUT", f"/segments/{buyers.public_id}", {"rule": rule}),
            api("POST", f"/segments/{buyers.public_id}/difference", {"rule": rule}),
        ):
            assert answer.status_code == 422
            assert [problem["at"] for problem in answer.json()["errors"]] == [at]
        assert [(one.name, one.rule) for one in Segment.objects.all()] == [("Buyers", ORDERS)]

    def test_says_of_a_kept_one_that_it_cannot_be_counted_any_more(self, shop, api, owner):
        bad = [
            {"segment": "seg_ZZZZ"},
            {**ORDERS, "from": "0001-01-01T00:00:00+14:00"},
        ]
        for rule in bad:
            segment = actions.create("Old", ORDERS, by=owner)
            Segment.objects.filter(pk=segment.pk).update(rule=rule)
            told = api("GET", f"/segments/{segment.public_id}")
            assert (told.status_code, told.json()["rule"]) == (200, rule)
            assert told.json()["problem"]
            assert api("GET", f"/segments/{segment.public_id}/people").status_code == 422
        assert len(api("GET", "/segments").json()["items"]) == 2

    def test_keeps_changes_and_removes_a_segment(self, shop, api):
        made = api("POST", "/segments", {"name": "Buyers", "rule": ORDERS})
        assert made.status_code == 201
        segment = made.json()
        assert (segment["count"], segment["version"]) == (3, 1)
        put = api("PUT", f"/segments/{segment['id']}", {"rule": {"tag": "vip"}, "version": 1})
        assert (put.json()["count"], put.json()["version"]) == (0, 2)
        late = api("PUT", f"/segments/{segment['id']}", {"name": "X", "version": 1})
        assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
        assert len(api("GET", "/segments").json()["items"]) == 1
        assert api("DELETE", f"/segments/{segment['id']}").status_code == 204
        assert api("GET", f"/segments/{segment['id']}").status_code == 404

    def test_lists_the_people_page_by_page(self, shop, api):
        segment = api("POST", "/segments", {"name": "Buyers", "rule": ORDERS}).json()["id"]
        first = api("GET", f"/segments/{segment}/people?limit=2").json()
        second = api("GET", f"/segments/{segment}/people?limit=2&cursor={first['next']}").json()
        found = [person["id"] for person in first["items"] + second["items"]]
        assert found == [shop[name].public_id for name in ("ann", "bo", "dan")]
        assert second["next"] is None

    def test_explains_a_person(self, shop, api):
        rule = {"all": [ORDERS, {"tag": "vip"}]}
        segment = api("POST", "/segments", {"name": "VIP buyers", "rule": rule}).json()["id"]
        person = shop["ann"].public_id
        told = api("GET", f"/segments/{segment}/explain?person={person}").json()
        assert told["in"] is False
        assert [row["ok"] for row in told["reasons"]] == [True, False]
        assert told["reasons"][0]["has"].startswith("2 times, last")


class TestLists:
    def test_are_made_of_people_who_are_named(self, shop, api):
        named = ["ann", "bo@tea.cn", shop["cai"].public_id, "ann@tea.cn", "nobody", ""]
        body = {"name": "Guests", "kind": "frozen", "people": named}
        made = api("POST", "/segments", body)
        assert (made.status_code, made.json()["count"], made.json()["kind"]) == (201, 3, "frozen")
        assert made.json()["summary"]["en"] == "People who were named one by one."
        at = f"/segments/{made.json()['id']}"
        again = api("POST", f"{at}/people", {"people": ["dan", "ann", "zoe"]}).json()
        assert again == {"added": 1, "already": 1, "unknown": ["zoe"]}
        people = api("GET", f"{at}/people").json()["items"]
        assert [one["id"] for one in people] == [
            shop[n].public_id for n in ("ann", "bo", "cai", "dan")
        ]

    def test_count_where_another_segment_builds_on_them(self, shop, api, owner):
        guests = api("POST", "/segments", {"name": "G", "kind": "frozen", "people": ["cai"]}).json()
        assert meant({"all": [{"segment": guests["id"]}, {"not": ORDERS}]}, shop) == {"cai"}

    def test_take_nobody_by_name_where_a_rule_decides(self, shop, api, owner):
        live = actions.create("Buyers", ORDERS, by=owner)
        kept = actions.create("Kept", ORDERS, by=owner, kind="frozen")
        for one in (live, kept):
            refused = api("POST", f"/segments/{one.public_id}/people", {"people": ["cai"]})
            assert refused.status_code == 409
        both = {"name": "X", "kind": "frozen", "people": ["cai"], "rule": ORDERS}
        assert api("POST", "/segments", both).status_code == 422

    def test_change_what_an_approval_was_given_for(self, shop, api, owner):
        from muster.people.segments import lists

        guests = actions.create("Guests", None, by=owner)
        before = guests.audience
        lists.add(guests, ["ann"], by=owner)
        guests.refresh_from_db()
        assert guests.audience != before

    def test_are_uploaded_on_the_page(self, shop, client_for, owner):
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("list.csv", b"id,name\nann,Ann\nbo,Bo\n")
        browser = client_for(owner)
        browser.post("/segments/list", {"name": "Guests", "file": file})
        segment = Segment.objects.get()
        assert segment.members.count() == 2
        page = browser.get(f"/segments/{segment.public_id}").content.decode()
        assert "People who were named one by one." in page
        browser.post(f"/segments/{segment.public_id}/people", {"people": "cai\n"})
        assert segment.members.count() == 3


class TestComparing:
    def test_says_who_would_come_and_leave(self, shop, api, owner):
        segment = actions.create("Buyers", ORDERS, by=owner)
        rule = {"trait": "email", "op": "ends_with", "value": "tea.cn"}
        rule = {"any": [rule, {"trait": "vip", "op": "eq", "value": True}]}
        found = api("POST", f"/segments/{segment.public_id}/difference", {"rule": rule}).json()
        assert (found["come"], found["leave"], found["stay"]) == (1, 1, 2)
        assert [one["id"] for one in found["coming"]] == [shop["cai"].public_id]
        assert [one["id"] for one in found["leaving"]] == [shop["dan"].public_id]

    def test_counts_every_intersection_of_three(self, shop, api, owner):
        rules = {
            "buyers": ORDERS,  # ann bo dan
            "agreed": {"consent": {"channel": "email", "state": "granted"}},  # ann bo cai
            "twice": {**ORDERS, "count": {"gte": 2}},  # ann
        }
        made = {
            name: actions.create(name, rule, by=owner).public_id for name, rule in rules.items()
        }
        parts = api("POST", "/segments/overlap", {"segments": list(made.values())}).json()["parts"]
        names = {id_: name for name, id_ in made.items()}
        found = {frozenset(names[id_] for id_ in part["in"]): part["people"] for part in parts}
        assert found == {
            frozenset({"buyers"}): 1,
            frozenset({"agreed"}): 1,
            frozenset({"twice"}): 0,
            frozenset({"buyers", "agreed"}): 1,
            frozenset({"buyers", "twice"}): 0,
            frozenset({"agreed", "twice"}): 0,
            frozenset({"buyers", "agreed", "twice"}): 1,
        }
        one = api("POST", "/segments/overlap", {"segments": [made["buyers"]]})
        assert one.status_code == 422


class TestThePages:
    def test_a_preset_becomes_a_segment(self, shop, client_for, owner):
        browser = client_for(owner)
        assert "First-time buyers" in browser.get("/segments").content.decode()
        answer = browser.post("/segments/new", {"preset": "first_time"})
        segment = Segment.objects.get()
        assert answer.url == f"/segments/{segment.public_id}"
        page = browser.get(answer.url).content.decode()
        assert "People who placed an order exactly once." in page

    def test_typing_keeps_the_rule_and_counts_again(self, shop, client_for, owner):
        segment = actions.create("Buyers", {"all": [ORDERS]}, by=owner)
        answer = client_for(owner).post(
            f"/segments/{segment.public_id}/write",
            {
                "rule": json.dumps(segment.rule),
                "/all/0#name": "Order Completed",
                "/all/0#count_op": "gte",
                "/all/0#count": "2",
            },
            headers={"HX-Request": "true"},
        )
        segment.refresh_from_db()
        assert segment.draft == {"all": [{**ORDERS, "count": {"gte": 2}}]}
        page = answer.content.decode()
        assert "at least 2 times" in page
        assert "+0" in page
        assert "−2" in page

    def test_what_cannot_be_read_is_told_and_not_kept(self, shop, client_for, owner):
        segment = actions.create("Buyers", {"all": [ORDERS]}, by=owner)
        answer = client_for(owner).post(
            f"/segments/{segment.public_id}/write",
            {
                "rule": json.dumps(segment.rule),
                "/all/0#name": "Order Completed",
                "/all/0#count": "x",
            },
            headers={"HX-Request": "true"},
        )
        segment.refresh_from_db()
        assert segment.rule == {"all": [ORDERS]}
        assert "/all/0/count" in answer.content.decode()

    def test_a_draft_that_compares_what_is_masked_is_refused(
        self, shop, client_for, owner, user_with
    ):
        segment = actions.create("Buyers", {"all": [ORDERS]}, by=owner)
        typed = {"all": [{"trait": "phone", "op": "starts_with", "value": "+861"}]}
        analyst = client_for(user_with("analyst"))
        for path, posted in (("write", {"rule": json.dumps(typed), "/all/0#value": "+8613"}),
                             ("paste", {"json": json.dumps(typed)})):  # fmt: skip
            answer = analyst.post(f"/segments/{segment.public_id}/{path}", posted)
            assert answer.status_code == 403
        segment.refresh_from_db()
        assert segment.draft is None

    def test_coming_and_going_is_no_use_of_a_segment(self, shop, client_for, owner):
        segment = actions.create("Buyers", ORDERS, by=owner)
        actions.freeze(actions.create("Kept", ORDERS, by=owner), by=owner)
        for person in shop.values():
            segment.moves.create(person=person, entered=True, cause="rule", at=NOW)
        page = client_for(owner).get("/segments").content.decode()
        assert "4 places" not in page
        assert "place</td>" not in page

    def test_the_lapsed_are_not_called_expired_in_chinese(self, shop, client_for, owner):
        headers = {"Accept-Language": "zh-hans"}
        page = client_for(owner).get("/segments", headers=headers).content.decode()
        assert "流失客户" in page
        assert "已过期" not in page

    def test_a_kept_rule_that_cannot_be_asked_breaks_no_page(self, shop, client_for, owner):
        segment = actions.create("Old", ORDERS, by=owner)
        rule = {**ORDERS, "from": "0001-01-01T00:00:00+14:00"}
        Segment.objects.filter(pk=segment.pk).update(rule=rule)
        actions.create("Buyers", ORDERS, by=owner)
        browser = client_for(owner)
        assert browser.get("/segments").status_code == 200
        assert browser.get(f"/segments/{segment.public_id}").status_code == 200
        assert [one.name for one in counting.containing(shop["ann"])] == ["Buyers"]

    def test_a_row_is_added_and_removed(self, shop, client_for, owner):
        segment = actions.create("Buyers", {"all": [ORDERS]}, by=owner)
        browser = client_for(owner)
        at = f"/segments/{segment.public_id}/arrange"
        browser.post(at + "?do=add:tag", {"rule": json.dumps(segment.rule)})
        segment.refresh_from_db()
        assert segment.draft == {"all": [ORDERS, {"tag": "vip"}]}
        browser.post(at + "?do=remove&at=/all/0", {"rule": json.dumps(segment.draft)})
        segment.refresh_from_db()
        assert segment.draft == {"all": [{"tag": "vip"}]}
        assert segment.rule == {"all": [ORDERS]}

    def test_a_draft_is_saved_or_thrown_away(self, shop, client_for, owner):
        segment = actions.create("Buyers", {"all": [ORDERS]}, by=owner)
        browser, at = client_for(owner), f"/segments/{segment.public_id}"
        actions.draft(segment, {"trait": "email", "op": "missing"}, by=owner)
        page = browser.get(at).content.decode()
        assert "Not saved yet" in page
        assert "People who placed an order." in page  # what holds until then
        assert "+1" in page
        assert "−3" in page
        browser.post(at + "/discard")
        segment.refresh_from_db()
        assert (segment.draft, segment.version) == (None, 1)
        actions.draft(segment, {"tag": "vip"}, by=owner)
        browser.post(at + "/save")
        segment.refresh_from_db()
        assert (segment.rule, segment.draft, segment.version) == ({"tag": "vip"}, None, 2)

    def test_a_preset_takes_the_thresholds_of_the_team(self, shop, client_for, owner):
        browser = client_for(owner)
        browser.post("/segments/new", {"preset": "at_risk", "at_risk-days": "45"})
        rule = Segment.objects.get().rule
        assert [part.get("within") for part in rule["all"]] == [None, "45d", "180d"]
        refused = browser.post("/segments/new", {"preset": "at_risk", "at_risk-days": "soon"})
        assert refused.status_code == 422

    def test_shows_whom_segments_have_in_common(self, shop, client_for, owner):
        buyers = actions.create("Buyers", ORDERS, by=owner)
        mail = actions.create(
            "Mail", {"trait": "email", "op": "ends_with", "value": "tea.cn"}, by=owner
        )
        page = (
            client_for(owner)
            .get(f"/segments/{buyers.public_id}/overlap?with={mail.public_id}")
            .content.decode()
        )
        assert "Buyers ∩ Mail" in page

    def test_somebody_is_looked_up(self, shop, client_for, owner):
        segment = actions.create("Repeat", {"all": [{**ORDERS, "count": {"gte": 2}}]}, by=owner)
        browser = client_for(owner)
        why = f"/segments/{segment.public_id}/why?person="
        assert "In it." in browser.get(why + "ann@tea.cn").content.decode()
        assert "Not in it." in browser.get(why + "bo").content.decode()
        assert "We know nobody" in browser.get(why + "zoe@tea.cn").content.decode()

    def test_the_definition_on_the_page_is_explained(self, shop, client_for, owner):
        segment = actions.create("Buyers", {"all": [ORDERS]}, by=owner)
        actions.draft(segment, {"all": [{**ORDERS, "count": {"gte": 99}}]}, by=owner)
        url = f"/segments/{segment.public_id}/why?person=ann@tea.cn"
        answer = client_for(owner).get(url).content.decode()
        assert "Not in it." in answer
        assert "In it by the definition that holds until you save." in answer

    def test_people_are_masked_for_an_analyst(self, shop, client_for, owner, user_with):
        segment = actions.create("Buyers", ORDERS, by=owner)
        page = client_for(user_with("analyst")).get(f"/segments/{segment.public_id}")
        assert "ann@tea.cn" not in page.content.decode()
        assert "a***@tea.cn" in page.content.decode()

    def test_what_a_person_has_is_masked_for_an_analyst(
        self, shop, client_for, api, owner, user_with
    ):
        person = Person.objects.get(email="ann@tea.cn")
        api("PATCH", f"/people/{person.public_id}", {"traits": {"备用邮箱": "spare@tea.cn"}})
        segment = actions.create("Spare", {"trait": "备用邮箱", "op": "exists"}, by=owner)
        url = f"/segments/{segment.public_id}/why?person=ann@tea.cn"
        assert "spare@tea.cn" in client_for(owner).get(url).content.decode()
        assert "spare@" not in client_for(user_with("analyst")).get(url).content.decode()
        url = f"/segments/{segment.public_id}/explain?person={person.public_id}"
        assert "spare@tea.cn" in str(api("GET", url).json())
        assert "spare@" not in str(api("GET", url, scopes=["people:read"]).json())

    def test_a_legal_reviewer_reads_and_sees_no_people(self, shop, client_for, owner, user_with):
        segment = actions.create("Buyers", {"all": [ORDERS]}, by=owner)
        browser = client_for(user_with("legal"))
        page = browser.get(f"/segments/{segment.public_id}").content.decode()
        assert "tea.cn" not in page
        assert "Remove" not in page
        refused = browser.post(f"/segments/{segment.public_id}/delete")
        assert refused.status_code == 403

    def test_a_removed_segment_can_be_brought_back(self, shop, client_for, owner):
        segment = actions.create("Buyers", ORDERS, by=owner)
        browser = client_for(owner)
        gone = browser.post(f"/segments/{segment.public_id}/delete")
        assert browser.get(f"/segments/{segment.public_id}").status_code == 404
        undo = json.loads(gone.headers["HX-Trigger"])["toast"]["undo"]
        browser.post(undo)
        assert browser.get(f"/segments/{segment.public_id}").status_code == 200


class TestWhereAPersonIs:
    def test_lists_the_segments_of_a_person(self, shop, owner, client_for):
        actions.create("Buyers", ORDERS, by=owner)
        actions.create("Kept", ORDERS, by=owner, kind="frozen")
        actions.create("VIPs", {"tag": "vip"}, by=owner)
        names = [segment.name for segment in counting.containing(shop["ann"])]
        assert names == ["Buyers", "Kept"]
        page = client_for(owner).get(f"/people/{shop['ann'].public_id}").content.decode()
        assert "Buyers" in page
        assert "VIPs" not in page
