"""The days of the calendar: festivals, lunar days, bars, and counting back in working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from muster.kit.days import WorkCalendar
from muster.plan.calendar.almanac import holidays_of, lunar_day, runs
from muster.plan.calendar.nodes import node_days, nodes_between, nodes_of
from muster.plan.calendar.planner import PHASES, Phase, back_schedule, standing
from muster.plan.calendar.rules import View, heat, lanes, span


class TestFestivals:
    @pytest.mark.parametrize(
        ("key", "first", "last"),
        [
            # From printed calendars, not from the rules.
            ("newyeargoods-2026", date(2026, 1, 26), date(2026, 2, 10)),
            ("cny-2025", date(2025, 1, 29), date(2025, 2, 4)),
            ("cnyeve-2026", date(2026, 2, 16), date(2026, 2, 16)),
            ("lantern-2024", date(2024, 2, 24), date(2024, 2, 24)),
            ("dragonboat-2025", date(2025, 5, 31), date(2025, 5, 31)),
            ("qixi-2025", date(2025, 8, 29), date(2025, 8, 29)),
            ("midautumn-2026", date(2026, 9, 25), date(2026, 9, 25)),
            ("mothersday-2026", date(2026, 5, 10), date(2026, 5, 10)),
            ("fathersday-2025", date(2025, 6, 15), date(2025, 6, 15)),
            ("blackfriday-2026", date(2026, 11, 27), date(2026, 11, 27)),
            ("cybermonday-2025", date(2025, 12, 1), date(2025, 12, 1)),
            ("double11-2026", date(2026, 11, 11), date(2026, 11, 11)),
            ("doubledan-2026", date(2026, 12, 24), date(2027, 1, 1)),
        ],
    )
    def test_fall_on_these_days(self, key, first, last):
        found = node_days(key)
        assert found is not None
        assert (found.first, found.last) == (first, last)

    def test_of_every_year_are_all_there(self):
        names = {one.node.key for one in nodes_of(2026)}
        assert all({one.node.key for one in nodes_of(year)} == names for year in range(2024, 2032))

    def test_that_cross_the_new_year_are_found_from_both_sides(self):
        assert "doubledan-2026" in [
            one.key for one in nodes_between(date(2027, 1, 1), date(2027, 1, 3))
        ]

    @pytest.mark.parametrize("key", ["", "double11", "double11-x", "nothing-2026", "cny-99999"])
    def test_that_are_none_are_none(self, key):
        assert node_days(key) is None


class TestLunarDays:
    @pytest.mark.parametrize(
        ("day", "hans", "hant", "english", "term"),
        [
            (date(2026, 2, 17), "正月", "正月", "1/1", ""),
            (date(2026, 11, 11), "初三", "初三", "10/3", ""),
            (date(2025, 7, 25), "闰六月", "閏六月", "6/1", ""),
            (date(2026, 1, 19), "腊月", "臘月", "12/1", ""),
            (date(2026, 11, 7), "廿九", "廿九", "9/29", "Start of Winter"),
            (date(2026, 12, 22), "十四", "十四", "11/14", "Winter Solstice"),
        ],
    )
    def test_are_written_as_readers_do(self, day, hans, hant, english, term):
        lunar = lunar_day(day)
        assert lunar.written("zh-hans") == hans
        assert lunar.written("zh-hant") == hant
        assert lunar.written("en") == english
        assert lunar.term_in("en") == term

    def test_name_twenty_four_terms_a_year(self):
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
        terms = [lunar_day(day).term_in("zh-hant") for day in days if lunar_day(day).term]
        assert len(terms) == len(set(terms)) == 24
        assert "驚蟄" in terms


class TestOfficialDays:
    def test_name_make_up_days_and_what_is_only_expected(self):
        found = holidays_of(["CN"], date(2026, 9, 20), date(2026, 10, 10), "zh-hans")
        assert not found[date(2026, 9, 20)][0].is_off  # a Sunday that is worked
        assert found[date(2026, 10, 1)][0].name == "国庆节"
        later = holidays_of(["CN"], date(2028, 10, 1), date(2028, 10, 3), "en")
        assert all(one.is_expected for days in later.values() for one in days)

    def test_of_several_countries_stand_side_by_side(self):
        found = holidays_of(["CN", "US"], date(2026, 11, 26), date(2026, 11, 26), "en")
        assert [one.country for one in found[date(2026, 11, 26)]] == ["US"]

    def test_in_a_row_are_one_run(self):
        found = holidays_of(["CN"], date(2026, 10, 1), date(2026, 10, 7), "en")
        assert [(a, b) for a, b, _one in runs(d for days in found.values() for d in days)] == [
            (date(2026, 10, 1), date(2026, 10, 7))
        ]


class TestSpans:
    @pytest.mark.parametrize(
        ("view", "monday", "first", "last", "after"),
        [
            (View.MONTH, True, date(2026, 10, 26), date(2026, 12, 6), date(2026, 12, 1)),
            (View.MONTH, False, date(2026, 11, 1), date(2026, 12, 5), date(2026, 12, 1)),
            (View.WEEK, True, date(2026, 11, 9), date(2026, 11, 15), date(2026, 11, 16)),
            (View.WEEK, False, date(2026, 11, 8), date(2026, 11, 14), date(2026, 11, 15)),
            (View.QUARTER, True, date(2026, 10, 1), date(2026, 12, 31), date(2027, 1, 1)),
            (View.YEAR, True, date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)),
            (View.AGENDA, True, date(2026, 11, 11), date(2026, 12, 22), date(2026, 12, 23)),
        ],
    )
    def test_hold_these_days(self, view, monday, first, last, after):
        found = span(view, date(2026, 11, 11), 0 if monday else 6)
        assert (found.shown_first, found.shown_last) == (first, last)
        assert found.step(1) == after

    def test_of_a_quarter_step_back_over_the_year(self):
        assert span(View.QUARTER, date(2026, 2, 3)).step(-1) == date(2025, 10, 1)


class Bar:
    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = date(2026, 11, first), date(2026, 11, last)


class TestBars:
    WEEK = [date(2026, 11, 9) + timedelta(days=n) for n in range(7)]

    def test_never_cover_one_another(self):
        bars = [Bar(4, 15), Bar(10, 11), Bar(12, 20), Bar(9, 9), Bar(1, 3)]
        rows = lanes(bars, self.WEEK)
        taken = [
            (row, column)
            for row, segments in enumerate(rows)
            for one in segments
            for column in range(one.begin, one.begin + one.days)
        ]
        assert len(taken) == len(set(taken)) == 7 + 2 + 4 + 1
        assert len(rows) == 2

    def test_say_where_they_begin_and_end(self):
        (row,) = lanes([Bar(4, 15)], self.WEEK)
        assert (row[0].begin, row[0].days, row[0].starts, row[0].ends) == (0, 7, False, True)


@pytest.mark.parametrize(("n", "warm"), [(0, 0), (1, 1), (25, 1), (26, 2), (75, 3), (100, 4)])
def test_a_day_is_as_warm_as_what_lies_on_it(n, warm):
    assert heat(n, 100) == warm


class TestCountingBack:
    """By hand, on the decrees of the State Council for 2024, 2025 and 2026."""

    CN = WorkCalendar("CN")
    THREE = (Phase("a", "A", 5), Phase("b", "B", 10), Phase("c", "C", 3))

    def _days(self, launch, phases=THREE):
        return [(s.first, s.last) for s in back_schedule(launch, phases, self.CN).steps]

    def test_over_the_national_day_of_2024(self):
        # 14 Sep (Sat), 29 Sep (Sun) and 12 Oct (Sat) are worked; off: 15–17 Sep and 1–7 Oct.
        # C: 9 10 11 Oct would be before 12 Oct; launch 14 Oct (Mon): 12, 11, 10 Oct.
        # B: 9, 8 Oct, 30, 29, 27, 26, 25, 24, 23, 20 Sep. A: 19, 18, 14, 13, 12 Sep.
        assert self._days(date(2024, 10, 14)) == [
            (date(2024, 9, 12), date(2024, 9, 19)),
            (date(2024, 9, 20), date(2024, 10, 9)),
            (date(2024, 10, 10), date(2024, 10, 12)),
        ]

    def test_over_the_spring_festival_of_2025(self):
        # Off 28 Jan to 4 Feb; worked: Sun 26 Jan and Sat 8 Feb. Launch Fri 14 Feb.
        # C: 13, 12, 11 Feb. B: 10, 8, 7, 6, 5 Feb, 27, 26, 24, 23, 22 Jan. A: 21, 20, 17, 16, 15.
        assert self._days(date(2025, 2, 14)) == [
            (date(2025, 1, 15), date(2025, 1, 21)),
            (date(2025, 1, 22), date(2025, 2, 10)),
            (date(2025, 2, 11), date(2025, 2, 13)),
        ]

    def test_over_the_national_day_of_2025(self):
        # Off 1 to 8 Oct; worked: Sun 28 Sep and Sat 11 Oct. Launch Mon 13 Oct.
        # C: 11, 10, 9 Oct. B: 30, 29, 28, 26, 25, 24, 23, 22, 19, 18 Sep. A: 17, 16, 15, 12, 11.
        assert self._days(date(2025, 10, 13)) == [
            (date(2025, 9, 11), date(2025, 9, 17)),
            (date(2025, 9, 18), date(2025, 9, 30)),
            (date(2025, 10, 9), date(2025, 10, 11)),
        ]

    def test_before_double_11_of_2026(self):
        # Off 1 to 7 Oct; worked: Sun 20 Sep and Sat 10 Oct. The usual phases are 29 days.
        # From 10 Nov back: 10–2 Nov are 7, 30–19 Oct 10, 16–12 Oct 5, 10, 9, 8 Oct 3: 25 days;
        # then 30, 29, 28, 24 Sep (25 to 27 Sep are the Mid-Autumn days off).
        steps = back_schedule(date(2026, 11, 11), PHASES, self.CN).steps
        assert sum(phase.days for phase in PHASES) == 29
        assert steps[0].first == date(2026, 9, 24)
        assert steps[-1].last == date(2026, 11, 10)

    def test_a_phase_without_days_is_left_out(self):
        assert self._days(date(2026, 11, 11), (Phase("a", "A", 0), Phase("b", "B", 1))) == [
            (date(2026, 11, 10), date(2026, 11, 10))
        ]

    @pytest.mark.parametrize(
        ("today", "late", "spare", "due"),
        [
            (date(2025, 9, 4), 0, 5, 0),  # Thu: 5, 8, 9, 10 and 11 Sep
            (date(2025, 9, 11), 0, 0, 1),
            (date(2025, 9, 13), 2, 0, 1),  # a Saturday counts as Monday the 15th
            (date(2025, 9, 19), 6, 0, 2),
            (date(2025, 10, 3), 15, 0, 2),  # in the holidays, as 9 Oct: 6 + 5 + 3 + 1
        ],
    )
    def test_says_what_beginning_today_would_mean(self, today, late, spare, due):
        schedule = back_schedule(date(2025, 10, 13), self.THREE, self.CN)
        found = standing(schedule, today, self.CN)
        assert (found.late, found.spare, len(found.due)) == (late, spare, due)
