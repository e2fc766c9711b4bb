"""Days of one's own: when they return, and what they do to the working calendar."""

from __future__ import annotations

from datetime import date

import pytest

from muster.team.calendars.models import CustomDay, Leave
from muster.team.calendars.rules import Returning, occurrences
from muster.team.calendars.working import days_away, work_calendar


class TestReturns:
    @pytest.mark.parametrize(
        ("first", "recurrence", "days"),
        [
            (date(2026, 3, 8), "once", [date(2026, 3, 8)]),
            (date(2024, 2, 29), "yearly", [date(2026, 2, 28)]),
            (
                date(2026, 1, 31),
                "monthly",
                [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)],
            ),
            # The fifth day of the fifth lunar month: 2025-05-31, 2026-06-19.
            (date(2025, 5, 31), "lunar", [date(2026, 6, 19)]),
        ],
    )
    def test_fall_on_these_days(self, first, recurrence, days):
        until = date(2026, 12, 31) if recurrence == "lunar" else date(2026, 3, 31)
        found = occurrences(Returning(first, first, recurrence), date(2026, 1, 1), until)
        assert [start for start, _end in found] == days

    def test_last_as_long_as_the_first_time(self):
        found = occurrences(
            Returning(date(2025, 12, 30), date(2026, 1, 2), "yearly"),
            date(2027, 1, 1),
            date(2027, 1, 31),
        )
        assert found == [(date(2026, 12, 30), date(2027, 1, 2))]


@pytest.mark.django_db
class TestTheWorkingCalendar:
    def test_knows_the_countrys_days_and_ones_own(self, workspace):
        CustomDay.objects.create(
            name="Founders' day", first=date(2020, 11, 27), last=date(2020, 11, 27),
            effect="off", recurrence="yearly",
        )  # fmt: skip
        CustomDay.objects.create(
            name="Stocktaking", first=date(2026, 11, 28), last=date(2026, 11, 28), effect="work"
        )
        calendar = work_calendar(date(2026, 11, 26))
        days = calendar.days(date(2026, 11, 26), date(2026, 11, 30))
        assert days == [date(2026, 11, 26), date(2026, 11, 28), date(2026, 11, 30)]

    def test_days_away_are_clipped_to_the_span(self, owner):
        Leave.objects.create(user=owner, first=date(2026, 11, 20), last=date(2026, 11, 27))
        away = days_away([owner], date(2026, 11, 26), date(2026, 12, 31))
        assert away == {owner.pk: {date(2026, 11, 26), date(2026, 11, 27)}}
