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

from muster.events.shape import NO_IDS, OURS
from muster.events.spool import positions
from muster.kit.disk import sync

_OF_WHOM = ("userId", "anonymousId")


@dataclass
class Expired:
    """What became of the lines."""

    removed: int = 0
    traces: set[int] = field(default_factory=set)
    """Ids of events of which only stays who was seen when."""
    whole: set[int] = field(default_factory=set)
    """Ids of events that stay as they are: too short to say less, or without an id in the log."""
    unnamed: list[bytes] = field(default_factory=list)
    """Lines that stay since they do not say by which id the warehouse knows them."""
    segments: int = 0


class _Call(msgspec.Struct, gc=False):
    type: Any = None
    messageId: Any = None  # noqa: N815
    userId: Any = None  # noqa: N815
    anonymousId: Any = None  # noqa: N815
    previousId: Any = None  # noqa: N815
    context: msgspec.Raw = msgspec.Raw(b"null")
    properties: msgspec.Raw = msgspec.Raw(b"null")


class _Line(msgspec.Struct, gc=False):
    e: _Call
    source: str = msgspec.field(name="from", default="")
    actor: str = ""


@dataclass(frozen=True)
class _Owner:
    """Whom a line says that its device belongs to."""

    name: str
    """Empty where it may be anybody, of whom it tells an address."""
    is_machine: bool
    """Machines make nobody known: their word counts only of people who are."""

    def is_said_by(self, before: _Owner | None) -> bool:
        """Whether nothing changes by this after that."""
        return (
            before is not None
            and self.name == before.name != ""
            and (self.is_machine or not before.is_machine)
        )


_decode = msgspec.json.Decoder(_Line).decode


def event_id(message_id: str) -> int:
    """The id by which the warehouse knows the event."""
    return int.from_bytes(md5(message_id.encode(), usedforsecurity=False).digest(), "little")


def expire(folder: Path, ids: Collection[int], traces: Collection[int]) -> Expired:
    """Empty the lines of these events.

    Of those in `traces`, and of lines by which a device changes hands, stays who was seen when: it
    would not be known any more otherwise whose devices are, nor since when somebody is known.
    """
    left = _Left(ids, traces)
    done = left.done
    for end in positions(folder):
        path = folder / end.segment
        with suppress(FileNotFoundError), path.open("r+b", buffering=0) as file:
            read, is_empty = _expire(file.fileno(), left)
            if is_empty and _is_over(file.fileno(), read):
                path.unlink()
                done.segments += 1
    if done.segments:
        sync(folder)
    return done


def _expire(descriptor: int, left: _Left) -> tuple[int, bool]:
    """How many bytes of the segment were read, and whether nothing is left of them."""
    place, is_empty = 0, True
    with os.fdopen(os.dup(descriptor), "rb") as lines:
        for line in lines:
            if line.strip():
                new = left.of(line)
                if new is not None:
                    os.pwrite(descriptor, new, place)
                is_empty = is_empty and new is not None and not new.strip()
            place += len(line)
    os.fsync(descriptor)
    return place, is_empty


class _Left:
    """What is left of the lines of the log, which are asked about in their order."""

    def __init__(self, ids: Collection[int], traces: Collection[int]) -> None:
        self.done = Expired()
        self._ids = ids
        self._traces = traces
        self._owners: dict[str, _Owner] = {}
        """Device → what the last line that stays says of it."""

    def of(self, line: bytes) -> bytes | None:
        """What stands in its place from now on, as long as before; None where it stays as it is."""
        text = line.rstrip(b"\n")
        try:
            read = _decode(text)
        except msgspec.MsgspecError:
            self.done.unnamed.append(line)
            return None
        own_id = read.e.messageId
        if not isinstance(own_id, str) or not own_id:
            self.done.unnamed.append(line)
            self._link(read)
            return None
        number = event_id(own_id)
        if number not in self._ids:
            self._link(read)
            return None
        if number not in self._traces and not self._links_anew(read):
            self.done.removed += 1
            return b" " * len(text) + line[len(text) :]
        self._link(read)
        new = _trace(text)
        if new is None:
            self.done.whole.add(number)
            return None
        self.done.traces.add(number)
        return new + line[len(text) :]

    def _link(self, read: _Line) -> None:
        """Remember whose the device of a line that stays is from here on."""
        devices = _devices(read.e)
        owner = _owner(read) if devices else None
        if owner is not None:
            for device in devices:
                if not owner.is_said_by(self._owners.get(device)):
                    self._owners[device] = owner

    def _links_anew(self, read: _Line) -> bool:
        """Whether the line says of its device what the lines before it do not."""
        devices = _devices(read.e)
        owner = _owner(read) if devices else None
        return owner is not None and any(
            not owner.is_said_by(self._owners.get(device)) for device in devices
        )


def _devices(call: _Call) -> list[str]:
    said = (call.anonymousId, call.previousId if call.type == "alias" else None)
    return [text for text in map(_id, said) if text]


def _owner(read: _Line) -> _Owner | None:
    """Whom the line is about, in the words by which the warehouse finds them."""
    actor, name = read.actor, _id(read.e.userId)
    if read.source == OURS:
        own = _member(read.e.context, "muster")
        number = own.get("person_id") if isinstance(own, dict) else None
        # A number that we gave is believed before anything else, and is no id of theirs.
        name = f"{OURS}:{number}" if number is not None else name
        actor = actor or str(_member(read.e.properties, "actor") or "")
    if not name and read.e.type != "identify":
        return None
    return _Owner(name, actor == "machine")


def _member(said: msgspec.Raw, name: str) -> Any:
    found = msgspec.json.decode(said)
    return found.get(name) if isinstance(found, dict) else None


def _id(value: object) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return "" if text.strip().lower() in NO_IDS else text


def _trace(text: bytes) -> bytes | None:
    """Who was seen when, as long as the line; None where the line says no more than that."""
    head, mark, body = text.partition(b'"e":')
    event = msgspec.json.decode(body[:-1])
    left: dict[str, Any] = {
        "type": "identify",
        "messageId": event["messageId"],
        **{name: event[name] for name in _OF_WHOM if event.get(name)},
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
    new = head + mark + msgspec.json.encode(left)
    if len(new) >= len(text):
        return None
    return new + b" " * (len(text) - len(new) - 1) + b"}"


def _is_over(descriptor: int, read: int) -> bool:
    """Whether no writer holds the segment any more, nor wrote to it after so much was read."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    # One that was only just made is not held yet.
    return 0 < read == os.fstat(descriptor).st_size
