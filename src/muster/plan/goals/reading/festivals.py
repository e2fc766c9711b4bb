"""Festivals that end a goal: 双11期间, 春节前, before Christmas; 618 is a day and no number."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lunar_python import Lunar

from muster.plan.goals.reading.windows import Window

_NO_NUMBER = (
    # 618 单 counts orders, 达到 618 is aimed at; anything else that says 618 means the eighteenth.
    r"(?<![\d.,¥$€£+≥≤<>=:])(?<![到达至为成于约得增获]|[:=])"
    r"(?<!\b(?:to|of) )(?<!\b(?:hit|win|get) )(?<!\breach )618"
    r"(?!\s*(?:\d|[.,:]\d|[%‰十百千万亿元块单笔次条份封个件家名位人]|[kwm]\b|"
    r"(?:new|first|order|people|customer|buyer|lead|member|visit|sales\b|sign)))"
    r"|(?<!\d)618(?=\s*(?:期间|之?前|大促|活动|当[天日]|购物节))"
)
_BLOCK = 7
"""Days of the holidays around the National Day and the Spring Festival."""


def _lunar(month: int, day: int) -> Callable[[int], date]:
    def in_year(year: int) -> date:
        found = Lunar.fromYmd(year, month, day).getSolar()
        return date(found.getYear(), found.getMonth(), found.getDay())

    return in_year


def _solar(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


_DAYS: tuple[tuple[str, Callable[[int], date] | None, int], ...] = (
    (r"双十?一{1,2}|双\s?11|singles'? day|double (?:11|eleven)", _solar(11, 11), 1),
    (r"双十二|双\s?12", _solar(12, 12), 1),
    (rf"{_NO_NUMBER}|六一八", _solar(6, 18), 1),
    (r"圣诞节?|christmas", _solar(12, 25), 1),
    (r"女王节", _solar(3, 8), 1),
    (r"国庆节?", _solar(10, 1), _BLOCK),
    (r"春节", _lunar(1, 1), _BLOCK),
    (r"中秋节?", _lunar(8, 15), 1),
    (r"年货节|周年庆|年中庆|black friday|cyber monday", None, 0),
)
"""Names, the day in a year, for how many days; None where the days differ from shop to shop."""
_BEFORE = r"(?P<by>by |until )?(?P<before>before |ahead of )?"
_AFTER = r"(?:\s*(?:大促|购物节|活动))?(?:(?P<until>之前|以前|前)|期间|当天|当日|之内|以内|内)?"
_PATTERNS = tuple(
    (re.compile(rf"{_BEFORE}(?:{names}){_AFTER}"), day, days) for names, day, days in _DAYS
)


@dataclass(frozen=True)
class Festival:
    """A festival in a sentence, and the days that it says; None where they are not known."""

    start: int
    end: int
    window: Window | None


def festivals(folded: str, near: date) -> list[Festival]:
    """Every festival that is named, in the first year in which it is not over on that day."""
    found = []
    for pattern, day, days in _PATTERNS:
        for hit in pattern.finditer(folded):
            window = _window(hit, day, days, near) if day is not None else None
            found.append(Festival(hit.start(), hit.end(), window))
    return sorted(found, key=lambda one: one.start)


def _window(hit: re.Match[str], day: Callable[[int], date], days: int, near: date) -> Window:
    before = bool(hit["before"] or hit["until"])
    for year in (near.year, near.year + 1):
        first = day(year)
        last = first - timedelta(days=1) if before else first + timedelta(days=days - 1)
        if last >= near:
            break
    whole = days > 1 and not before and not hit["by"]
    return Window(hit.start(), hit.end(), first if whole else None, last)
