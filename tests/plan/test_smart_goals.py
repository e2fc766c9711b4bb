"""Which goals are SMART: a table of goals, and what each letter says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from muster.plan.goals.drafts import is_vague, reading_of
from muster.plan.goals.percentiles import percentile
from muster.plan.goals.rules import (
    GoalFacts,
    even_checkpoints,
    pace,
    reached,
    score,
    smart,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOUND = GoalFacts(
    metric="first_time_buyers",
    metric_name="First-time buyers",
    target=Decimal(500),
    baseline=Decimal(236),
    statement="500 first-time buyers in two weeks",
    population="people who never bought",
    channel="e-mail",
    objective="New customers +30 % in the fourth quarter",
    starts=date(2026, 11, 1),
    due=date(2026, 11, 14),
    checkpoints=[date(2026, 11, 4)],
    needs=frozenset({"Order Completed"}),
    seen={"Order Completed": NOW - timedelta(hours=3)},
)


def verdicts(**changes):
    goal = replace(SOUND, **changes)
    goal = replace(goal, said=reading_of(goal.statement, NOW.date()))
    return {one.letter: one.verdict.value for one in smart(goal, NOW)}


class TestASoundGoal:
    def test_passes_all_five_letters(self):
        letters = smart(SOUND, NOW)
        assert [one.letter for one in letters] == list("SMART")
        assert score(letters) == 5


class TestEachLetter:
    @pytest.mark.parametrize(
        ("letter", "verdict", "changes"),
        [
            ("S", "fail", {"metric_name": ""}),
            ("S", "fail", {"statement": "提升品牌知名度"}),
            ("S", "fail", {"statement": "Boost our sales"}),
            ("S", "pass", {"statement": "提升首购 30%"}),
            ("S", "warn", {"population": ""}),
            ("S", "warn", {"channel": ""}),
            ("M", "fail", {"metric_name": ""}),
            ("M", "fail", {"seen": {}}),
            ("M", "fail", {"seen": {"Order Completed": None}}),
            ("M", "warn", {"seen": {"Order Completed": NOW - timedelta(hours=25)}}),
            ("M", "pass", {"needs": frozenset()}),
            ("A", "fail", {"target": None}),
            ("A", "fail", {"target": Decimal(200)}),
            ("A", "pass", {"target": Decimal(200), "falls": True}),
            ("A", "fail", {"target": Decimal(300), "falls": True}),
            ("A", "warn", {"baseline": None}),
            ("A", "pass", {"baseline": None, "reason": "twice the reach"}),
            ("A", "warn", {"target": Decimal(709)}),
            ("A", "pass", {"target": Decimal(708)}),
            ("A", "pass", {"target": Decimal(709), "reason": "ten times the reach"}),
            ("A", "warn", {"target": Decimal(78), "falls": True}),
            ("R", "warn", {"objective": ""}),
            ("R", "warn", {"objective": "", "supports": "Grow"}),
            ("T", "fail", {"due": None}),
            ("T", "fail", {"starts": None}),
            ("T", "fail", {"due": date(2026, 10, 30)}),
            ("T", "warn", {"checkpoints": []}),
            ("T", "warn", {"checkpoints": [date(2026, 12, 1)]}),
        ],
    )
    def test_says(self, letter, verdict, changes):
        assert verdicts(**changes)[letter] == verdict

    @pytest.mark.parametrize(
        ("statement", "target", "baseline", "verdict"),
        [
            # A limit that holds today is kept, not missed.
            ("把投诉率控制在 0.1% 以内", "0.001", "0", "pass"),
            ("投诉率不超过 0.1%", "0.001", "0.0004", "pass"),
            ("Keep the complaint rate below 0.1 %", "0.001", "0", "pass"),
            # One that does not hold yet is a goal like others: half of today, or a leap.
            ("投诉率不超过 0.1%", "0.001", "0.002", "pass"),
            ("投诉率不超过 0.1%", "0.001", "0.02", "warn"),
            # Nothing is lower than nothing: without a word, too, it can only be a limit.
            ("投诉率 0.1%", "0.001", "0", "pass"),
            # To aim at more than today is a step back where no limit is meant.
            ("投诉率降到 0.1%", "0.001", "0.0004", "fail"),
        ],
    )
    def test_of_a_ceiling_asks_whether_it_is_kept(self, statement, target, baseline, verdict):
        found = verdicts(
            metric="complaint_rate", statement=statement, target=Decimal(target),
            baseline=Decimal(baseline), falls=True,
        )  # fmt: skip
        assert found["A"] == verdict

    def test_of_a_floor_asks_whether_it_is_kept(self):
        facts = {"metric": "open_rate", "target": Decimal("0.2"), "baseline": Decimal("0.22")}
        assert verdicts(statement="打开率不低于 20%", **facts)["A"] == "pass"
        assert verdicts(statement="打开率达到 20%", **facts)["A"] == "fail"

    def test_that_does_not_pass_names_the_field_that_mends_it(self):
        for changes in ({"metric_name": ""}, {"population": ""}, {"baseline": None}, {"due": None}):
            for one in smart(replace(SOUND, **changes), NOW):
                assert bool(one.fix) == (one.verdict != "pass")


class TestAVagueSentence:
    @pytest.mark.parametrize(
        "text", ["加强用户粘性", "优化转化", "Improve retention", "grow faster"]
    )
    def test_is_caught(self, text):
        assert is_vague(text)

    @pytest.mark.parametrize(
        "text", ["首购翻倍", "Raise orders to 500", "提高 12%", "500 new buyers", ""]
    )
    def test_is_none_with_a_measure(self, text):
        assert not is_vague(text)

    def test_gets_three_concrete_rewrites(self):
        goal = replace(SOUND, statement="提升转化", said=reading_of("提升转化", NOW.date()))
        goal = replace(goal, names={"first_time_buyers": "First-time buyers"})
        first = smart(goal, NOW)[0]
        sentences = [rewrite.text % rewrite.params for rewrite in first.rewrites]
        assert len(set(sentences)) == 3
        # 500 against 236 is 111.86 % more.
        assert "by 112 %" in sentences[1]
        assert all("First-time buyers" in sentence for sentence in sentences)


class TestAgainstPastCampaigns:
    PAST = tuple(map(Decimal, (100, 200, 300, 400, 500, 600)))

    def test_percentiles_lie_between_neighbours(self):
        # Places 0.5 and 4.5 of 0 to 5.
        assert percentile(self.PAST, Decimal("0.1")) == 150
        assert percentile(self.PAST, Decimal("0.9")) == 550

    @pytest.mark.parametrize(
        ("target", "reason", "verdict"),
        [(550, "", "pass"), (551, "", "warn"), (551, "a new channel", "pass"), (240, "", "pass")],
    )
    def test_decides_what_is_attainable(self, target, reason, verdict):
        found = verdicts(target=Decimal(target), comparable=self.PAST, reason=reason)
        assert found["A"] == verdict

    def test_offers_the_value_that_nine_of_ten_stay_behind(self):
        letter = smart(replace(SOUND, target=Decimal(900), comparable=self.PAST), NOW)[2]
        assert letter.value == 550

    def test_counts_only_from_five_campaigns_on(self):
        few = tuple(map(Decimal, (1, 2, 3, 4)))
        assert verdicts(comparable=few)["A"] == "pass"


class TestPaceAndProgress:
    def test_an_even_pace_reaches_everything_on_the_last_day(self):
        first, last = date(2026, 11, 1), date(2026, 11, 10)
        days = [first, date(2026, 11, 5), last, date(2026, 12, 1), date(2026, 10, 1)]
        found = [pace(first, last, day) for day in days]
        assert found == [Decimal("0.1"), Decimal("0.5"), 1, 1, 0]

    def test_a_falling_metric_is_reached_from_above(self):
        assert reached(Decimal(50), Decimal(40), falls=True) == Decimal("0.8")
        assert reached(Decimal(50), Decimal(40), falls=False) == Decimal("1.25")
        assert reached(Decimal(0), Decimal(40), falls=True) == 1

    def test_checkpoints_lie_strictly_inside(self):
        found = even_checkpoints(date(2026, 11, 1), date(2026, 11, 13))
        assert found == [date(2026, 11, 4), date(2026, 11, 7), date(2026, 11, 10)]
        assert even_checkpoints(date(2026, 11, 1), date(2026, 11, 2)) == []
