"""What a sound budget looks like, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.plan.budget.rules import Line, Policy, Rule, answers, over_by, suggested_lines


def changes(total, *lines):
    found = answers(Decimal(total), [Line(c, Decimal(p), core) for c, p, core in lines], Policy())
    return {answer.rule: answer.change for answer in found}


class TestABudgetThatKeepsEveryRule:
    def test_needs_no_change(self):
        found = changes(
            500_000,
            ("media", 310_000, True),
            ("creative", 75_000, False),
            ("contingency", 60_000, False),
            ("flexible", 55_000, False),
        )
        assert set(found.values()) == {0}


class TestABrokenRule:
    @pytest.mark.parametrize(
        ("rule", "change", "lines"),
        [
            (Rule.SUM, "10000", [("media", 490_000, True)]),
            (Rule.SUM, "-1", [("media", 500_001, True)]),
            (Rule.CONTINGENCY, "15000", [("contingency", 35_000, False)]),
            (Rule.CONTINGENCY, "-5000", [("contingency", 80_000, False)]),
            (Rule.CONTINGENCY, "0", [("contingency", 75_000, False)]),
            (Rule.CORE, "20000", [("media", 280_000, True), ("media", 50_000, False)]),
            (Rule.FLEXIBLE, "0", [("flexible", 40_000, False)]),
            (Rule.FLEXIBLE, "0.01", [("flexible", "39999.99", False)]),
            (Rule.FLEXIBLE, "-1", [("flexible", 60_001, False)]),
        ],
    )
    def test_names_the_exact_sum(self, rule, change, lines):
        assert changes(500_000, *lines)[rule] == Decimal(change)

    @given(st.decimals(1, 10**9, places=2), st.decimals(0, 10**9, places=2))
    def test_is_mended_by_that_sum(self, total, reserve):
        policy = Policy()
        missing = answers(total, [Line("contingency", reserve)], policy)[1].change
        mended = answers(total, [Line("contingency", reserve + missing)], policy)[1]
        # Cents cannot always hit a narrow band of a tiny total.
        assert mended.holds or total < 1 or abs(mended.change) <= Decimal("0.01")

    def test_is_none_without_a_budget(self):
        assert set(changes(0).values()) == {0}


class TestTheSuggestedSplit:
    @given(st.decimals(min_value="0.01", max_value=10**9, places=2))
    def test_adds_up_to_the_cent(self, total):
        lines = suggested_lines(total)
        assert sum(line.planned for line in lines) == total
        assert all(line.planned >= 0 for line in lines)

    @given(st.integers(1_000, 10**9))
    def test_keeps_every_rule(self, total):
        lines = suggested_lines(Decimal(total))
        assert all(answer.holds for answer in answers(Decimal(total), lines, Policy()))


class TestSpendingTooMuch:
    def test_is_told_to_the_cent(self):
        assert over_by(Decimal(100), Decimal(90), Decimal("100.01")) == Decimal("0.01")
        assert over_by(Decimal(100), Decimal(90), Decimal(100)) == 0

    def test_paying_what_was_promised_is_never_held_up(self):
        assert over_by(Decimal(100), Decimal(120), Decimal(120)) == 0
