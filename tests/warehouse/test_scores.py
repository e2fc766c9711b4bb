"""Scores in one pass against a slow reading event by event, and against sums made by hand."""

from __future__ import annotations

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from muster.kit.errors import Invalid
from muster.warehouse import scores, segments
from muster.warehouse.compile import Context
from muster.warehouse.explain import explain
from muster.warehouse.plain import Plain, Someone
from muster.warehouse.rules import parse, to_json
from muster.warehouse.scorecard import Scorecard, read, written
from muster.warehouse.sentence import summaries
from tests.warehouse.world import NOW, World

CARD = {
    "behaviour": [
        {"event": "Page Viewed", "points": 2, "half_life": 14, "cap": 20},
        {
            "event": "Form Submitted",
            "where": [{"property": "form", "op": "eq", "value": "price list"}],
            "points": 30,
            "half_life": 30,
        },
        {"event": "Message Clicked", "points": 5, "half_life": 14},
        {"event": "Unsubscribed", "points": -40, "cap": 40},
    ],
    "fit": [
        {"trait": "level", "op": "in", "value": ["L3", "L4"], "points": 40},
        {"trait": "city", "op": "eq", "value": "Shanghai", "points": 25},
        {"trait": "level", "op": "missing", "points": -10},
    ],
    "grades": {"A": 60, "B": 40, "C": 20},
    "bands": {"hot": 50, "warm": 20},
}
MQL = {
    "all": [
        {"score": "lead", "op": "gte", "value": 30},
        {"score": "grade", "op": "gte", "value": "B"},
    ]
}


def context(card: object = CARD) -> Context:
    return Context(NOW, scorecard=read(card))


def day(days: float) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")


@pytest.fixture
def world():
    world = World()
    world.trait("level", "text")
    world.trait("city", "text")
    return world


class TestDecay:
    def test_halves_with_every_half_life(self, world):
        world.person(1, level="L3")
        for days in (0, 14, 28):
            world.event(1, "Page Viewed", day(days))
        found = scores.standings(world.db, parse(MQL), context(), [1])[1]
        # 2 + 1 + 0.5
        assert (found.points, found.fit, found.grade, found.meets) == (3.5, 40, "B", False)
        (part,) = found.behaviour
        assert (part.place, part.count, part.last) == (0, 3, NOW)
        assert found.fitting == (0,)

    def test_stops_at_the_cap_and_never_falls_below_nothing(self, world):
        world.person(1)
        world.person(2)
        for _ in range(40):
            world.event(1, "Page Viewed", day(0))
        world.event(2, "Unsubscribed", day(3), source="muster")
        world.event(2, "Unsubscribed", day(2), source="muster")
        found = scores.standings(world.db, parse(MQL), context(), [1, 2])
        assert (found[1].points, found[2].points) == (20, 0)
        assert found[2].behaviour[0].points == -40
        assert found[1].fit == -10

    def test_asks_for_the_properties_and_leaves_machines_and_strangers_out(self, world):
        world.person(1)
        world.event(1, "Form Submitted", day(30), form="price list")
        world.event(1, "Form Submitted", day(0), form="newsletter")
        world.event(1, "Page Viewed", day(0), actor="machine")
        world.event(1, "Page Viewed", day(-1))  # a clock that is wrong
        world.event(1, "Message Clicked", day(0), source="key:shop")
        assert scores.standings(world.db, parse(MQL), context(), [1])[1].points == 15

    def test_of_a_card_without_rules_is_nothing(self, world):
        world.person(1)
        found = scores.standings(world.db, parse(MQL), Context(NOW, scorecard=Scorecard()), [1])
        assert (found[1].points, found[1].fit, found[1].grade) == (0, 0, "D")


class TestEverybody:
    @pytest.mark.parametrize("seed", range(4))
    def test_is_scored_as_the_slow_reading_says(self, world, seed):
        draw = random.Random(seed)
        crowd = []
        for number in range(1, 60):
            traits = {}
            if draw.random() < 0.7:
                traits["level"] = draw.choice(["L1", "L2", "L3", "L4"])
            if draw.random() < 0.7:
                traits["city"] = draw.choice(["Shanghai", "Taipei"])
            world.person(number, **traits)
            who = Someone(number, traits)
            for _ in range(draw.randint(0, 25)):
                name = draw.choice(
                    ["Page Viewed", "Form Submitted", "Message Clicked", "Unsubscribed", "Visit"]
                )
                at = NOW - timedelta(seconds=draw.randint(-10_000, 90 * 86_400))
                human, ours = draw.random() < 0.9, draw.random() < 0.8
                form = draw.choice(["price list", "newsletter"])
                world.event(
                    number, name, at.strftime("%Y-%m-%d %H:%M:%S"), form=form,
                    actor="human" if human else "machine", source="muster" if ours else "key:x",
                )  # fmt: skip
                who.events.append(
                    {
                        "name": name, "at": at.replace(microsecond=0), "human": human,
                        "vouched": ours, "props": {"form": form},
                    }
                )  # fmt: skip
            crowd.append(who)
        plain = Plain(NOW, ZoneInfo("UTC"), card=CARD)
        found = scores.standings(world.db, parse(MQL), context(), [who.id for who in crowd])
        for who in crowd:
            points, fit, grade = plain.score(who)
            mine = found[who.id]
            assert (mine.fit, mine.grade) == (fit, grade)
            assert mine.points == pytest.approx(points, abs=0.1001)
            assert (
                sum(part.points for part in mine.behaviour) == pytest.approx(mine.points, abs=0.06)
                or mine.points == 0
            )
        meant = scores.meant(world.db, parse(MQL), context())
        assert meant.column("person_id").to_pylist() == [
            who.id for who in crowd if plain.holds(MQL, who)
        ]
        assert meant.column("lead").to_pylist() == [
            found[number].points for number in meant.column("person_id").to_pylist()
        ]
        everybody = scores.spread(world.db, context())
        assert sum(everybody.values()) == len(crowd)
        assert sum(n for (grade, _band), n in everybody.items() if grade == "A") == sum(
            plain.score(who)[2] == "A" for who in crowd
        )


class TestAConditionOnAScore:
    @pytest.fixture
    def shop(self, world):
        world.person(1, level="L4", city="Shanghai")
        world.person(2, level="L3")
        world.person(3, city="Shanghai")
        world.person(4)
        for number in (1, 2, 3):
            world.event(number, "Form Submitted", day(0), form="price list")
        return world

    @pytest.mark.parametrize(
        ("rule", "wanted"),
        [
            ({"score": "lead", "op": "gte", "value": 30}, [1, 2, 3]),
            ({"score": "lead", "op": "eq", "value": 0}, [4]),
            ({"score": "fit", "op": "between", "value": [10, 40]}, [2, 3]),
            ({"score": "grade", "op": "gte", "value": "B"}, [1, 2]),
            ({"score": "grade", "op": "gt", "value": "B"}, [1]),
            ({"score": "grade", "op": "lt", "value": "B"}, [3, 4]),
            ({"score": "grade", "op": "in", "value": ["A", "D"]}, [1, 3, 4]),
            ({"score": "grade", "op": "ne", "value": "A"}, [2, 3, 4]),
            ({"not": {"score": "grade", "op": "eq", "value": "A"}}, [2, 3, 4]),
        ],
    )
    def test_means_these_people(self, shop, rule, wanted):
        assert segments.people(shop.db, parse(rule), context()).to_pylist() == wanted
        assert to_json(parse(rule)) == rule

    def test_is_explained_and_put_into_words(self, shop):
        told = explain(shop.db, parse(MQL), context(), 2)
        assert [part.facts["value"] for part in told.parts] == [30.0, "B"]
        words = summaries(parse(MQL))
        assert words["en"] == "People who have a lead score of at least 30 and have grade A or B."
        assert words["zh-hans"] == "线索评分至少 30，且线索等级是 A 或 B 的人。"

    @pytest.mark.parametrize(
        ("rule", "at"),
        [
            ({"score": "churn", "op": "gte", "value": 3}, "/score"),
            ({"score": "lead", "op": "contains", "value": "3"}, "/op"),
            ({"score": "lead", "op": "gte", "value": "much"}, "/value"),
            ({"score": "grade", "op": "gte", "value": "E"}, "/value"),
            ({"score": "grade", "op": "in", "value": []}, "/value"),
            ({"score": "grade", "op": "eq", "value": "A", "points": 3}, "/points"),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, rule, at):
        with pytest.raises(Invalid) as refused:
            parse(rule)
        assert [problem.at for problem in refused.value.errors] == [at]

    def test_needs_a_scorecard(self, shop):
        with pytest.raises(Invalid, match="no scorecard"):
            segments.count(shop.db, parse(MQL), Context(NOW))


class TestAScorecard:
    def test_is_read_back_as_it_was_written(self):
        assert read(written(read(CARD))) == read(CARD)
        assert read({}) == Scorecard()

    @pytest.mark.parametrize(
        ("card", "places"),
        [
            ([], [""]),
            ({"behavior": []}, ["/behavior"]),
            (
                {"behaviour": [{"event": "", "points": 0}]},
                ["/behaviour/0/points", "/behaviour/0/event"],
            ),
            ({"behaviour": [{"event": "x", "points": 1, "within": "3d"}]}, ["/behaviour/0/within"]),
            (
                {"behaviour": [{"event": "x", "points": 1, "half_life": 0}]},
                ["/behaviour/0/half_life"],
            ),
            ({"fit": [{"event": "x", "points": 1}]}, ["/fit/0"]),
            ({"fit": [{"trait": "x", "op": "is", "points": 2000}]}, ["/fit/0/points", "/fit/0/op"]),
            ({"grades": {"A": 1, "B": 2, "C": 3}}, ["/grades"]),
            ({"bands": {"hot": 1.5}}, ["/bands"]),
            ({"fit": "all"}, ["/fit"]),
        ],
    )
    def test_says_everything_that_is_wrong_with_it(self, card, places):
        with pytest.raises(Invalid) as refused:
            read(card)
        assert [problem.at for problem in refused.value.errors] == places

    def test_knows_its_bands(self):
        card = read(CARD)
        assert [card.band(points) for points in (50, 49.9, 19.9)] == ["hot", "warm", "cold"]
