"""Working days: China's decrees from 2004 on, other countries' days off, counting and shifting."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from muster.kit.days import COUNTRIES, WorkCalendar, official_days


class TestOfficialDays:
    def test_of_china_are_the_decreed_ones(self, shared_data):
        known = json.loads((shared_data / "holidays" / "cn_official_2004_on.json").read_text())
        every = [one for year in range(2004, 2027) for one in official_days("CN", year)]
        assert {str(one.day) for one in every if one.is_off} == set(known["holidays"])
        assert {str(one.day) for one in every if not one.is_off} == set(known["makeup_workdays"])

    def test_of_other_countries_are_the_published_ones(self, shared_data):
        known = json.loads((shared_data / "holidays" / "world_2024_2027.json").read_text())
        compared = set(known) & set(COUNTRIES)
        assert len(compared) >= 9
        for country in compared:
            every = [one for year in range(2024, 2028) for one in official_days(country, year)]
            assert {str(one.day) for one in every if one.is_off} == set(known[country]), country

    def test_not_yet_decreed_are_marked(self):
        assert all(one.is_expected for one in official_days("CN", 2027))
        assert not any(one.is_expected for one in official_days("CN", 2026))

    def test_have_chinese_names(self):
        spring = next(
            one for one in official_days("CN", 2026) if one.names["en"] == "Spring Festival"
        )
        assert (spring.names["zh-hans"], spring.names["zh-hant"]) == ("春节", "春節")

    def test_of_an_unknown_country_are_refused(self):
        with pytest.raises(LookupError):
            official_days("XX", 2026)


class TestCounting:
    def test_working_days_of_a_year(self, shared_data):
        known = json.loads((shared_data / "holidays" / "cn_official_2004_on.json").read_text())
        china = WorkCalendar("CN")
        counted = {
            year: china.count(date(int(year), 1, 1), date(int(year), 12, 31))
            for year in known["working_days_per_year"]
        }
        assert counted == known["working_days_per_year"]

    def test_jumps_over_national_day_and_counts_the_saturday_worked_for_it(self):
        china = WorkCalendar("CN")
        # 1 to 7 October 2026 are off, Saturday the 10th is worked.
        assert china.shift(date(2026, 9, 30), 1) == date(2026, 10, 8)
        assert china.shift(date(2026, 10, 9), 1) == date(2026, 10, 10)
        assert china.shift(date(2026, 10, 8), -1) == date(2026, 9, 30)

    def test_shifting_there_and_back(self):
        china = WorkCalendar("CN")
        for start in china.days(date(2026, 1, 1), date(2026, 3, 31)):
            for n in range(12):
                assert china.shift(china.shift(start, n), -n) == start

    def test_ones_own_days_win(self):
        day = date(2026, 11, 28)  # a Saturday
        plain = WorkCalendar("CN")
        own = WorkCalendar("CN", worked=frozenset({day}))
        assert (plain.is_working(day), own.is_working(day)) == (False, True)
        assert not own.without([day]).is_working(day)
        assert not WorkCalendar("CN", off=frozenset({day - timedelta(days=1)})).is_working(
            day - timedelta(days=1)
        )
