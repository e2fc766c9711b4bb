"""Which days are worked: official days off, make-up working days, and counting in working days.

Mainland China moves working days by yearly decree (调休); chinesecalendar knows the decrees, and
what is not decreed yet is `is_expected`. Every other country comes from `holidays`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
import holidays

from muster.kit import clock
from muster.kit.errors import Problem
from muster.kit.words import _

COUNTRIES = ("CN", "TW", "HK", "MO", "SG", "MY", "JP", "KR", "US", "GB", "DE", "FR", "AU", "CA")
"""Countries whose days a workspace can choose."""

_LANGUAGES = {
    "en": ("en_US", "en_HK", "en"),
    "zh-hans": ("zh_CN",),
    "zh-hant": ("zh_TW", "zh_HK", "zh_MO"),
}
_DECREED = frozenset(day.year for day in chinese_calendar.constants.holidays)


_SHOWN = range(1902, 2099)
"""The years for which every calendar here, the lunar one too, knows its days."""
_NEAR = 10


def is_shown(day: date) -> bool:
    """Whether the calendars reach as far as this day."""
    return day.year in _SHOWN


def off_calendar(days: Mapping[str, date | None]) -> list[Problem]:
    """What is wrong with days, by where they stand, that no calendar shows."""
    text = _("The calendar reaches from %(first)s to %(last)s. Check the year.")
    params = {"first": str(_SHOWN[0]), "last": str(_SHOWN[-1])}
    return [
        Problem(at, "out_of_range", text, params)
        for at, day in days.items()
        if day is not None and not is_shown(day)
    ]


def far_away(days: Mapping[str, date | None]) -> list[Problem]:
    """What is wrong with planned days, by where they stand: one mistyped year makes a plan of
    centuries.
    """
    text = _("%(day)s is more than ten years away from today. Check the year.")
    this_year = clock.now().year
    return [
        Problem(at, "out_of_range", text, {"day": day.isoformat()})
        for at, day in days.items()
        if day is not None and abs(day.year - this_year) > _NEAR
    ]


def monday(day: date) -> date:
    """The Monday of this day's week."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class OfficialDay:
    """A day off by law, or a weekend day that is worked instead."""

    day: date
    names: dict[str, str]
    """Language (`en`, `zh-hans`, `zh-hant`) → name."""
    is_off: bool
    is_expected: bool = False
    """The government has not announced this year yet; it may still move."""


@lru_cache(maxsize=256)
def official_days(country: str, year: int) -> tuple[OfficialDay, ...]:
    """Days off and make-up working days of a country in a year, in order."""
    if country not in COUNTRIES:
        raise LookupError(f"No calendar for {country!r}")
    if country == "CN" and year in _DECREED:
        return _decreed(year)
    named = {language: _named(country, year, language) for language in _LANGUAGES}
    expected = country == "CN" and year > max(_DECREED)
    off = [
        OfficialDay(day, {lang: names[day] for lang, names in named.items()}, True, expected)
        for day in named["en"]
    ]
    worked = [
        OfficialDay(day, _MAKE_UP, False)
        for day in holidays.country_holidays(country, years=year).weekend_workdays
        if day.year == year
    ]
    return tuple(sorted([*off, *worked], key=lambda one: one.day))


_MAKE_UP = {"en": "Working day", "zh-hans": "调休上班", "zh-hant": "補班"}


def _decreed(year: int) -> tuple[OfficialDay, ...]:
    found = []
    for days, is_off in (
        (chinese_calendar.constants.holidays, True),
        (chinese_calendar.constants.workdays, False),
    ):
        for day, english in days.items():
            if day.year == year:
                chinese = chinese_calendar.constants.Holiday(english).chinese
                names = {"en": english, "zh-hans": chinese, "zh-hant": _HANT.get(chinese, chinese)}
                found.append(OfficialDay(day, names, is_off))
    return tuple(sorted(found, key=lambda one: one.day))


_HANT = {
    "春节": "春節",
    "清明": "清明",
    "劳动节": "勞動節",
    "端午": "端午",
    "国庆节": "國慶節",
    "中秋": "中秋",
    "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": "抗戰勝利70週年紀念日",
}


def _named(country: str, year: int, language: str) -> dict[date, str]:
    known = holidays.country_holidays(country).supported_languages
    tag = next((tag for tag in _LANGUAGES[language] if tag in known), None)
    tag = tag or next((tag for tag in _LANGUAGES["en"] if tag in known), None)
    return dict(holidays.country_holidays(country, years=year, language=tag).items())


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: a country's, with days of one's own added or taken away."""

    country: str = "CN"
    weekend: frozenset[int] = frozenset({5, 6})
    """Days of the week that are off; Monday is 0."""
    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    """Days worked against weekend and law; they win over everything."""

    def is_working(self, day: date) -> bool:
        """Whether this day is worked."""
        if day in self.worked:
            return True
        if day in self.off:
            return False
        official = _kinds(self.country, day.year).get(day)
        return day.weekday() not in self.weekend if official is None else not official

    def first_from(self, day: date) -> date:
        """This day if it is worked, else the next one that is."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def last_until(self, day: date) -> date:
        """This day if it is worked, else the last one before it that is."""
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day

    def days(self, first: date, last: date) -> list[date]:
        """The working days from `first` to `last`, both included."""
        span = (last - first).days
        every = (first + timedelta(days=n) for n in range(span + 1))
        return [day for day in every if self.is_working(day)]

    def count(self, first: date, last: date) -> int:
        """How many working days lie between the two, both included."""
        return len(self.days(first, last))

    def shift(self, day: date, working_days: int) -> date:
        """The day this many working days later (earlier when negative).

        A day off counts as the working day after it (before it when going back).
        """
        step = timedelta(days=1 if working_days >= 0 else -1)
        day = self.first_from(day) if working_days >= 0 else self.last_until(day)
        for _step in range(abs(working_days)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def without(self, days: Iterable[date]) -> WorkCalendar:
        """The same with these days off, for example somebody's leave."""
        gone = frozenset(days)
        return WorkCalendar(self.country, self.weekend, self.off | gone, self.worked - gone)


@lru_cache(maxsize=256)
def _kinds(country: str, year: int) -> dict[date, bool]:
    return {one.day: one.is_off for one in official_days(country, year)}
