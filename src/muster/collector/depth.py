"""How deeply JSON is nested, told without reading it: readers give up where it is very deep."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_LEVELS = 100
"""An event may be nested so deeply: itself is the first level."""
_READABLE = 2 * MOST_LEVELS
"""What lies deeper in a request can be cut off: what holds it is too deep all the same."""
_SIGN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def is_too_deep(event: bytes) -> bool:
    """Whether the event has more than `MOST_LEVELS`."""
    # Nearly all events are small, and counting takes no time.
    if may_be_too_deep(event):
        return any(level > MOST_LEVELS for level, _place in _levels(event))
    return False


def may_be_too_deep(body: bytes) -> bool:
    """No is certain: there is not enough in it to be nested."""
    return body.count(b"{") + body.count(b"[") > MOST_LEVELS


def cut(body: bytes) -> bytes:
    """The body without what is nested so deeply that nobody can read it."""
    kept: list[bytes] = []
    begin, before = 0, 0
    for level, place in _levels(body):
        if before <= _READABLE < level:
            kept += body[begin:place], b"0"
        elif level <= _READABLE < before:
            begin = place + 1
        before = level
    if before <= _READABLE:
        kept.append(body[begin:])
    return b"".join(kept)


def _levels(body: bytes) -> Iterator[tuple[int, int]]:
    """(level from there on, place) of each bracket; those inside texts are none."""
    level = 0
    for sign in _SIGN.finditer(body):
        first = body[sign.start()]
        if first in b"[{":
            level += 1
            yield level, sign.start()
        elif first in b"]}":
            level -= 1
            yield level, sign.start()
