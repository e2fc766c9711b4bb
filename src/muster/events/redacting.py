"""Takes people out of the event log (PE1, PE3): who they were goes, what counts stays.

A line is written over in its place, with one of the same length: positions in the log stay true,
and whoever reads or appends meanwhile never sees half a file. What is left is what results need:
which event, when, in which campaign, for how much.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from muster.events.shape import NO_IDS, OURS, iso
from muster.events.spool import positions

_READ = 8 * 1024 * 1024
_OF_THE_CALL = ("type", "event", "messageId", "timestamp")
_VALUE = re.compile(rb'(?:"(?:[^"\\]|\\.)*"|(?<![\w.+-])\d{7,15}(?![\w.]))(\s*:)?')
"""A text or a long whole number of JSON; what a colon follows is the name of a member."""
_KEPT = ("order_id", "revenue", "total", "currency", "discount", "channel", "purpose", "actor")


class _Call(msgspec.Struct, gc=False):
    userId: Any = None  # noqa: N815
    anonymousId: Any = None  # noqa: N815
    previousId: Any = None  # noqa: N815
    traits: Any = None
    context: Any = None
    properties: msgspec.Raw = msgspec.Raw()


class _Line(msgspec.Struct, gc=False):
    at: str
    e: _Call
    source: str = msgspec.field(name="from")


@dataclass(frozen=True)
class Said:
    """Who a line says it is about."""

    external_id: str
    email: str
    phone: str
    person_id: int | None
    """A number that we gave; believed of our own lines only."""

    @property
    def is_somebody(self) -> bool:
        return any((self.external_id, self.email, self.phone, self.person_id))


_decode = msgspec.json.Decoder(_Line).decode


def redact(
    folder: Path,
    before: datetime,
    means: Callable[[Said], bool],
    is_address: Callable[[str], bool] = lambda text: False,
) -> int:
    """Empty every line up to that moment that is about them; how many lines.

    Visits on the devices on which they said who they are belong to them too, as far as nobody
    else says so on the same line. Where a property of somebody else's event is nothing but an
    address or phone of theirs (`is_address`), that value goes.
    """
    until = iso(before)
    devices: set[str] = set()

    def is_theirs(said: Said, on: list[str]) -> bool:
        theirs = said.is_somebody and means(said)
        if theirs:
            devices.update(on)
        return theirs

    def is_on_their_device(said: Said, on: list[str]) -> bool:
        return not said.is_somebody and not devices.isdisjoint(on)

    found = _empty(folder, until, is_theirs, is_address)
    return found + (_empty(folder, until, is_on_their_device) if devices else 0)


def addresses_in(text: str, is_address: Callable[[str], bool]) -> set[str]:
    """The values in this JSON, as they are written there, that are such an address or phone."""
    return {value.decode() for value in _values(text.encode()) if _is_one(value, is_address)}


def _values(text: bytes) -> list[bytes]:
    """Texts and long numbers, but no names of members; each as it is written."""
    return [found[0] for found in _VALUE.finditer(text) if not found[1]]


def _is_one(value: bytes, is_address: Callable[[str], bool]) -> bool:
    return is_address(str(msgspec.json.decode(value)) if value[:1] == b'"' else value.decode())


def _without_addresses(
    line: bytes, properties: bytes, is_address: Callable[[str], bool]
) -> bytes | None:
    """The line with null where such a value was, as long as before; None if there is none."""

    def over(found: re.Match[bytes]) -> bytes:
        value = found[0]
        return value if found[1] or not _is_one(value, is_address) else b"null".ljust(len(value))

    left = _VALUE.sub(over, properties)
    return line.replace(properties, left) if left != properties else None


def _empty(
    folder: Path,
    until: str,
    asks: Callable[[Said, list[str]], bool],
    is_address: Callable[[str], bool] = lambda text: False,
) -> int:
    """Write over the lines for which it holds, and over such values in the others."""
    found = 0
    for end in positions(folder):
        descriptor = os.open(folder / end.segment, os.O_RDWR)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            place, rest = 0, b""
            while data := file.read(_READ):
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    read = _read(line, until)
                    if read is not None:
                        said, devices, properties = read
                        new = (
                            _emptied(line)
                            if asks(said, devices)
                            else _without_addresses(line, properties, is_address)
                        )
                        if new is not None:
                            os.pwrite(descriptor, new, place)
                            found += 1
                    place += len(line) + 1
            os.fsync(descriptor)
    return found


def _read(line: bytes, until: str) -> tuple[Said, list[str], bytes] | None:
    try:
        read = _decode(line)
    except msgspec.MsgspecError:
        return None
    if read.at > until:
        return None
    call = read.e
    traits = call.traits if isinstance(call.traits, dict) else {}
    context = call.context if isinstance(call.context, dict) else {}
    own = context.get("muster")
    number = own.get("person_id") if read.source == OURS and isinstance(own, dict) else None
    said = Said(
        external_id=_id(call.userId),
        email=_text(traits.get("email")),
        phone=_text(traits.get("phone")),
        person_id=number if isinstance(number, int) else None,
    )
    devices = [text for text in map(_id, (call.anonymousId, call.previousId)) if text]
    return said, devices, bytes(call.properties)


def _id(value: object) -> str:
    text = _text(value)
    return "" if text.strip().lower() in NO_IDS else text


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _emptied(line: bytes) -> bytes:
    """The line without who it was about, as long as before."""
    head, mark, body = line.partition(b'"e":')
    event = msgspec.json.decode(body[:-1])
    context = event.get("context") if isinstance(event.get("context"), dict) else {}
    properties = event.get("properties") if isinstance(event.get("properties"), dict) else {}
    left = {
        name: event[name] for name in ("type", "event", "messageId", "timestamp") if event.get(name)
    }
    surroundings = {name: context[name] for name in ("campaign", "muster") if name in context}
    kept = {name: properties[name] for name in _KEPT if name in properties}
    more = {"context": surroundings} if surroundings else {}
    for one in (
        {**left, **more, "properties": kept},
        {**left, "properties": kept},
        left,
        {"type": "track"},
    ):
        text = head + mark + msgspec.json.encode(one)
        if len(text) < len(line):
            return text + b" " * (len(line) - len(text) - 1) + b"}"
    return b" " * len(line)
