"""How a goal goes: worked out by hand from the plan's straight line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from muster.measure.results.rules import (
    Aim,
    Course,
    Disagreement,
    bottleneck,
    disagreement,
    elapsed,
    pace,
    roi,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
DUE = START + timedelta(days=20)
ORDERS = Aim(target=500, baseline=0, adds_up=True, less_is_better=False, starts=START, due=DUE)
RATE = replace(ORDERS, target=0.2, adds_up=False)
COST = replace(RATE, target=40, less_is_better=True)


def on(day: float) -> datetime:
    return START + timedelta(days=day)


class TestAGoalThatAddsUp:
    @pytest.mark.parametrize(
        ("actual", "day", "course"),
        [
            (None, 0, Course.NOT_STARTED),
            (None, 5, Course.UNKNOWN),
            (0, 0, Course.NOT_STARTED),
            (125, 5, Course.ON_TRACK),
            (131, 5, Course.ON_TRACK),
            (132, 5, Course.AHEAD),
            (118, 5, Course.BEHIND),
            (0, 5, Course.BEHIND),
            (500, 5, Course.REACHED),
            (499, 20, Course.MISSED),
            (500, 20, Course.REACHED),
            (700, 90, Course.REACHED),
        ],
    )
    def test_is_compared_with_an_even_climb(self, actual, day, course):
        assert pace(ORDERS, actual, on(day)).course == course

    def test_is_carried_on_at_the_speed_so_far(self):
        now = pace(ORDERS, 150, on(5))
        assert now.expected == 125
        assert now.forecast == 600
        assert now.progress == 0.3
        assert now.reached_at == START + timedelta(days=5) * (500 / 150)

    def test_names_a_day_after_the_due_one_when_it_will_be_late(self):
        reached = pace(ORDERS, 100, on(10)).reached_at
        assert reached == on(50)

    def test_names_no_day_when_it_would_take_for_ever(self):
        assert pace(ORDERS, 1, on(10)).reached_at is None

    def test_has_no_forecast_from_a_few_hours(self):
        early = pace(ORDERS, 3, on(0.5))
        assert (early.forecast, early.reached_at) == (None, None)
        assert pace(ORDERS, 3, on(1)).forecast == 60

    def test_a_goal_of_a_day_is_known_after_a_tenth_of_it(self):
        short = replace(ORDERS, due=START + timedelta(days=1))
        assert pace(short, 3, on(0.09)).forecast is None
        assert pace(short, 3, on(0.1)).forecast == pytest.approx(30)

    def test_has_no_forecast_before_the_start(self):
        assert pace(ORDERS, 0, on(-1)).forecast is None


class TestARate:
    @pytest.mark.parametrize(
        ("actual", "course"),
        [
            (0.25, Course.AHEAD),
            (0.2, Course.ON_TRACK),
            (0.195, Course.ON_TRACK),
            (0.18, Course.BEHIND),
        ],
    )
    def test_is_compared_with_its_target_as_it_is(self, actual, course):
        assert pace(RATE, actual, on(5)).course == course
        assert pace(RATE, actual, on(5)).forecast == actual

    def test_is_better_when_lower_where_less_is_better(self):
        assert pace(COST, 30, on(5)).course == Course.AHEAD
        assert pace(COST, 50, on(5)).course == Course.BEHIND
        assert pace(COST, 50, on(20)).course == Course.MISSED
        assert pace(COST, 40, on(20)).course == Course.REACHED
        assert pace(COST, 50, on(5)).progress == 0.8


class TestTheTimeElapsed:
    def test_stays_between_nothing_and_all(self):
        assert elapsed(START, DUE, on(-3)) == 0
        assert elapsed(START, DUE, on(5)) == 0.25
        assert elapsed(START, DUE, on(33)) == 1

    def test_of_no_time_at_all_is_over_at_once(self):
        assert elapsed(START, START, START) == 1


class TestTheReturn:
    def test_is_what_came_back_beyond_the_cost_for_each_unit_of_cost(self):
        assert roi(Decimal(260), Decimal(100)) == 1.6
        assert roi(Decimal(0), Decimal(100)) == -1

    def test_is_unknown_when_nothing_was_spent(self):
        assert roi(Decimal(260), Decimal(0)) is None


class TestTheBottleneck:
    def test_is_the_step_with_the_smallest_share_going_on(self):
        assert bottleneck([1000, 900, 300, 200]) == 2

    def test_is_unknown_without_people(self):
        assert bottleneck([0, 0]) is None


class TestModelsThatDisagree:
    @pytest.mark.parametrize(
        ("first", "last", "word"),
        [
            (10, 10, Disagreement.NONE),
            (10, 8, Disagreement.NONE),
            (10, 7, Disagreement.OPENS),
            (7, 10, Disagreement.CLOSES),
            (0.5, 0, Disagreement.NONE),
        ],
    )
    def test_are_told_in_words(self, first, last, word):
        assert disagreement(first, last) == word
