"""What lies on the calendar (S15): every part of Muster may add a layer.

A layer gives tiles for a span of days to a reader. It stands in the part's own `calendar.py` and
is found at start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from muster.kit.errors import NotFound
from muster.team.changes.models import Change
from muster.team.lacking import lacking
from muster.team.users.models import User


class Tile(NamedTuple):
    """One thing on the calendar."""

    layer: str
    id: str
    """Public id; with the layer's key it names the tile."""
    title: str
    first: date
    last: date
    url: str
    at: datetime | None = None
    """When it begins; None for whole days."""
    until: datetime | None = None
    campaign: int | None = None
    campaign_name: str = ""
    channel: str = ""
    state: str | Promise = ""
    chip: str = ""
    """good, warn, bad, info or an empty text"""
    icon: str = "circle"
    movable: bool = False

    @property
    def key(self) -> str:
        return f"{self.layer}:{self.id}"

    @property
    def is_long(self) -> bool:
        """Whether it covers several days."""
        return self.last > self.first


@dataclass(frozen=True)
class Window:
    """The days that are asked for, and the reader's ways with days."""

    since: date
    until: date
    zone: ZoneInfo
    """The time zone in which a moment falls on a day."""

    @property
    def begins(self) -> datetime:
        """The first moment of it."""
        return datetime.combine(self.since, time.min, self.zone).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        after = self.until + timedelta(days=1)
        return datetime.combine(after, time.min, self.zone).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """The day on which a moment falls for the reader."""
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True)
class Moved:
    """What came of moving a tile."""

    text: str
    """Said to the reader, translated."""
    change: Change | None = None
    """By which it can be taken back."""


TilesOf: TypeAlias = Callable[[User, Window], Iterable[Tile]]
CountsOf: TypeAlias = Callable[[User, Window], Iterable[tuple[date, int]]]
"""Day → how many tiles begin on it, for views that only count."""
Move: TypeAlias = Callable[[User, str, date], Moved]
"""(by, public id, new first day) → what came of it; refuses like any action."""


@dataclass(frozen=True)
class Layer:
    """One kind of things on the calendar."""

    key: str
    title: str | Promise
    order: int
    permission: str
    tiles: TilesOf
    move: Move | None
    version: Callable[[], str] | None
    counts: CountsOf | None


@dataclass(frozen=True)
class Offer:
    """Something that can be begun on a day."""

    key: str
    title: str | Promise
    icon: str
    order: int
    permission: str
    url: Callable[[date], str]


_layers: dict[str, Layer] = {}
_offers: dict[str, Offer] = {}


def layer(
    key: str,
    title: str | Promise,
    order: int,
    permission: str,
    *,
    move: Move | None = None,
    version: Callable[[], str] | None = None,
    counts: CountsOf | None = None,
) -> Callable[[TilesOf], TilesOf]:
    """A layer; the function gives its tiles to a reader.

    `move` takes a tile to another day; `version` changes with what the layer shows, so that open
    calendars notice; `counts` is for layers with thousands of tiles, which a year only counts.
    """

    def register(tiles: TilesOf) -> TilesOf:
        _layers[key] = Layer(key, title, order, permission, tiles, move, version, counts)
        return tiles

    return register


def offer(
    key: str, title: str | Promise, icon: str, order: int, permission: str
) -> Callable[[Callable[[date], str]], Callable[[date], str]]:
    """Something new on a day; the function says where it is begun."""

    def register(url: Callable[[date], str]) -> Callable[[date], str]:
        _offers[key] = Offer(key, title, icon, order, permission, url)
        return url

    return register


def layers(user: User) -> list[Layer]:
    """The layers that this reader may see, in order."""
    seen = (one for one in _layers.values() if user.may(one.permission))
    return sorted(seen, key=lambda one: one.order)


def offers(user: User, day: date) -> list[tuple[Offer, str]]:
    """What this reader may begin on a day, and where."""
    seen = (one for one in _offers.values() if user.may(one.permission))
    return [(one, one.url(day)) for one in sorted(seen, key=lambda one: one.order)]


def tiles(user: User, window: Window, keys: Sequence[str]) -> list[Tile]:
    """The tiles of these layers that touch the window, in the order of days and hours."""
    found = [
        tile
        for one in layers(user)
        if one.key in keys
        for tile in one.tiles(user, window)
        if tile.first <= window.until and tile.last >= window.since
    ]
    return sorted(found, key=in_order)


def counts(user: User, window: Window, keys: Sequence[str]) -> dict[str, Counter[date]]:
    """Layer → day → how many of its tiles begin then, or go on at the beginning of the window."""
    found: dict[str, Counter[date]] = {}
    for one in layers(user):
        if one.key not in keys:
            continue
        days: Counter[date] = Counter()
        if one.counts is not None:
            days.update(dict(one.counts(user, window)))
        else:
            days.update(max(tile.first, window.since) for tile in tiles(user, window, [one.key]))
        found[one.key] = days
    return found


def in_order(tile: Tile) -> tuple[date, bool, float, str]:
    """Whole days before hours, then by the hour."""
    return tile.first, tile.at is not None, tile.at.timestamp() if tile.at else 0.0, tile.title


def move(user: User, key: str, to: date) -> Moved:
    """Take a tile to another day, by its own layer's rules."""
    name, _colon, public_id = key.partition(":")
    found = _layers.get(name)
    if found is None or found.move is None:
        raise NotFound
    if not user.may(found.permission):
        raise lacking(found.permission)
    return found.move(user, public_id, to)


def version() -> str:
    """Changes with whatever any layer shows."""
    return " ".join(one.version() for one in _layers.values() if one.version is not None)
