"""What every day is by itself: off or worked, its lunar day, its solar term (S15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lunar_python import Lunar, LunarYear, Solar

from muster.kit.days import official_days

_TERMS = {
    "小寒": ("Minor Cold", "小寒"),
    "大寒": ("Major Cold", "大寒"),
    "立春": ("Start of Spring", "立春"),
    "雨水": ("Rain Water", "雨水"),
    "惊蛰": ("Awakening of Insects", "驚蟄"),
    "春分": ("Spring Equinox", "春分"),
    "清明": ("Qingming", "清明"),
    "谷雨": ("Grain Rain", "穀雨"),
    "立夏": ("Start of Summer", "立夏"),
    "小满": ("Grain Buds", "小滿"),
    "芒种": ("Grain in Ear", "芒種"),
    "夏至": ("Summer Solstice", "夏至"),
    "小暑": ("Minor Heat", "小暑"),
    "大暑": ("Major Heat", "大暑"),
    "立秋": ("Start of Autumn", "立秋"),
    "处暑": ("End of Heat", "處暑"),
    "白露": ("White Dew", "白露"),
    "秋分": ("Autumn Equinox", "秋分"),
    "寒露": ("Cold Dew", "寒露"),
    "霜降": ("Frost's Descent", "霜降"),
    "立冬": ("Start of Winter", "立冬"),
    "小雪": ("Minor Snow", "小雪"),
    "大雪": ("Major Snow", "大雪"),
    "冬至": ("Winter Solstice", "冬至"),
}
"""Solar term as the library writes it → English, traditional."""


@dataclass(frozen=True)
class LunarDay:
    """A day of the lunar calendar."""

    month: int
    day: int
    is_leap: bool
    term: str
    """The solar term that begins on this day, in simplified Chinese, or an empty text."""
    chinese: str
    """初三; on the first day of a month its name, 十月 or 闰六月."""

    def written(self, language: str) -> str:
        """The day as a reader writes it: 初三, or 10/3."""
        if not language.startswith("zh"):
            return f"{self.month}/{self.day}"
        if language == "zh-hans":
            return self.chinese
        return self.chinese.replace("闰", "閏").replace("腊", "臘")

    def term_in(self, language: str) -> str:
        """The solar term in the reader's words."""
        if not self.term or language == "zh-hans":
            return self.term
        english, traditional = _TERMS[self.term]
        return traditional if language.startswith("zh") else english


def lunar_day(day: date) -> LunarDay:
    """The lunar day of a date."""
    return _lunar_days(day.year)[day]


_TENS, _UNITS = ("初", "十", "廿", "三"), "十一二三四五六七八九"
_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")


@lru_cache(maxsize=16)
def _lunar_days(year: int) -> dict[date, LunarDay]:
    # Asking the library day by day takes milliseconds each; its months and terms come at once.
    terms = _terms(year)
    found = {}
    for month in (*LunarYear.fromYear(year - 1).getMonths(), *LunarYear.fromYear(year).getMonths()):
        solar = Solar.fromJulianDay(month.getFirstJulianDay())
        first = date(solar.getYear(), solar.getMonth(), solar.getDay())
        number = abs(month.getMonth())
        name = ("闰" if month.isLeap() else "") + _MONTHS[number - 1] + "月"
        for n in range(month.getDayCount()):
            day = first + timedelta(days=n)
            if day.year == year:
                chinese = _day_name(n + 1) if n else name
                found[day] = LunarDay(number, n + 1, month.isLeap(), terms.get(day, ""), chinese)
    return found


def _day_name(day: int) -> str:
    whole = {10: "初十", 20: "二十", 30: "三十"}
    return whole.get(day) or _TENS[day // 10] + _UNITS[day % 10]


_LATIN = {
    "DONG_ZHI": "冬至",
    "XIAO_HAN": "小寒",
    "DA_HAN": "大寒",
    "LI_CHUN": "立春",
    "DA_XUE": "大雪",
}
"""How the library writes the terms of the neighbouring years."""


def _terms(year: int) -> dict[date, str]:
    found = {}
    for name, solar in Lunar.fromYmd(year, 6, 1).getJieQiTable().items():
        day = date(solar.getYear(), solar.getMonth(), solar.getDay())
        if day.year == year:
            found[day] = _LATIN.get(name, name)
    return found


@dataclass(frozen=True)
class Holiday:
    """What an official day means in one country."""

    day: date
    country: str
    name: str
    is_off: bool
    is_expected: bool


def holidays_of(
    countries: Sequence[str], since: date, until: date, language: str
) -> dict[date, list[Holiday]]:
    """Day → the official days of these countries, in the order of the countries."""
    found: dict[date, list[Holiday]] = {}
    for country in countries:
        for year in range(since.year, until.year + 1):
            for one in official_days(country, year):
                if since <= one.day <= until:
                    name = in_language(one.names, language)
                    found.setdefault(one.day, []).append(
                        Holiday(one.day, country, name, one.is_off, one.is_expected)
                    )
    return found


def in_language(names: dict[str, str], language: str) -> str:
    """The name that this reader understands best."""
    if language in names:
        return names[language]
    return names["zh-hant" if language.startswith("zh") else "en"]


def runs(days: Iterable[Holiday]) -> list[tuple[date, date, Holiday]]:
    """Days off of the same name in a row, each run once: first day, last day, one of them."""
    found: list[tuple[date, date, Holiday]] = []
    for one in sorted(days, key=lambda holiday: (holiday.country, holiday.day)):
        if found:
            first, last, before = found[-1]
            same = (before.name, before.country, before.is_off) == (
                one.name,
                one.country,
                one.is_off,
            )
            if same and (one.day - last).days == 1:
                found[-1] = (first, one.day, before)
                continue
        found.append((one.day, one.day, one))
    return found
