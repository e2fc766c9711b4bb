"""Takes events out of the event log once they are older than is wanted (PE3).

A line is written over in its place, so positions in the log stay true; a segment of which nothing
is left goes as a whole, unless somebody still writes to it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import Any

import msgspec

from muster.events.spool import positions
from muster.kit.disk import sync

_OF_WHOM = ("userId", "anonymousId", "previousId")


@dataclass
class Expired:
    """What became of the lines."""

    removed: int = 0
    traces: set[int] = field(default_factory=set)
    """Ids of events of which only stays who was seen when."""
    whole: set[int] = field(default_factory=set)
    """Ids of events that stay as they are: too short to say less."""
    segments: int = 0


def event_id(message_id: str) -> int:
    """The id by which the warehouse knows the event."""
    return int.from_bytes(md5(message_id.encode(), usedforsecurity=False).digest(), "little")


def expire(folder: Path, ids: Collection[int], traces: Collection[int]) -> Expired:
    """Empty the lines of these events.

    Of those in `traces`, and of one line for each device that says whose it is, stays who was seen
    when: a device would not be known any more otherwise, nor since when somebody is.
    """
    done = Expired()
    linked: set[tuple[Any, ...]] = set()
    for end in positions(folder):
        path = folder / end.segment
        with suppress(FileNotFoundError), path.open("r+b", buffering=0) as file:
            if _expire(file.fileno(), ids, traces, linked, done) and _is_over(file.fileno()):
                path.unlink()
                done.segments += 1
    if done.segments:
        sync(folder)
    return done


def _expire(
    descriptor: int,
    ids: Collection[int],
    traces: Collection[int],
    linked: set[tuple[Any, ...]],
    done: Expired,
) -> bool:
    """Whether nothing is left of the segment."""
    place, is_empty = 0, True
    with os.fdopen(os.dup(descriptor), "rb") as lines:
        for line in lines:
            if line.strip():
                new = _left_of(line, ids, traces, linked, done)
                if new is not None:
                    os.pwrite(descriptor, new, place)
                is_empty = is_empty and new is not None and not new.strip()
            place += len(line)
    os.fsync(descriptor)
    return is_empty


def _left_of(
    line: bytes,
    ids: Collection[int],
    traces: Collection[int],
    linked: set[tuple[Any, ...]],
    done: Expired,
) -> bytes | None:
    """What stands in its place from now on, as long as before; None where it stays as it is."""
    text = line.rstrip(b"\n")
    head, mark, body = text.partition(b'"e":')
    try:
        event = msgspec.json.decode(body[:-1])
        number = event_id(event["messageId"])
    except (msgspec.MsgspecError, AttributeError, KeyError, TypeError):
        return None
    if number not in ids:
        return None
    end = line[len(text) :]
    of_whom = {name: event[name] for name in _OF_WHOM if event.get(name)}
    link = tuple(of_whom.items()) if len(of_whom) > 1 else None
    if number not in traces and (link is None or link in linked):
        done.removed += 1
        return b" " * len(text) + end
    left: dict[str, Any] = {
        "type": "identify",
        "messageId": event["messageId"],
        **of_whom,
        "traits": {},
    }
    if event.get("timestamp"):
        left["timestamp"] = event["timestamp"]
    context = event.get("context")
    if isinstance(context, dict) and "muster" in context:
        left["context"] = {"muster": context["muster"]}
    properties = event.get("properties")
    if isinstance(properties, dict) and "actor" in properties:
        left["properties"] = {"actor": properties["actor"]}
    if link is not None:
        linked.add(link)
    new = head + mark + msgspec.json.encode(left)
    if len(new) >= len(text):
        done.whole.add(number)
        return None
    done.traces.add(number)
    return new + b" " * (len(text) - len(new) - 1) + b"}" + end


def _is_over(descriptor: int) -> bool:
    """Whether no writer holds the segment any more."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
