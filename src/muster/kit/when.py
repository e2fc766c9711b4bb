"""Days in people's words: `明天`, `下周五`, `Nov 28`; and lines such as `@李娜 明天 定稿`.

What is said literally is meant literally, also when nobody works on that day. What names a stretch
of time (`本周`, `月底`, `next week`) means its last working day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from muster.kit.days import WorkCalendar

_Meaning: TypeAlias = Callable[["re.Match[str]", date, WorkCalendar], date | None]


@dataclass(frozen=True)
class Line:
    """A line as somebody typed it in a hurry: what, who, until when."""

    title: str
    names: tuple[str, ...] = ()
    due: date | None = None


def due_day(text: str, today: date, calendar: WorkCalendar) -> date | None:
    """The day that a text speaks of, or None; the first one counts."""
    found = _found(text, today, calendar)
    return found[0] if found else None


def read_line(text: str, today: date, calendar: WorkCalendar, names: Iterable[str] = ()) -> Line:
    """Take the names (`@…`) and the day out of a line; what is left is the title.

    `names` are those that may be meant: they may hold spaces, and words may follow at once.
    """
    given: list[str] = []

    def take(match: re.Match[str]) -> str:
        given.append(match[0][1:])
        return " "

    known = sorted({name for name in names if name}, key=len, reverse=True)
    for pattern in (*(re.escape(name) for name in known), r"[^\s@,，;；:：、]+"):
        text = re.sub(rf"[@＠]{pattern}", take, text, flags=re.IGNORECASE)
    found = _found(text, today, calendar)
    if found:
        text = f"{text[: found[1]]} {text[found[2] :]}"
    title = _tidy(re.sub(r"\s(by|due|on|before|until|之前|前)\s*$", "", _tidy(text), flags=re.I))
    return Line(re.sub(r"^(之前|前)\s+", "", title), tuple(given), found[0] if found else None)


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" \t-–—*·,，;；:：、。")


def _found(text: str, today: date, calendar: WorkCalendar) -> tuple[date, int, int] | None:
    hits = []
    for order, (pattern, meaning) in enumerate(_GRAMMAR):
        for match in pattern.finditer(text):
            day = meaning(match, today, calendar)
            if day is not None:
                hits.append((match.start(), order, day, match.end()))
                break
    if not hits:
        return None
    start, _order, day, end = min(hits)
    return day, start, end


_NUMBERS = {word: n for n, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "兩": 2}
_WEEKDAYS = {word: n for n, word in enumerate("一二三四五六")} | {"日": 6, "天": 6}
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENGLISH_MONTHS = re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec")


def _number(word: str) -> int | None:
    if word.isdecimal():
        return int(word)
    if len(word) == 1:
        return _NUMBERS.get(word)
    ten, one = word.partition("十")[::2]
    return _NUMBERS.get(ten or "一", 1) * 10 + _NUMBERS.get(one or "零", 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(month: int, day: int, today: date) -> date | None:
    """The next time that this day of the year comes, today included."""
    this_year = _date(today.year, month, day)
    if this_year is not None and this_year >= today:
        return this_year
    return _date(today.year + 1, month, day)


def _weekday(weeks: int | None, weekday: int, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    if weeks is None:
        ahead = (weekday - today.weekday()) % 7
        return today + timedelta(days=ahead)
    return monday + timedelta(days=7 * weeks + weekday)


def _later(count: int | None, unit: str, today: date, calendar: WorkCalendar) -> date | None:
    if count is None or count > 3660:
        return None
    if unit == "work":
        return calendar.shift(today, count)
    if unit == "month":
        index = today.year * 12 + today.month - 1 + count
        year, month = index // 12, index % 12 + 1
        return date(year, month, min(today.day, monthrange(year, month)[1]))
    return today + timedelta(days=count * (7 if unit == "week" else 1))


def _end_of_week(weeks: int, today: date, calendar: WorkCalendar) -> date:
    monday = _weekday(weeks, 0, today)
    worked = calendar.days(monday, monday + timedelta(days=6))
    return worked[-1] if worked else calendar.first_from(monday)


def _end_of_month(months: int, today: date, calendar: WorkCalendar) -> date:
    index = today.year * 12 + today.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return calendar.last_until(date(year, month, monthrange(year, month)[1]))


def _chinese_weekday(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    before = match["which"] or ""
    weeks = before.count("下") if "下" in before else 0 if before else None
    return _weekday(weeks, _WEEKDAYS[match["day"]], today)


def _english_weekday(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    which = (match["which"] or "").lower()
    weeks = 1 if which == "next" else 0 if which == "this" else None
    return _weekday(weeks, _ENGLISH_DAYS.index(match["day"][:3].lower()), today)


_CHINESE_UNITS = {"工作日": "work", "工作天": "work", "天": "day", "日": "day", "月": "month"}


def _chinese_later(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    unit = _CHINESE_UNITS.get(match["unit"], "week")
    return _later(_number(match["n"]), unit, today, calendar)


def _english_later(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    unit = "work" if match["work"] else match["unit"].lower()
    return _later(int(match["n"]), unit, today, calendar)


def _year_month_day(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    return _date(int(match["y"]), int(match["m"]), int(match["d"]))


def _month_day(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    return _coming(int(match["m"]), int(match["d"]), today)


def _day_of_month(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    wanted = int(match["d"])
    for ahead in range(3):
        index = today.year * 12 + today.month - 1 + ahead
        day = _date(index // 12, index % 12 + 1, wanted)
        if day is not None and day >= today:
            return day
    return None


def _english_month(match: re.Match[str], today: date, calendar: WorkCalendar) -> date | None:
    month = _ENGLISH_MONTHS.index(match["m"][:3].lower()) + 1
    return _coming(month, int(match["d"]), today)


def _in_days(days: int) -> _Meaning:
    return lambda match, today, calendar: today + timedelta(days=days)


def _week(weeks: int) -> _Meaning:
    return lambda match, today, calendar: _end_of_week(weeks, today, calendar)


def _month(months: int) -> _Meaning:
    return lambda match, today, calendar: _end_of_month(months, today, calendar)


_MONTHS = "|".join(f"{name}[a-z]*" for name in _ENGLISH_MONTHS)
_DAYS = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|"
    "sat(?:urday)?|sun(?:day)?"
)
_DIGITS = r"(?P<n>\d{1,4}|[一两兩二三四五六七八九十]{1,3})"

_GRAMMAR: list[tuple[re.Pattern[str], _Meaning]] = [
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in [
        (
            r"(?<!\d)(?P<y>20\d\d)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号號]?(?!\d)",
            _year_month_day,
        ),
        (r"(?<!\d)(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号號]?(?!\d)", _month_day),
        (r"(?<![\d./-])(?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?![\d./%-])", _month_day),
        (r"(?<!\d)(?P<d>\d{1,2})[号號](?![线線楼樓店])", _day_of_month),
        (rf"\b(?P<m>{_MONTHS})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b", _english_month),
        (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m>{_MONTHS})\b", _english_month),
        (r"大后天|大後天", _in_days(3)),
        (r"后天|後天|\bday after tomorrow\b", _in_days(2)),
        (r"明天|明日|\b(?:tomorrow|tmr)\b", _in_days(1)),
        (r"今天|今日|今晚|\btoday\b", _in_days(0)),
        (
            rf"{_DIGITS}\s*个?個?(?P<unit>工作日|工作天|天|日|周|週|星期|礼拜|禮拜|月)(?:之?[后後]|内|內)",
            _chinese_later,
        ),
        (
            r"(?:\bin\s+|\+)(?P<n>\d{1,4})\s*(?P<work>work(?:ing)?\s+|business\s+)?(?P<unit>day|week|month)s?\b",
            _english_later,
        ),
        (
            r"(?P<which>下{0,2}|本|这|這)(?:个|個)?(?:周|週|星期|礼拜|禮拜)(?P<day>[一二三四五六日天])",
            _chinese_weekday,
        ),
        (rf"\b(?:(?P<which>next|this)\s+)?(?P<day>{_DAYS})\b", _english_weekday),
        (r"下下(?:周|週)(?:内|內|末)?", _week(2)),
        (r"下(?:个|個)?(?:周|週|星期)(?:内|內|底)?|\bnext week\b", _week(1)),
        (
            r"(?:本|这|這)(?:周|週|星期)(?:内|內|底)?|周末前|\b(?:this week|end of week|eow)\b",
            _week(0),
        ),
        (r"下个?個?月底|下个?個?月末|\bend of next month\b", _month(1)),
        (r"月底|月末|\b(?:end of (?:the )?month|eom)\b", _month(0)),
    ]
]
"""Pattern and meaning; of two that begin at the same place, the earlier row counts."""
