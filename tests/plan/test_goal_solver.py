"""From a target back to people: worked out by hand (S09)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from muster.plan.goals.solver import Range, Rates, Seen, Way, rate, solve


def seen(*pairs):
    return [Seen(f"campaign {n}", "", Decimal(a), Decimal(b)) for n, (a, b) in enumerate(pairs)]


def steady(key, share):
    """A rate that every campaign had."""
    return rate(key, seen(*[(Decimal(share) * 1000, 1000)] * 3))


THE_PICTURE = Rates(
    (steady("delivered", "0.97"), steady("clicked", "0.091"), steady("reached_goal", "0.042")),
    cost_per_result=rate("per_result", seen((50, 1), (60, 1), (80, 1))),
    cost_per_person=rate("per_person", seen((1, 10), (2, 10), (3, 10))),
)


class TestHowManyPeopleItTakes:
    def test_the_sum_of_the_specification(self):
        # 500 ÷ 0.042 ÷ 0.091 ÷ 0.97 = 134,867.3…; people come whole.
        found = solve(Decimal(500), THE_PICTURE, 96_201)
        assert found.needed == Range(*[Decimal(134_868)] * 3)
        assert found.gap == Range(*[Decimal(38_667)] * 3)

    def test_a_range_from_the_rates_of_four_in_five_campaigns(self):
        # Shares 0.1 to 0.5: P20 at place 0.8 is 0.18, the middle 0.3, P80 at place 3.2 is 0.42.
        one = rate("clicked", seen(*[(n, 10) for n in (1, 2, 3, 4, 5)]))
        assert (one.low, one.middle, one.high) == (Decimal("0.18"), Decimal("0.3"), Decimal("0.42"))
        assert one.n == 5
        found = solve(Decimal(63), Rates((one,)), None)
        # 63 ÷ 0.42 = 150, ÷ 0.3 = 210, ÷ 0.18 = 350.
        assert found.needed == Range(Decimal(150), Decimal(210), Decimal(350))
        assert (found.gap, found.ways) == (None, ())

    def test_nothing_is_missing_where_there_are_enough(self):
        found = solve(Decimal(500), THE_PICTURE, 200_000)
        assert found.gap == Range(Decimal(0), Decimal(0), Decimal(0))
        assert (found.is_short, found.ways) == (False, ())

    @pytest.mark.parametrize("pairs", [[], [(0, 10)], [(3, 0)]])
    def test_campaigns_that_show_nothing_give_no_rate(self, pairs):
        assert rate("clicked", seen(*pairs)) is None


class TestThreeWaysToCloseTheGap:
    def ways(self):
        return {one.way: one for one in solve(Decimal(500), THE_PICTURE, 96_201).ways}

    def test_more_people_at_what_people_have_cost(self):
        way = self.ways()[Way.PEOPLE]
        # P20, middle and P80 of 0.1, 0.2, 0.3 are 0.14, 0.2, 0.26.
        assert way.amount.middle == 38_667
        assert way.cost == Range(Decimal("5413.38"), Decimal("7733.40"), Decimal("10053.42"))

    def test_a_better_rate_of_the_people_at_hand(self):
        way = self.ways()[Way.RATE]
        # 500 ÷ (96,201 × 0.97 × 0.091) = 5.888 %.
        assert round(way.amount.middle, 5) == Decimal("0.05888")
        assert way.cost is None
        assert not way.seen_before

    def test_results_that_are_bought(self):
        way = self.ways()[Way.BUDGET]
        # 96,201 people bring 356.65; 143.35 are missing, so 144. P20, middle, P80 of 50, 60, 80.
        assert way.amount.middle == 144
        assert way.cost == Range(Decimal("7776.00"), Decimal("8640.00"), Decimal("10368.00"))

    def test_are_left_out_where_no_cost_is_known(self):
        rates = Rates(THE_PICTURE.steps)
        found = {one.way: one for one in solve(Decimal(500), rates, 96_201).ways}
        assert found[Way.PEOPLE].cost is None
        assert Way.BUDGET not in found
