from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.core.cache import cache
from django.urls import reverse

from muster.people.consent.models import Suppression
from muster.people.models import Person, ScoreModel, SegmentSize
from muster.people.segments import actions, counting
from muster.people.segments.refreshing import refresh
from muster.people.segments.trend import Point, trend
from tests.people.test_segments import ORDERS, consent, identify, order

NOW = datetime(2026, 11, 8, 6, 5, tzinfo=UTC)


@pytest.fixture
def shop(stores, workspace):
    """Ann in Shanghai bought, Bo in Hangzhou did not; both allow e-mail."""
    # What there is to choose from is looked up once a minute, for the tests before too.
    cache.clear()
    events = [
        identify("ann", email="ann@tea.cn", city="Shanghai", points=5, backup_email="x@y.cn"),
        identify("bo", email="bo@tea.cn", phone="+8613800138000", city="Hangzhou"),
        order("ann", "a1", 120, "2026-11-01T02:00:00Z"),
        *(consent(who, "email") for who in ("ann", "bo")),
        consent("bo", "sms"),
    ]
    stores.stores.spool.append("muster", [json.dumps(event).encode() for event in events])
    stores.settle()
    return {person.external_id: person for person in Person.objects.all()}


def city(name):
    return {"trait": "city", "op": "eq", "value": name}


def text_of(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


class TestHints:
    def test_come_with_place_code_and_message(self, shop, api):
        rule = {"all": [ORDERS, city("A"), city("B"), {"event": "Ordre"}]}
        hints = api("POST", "/segments/preview", {"rule": rule}).json()["hints"]
        assert [(hint["at"], hint["code"]) for hint in hints] == [
            ("", "always_empty"),
            ("/all/2", "contradiction"),
            ("/all/3", "unknown_event"),
        ]
        assert hints[1]["message"] == "This and “live in A” cannot hold together."

    def test_a_name_is_known_seconds_after_it_is_loaded(self, shop, stores, api, monkeypatch):
        now = 1_000.0
        monkeypatch.setattr("muster.people.segments.catalogue.monotonic", lambda: now)
        rule = {"all": [{"event": "Tea Tasted"}, {"trait": "oolong", "op": "eq", "value": "x"}]}

        def hints():
            found = api("POST", "/segments/preview", {"rule": rule}).json()["hints"]
            return {hint["code"] for hint in found} & {"unknown_event", "unknown_trait"}

        assert hints() == {"unknown_event", "unknown_trait"}
        told = [
            identify("ann", oolong="x") | {"messageId": "i-oolong"},
            {"type": "track", "event": "Tea Tasted", "userId": "ann", "messageId": "m-tasted"},
        ]
        for left, one in zip(({"unknown_event"}, set()), told, strict=True):
            stores.stores.spool.append("muster", [json.dumps(one).encode()])
            stores.settle()
            before = hints()
            now += 4.9
            assert hints() == before != left, "No look at all events for each new name."
            now += 0.2
            assert hints() == left

    def test_names_are_not_looked_up_anew_when_all_are_known(self, shop, stores, api, monkeypatch):
        rule = {"rule": {"event": "Ordre"}}
        now = 1_000.0
        monkeypatch.setattr("muster.people.segments.catalogue.monotonic", lambda: now)
        api("POST", "/segments/preview", rule)
        now += 30
        again = order("bo", "a2", 80, "2026-11-02T02:00:00Z")
        stores.stores.spool.append("muster", [json.dumps(again).encode()])
        stores.settle()

        def never(*_given):
            raise AssertionError("Nothing new was named.")

        monkeypatch.setattr("muster.people.segments.catalogue.event_names", never)
        assert api("POST", "/segments/preview", rule).json()["hints"]

    def test_an_event_of_unknown_visitors_was_recorded(self, shop, stores, api):
        seen = {
            "type": "track", "event": "Banner Seen", "anonymousId": "a-1", "messageId": "m-banner",
            "timestamp": "2026-11-02T02:00:00Z", "properties": {},
        }  # fmt: skip
        stores.stores.spool.append("muster", [json.dumps(seen).encode()])
        stores.settle()
        cache.clear()
        rule = {"event": "Banner Seen"}
        assert api("POST", "/segments/preview", {"rule": rule}).json()["hints"] == []

    def test_are_told_in_the_readers_language(self, shop, api):
        rule = {"all": [city("A"), city("B")]}
        for language, said in (("zh-Hans", "不可能同时成立"), ("zh-Hant", "不可能同時成立")):
            headers = {"Accept-Language": language}
            answer = api("POST", "/segments/preview", {"rule": rule}, headers=headers)
            assert said in answer.json()["hints"][1]["message"]

    def test_do_not_keep_a_rule_from_being_kept(self, shop, api):
        rule = {"all": [city("A"), city("B")]}
        made = api("POST", "/segments", {"name": "Nobody", "rule": rule})
        assert made.status_code == 201
        assert [hint["code"] for hint in made.json()["hints"]] == ["always_empty", "contradiction"]

    def test_are_missing_where_nothing_is_odd(self, shop, api):
        for rule in (
            ORDERS,
            {"all": [ORDERS, city("Shanghai")]},
            {"trait": "points", "op": "exists"},
        ):
            assert api("POST", "/segments/preview", {"rule": rule}).json()["hints"] == []

    def test_stand_on_the_page_beside_their_condition(self, shop, owner, client_for):
        nested = {"any": [city("B"), {"tag": "x"}]}
        rule = {"all": [ORDERS, city("A"), nested]}
        segment = actions.create("Odd", rule, by=owner)
        page = client_for(owner).get(reverse("people:segment", args=[segment.pk]))
        rows = re.findall(r'id="hints-(\d)">(.*?)</div>', page.content.decode(), re.S)
        told = {int(row): " ".join(re.sub(r"<[^>]+>", " ", html).split()) for row, html in rows}
        assert told == {0: "", 1: "", 2: "“live in B”: This and “live in A” cannot hold together."}

    def test_appear_while_one_types(self, shop, owner, client_for):
        segment = actions.create("Odd", {"all": [city("A"), {"tag": "x"}]}, by=owner)
        rule = {"all": [city("A"), city("A")]}
        page = client_for(owner).post(
            reverse("people:write_segment", args=[segment.pk]),
            {
                "rule": json.dumps(rule),
                "/all/1#name": "city",
                "/all/1#op": "eq",
                "/all/1#value": "B",
            },
        )
        assert "cannot hold together" in text_of(page)
        assert "Nobody can be in this segment, whatever happens." in text_of(page)


class TestASentence:
    def test_becomes_a_rule_and_what_is_not_understood_is_shown(self, shop, api):
        body = api(
            "POST", "/segments/sentence", {"text": "近90天下单≥1次、爱喝茶、住在 Shanghai"}
        ).json()
        assert body["rule"] == {"all": [{**ORDERS, "within": "90d"}, city("Shanghai")]}
        assert [piece["text"] for piece in body["pieces"] if piece["rule"] is None] == ["爱喝茶"]

    def test_is_added_to_the_rule_on_the_page(self, shop, owner, client_for):
        segment = actions.create("Tea", {"all": [city("Shanghai")]}, by=owner)
        at = reverse("people:hear_segment", args=[segment.pk])
        client = client_for(owner)
        looked = client.post(
            f"{at}?look", {"text": "placed an order in the last 90 days and like tea"}
        )
        assert "placed an order in the last 90 days" in text_of(looked)
        assert '<mark class="not-heard">like tea</mark>' in looked.content.decode()
        segment.refresh_from_db()
        assert segment.draft is None
        client.post(at, {"text": "placed an order in the last 90 days", "how": "add"})
        segment.refresh_from_db()
        assert segment.draft == {"all": [city("Shanghai"), {**ORDERS, "within": "90d"}]}
        client.post(at, {"text": "placed an order or live in Hangzhou", "how": "replace"})
        segment.refresh_from_db()
        assert segment.draft == {"any": [ORDERS, city("Hangzhou")]}

    def test_that_is_too_long_is_refused_and_not_cut(self, shop, owner, api, client_for):
        long = "住在 Shanghai、" * 200
        assert api("POST", "/segments/sentence", {"text": long}).status_code == 422
        segment = actions.create("Tea", {"all": [city("Shanghai")]}, by=owner)
        at = reverse("people:hear_segment", args=[segment.pk])
        looked = client_for(owner).post(f"{at}?look", {"text": long})
        assert "A sentence has at most 2000 letters; this one has" in text_of(looked)
        assert client_for(owner).post(at, {"text": long, "how": "add"}).status_code == 422

    def test_says_where_a_time_may_be_meant_for_the_next_too(self, shop, owner, client_for):
        segment = actions.create("Tea", {"all": [city("Shanghai")]}, by=owner)
        at = reverse("people:hear_segment", args=[segment.pk])
        looked = client_for(owner).post(
            f"{at}?look", {"text": "placed an order and signed in in the last 30 days"}
        )
        assert "Does the time or the “not” beside it hold for this too?" in text_of(looked)

    def test_of_which_nothing_is_understood_changes_nothing(self, shop, owner, client_for):
        segment = actions.create("Tea", {"all": [city("Shanghai")]}, by=owner)
        at = reverse("people:hear_segment", args=[segment.pk])
        assert client_for(owner).post(at, {"text": "like tea", "how": "add"}).status_code == 409
        segment.refresh_from_db()
        assert segment.draft is None


class TestTheTrend:
    def test_keeps_the_last_number_of_each_day_in_the_time_of_the_workspace(
        self, shop, stores, owner
    ):
        segment = actions.create("Buyers", ORDERS, by=owner)
        refresh(datetime(2026, 11, 8, 15, 0, tzinfo=UTC))  # 23:00 in Shanghai
        event = json.dumps(order("bo", "b1", 9, "2026-11-08T15:10:00Z")).encode()
        stores.stores.spool.append("muster", [event])
        stores.settle()
        refresh(datetime(2026, 11, 8, 15, 30, tzinfo=UTC))
        refresh(datetime(2026, 11, 8, 16, 30, tzinfo=UTC))  # half past midnight
        days = SegmentSize.objects.filter(segment=segment).order_by("day")
        assert list(days.values_list("day", "people")) == [
            (date(2026, 11, 8), 2),
            (date(2026, 11, 9), 2),
        ]

    def test_leaves_gaps_where_nothing_was_recorded(self, shop, owner):
        segment = actions.create("Buyers", ORDERS, by=owner)
        for day, people in ((9, 4), (10, 5), (13, 7)):
            SegmentSize.objects.create(segment=segment, day=date(2026, 10, day), people=people)
        points = trend(segment, date(2026, 10, 14), days=5)
        assert points == [
            Point(date(2026, 10, 10), 5),
            Point(date(2026, 10, 11), None),
            Point(date(2026, 10, 12), None),
            Point(date(2026, 10, 13), 7),
            Point(date(2026, 10, 14), None),
        ]

    def test_is_drawn_with_a_table(self, shop, owner, client_for):
        segment = actions.create("Buyers", ORDERS, by=owner)
        client, at = client_for(owner), reverse("people:segment", args=[segment.pk])
        assert "noted every day" in text_of(client.get(at))
        today = counting.context().now.date()
        for back, people in ((2, 1234), (1, 1200)):
            day = date.fromordinal(today.toordinal() - back)
            SegmentSize.objects.create(segment=segment, day=day, people=people)
        page = client.get(at)
        assert "m-chart" in page.content.decode()
        assert "1,234" in text_of(page)
        assert "−34 since" in text_of(page)
        assert "Nothing was recorded on 28 days." in text_of(page)


class TestWhatIsMasked:
    def ops(self, page):
        """Row → the operations that it offers."""
        selects = re.findall(
            r'<select name="(/all/\d)#op".*?</select>', page.content.decode(), re.S
        )
        found = {}
        for at in selects:
            html = re.search(rf'<select name="{at}#op".*?</select>', page.content.decode(), re.S)[0]
            found[at] = re.findall(r'<option value="(\w+)"', html)
        return found

    def test_may_be_asked_for_and_not_compared(self, shop, owner, user_with, client_for):
        rule = {
            "all": [{"trait": name, "op": "exists"} for name in ("email", "backup_email", "city")]
        }
        segment = actions.create("Known", rule, by=owner)
        at = reverse("people:segment", args=[segment.pk])
        blind = self.ops(client_for(user_with("analyst")).get(at))
        assert blind["/all/0"] == blind["/all/1"] == ["exists", "missing"]
        assert "contains" in blind["/all/2"]
        assert "contains" in self.ops(client_for(owner).get(at))["/all/0"]

    def test_asks_whether_it_is_known_when_one_turns_to_it(
        self, shop, owner, user_with, client_for
    ):
        segment = actions.create("Tea", {"all": [city("Shanghai")]}, by=owner)
        at = reverse("people:arrange_segment", args=[segment.pk])
        typed = {
            "rule": json.dumps(segment.rule),
            "/all/0#name": "email", "/all/0#op": "eq", "/all/0#value": "Shanghai",
        }  # fmt: skip
        assert client_for(user_with("analyst")).post(at, typed).status_code == 200
        segment.refresh_from_db()
        assert segment.draft == {"all": [{"trait": "email", "op": "exists"}]}


class TestReaching:
    def test_leaves_out_who_is_on_the_suppression_list_of_the_channel(self, shop, api):
        everybody = {"random": {"percent": 100}}

        def reach():
            return api("POST", "/segments/preview", {"rule": everybody}).json()["reachable"]

        assert reach() == {"email": 2, "sms": 1}
        bo = shop["bo"]
        for channel, value, left in (
            ("sms", bo.email_hash, {"email": 2, "sms": 1}),  # no address of this channel
            ("email", bo.email_hash, {"email": 1, "sms": 1}),
            ("sms", bo.phone_hash, {"email": 1, "sms": 0}),
        ):
            Suppression.objects.create(
                channel=channel, address_hash=value, reason="manual", at=NOW, source="test"
            )
            assert reach() == left


class TestAskingAnew:
    def test_names_who_asks_so_that_an_older_question_can_end(self, shop, api, monkeypatch):
        asked = []
        real = counting.warehouse

        def noted(**more):
            asked.append(more.get("asker"))
            return real(**more)

        monkeypatch.setattr(counting, "warehouse", noted)
        for asker in ("", "", "tab 2"):
            body = {"rule": ORDERS, "asker": asker} if asker else {"rule": ORDERS}
            assert api("POST", "/segments/preview", body).status_code == 200
        # Every call of the test has a token of its own.
        assert len(set(asked)) == 3
        assert all(asked)
        assert asked[2].endswith("tab 2")


def test_marketing_qualified_leads_follow_the_rule_of_leads(shop, owner, client_for):
    ScoreModel.objects.create(card=ScoreModel.here().card, mql={"tag": "hot"})
    client_for(owner).post(reverse("people:add_segment"), {"preset": "mql"})
    made = owner.segments.get()
    assert (made.name, made.rule) == ("Marketing qualified leads", {"tag": "hot"})
