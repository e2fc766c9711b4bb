"""The days on which people buy: festivals and sales, each with the rule that finds it (S15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeAlias

from lunar_python import Lunar

from muster.kit.words import _

Rule: TypeAlias = Callable[[int], date | None]
"""Year → the first day of the node in it."""


@dataclass(frozen=True)
class Node:
    """A day, or some days in a row, that return every year."""

    key: str
    name: str
    """English, marked for translation."""
    rule: Rule
    days: int = 1
    main: bool = False
    """One of those for which most teams make a campaign."""
    is_official: bool = False
    """In China also a day off, which need not be named twice."""


@dataclass(frozen=True)
class NodeDays:
    """A node in one year."""

    node: Node
    first: date

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.node.days - 1)

    @property
    def key(self) -> str:
        """Names it in addresses: `double11-2026`."""
        return f"{self.node.key}-{self.first.year}"

    @property
    def name(self) -> str:
        return self.node.name


def on(month: int, day: int) -> Rule:
    """The same date every year."""
    return lambda year: date(year, month, day)


def lunar(month: int, day: int, shift: int = 0) -> Rule:
    """A day of the lunar calendar, moved by some days."""

    def find(year: int) -> date | None:
        for lunar_year in (year - 1, year):
            solar = Lunar.fromYmd(lunar_year, month, day).getSolar()
            found = date(solar.getYear(), solar.getMonth(), solar.getDay()) + timedelta(days=shift)
            if found.year == year:
                return found
        return None

    return find


def weekday(month: int, nth: int, day: int, shift: int = 0) -> Rule:
    """The nth Monday (0) … Sunday (6) of a month, moved by some days."""

    def find(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(day - first.weekday()) % 7 + 7 * (nth - 1) + shift)

    return find


NODES: tuple[Node, ...] = (
    Node("newyear", _("New Year's Day"), on(1, 1), is_official=True),
    Node("newyeargoods", _("New Year goods sale"), lunar(12, 8), days=16, main=True),
    Node("cnyeve", _("Lunar New Year's Eve"), lunar(1, 1, -1)),
    Node("cny", _("Spring Festival"), lunar(1, 1), days=7, is_official=True),
    Node("lantern", _("Lantern Festival"), lunar(1, 15)),
    Node("valentine", _("Valentine's Day"), on(2, 14), main=True),
    Node("march8", _("Women's Day sale (3.8)"), on(3, 8), main=True),
    Node("whiteday", _("White Day"), on(3, 14)),
    Node("march15", _("Consumer Rights Day (3.15)"), on(3, 15)),
    Node("mayday", _("May Day holidays"), on(5, 1), days=5, main=True, is_official=True),
    Node("mothersday", _("Mother's Day"), weekday(5, 2, 6), main=True),
    Node("may20", _("5.20 Love Day"), on(5, 20), main=True),
    Node("childrensday", _("Children's Day"), on(6, 1)),
    Node("dragonboat", _("Dragon Boat Festival"), lunar(5, 5), is_official=True),
    Node("june18", _("6.18 sale"), on(6, 18), main=True),
    Node("fathersday", _("Father's Day"), weekday(6, 3, 6)),
    Node("fathersday88", _("Father's Day (8.8)"), on(8, 8)),
    Node("qixi", _("Qixi Festival"), lunar(7, 7), main=True),
    Node("sept9", _("9.9 sale"), on(9, 9)),
    Node("teachersday", _("Teachers' Day"), on(9, 10)),
    Node("midautumn", _("Mid-Autumn Festival"), lunar(8, 15), main=True, is_official=True),
    Node("nationalday", _("National Day holidays"), on(10, 1), days=7, main=True, is_official=True),
    Node("chongyang", _("Double Ninth Festival"), lunar(9, 9)),
    Node("halloween", _("Halloween"), on(10, 31)),
    Node("double11", _("Double 11"), on(11, 11), main=True),
    Node("thanksgiving", _("Thanksgiving"), weekday(11, 4, 3)),
    Node("blackfriday", _("Black Friday"), weekday(11, 4, 3, 1), main=True),
    Node("cybermonday", _("Cyber Monday"), weekday(11, 4, 3, 4)),
    Node("double12", _("Double 12"), on(12, 12), main=True),
    Node("christmas", _("Christmas"), on(12, 25), main=True),
    Node("doubledan", _("Christmas to New Year"), on(12, 24), days=9, main=True),
)
"""In the order of the year."""


@lru_cache(maxsize=64)
def nodes_of(year: int) -> tuple[NodeDays, ...]:
    """The nodes that begin in a year, in order."""
    found = [NodeDays(node, first) for node in NODES if (first := node.rule(year)) is not None]
    return tuple(sorted(found, key=lambda one: one.first))


def nodes_between(since: date, until: date) -> list[NodeDays]:
    """The nodes that touch these days, in order."""
    years = range(since.year - 1, until.year + 1)
    every = (one for year in years for one in nodes_of(year))
    return [one for one in every if one.first <= until and one.last >= since]


def node_days(key: str) -> NodeDays | None:
    """The node behind `double11-2026`."""
    name, _dash, year = key.rpartition("-")
    if not (year.isdecimal() and 1901 <= int(year) <= 2099):
        return None
    return next((one for one in nodes_of(int(year)) if one.node.key == name), None)
