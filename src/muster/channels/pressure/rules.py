"""Counts planned and past messages per person and day: no database, no clock (PL7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np

People: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Counts: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
WEEK = 7
STAGGER = 5
"""How many days a send may be moved by a suggestion."""
OVERLAP_LEAST = 0.3
"""Two campaigns reach for the same people from this part of the smaller audience on."""


@dataclass(frozen=True)
class Touch:
    """Messages that left, or will leave, on one day."""

    key: str
    title: str
    campaign: int
    campaign_name: str
    moment: datetime
    day: date
    people: People
    """Their numbers, in order, each once."""
    planned: bool
    movable: bool = False


@dataclass(frozen=True)
class Grid:
    """Messages per person on each day, and in the seven days that end with it."""

    people: People
    """Those of the audience who get anything; everybody else gets nothing."""
    size: int
    """How many people the audience has."""
    first: date
    counts: Counts
    weeks: Counts

    def row(self, day: date) -> int:
        return (day - self.first).days

    def places(self, people: People) -> Any:
        """Where these people stand in the grid; those outside the audience are left out."""
        inside = np.intersect1d(people, self.people, assume_unique=True)
        return np.searchsorted(self.people, inside)


def grid(
    touches: Sequence[Touch], audience: People | None, size: int, first: date, last: date
) -> Grid:
    """Count from six days before the first day to the last; without an audience, everybody."""
    begin = first - timedelta(days=WEEK - 1)
    people = reached(touches)
    if audience is not None:
        people = np.intersect1d(people, audience, assume_unique=True)
    counts = np.zeros(((last - begin).days + 1, len(people)), dtype=np.uint8)
    found = Grid(people, size, begin, counts, np.zeros_like(counts))
    for touch in touches:
        if begin <= touch.day <= last:
            counts[found.row(touch.day), found.places(touch.people)] += 1
    for row in range(len(counts)):
        found.weeks[row] = counts[max(row - WEEK + 1, 0) : row + 1].sum(axis=0, dtype=np.uint8)
    return found


def reached(touches: Sequence[Touch]) -> People:
    """Everybody who gets any of the messages."""
    if not touches:
        return np.empty(0, dtype=np.int64)
    return np.unique(np.concatenate([touch.people for touch in touches]))


@dataclass(frozen=True)
class Other:
    """Another day for a send, and how many would be over the limit because of it."""

    day: date
    over: int


def over_on(grid_: Grid, touch: Touch, day: date, limit: int) -> int:
    """How many people the send would bring over the limit, were it on this day."""
    places = grid_.places(touch.people)
    weeks = grid_.weeks[:, places].astype(np.int16)
    own = grid_.row(touch.day)
    weeks[own : own + WEEK] -= 1
    row = grid_.row(day)
    window = weeks[row : row + WEEK] + 1
    return int((window.max(axis=0) > limit).sum()) if len(window) and len(places) else 0


def stagger(
    grid_: Grid, touch: Touch, limit: int, earliest: date, latest: date
) -> tuple[int, Other | None]:
    """How many the send brings over the limit now, and the nearest day with the fewest."""
    before = over_on(grid_, touch, touch.day, limit)
    best: tuple[int, int, int] | None = None
    for shift in range(-STAGGER, STAGGER + 1):
        day = touch.day + timedelta(days=shift)
        if shift and earliest <= day <= latest:
            # Of two days that are equally good the nearer one is taken, of these the later one.
            offered = (over_on(grid_, touch, day, limit), abs(shift), -shift)
            best = min(best, offered) if best else offered
    if best is None or best[0] >= before:
        return before, None
    return before, Other(touch.day - timedelta(days=best[2]), best[0])


def held_back(touches: Sequence[Touch], people: People | None, limit: int) -> dict[str, int]:
    """Planned send → how many messages the weekly limit will hold back, in the order of time.

    The limit counts what really left in the last seven days, to the minute, as the sender does.
    """
    if not limit:
        return {}
    everybody = reached(touches)
    if people is not None:
        everybody = np.intersect1d(everybody, people, assume_unique=True)
    left: list[tuple[datetime, Any]] = []
    found: dict[str, int] = {}
    for touch in sorted(touches, key=lambda one: (one.moment, one.key)):
        inside = np.intersect1d(touch.people, everybody, assume_unique=True)
        places = np.searchsorted(everybody, inside)
        if touch.planned:
            week_ago = touch.moment - timedelta(days=WEEK)
            had = np.zeros(len(everybody), dtype=np.int16)
            for moment, got in left:
                if moment > week_ago:
                    had[got] += 1
            stays = places[had[places] < limit]
            found[touch.key] = len(places) - len(stays)
            places = stays
        left.append((touch.moment, places))
    return found


def overlap(first: Touch, second: Touch, audience: People | None) -> tuple[int, float]:
    """How many people both reach for, and which part of the smaller audience they are."""
    one, two = first.people, second.people
    if audience is not None:
        one = np.intersect1d(one, audience, assume_unique=True)
        two = np.intersect1d(two, audience, assume_unique=True)
    both = len(np.intersect1d(one, two, assume_unique=True))
    smaller = min(len(one), len(two))
    return both, both / smaller if smaller else 0.0


def reads(code: str) -> str:
    """The language of a profile or a mail as one word: `zh_CN` is `zh-hans`, `en-GB` is `en`."""
    parts = code.strip().lower().replace("_", "-").split("-")
    if parts[0] != "zh":
        return parts[0]
    return "zh-hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh-hans"
