"""The nightly check finds members that are wrong, and does not cry over those that are right."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from muster.people.models import Person, Segment, SegmentMember
from muster.people.segments import actions
from muster.people.segments.checking import check
from muster.people.segments.jobs import check_is_due
from muster.people.segments.refreshing import refresh
from muster.team.models import Notice
from tests.people.test_segments import identify, order
from tests.people.test_segments_following import BUY, PEOPLE, RULES, START, kept, say, some


class TestTheCheck:
    @pytest.mark.parametrize("seed", [3, 4])
    def test_agrees_with_what_is_right(self, stores, workspace, owner, seed):
        chance, now = random.Random(seed), START
        segments = [actions.create(f"{i}", rule, by=owner) for i, rule in enumerate(RULES)]
        actions.create("list", {"segment": actions.create("x", BUY, by=owner).public_id}, by=owner)
        say(stores, [{**identify(who), "messageId": who} for who in PEOPLE])
        for _ in range(3):
            say(stores, [some(chance, now, chance.getrandbits(60)) for _ in range(12)])
            now += timedelta(hours=chance.choice([3, 40, 400]))
            found = check(now)
            stores.settle()
            assert found.wrong == {}
        assert found.segments == len(segments) + 2
        assert found.people > 0
        assert not Notice.objects.exists()

    def test_finds_members_that_are_wrong_and_puts_them_right(self, stores, workspace, owner):
        right = actions.create("Right", {"tag": "vip"}, by=owner)
        segment = actions.create("Buyers", BUY, by=owner)
        say(stores, [{**identify(who), "messageId": who} for who in ("ann", "bo", "cai")])
        say(stores, [order("ann", "1", 5, START.isoformat())])
        refresh(START)
        stores.settle()
        people = {one.external_id: one.pk for one in Person.objects.all()}
        SegmentMember.objects.filter(segment=segment).delete()
        SegmentMember.objects.create(segment=segment, person_id=people["bo"])

        found = check(START + timedelta(hours=1))

        assert found.wrong == {segment.pk: sorted([people["ann"], people["bo"]])}
        segment.refresh_from_db()
        right.refresh_from_db()
        assert (segment.wrong, right.wrong) == (2, 0)
        notice = Notice.objects.get()
        assert (notice.to, notice.event, notice.params["count"]) == (owner, "segment_wrong", 2)

        refresh(START + timedelta(hours=2))
        assert kept(segment) == [people["ann"]]
        assert set(segment.moves.values_list("cause", flat=True)) == {"correction"}
        assert check(START + timedelta(hours=3)).wrong == {}
        segment.refresh_from_db()
        assert segment.wrong == 0

    def test_the_page_and_the_api_carry_the_mark(self, stores, workspace, owner, client_for, api):
        segment = actions.create("Buyers", BUY, by=owner)
        Segment.objects.filter(pk=segment.pk).update(wrong=3, checked_at=START)
        page = client_for(owner).get(f"/segments/{segment.public_id}").content.decode()
        assert "3 people in the wrong place" in page
        assert api("GET", f"/segments/{segment.public_id}").json()["wrong"] == 3

    def test_is_done_once_a_night(self, workspace, owner):
        night = datetime(2026, 11, 8, 19, 5, tzinfo=UTC)  # 3:05 in Shanghai
        assert not check_is_due(night)
        segment = actions.create("Buyers", BUY, by=owner)
        assert check_is_due(night)
        assert not check_is_due(night + timedelta(hours=6))
        Segment.objects.filter(pk=segment.pk).update(checked_at=night)
        assert not check_is_due(night + timedelta(minutes=30))
        assert check_is_due(night + timedelta(days=1))
