"""What a message about a notice lets its reader do at once; parts say it for their own events.

The address belongs to one person: whoever delivers a notice asks for its buttons just before.
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
    """A full address that works without signing in."""


ButtonsOf: TypeAlias = Callable[[Notice], Iterable[Button]]
_known: dict[str, ButtonsOf] = {}


def buttons(*events: str) -> Callable[[ButtonsOf], ButtonsOf]:
    """This function gives the buttons of notices of these kinds."""

    def register(found: ButtonsOf) -> ButtonsOf:
        for event in events:
            _known[event] = found
        return found

    return register


def buttons_of(notice: Notice) -> list[Button]:
    """What the message about this notice lets its reader do."""
    found = _known.get(notice.event)
    return list(found(notice)) if found else []
