from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from muster.kit.errors import Invalid
from muster.warehouse.attribution import NONE, NOT_SET, Attribution, attribution
from tests.warehouse.world import World

DATA = Path(
    os.environ.get("MUSTER_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
ORDER = "Order Completed"


@pytest.fixture
def world():
    """Ann: search, mail, order 90, mail, order 10. Bob: an order out of nowhere."""
    world = World()
    world.event(1, "Ad Clicked", "2026-03-01 10:00", channel="search", campaign="spring")
    world.event(1, "Ad Clicked", "2026-03-08 10:00", channel="mail", campaign="spring")
    world.event(1, ORDER, "2026-03-08 10:00", revenue=90, channel="shop")
    world.event(1, "Ad Clicked", "2026-03-09 10:00", channel="mail", campaign="summer")
    world.event(1, ORDER, "2026-03-10 10:00", revenue=10)
    world.event(2, ORDER, "2026-03-10 11:00", revenue=5)
    return world


def credit(result: Attribution, model: str) -> dict[str, tuple[float, float]]:
    return {c.key: (c.conversions, c.value) for c in result.models[model]}


class TestPathsThatStartAnewAfterAConversion:
    def test_give_each_model_its_credit(self, world):
        result = attribution(world.db, ORDER, reset=True)
        assert credit(result, "first") == {"search": (1, 90), "mail": (1, 10), NONE: (1, 5)}
        assert credit(result, "last") == {"mail": (2, 100), NONE: (1, 5)}
        assert credit(result, "linear") == {"mail": (1.5, 55), "search": (0.5, 45), NONE: (1, 5)}

    def test_count_the_conversions_their_value_and_the_paths(self, world):
        result = attribution(world.db, ORDER, reset=True)
        assert (result.conversions, result.value, result.paths) == (3, Decimal(105), 2)


class TestValues:
    def test_of_whole_conversions_are_added_to_the_last_digit(self):
        """As doubles the small ones would be lost beside the large one."""
        world = World()
        world.event(1, "Ad Clicked", "2026-03-01 10:00", channel="search")
        for number, revenue in enumerate(["90000000000000", *["0.005"] * 4]):
            world.event(1, ORDER, f"2026-03-02 10:0{number}", revenue=Decimal(revenue))
        result = attribution(world.db, ORDER, models=("first", "last"))
        for model in ("first", "last"):
            assert credit(result, model) == {"search": (5, float(Decimal("90000000000000.02")))}


class TestPathsThatGoOn:
    def test_let_a_touch_count_for_every_later_conversion(self, world):
        result = attribution(world.db, ORDER)
        assert credit(result, "first") == {"search": (2, 100), NONE: (1, 5)}
        # Two touches for the first order, three for the second.
        linear = credit(result, "linear")
        assert linear["search"] == pytest.approx((1 / 2 + 1 / 3, 90 / 2 + 10 / 3))
        assert linear["mail"] == pytest.approx((1 / 2 + 2 / 3, 90 / 2 + 20 / 3))


class TestAWindow:
    def test_leaves_out_what_is_too_long_ago(self, world):
        result = attribution(world.db, ORDER, window="7d")
        # Exactly seven days before is outside.
        assert credit(result, "first") == {"mail": (2, 100), NONE: (1, 5)}

    def test_may_be_a_month(self, world):
        assert credit(attribution(world.db, ORDER, window="1mo"), "first")["search"] == (2, 100)

    def test_that_cannot_be_read_is_refused(self, world):
        with pytest.raises(Invalid, match="no duration"):
            attribution(world.db, ORDER, window="a week")


class TestWhatIsNoTouch:
    def test_the_work_of_a_machine(self, world):
        world.event(2, "Ad Clicked", "2026-03-10 10:30", channel="mail", actor="machine")
        assert NONE in credit(attribution(world.db, ORDER), "last")

    def test_a_message_that_never_arrived(self, world):
        world.event(2, "Message Bounced", "2026-03-10 10:30", channel="email")
        assert NONE in credit(attribution(world.db, ORDER), "last")

    def test_an_event_without_channel_and_campaign(self, world):
        world.event(2, "Page Viewed", "2026-03-10 10:30")
        assert NONE in credit(attribution(world.db, ORDER), "last")

    def test_what_comes_after(self, world):
        world.event(2, "Ad Clicked", "2026-03-10 11:00:01", channel="mail")
        assert NONE in credit(attribution(world.db, ORDER), "last")


class TestASpanOfTime:
    def test_narrows_the_conversions_but_not_their_touches(self, world):
        result = attribution(
            world.db,
            ORDER,
            start=datetime(2026, 3, 10, tzinfo=UTC),
            end=datetime(2026, 3, 10, 11, tzinfo=UTC),
            reset=True,
        )
        assert (result.conversions, result.value) == (1, Decimal(10))
        assert credit(result, "first") == {"mail": (1, 10)}

    def test_without_conversions_has_no_credits(self, world):
        result = attribution(world.db, ORDER, start=datetime(2030, 1, 1, tzinfo=UTC))
        assert (result.conversions, result.value, result.models["last"]) == (0, 0, [])


class TestGrouping:
    def test_by_campaign(self, world):
        result = attribution(world.db, ORDER, reset=True, group_by="campaign")
        assert credit(result, "last") == {"spring": (1, 90), "summer": (1, 10), NONE: (1, 5)}

    def test_shows_touches_that_do_not_say_it(self, world):
        result = attribution(world.db, ORDER, group_by="content")
        assert credit(result, "last") == {NOT_SET: (2, 100), NONE: (1, 5)}


class TestTheWeightsOfAPath:
    def test_by_place_give_two_fifths_to_each_end(self):
        world = World()
        for hour, channel in enumerate("abcd"):
            world.event(1, "Ad", f"2026-01-01 0{hour}:00", channel=channel)
        world.event(1, ORDER, "2026-01-01 09:00", revenue=100)
        result = credit(attribution(world.db, ORDER, models=["position"]), "position")
        assert result == {"a": (0.4, 40), "b": (0.1, 10), "c": (0.1, 10), "d": (0.4, 40)}

    def test_halve_in_a_week(self):
        world = World()
        world.event(1, "Ad", "2026-01-01", channel="old")
        world.event(1, "Ad", "2026-01-08", channel="new")
        world.event(1, ORDER, "2026-01-08", revenue=30)
        result = credit(attribution(world.db, ORDER, models=["time_decay"]), "time_decay")
        assert result["old"] == pytest.approx((1 / 3, 10))
        assert result["new"] == pytest.approx((2 / 3, 20))


class TestSeveralCurrencies:
    def test_are_never_added(self):
        world = World()
        world.event(1, ORDER, "2026-01-01", revenue=10, currency="CNY")
        world.event(2, ORDER, "2026-01-01", revenue=20, currency="CNY")
        world.event(3, ORDER, "2026-01-01", revenue=7, currency="USD")
        result = attribution(world.db, ORDER)
        assert (result.conversions, result.value) == (3, Decimal(30))
        assert (result.currency, result.apart) == ("CNY", {"USD": Decimal(7)})
        assert attribution(world.db, ORDER, currency="usd").value == Decimal(7)


class TestWrongQuestions:
    def test_name_what_is_possible(self, world):
        with pytest.raises(Invalid, match="first, last, linear"):
            attribution(world.db, ORDER, models=["best"])
        with pytest.raises(Invalid, match="channel, campaign, content"):
            attribution(world.db, ORDER, group_by="phone")


class TestVisitorsWithoutAName:
    def test_have_paths_of_their_own(self):
        world = World()
        world.event(None, "Ad", "2026-01-01", channel="mail", anonymous="hash-1")
        world.event(None, ORDER, "2026-01-02", revenue=10, anonymous="hash-1")
        world.event(None, ORDER, "2026-01-02", revenue=20, anonymous="hash-2")
        assert credit(attribution(world.db, ORDER), "last") == {"mail": (1, 10), NONE: (1, 20)}


@pytest.mark.skipif(
    not (DATA / "touch_log_july2018").exists(),
    reason="the touch log of July 2018 is not here: 1 case skipped",
)
class TestTheTouchLog:
    def test_gives_the_published_credits(self):
        folder = DATA / "touch_log_july2018"
        world = World()
        world.con.execute(
            """
            CREATE TEMP TABLE log AS SELECT row_number() OVER () AS n, * FROM read_csv(?);
            """,
            [str(folder / "touches.csv.gz")],
        )
        world.con.execute(
            """
            INSERT INTO events (event_id, "at", person_id, name, actor, channel)
            SELECT n, "time", hash(customer_id) >> 2, 'Ad Touched', 'human', channel FROM log;
            INSERT INTO events (event_id, "at", person_id, name, actor, revenue)
            SELECT 1000000 + n, "time", hash(customer_id) >> 2, 'Order Completed', 'human',
                   conversion_value
            FROM log WHERE conversion = 1
            """
        )
        published = json.loads((folder / "reference.json").read_text())
        found = {
            "reset": attribution(
                world.db,
                ORDER,
                reset=True,
                models=["first", "last", "linear", "position", "time_decay"],
            ),
            "no_reset_7d": attribution(world.db, ORDER, window="7d"),
        }
        assert found["reset"].conversions == published["conversions"] == 943
        assert float(found["reset"].value) == published["conversion_value"]
        theirs = {"position": "position_40_20_40", "time_decay": "time_decay_7d"}
        for way, result in found.items():
            for model in result.models:
                wanted = published["models"][f"{way}/{theirs.get(model, model)}"]
                ours = credit(result, model)
                assert {k: c for k, (c, _) in ours.items()} == pytest.approx(
                    wanted["conversions"], abs=2e-6
                )
                if "value" in wanted:
                    assert {k: v for k, (_, v) in ours.items()} == pytest.approx(
                        wanted["value"], abs=2e-6
                    )


@pytest.mark.skipif(
    not (DATA / "channel_attribution").exists(),
    reason="the paths of ChannelAttribution are not here: 1 case skipped",
)
class TestThePathsOfChannelAttribution:
    def test_give_the_published_credits(self):
        folder = DATA / "channel_attribution"
        world = World()
        world.con.execute(
            """
            CREATE TEMP TABLE way AS
            SELECT row_number() OVER () AS row, string_split(path, ' > ') AS touches,
                   total_conversions AS times, total_conversion_value AS value
            FROM read_csv(?);
            """,
            [str(folder / "PathData.csv.gz")],
        )
        world.con.execute(
            """
            CREATE TEMP TABLE who AS
            SELECT row_number() OVER () AS person, way.*
            FROM way, range(0, times) AS again(n);
            INSERT INTO events (event_id, "at", person_id, name, actor, channel)
            SELECT person * 1000 + place, TIMESTAMP '2026-01-01' + to_seconds(place), person,
                   'Ad Touched', 'human', touches[place]
            FROM who, range(1, len(touches) + 1) AS places(place);
            INSERT INTO events (event_id, "at", person_id, name, actor)
            SELECT person * 1000, TIMESTAMP '2026-01-02', person, 'Order Completed', 'human'
            FROM who
            """
        )
        published = json.loads((folder / "reference.json").read_text())
        result = attribution(world.db, ORDER, models=["first", "last", "linear", "position"])
        assert result.conversions == published["total_conversions"] == 19_785
        for model in result.models:
            name = {"position": "position_40_20_40"}.get(model, model)
            assert {k: c for k, (c, _) in credit(result, model).items()} == pytest.approx(
                published["models"][name]["conversions"], abs=2e-6
            )
