"""The log of erasures (PE3): who was erased, kept outside of what a restore puts in the place.

A backup of before knows the people again; by this log they are recognised and erased anew. It
holds keyed hashes only, of the records as of the ids and addresses, and is of use to nobody
without the key of this installation.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings

from muster.people.identity.erasing import addresses_of, hashes_of
from muster.people.profile.hashing import ADDRESS_OF_CHANNEL, address_hash
from muster.people.profile.models import Person

SUPPRESSED = ("email", "sms")
"""The channels on which addresses of erased people get nothing more."""


@dataclass(frozen=True)
class Erasure:
    """One person who was erased, with everybody who was merged into them."""

    at: datetime
    records: list[str]
    """Marks of the records."""
    known_by: list[str]
    """Of every id, address and phone."""
    addresses: dict[str, list[str]]
    """Channel → those that get nothing more there."""


_decode = msgspec.json.Decoder(Erasure).decode


def note(people: Sequence[int], *, at: datetime) -> None:
    """Write down that these records, all of one person, are erased; they are not empty yet.

    It is on disk when this returns: sooner erased twice than found again after a restore.
    """
    rows = Person.objects.filter(pk__in=people).values_list("pk", "created_at")
    mark = _marker()
    erasure = Erasure(
        at,
        [mark(*row) for row in rows],
        sorted({found for _person, found in hashes_of(people)}),
        {
            channel: sorted(
                address_hash(ADDRESS_OF_CHANNEL[channel], address)
                for address in addresses_of(people, ADDRESS_OF_CHANNEL[channel])
            )
            for channel in SUPPRESSED
        },
    )
    _append([msgspec.json.encode(erasure)])


def erased_since(moment: datetime) -> list[Erasure]:
    """What was erased after that moment."""
    found = (_decode(line) for line in _lines(settings.DATA.erasures) if line.endswith(b"}"))
    return [erasure for erasure in found if erasure.at > moment]


def known_again(erasures: Iterable[Erasure]) -> list[list[int]]:
    """Per erasure the records of it that are there and not empty.

    A number alone would not tell: after a restore it is given away a second time.
    """
    places: dict[str, list[int]] = {}
    found: list[list[int]] = []
    for place, erasure in enumerate(erasures):
        found.append([])
        for record in erasure.records:
            places.setdefault(record, []).append(place)
    mark = _marker()
    rows = Person.objects.filter(erased_at=None).values_list("pk", "created_at")
    for row in rows.iterator(chunk_size=10_000) if places else ():
        for place in places.get(mark(*row), ()):
            found[place].append(row[0])
    return found


def take_over(path: Path) -> None:
    """Add what another log of erasures knows, such as the one in a backup."""
    have = set(_lines(settings.DATA.erasures))
    _append(line for line in _lines(path) if line not in have)


def _marker() -> Callable[[int, datetime], str]:
    """What tells a record: its number together with the moment at which it was made."""
    key = settings.DATA.key("erasures")

    def mark(number: int, made_at: datetime) -> str:
        said = f"{number} {made_at.timestamp():.6f}".encode()
        return hmac.digest(key, said, hashlib.sha256).hex()[:32]

    return mark


def _lines(path: Path) -> Iterator[bytes]:
    """Whole lines: one that a crash cut off belongs to an erasure that never came to be."""
    if path.is_file():
        *whole, _rest = path.read_bytes().split(b"\n")
        yield from filter(None, whole)


def _append(lines: Iterable[bytes]) -> None:
    text = b"".join(line + b"\n" for line in lines)
    if not text:
        return
    descriptor = os.open(settings.DATA.erasures, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            text = b"\n" + text
        os.write(descriptor, text)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
