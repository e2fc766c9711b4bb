"""What waits for a person (S02): every part adds its own lanes to My work.

A lane is a function of the person in `<part>/work.py`; it gives what waits for them. My work puts
everything in one order: what hurts first comes first (`work.rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.utils.functional import Promise

from muster.kit.money import Money
from muster.team.changes.models import Change
from muster.team.users.models import User

Do: TypeAlias = Callable[[User, Mapping[str, str]], Change | None]
"""Does it for this person, with what they typed (`note`, `person`); the change can be undone."""
Pane: TypeAlias = Callable[[], tuple[str, dict[str, Any]]]
"""The template of the thing itself and its context (as `p`); asked only for what is open."""


@dataclass(frozen=True)
class Act:
    """Something that can be done about an item without leaving My work."""

    key: str
    """done, send_back, delegate or nudge: the keys E, R, D and N."""
    label: str | Promise
    do: Do
    asks: str = ""
    """`reason` or `person` if it has to be said first."""
    said: str | Promise = ""
    """What is said afterwards; without it, the label."""


@dataclass(frozen=True)
class Item:
    """One thing that waits for someone."""

    title: str
    line: str
    """Why it is here, from whom, or what happens otherwise."""
    url: str
    icon: str = "circle"
    at: datetime | None = None
    """Since when, or until when."""
    rank: int = 50
    """What hurts first comes first: 0 stops other people's work, 50 is ordinary, 90 is news."""
    key: str = ""
    """What names it within its lane; without it, its address."""
    due: datetime | None = None
    """Until when it has to be done."""
    at_stake: Money | None = None
    acts: tuple[Act, ...] = ()
    pane: Pane | None = None


Waiting: TypeAlias = Callable[[User], Iterable[Item]]


@dataclass(frozen=True)
class Lane:
    """Things of one kind that wait for someone."""

    key: str
    title: str | Promise
    order: int
    waiting: Waiting


_lanes: dict[str, Lane] = {}


def lane(key: str, title: str | Promise, order: int) -> Callable[[Waiting], Waiting]:
    """This function gives what waits for a person in this lane."""

    def register(waiting: Waiting) -> Waiting:
        _lanes[key] = Lane(key, title, order, waiting)
        return waiting

    return register


def lanes_of(user: User) -> list[tuple[Lane, list[Item]]]:
    """Every lane with what waits for this person, in the order of the lanes."""
    lanes = sorted(_lanes.values(), key=lambda one: one.order)
    return [(one, list(one.waiting(user))) for one in lanes]
