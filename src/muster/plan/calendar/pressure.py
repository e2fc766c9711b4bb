"""How often people will hear from us (S15): asked by the calendar, computed where sends live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from muster.plan.calendar.layers import Window
from muster.team.users.models import User


@dataclass(frozen=True)
class DayPressure:
    """What the people of an audience get on one day, and in the seven days that end with it."""

    day: date
    touches: int
    """Messages on this day."""
    week_mean: float
    """Messages per person in the seven days."""
    at_limit: int
    """People who have as many as the limit allows, or more."""
    over: int
    """People who would have more than the limit allows."""
    people: int

    @property
    def over_share(self) -> float:
        return self.over / self.people if self.people else 0.0

    @property
    def at_limit_share(self) -> float:
        return self.at_limit / self.people if self.people else 0.0

    @property
    def level(self) -> int:
        """0 calm to 4: somebody over the limit."""
        if self.over_share >= 0.01 or (self.over and self.people < 100):
            return 4
        return min(3, round(self.week_mean)) if self.touches or self.week_mean else 0


@dataclass(frozen=True)
class Suggestion:
    """Another day for a send, and how many would be over the limit then."""

    tile: str
    title: str
    day: date
    over: int
    before: int
    movable: bool


@dataclass(frozen=True)
class Conflict:
    """A day on which people would get more than the limit allows."""

    day: DayPressure
    most: int
    """The most messages that somebody would have in the seven days."""
    sends: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True)
class Overlap:
    """Two campaigns that reach for the same people within a day."""

    first: str
    second: str
    first_day: date
    second_day: date
    people: int
    share: float
    """Of the smaller audience."""


@dataclass(frozen=True)
class Forecast:
    """The contact pressure of one audience."""

    audience: str
    people: int
    limit: int
    days: tuple[DayPressure, ...]
    conflicts: tuple[Conflict, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    planned: int = 0
    """Messages that are planned in the window."""
    held_back: int = 0
    """How many of them the weekly limit will hold back."""
    unplannable: tuple[str, ...] = field(default=())
    """Sends whose audience cannot be counted now."""

    @property
    def sent(self) -> int:
        """Messages that will leave."""
        return self.planned - self.held_back


@dataclass(frozen=True)
class Audience:
    """People whose pressure can be looked at."""

    key: str
    name: str


@dataclass(frozen=True)
class Source:
    """The part that can answer."""

    permission: str
    audiences: Callable[[User], Sequence[Audience]]
    forecast: Callable[[User, Window, str], Forecast | None]
    who: Callable[[User, date, str, int], tuple[int, Sequence[object]]]
    """(reader, day, audience, at most) → how many are over the limit, and some of them."""


_sources: list[Source] = []


def source(given: Source) -> Source:
    """The part that sends registers itself."""
    _sources[:] = [given]
    return given


def answering(user: User) -> Source | None:
    """Who can tell this reader about pressure; None if nobody, or the reader may not know."""
    return next((one for one in _sources if user.may(one.permission)), None)
