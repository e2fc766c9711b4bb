"""What waits for a person (S02): every part adds its own lanes to My work.

A lane is a function of the person in `<part>/work.py`; it gives what waits for them, worst first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.utils.functional import Promise

from muster.team.users.models import User


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
