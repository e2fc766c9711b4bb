"""What a message about a notice lets its reader do at once; parts say it for their own events.

A private address belongs to one person, so whoever delivers a notice asks for its buttons just
before. A group is read by many: what stands there leads to a page that asks who one is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from muster.team.notices.models import Notice


@dataclass(frozen=True)
class Button:
    """Something to do about a notice."""

    text: str
    """English, marked for translation."""
    url: str
    """A full address; a private one works without signing in. Opening it never does the thing:
    the programs that look through mail follow every link."""


ButtonsOf: TypeAlias = Callable[[Notice, bool], Iterable[Button]]
_known: dict[str, ButtonsOf] = {}


def buttons(*events: str) -> Callable[[ButtonsOf], ButtonsOf]:
    """This function gives the buttons of notices of these kinds: `(notice, private)`."""

    def register(found: ButtonsOf) -> ButtonsOf:
        for event in events:
            _known[event] = found
        return found

    return register


def buttons_of(notice: Notice, *, private: bool) -> list[Button]:
    """What the message about this notice lets its reader do; `private`: nobody else reads it."""
    found = _known.get(notice.event)
    return list(found(notice, private)) if found else []
