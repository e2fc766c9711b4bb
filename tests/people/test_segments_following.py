"""Members that are followed step by step are those that a full look finds."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from muster.people.models import Person, Segment, SegmentMember, SegmentMove
from muster.people.segments import actions, counting, refreshing
from muster.people.segments.refreshing import refresh
from muster.people.segments.telling import tell
from muster.team.models import Notice
from muster.warehouse import following
from muster.warehouse.elsewhere import NoAnswer
from muster.warehouse.rules import parse
from tests.people.test_segments import identify, order

START = datetime(2025, 3, 28, 9, 30, tzinfo=UTC)
BUY = {"event": "Order Completed"}
RULES = [
    BUY,
    {**BUY, "within": "30d"},
    {**BUY, "within": "30d", "count": {"eq": 0}},
    {**BUY, "within": "this_month", "count": {"gte": 2}},
    {**BUY, "within": "last_week"},
    {**BUY, "within": "6mo", "sum": {"property": "total", "gte": 100}},
    {**BUY, "last": {"within": "7d"}},
    {**BUY, "first": {"within": "this_year"}, "count": {"lte": 2}},
    {**BUY, "where": [{"property": "due", "op": "within_last", "value": "10d"}]},
    {"not": {"sequence": [{"event": "Visit", "within": "20d"}, BUY], "within": "3d"}},
    {"trait": "birthday", "op": "anniversary_within", "value": "5d"},
    {"trait": "joined", "op": "not_within_last", "value": "2w"},
    {"trait": "last_seen", "op": "within_last", "value": "12h"},
    {"trait": "email", "op": "contains", "value": "tea"},
    {"tag": "vip"},
    {"consent": {"channel": "email", "state": "granted"}},
    {"message": {"last": 1, "state": "opened"}},
    {"random": {"percent": 50, "salt": "x"}},
    {"score": "lead", "op": "gte", "value": 20},
    {"score": "lead", "op": "between", "value": [3, 27.5]},
    {"not": {"score": "lead", "op": "lt", "value": 1}},
    {"score": "grade", "op": "gte", "value": "C"},
    {"all": [{"tag": "vip"}, {"any": [{**BUY, "within": "14d"}, {"not": BUY}]}]},
]
PEOPLE = [f"p{n}" for n in range(12)]


def track(name, person, at, number, **properties):
    return {
        "type": "track",
        "messageId": f"e{number}",
        "userId": person,
        "event": name,
        "timestamp": at.isoformat(),
        "properties": properties,
    }


def some(chance, now, number):
    """Something that happens to somebody in the days before now."""
    who = chance.choice(PEOPLE)
    at = now - timedelta(hours=chance.choice([0, 1, 30, 200, 900]))
    kind = chance.randrange(8)
    if kind < 3:
        due = (at + timedelta(days=chance.randrange(5))).date().isoformat()
        return {**order(who, number, chance.choice([20, 60, 110]), at.isoformat())} | {
            "properties": {"total": chance.choice([20, 60, 110]), "due": due}
        }
    if kind == 3:
        return track("Visit", who, at, number)
    if kind == 4:
        traits = {"email": f"{who}@{chance.choice(['tea', 'shop'])}.cn"}
        traits["birthday"] = f"1990-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        traits["joined"] = at.isoformat()
        return {**identify(who, **traits), "messageId": f"e{number}", "timestamp": at.isoformat()}
    if kind == 5:
        name = chance.choice(["Person Tagged", "Person Tagged", "Person Untagged"])
        return track(name, who, at, number, tag="vip")
    if kind == 6:
        name = chance.choice(["Consent Given", "Consent Withdrawn"])
        return track(name, who, at, number, channel="email", purpose="marketing")
    name = chance.choice(["Message Sent", "Message Opened"])
    context = {"campaign": {"message_id": f"m{chance.randrange(3)}-{who}", "send_id": "snd_1"}}
    return {**track(name, who, at, number), "context": context}


def say(stores, events):
    stores.stores.spool.append("muster", [json.dumps(event).encode() for event in events])
    stores.settle()


def kept(segment):
    return list(segment.members.order_by("person_id").values_list("person_id", flat=True))


class TestFollowing:
    @pytest.mark.parametrize("seed", [1, 2])
    def test_finds_whom_a_full_look_finds(self, stores, workspace, owner, seed):
        chance, number, now = random.Random(seed), 0, START
        segments = [actions.create(f"{i}", rule, by=owner) for i, rule in enumerate(RULES)]
        both = {
            "all": [
                {"segment": segments[1].public_id},
                {"not": {"segment": segments[14].public_id}},
            ]
        }
        segments.append(actions.create("both", both, by=owner))
        say(stores, [{**identify(who), "messageId": who} for who in PEOPLE])
        asked = 0
        for step in range(12):
            events = []
            for _ in range(chance.choice([0, 0, 1, 3])):
                number += 1
                events.append(some(chance, now, number))
            if events:
                say(stores, events)
            done = refresh(now)
            stores.settle()
            asked += done.asked if step else 0
            for segment in segments:
                wanted = counting.members(segment.rule, now=now).to_pylist()
                assert kept(segment) == wanted, (step, segment.rule)
            now += timedelta(hours=chance.choice([1, 5, 24, 24 * 9]), minutes=chance.randrange(60))
        assert 0 < asked < 11 * len(PEOPLE)
        # The history leads from nobody to the members of today.
        for segment in segments:
            moves = SegmentMove.objects.filter(segment=segment)
            came = moves.filter(entered=True).count() - moves.filter(entered=False).count()
            first = SegmentMember.objects.filter(segment=segment, since=START).count()
            assert came <= len(kept(segment)) <= came + len(PEOPLE)
            assert first <= len(PEOPLE)

    def test_asks_only_those_who_did_something_or_are_due(self, stores, workspace, owner):
        actions.create("Lately", {**BUY, "within": "30d"}, by=owner)
        say(stores, [{**identify(who), "messageId": who} for who in PEOPLE])
        say(stores, [order("p1", "1", 5, (START - timedelta(days=29)).isoformat())])
        assert (refresh(START).asked, refresh(START).asked) == (12, 0)
        say(stores, [order("p2", "2", 5, START.isoformat())])
        assert refresh(START).asked == 1
        stores.settle()
        later = refresh(START + timedelta(days=2))
        assert later.left == 1
        # p1 whose order is too old now, and p2 to whom "entered" was said meanwhile.
        assert later.asked == 2


class TestComingAndGoing:
    @pytest.fixture
    def segment(self, stores, workspace, owner):
        segment = actions.create("Lately", {**BUY, "within": "30d"}, by=owner)
        say(stores, [{**identify(who), "messageId": who} for who in ("ann", "bo")])
        say(stores, [order("ann", "1", 5, START.isoformat())])
        refresh(START)
        return segment

    def told(self, stores):
        stores.settle()
        with stores.stores.warehouse.read() as db:
            return db.con.execute(
                "SELECT name, person_id, json_extract_string(props, '/cause') FROM events"
                " WHERE name LIKE 'Segment %' ORDER BY \"at\", name"
            ).fetchall()

    def test_is_told_to_the_log_once(self, segment, stores):
        bo = Person.objects.get(external_id="bo").pk
        ann = Person.objects.get(external_id="ann").pk
        assert self.told(stores) == []
        say(stores, [order("bo", "2", 5, (START + timedelta(days=3)).isoformat())])
        refresh(START + timedelta(days=4))
        refresh(START + timedelta(days=31))
        wanted = [("Segment Entered", bo, "behaviour"), ("Segment Left", ann, "behaviour")]
        assert self.told(stores) == wanted
        # As after a kill between writing the events and noting it.
        SegmentMove.objects.update(told=False)
        assert tell() == 2
        assert self.told(stores) == wanted

    def test_does_not_count_as_a_visit(self, segment, stores):
        before = "2026-10-02"  # the day after they said who they are
        now = datetime(2026, 11, 1, tzinfo=UTC)
        assert refresh(now).left == 1
        stores.settle()
        assert counting.count({"trait": "last_seen", "op": "before", "value": before}) == 2

    def test_is_listed_by_the_api(self, segment, stores, api):
        say(stores, [order("bo", "2", 5, (START + timedelta(days=3)).isoformat())])
        refresh(START + timedelta(days=4))
        refresh(START + timedelta(days=31))
        first = api("GET", f"/segments/{segment.public_id}/changes?limit=1").json()
        assert [(m["change"], m["cause"]) for m in first["items"]] == [("left", "behaviour")]
        second = api("GET", f"/segments/{segment.public_id}/changes?cursor={first['next']}").json()
        bo = Person.objects.get(external_id="bo").public_id
        assert [(m["change"], m["person"]) for m in second["items"]] == [("entered", bo)]
        assert second["next"] is None
        assert [row["verb"] for row in first["definition"]] == ["made"]
        hidden = api(
            "GET", f"/segments/{segment.public_id}/changes", scopes=["segments:read"]
        ).json()
        assert {move["person"] for move in hidden["items"]} == {None}

    def test_by_another_definition_says_so(self, segment, stores, owner):
        actions.update(segment, by=owner, rule={"not": BUY})
        done = refresh(START)
        assert (done.entered, done.left) == (1, 1)
        assert set(SegmentMove.objects.values_list("cause", flat=True)) == {"rule"}

    def test_follows_a_segment_that_another_builds_on(self, segment, stores, owner):
        other = actions.create("Others", {"not": {"segment": segment.public_id}}, by=owner)
        refresh(START)
        assert kept(other) == [Person.objects.get(external_id="bo").pk]
        actions.update(segment, by=owner, rule={"trait": "city", "op": "exists"})
        refresh(START)
        assert len(kept(other)) == 2

    def test_survives_a_rebuild_of_the_tables(self, segment, stores):
        before = kept(segment)
        stores.stores.loader.rebuild()
        assert refresh(START).asked == 2
        assert kept(segment) == before
        assert not SegmentMove.objects.exists()

    def test_waits_while_the_tables_are_built_again(self, segment, stores):
        stores.stores.warehouse.empty()
        assert refresh(START + timedelta(days=1)).segments == 0
        assert len(kept(segment)) == 1

    def test_forgets_the_erased(self, segment, stores, owner):
        from muster.people.directory import actions as people

        people.erase(Person.objects.get(external_id="ann"), by=owner, now=START)
        assert kept(segment) == []
        refresh(START + timedelta(days=1))
        assert kept(segment) == []

    def test_goes_on_where_one_asks_what_makes_no_sense(self, segment, stores, owner):
        odd = actions.create("Odd", BUY, by=owner)
        rule = {"trait": "phone", "op": "within_last", "value": "3d"}
        Segment.objects.filter(pk=odd.pk).update(rule=rule)
        say(stores, [order("bo", "2", 5, START.isoformat())])
        assert refresh(START).entered == 1

    def test_goes_on_where_one_cannot_be_read(self, segment, stores, owner):
        lost = actions.create("Lost", {"segment": segment.public_id}, by=owner)
        Segment.objects.filter(pk=lost.pk).update(rule={"segment": "seg_zzzzzzzz"})
        say(stores, [order("bo", "2", 5, START.isoformat())])
        assert refresh(START).entered == 1

    def test_what_passes_is_no_fault_of_a_segment(self, segment, stores, monkeypatch):
        def away(*asked):
            raise NoAnswer

        monkeypatch.setattr(refreshing, "memberships", away)
        say(stores, [order("bo", "2", 5, START.isoformat())])
        with pytest.raises(NoAnswer):
            refresh(START)
        segment.refresh_from_db()
        assert not segment.failure
        assert not Notice.objects.exists()

    def test_says_of_one_that_fails_that_it_does_and_why(
        self, segment, stores, owner, client_for, api, monkeypatch
    ):
        """Whatever goes wrong with it: the others go on, its owner hears of it once."""
        odd = actions.create("Odd", {**BUY, "count": {"gte": 3}}, by=owner)
        right = refreshing.memberships

        def failing(db, rules, *more):
            if any(getattr(rule, "count", None) == (("gte", 3),) for rule in rules):
                raise OverflowError("date value out of range")
            return right(db, rules, *more)

        monkeypatch.setattr(refreshing, "memberships", failing)
        say(stores, [order("bo", "2", 5, START.isoformat())])
        assert refresh(START).entered == 1
        say(stores, [order("cai", "3", 5, START.isoformat())])
        refresh(START + timedelta(minutes=1))
        people = {one.external_id: one.pk for one in Person.objects.all()}
        assert kept(segment) == sorted(people.values())

        notice = Notice.objects.get()
        assert (notice.to, notice.event, notice.times) == (owner, "segment_failed", 1)
        browser = client_for(owner)
        assert "Cannot be worked out" in browser.get("/segments").content.decode()
        page = browser.get(f"/segments/{odd.public_id}").content.decode()
        assert "an error of its own (OverflowError)" in page
        assert "OverflowError" in api("GET", f"/segments/{odd.public_id}").json()["problem"]
        assert api("GET", f"/segments/{segment.public_id}").json()["problem"] == ""

        monkeypatch.setattr(refreshing, "memberships", right)
        refresh(START + timedelta(minutes=2))
        odd.refresh_from_db()
        assert odd.failure == ""
        assert "Cannot be worked out" not in browser.get("/segments").content.decode()


def test_rules_of_other_segments_stand_in_their_place(stores, workspace, owner):
    inner = actions.create("Inner", {"tag": "a"}, by=owner)
    rule = following.resolved(
        parse({"all": [{"not": {"segment": inner.public_id}}, {"tag": "b"}]}), counting.context()
    )
    assert rule == parse({"all": [{"not": {"tag": "a"}}, {"tag": "b"}]})
