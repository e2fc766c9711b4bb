from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.kit.errors import Invalid
from muster.warehouse.funnel import Step, campaign_funnel, funnel, funnel_by, steps_of
from muster.warehouse.metrics import Scope
from tests.warehouse.world import World

VIEW, ADD, BUY = Step("Product Viewed"), Step("Product Added"), Step("Order Completed")


def people(reached):
    return [step.people for step in reached]


class TestAFunnel:
    def test_counts_people_who_go_step_by_step(self):
        world = World()
        for person in (1, 2, 3):
            world.event(person, VIEW.event, "2026-01-01 10:00")
        for person in (1, 2):
            world.event(person, ADD.event, "2026-01-01 11:00")
        world.event(1, BUY.event, "2026-01-01 12:00")
        reached = funnel(world.db, [VIEW, ADD, BUY])
        assert people(reached) == [3, 2, 1]
        assert reached[2].rate == pytest.approx(1 / 3)
        assert reached[2].from_previous == 0.5

    def test_does_not_count_a_step_that_came_too_early(self):
        world = World()
        world.event(1, BUY.event, "2026-01-01 09:00")
        world.event(1, VIEW.event, "2026-01-01 10:00")
        assert people(funnel(world.db, [VIEW, BUY])) == [1, 0]

    def test_takes_a_later_entry_when_the_first_is_too_old(self):
        world = World()
        world.event(1, VIEW.event, "2026-01-01")
        world.event(1, VIEW.event, "2026-01-09")
        world.event(1, BUY.event, "2026-01-10")
        assert people(funnel(world.db, [VIEW, BUY], within="7d")) == [1, 1]

    def test_counts_steps_at_the_same_instant(self):
        world = World()
        world.event(1, VIEW.event, "2026-01-01 10:00")
        world.event(1, BUY.event, "2026-01-01 10:00")
        assert people(funnel(world.db, [VIEW, BUY])) == [1, 1]

    def test_does_not_take_one_event_for_two_steps(self):
        world = World()
        world.event(1, BUY.event, "2026-01-01 10:00")
        assert people(funnel(world.db, [BUY, BUY])) == [1, 0]
        world.event(1, BUY.event, "2026-01-01 10:01")
        assert people(funnel(world.db, [BUY, BUY])) == [1, 1]

    def test_lets_only_the_first_step_be_in_the_span(self):
        world = World()
        world.event(1, VIEW.event, "2026-01-31 23:00")
        world.event(1, BUY.event, "2026-02-01 01:00")
        january = {
            "start": datetime(2026, 1, 1, tzinfo=UTC),
            "end": datetime(2026, 2, 1, tzinfo=UTC),
        }
        assert people(funnel(world.db, [VIEW, BUY], **january)) == [1, 1]
        assert people(funnel(world.db, [BUY, VIEW], **january)) == [0, 0]

    def test_leaves_machines_out(self):
        world = World()
        world.event(1, VIEW.event, "2026-01-01", actor="machine")
        assert people(funnel(world.db, [VIEW])) == [0]

    def test_asks_for_properties(self):
        world = World()
        world.event(1, VIEW.event, "2026-01-01", category="shoes")
        world.event(2, VIEW.event, "2026-01-01", category="hats")
        steps = steps_of(
            [
                {
                    "event": VIEW.event,
                    "name": "Shoes",
                    "where": [{"property": "category", "op": "eq", "value": "shoes"}],
                }
            ]
        )
        assert [(r.name, r.people) for r in funnel(world.db, steps)] == [("Shoes", 1)]

    def test_splits_by_the_channel_of_the_entry(self):
        world = World()
        for person, channel in ((1, "mail"), (2, "mail"), (3, "search"), (4, None)):
            world.event(person, VIEW.event, "2026-01-01", channel=channel)
        world.event(1, BUY.event, "2026-01-02")
        split = funnel_by(world.db, [VIEW, BUY], "channel")
        assert {key: people(reached) for key, reached in split.items()} == {
            "mail": [2, 1],
            "search": [1, 0],
            "(not set)": [1, 0],
        }

    @pytest.mark.parametrize(
        "steps", [[], "Order Completed", [{"where": []}], [{"event": "A", "within": "7d"}], [7]]
    )
    def test_refuses_what_is_no_list_of_steps(self, steps):
        with pytest.raises(Invalid):
            steps_of(steps)

    def test_refuses_a_span_that_is_none(self):
        with pytest.raises(Invalid, match="no duration"):
            funnel(World().db, [VIEW], within="soon")


class TestAgainstEveryPossibleWay:
    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(1, 3), st.sampled_from("ABC"), st.integers(0, 30)), max_size=30
        ),
        st.lists(st.sampled_from("ABC"), min_size=2, max_size=4),
        st.integers(1, 20),
    )
    def test_it_finds_the_same_people(self, happened, steps, hours):
        world = World()
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        for person, name, hour in happened:
            world.event(person, name, (begin + timedelta(hours=hour)).isoformat())
        expected = [
            sum(
                _gets_through([(n, h) for p, n, h in happened if p == person], steps[:k], hours)
                for person in (1, 2, 3)
            )
            for k in range(1, len(steps) + 1)
        ]
        found = funnel(world.db, [Step(name) for name in steps], within=f"{hours}h")
        assert people(found) == expected


def _gets_through(events: list[tuple[str, int]], steps: list[str], hours: int) -> bool:
    """Try every choice of one event for each step."""
    choices = [[at for name, at in events if name == step] for step in steps]
    return any(
        way[-1] - way[0] <= hours
        and all(
            a < b if steps[i] == steps[i + 1] else a <= b
            for i, (a, b) in enumerate(itertools.pairwise(way))
        )
        for way in itertools.product(*choices)
    )


class TestTheFunnelOfACampaign:
    def test_counts_people_from_the_audience_to_the_order(self):
        world = World()
        for person in (1, 2, 3):
            more = {"message_id": f"m{person}", "campaign_id": "cmp_1"}
            world.event(person, "Message Sent", "2026-06-01 10:00", **more)
            world.event(person, "Message Delivered", "2026-06-01 10:00", **more)
        opened = {"message_id": "m1", "campaign_id": "cmp_1"}
        world.event(1, "Message Opened", "2026-06-01 11:00", **opened)
        world.event(1, "Message Opened", "2026-06-01 12:00", **opened)
        world.event(2, "Message Opened", "2026-06-01 10:00", **opened, actor="machine")
        world.event(1, "Message Clicked", "2026-06-01 11:01", **opened)
        world.event(1, "Page Viewed", "2026-06-01 11:02")
        world.event(3, "Page Viewed", "2026-06-01 11:02")
        world.event(3, "Order Completed", "2026-06-02")
        world.event(9, "Order Completed", "2026-06-02")
        world.event(1, "Message Opened", "2026-06-01 11:00", campaign_id="cmp_2")
        reached = campaign_funnel(world.db, Scope(campaign_id="cmp_1"), audience=5)
        assert [(step.name, step.people) for step in reached] == [
            ("audience", 5),
            ("sent", 3),
            ("delivered", 3),
            ("opened", 1),
            ("clicked", 1),
            ("visited", 2),
            ("ordered", 1),
        ]
        assert reached[1].rate == 0.6
