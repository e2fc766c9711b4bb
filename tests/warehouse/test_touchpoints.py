"""People in the cells of a touchpoint map, and what is typical of some people: counted by hand."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from muster.warehouse.portrait import portrait
from muster.warehouse.touchpoints import Passage, passages
from tests.warehouse.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def world():
    """Ten got a mail; six opened, three clicked, two ordered, one of them twice; an ad brought two."""
    world = World()
    ours = {"campaign_id": "cmp_1", "channel": "email"}
    for person in range(1, 11):
        world.event(person, "Message Sent", "2026-06-01 08:00", **ours)
    for person in range(1, 7):
        world.event(person, "Message Opened", "2026-06-01 09:00", **ours)
    for person in (1, 2, 7):
        world.event(person, "Message Clicked", "2026-06-01 09:01", **ours)
    for person, at in ((1, "2026-06-02"), (1, "2026-06-09"), (8, "2026-06-03"), (9, "2026-05-01")):
        world.event(person, "Order Completed", f"{at} 10:00")
    for person in (20, 1):
        world.event(person, "Page Viewed", "2026-06-01 07:00", campaign_id="cmp_1", channel="ads")
    world.event(30, "Message Sent", "2026-06-01 08:00", campaign_id="cmp_2", channel="email")
    return world


class TestPassages:
    def test_count_people_by_stage_and_channel(self, world):
        found = passages(world.db, "cmp_1")
        assert found["awareness", "email"] == Passage(10, 7)
        # Seven opened or clicked; three of these clicked, and one of the three bought afterwards.
        assert found["interest", "email"] == Passage(7, 3)
        assert found["consideration", "email"] == Passage(3, 1)
        # 1 and 8 ordered after the mail; 9 had ordered before it.
        assert found["purchase", "email"] == Passage(2, 1)
        assert found["loyalty", "email"] == Passage(1, None)

    def test_count_somebody_in_every_channel_that_touched_them(self, world):
        found = passages(world.db, "cmp_1")
        assert found["awareness", "ads"] == Passage(2, 2)
        assert found["purchase", "ads"] == Passage(1, 1)

    def test_leave_machines_out(self, world):
        world.event(
            10, "Message Opened", "2026-06-01 08:01", campaign_id="cmp_1", channel="email",
            actor="machine",
        )  # fmt: skip
        assert passages(world.db, "cmp_1")["interest", "email"].people == 7

    def test_of_a_campaign_without_events_are_none(self, world):
        assert passages(world.db, "cmp_9") == {}


class TestThePortrait:
    @pytest.fixture
    def people(self):
        """20 people; of the first ten, eight live in Shanghai, of all twenty ten."""
        world = World()
        world.trait("city", "text")
        world.trait("nickname", "text")
        for person in range(1, 21):
            at_home = person <= 8 or person in (11, 12)
            city = "Shanghai" if at_home else "Hangzhou"
            world.person(person, city=city, nickname=f"n{person}")
            # 14:00 UTC is 22:00 in Shanghai.
            world.event(person, "Page Viewed", "2026-06-01 14:00")
        return world

    def test_says_what_is_more_common_than_among_all(self, people):
        seen = portrait(people.db, pa.array(range(1, 11)), SHANGHAI, frozenset())
        city = next(one for one in seen.traits if one.value == "Shanghai")
        assert (city.people, city.share, city.everyone, city.lift) == (8, 0.8, 0.5, 1.6)

    def test_leaves_out_what_would_point_at_persons(self, people):
        seen = portrait(people.db, pa.array(range(1, 11)), SHANGHAI, frozenset())
        assert {one.trait for one in seen.traits} == {"city"}
        assert {one.value for one in seen.traits} == {"Shanghai"}

    def test_hides_what_it_is_told_to_hide(self, people):
        assert portrait(people.db, pa.array([1]), SHANGHAI, frozenset({"city"})).traits == ()

    def test_tells_hours_as_clocks_show_them_here(self, people):
        seen = portrait(people.db, pa.array(range(1, 11)), SHANGHAI, frozenset())
        assert seen.hours[0] == (21, 24, 1.0)
