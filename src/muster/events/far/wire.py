"""What machines say to each other about the log: slices of segments, and how far the owner came.

Everything is signed with a key of the installation. Whoever reaches the NATS without it can
neither slip events in, nor make a machine believe that the owner has what it has not.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from muster.events.spool import is_segment

STREAM = "MUSTER_LOG"
CONSUMER = "owner"
SUBJECTS = "muster.log.*"
ASKING = "muster.log.have.*"
SLICE_BYTES = 512 * 1024
_MACHINE = re.compile(r"[0-9a-f]{16}")
_COPY = re.compile(r"m[0-9a-f]{16}_")


class Foreign(ValueError):
    """It was not said by this installation, or was changed on the way."""


@dataclass(frozen=True)
class Slice:
    """Some bytes of a segment of a machine."""

    machine: str
    segment: str
    start: int
    data: bytes

    @property
    def end(self) -> int:
        return self.start + len(self.data)

    @property
    def subject(self) -> str:
        return f"muster.log.{self.machine}"

    def headers(self, key: bytes, attempt: int) -> dict[str, str]:
        """What travels with the bytes.

        The stream drops what has the same id, so a slice that has to come again is a new attempt,
        and no stranger can take the id of one that has not come yet.
        """
        signature = self._signature(key)
        place = f"{self.machine}/{self.segment}/{self.start}/{self.end}/{attempt}"
        return {
            "Nats-Msg-Id": f"{place}/{signature[:16]}",
            "Muster-Segment": self.segment,
            "Muster-Start": str(self.start),
            "Muster-Signature": signature,
        }

    @classmethod
    def read(
        cls, key: bytes, subject: str, headers: Mapping[str, str] | None, data: bytes
    ) -> Slice:
        """The slice that a message brings; raises Foreign."""
        said = headers or {}
        segment, start = said.get("Muster-Segment", ""), said.get("Muster-Start", "")
        machine = subject.rpartition(".")[2]
        if not (is_machine(machine) and is_segment(segment)) or len(segment) > 200:
            raise Foreign("no segment of a machine")
        if not re.fullmatch(r"[0-9]{1,18}", start) or not data:
            raise Foreign("no bytes at a place")
        slice_ = cls(machine, segment, int(start), data)
        signature = said.get("Muster-Signature", "").encode()
        if not hmac.compare_digest(signature, slice_._signature(key).encode()):
            raise Foreign("another secret")
        return slice_

    def _signature(self, key: bytes) -> str:
        place = f"{self.machine}\0{self.segment}\0{self.start}\0".encode()
        return hmac.digest(key, place + self.data, hashlib.sha256).hex()


def is_machine(name: str) -> bool:
    """Whether a machine can be called that."""
    return _MACHINE.fullmatch(name) is not None


def copy_name(machine: str, segment: str) -> str:
    """How the owner calls its copy: a segment like any other, and of no other machine."""
    return f"m{machine}_{segment}"


def is_copy(segment: str) -> bool:
    """Whether it is the copy of another machine's segment."""
    return _COPY.match(segment) is not None


class Asked(msgspec.Struct, frozen=True):
    """How far did you come with these segments of mine?"""

    nonce: str
    segments: list[str]

    def encode(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def read(cls, data: bytes) -> Asked:
        """Raises Foreign."""
        try:
            return msgspec.json.decode(data, type=cls)
        except msgspec.MsgspecError as error:
            raise Foreign(str(error)) from error


class Have(msgspec.Struct, frozen=True):
    """So far, on disk; and whether there is more on the way that was not looked at yet."""

    nonce: str
    owner: str
    """The machine that answers."""
    lengths: dict[str, int]
    waiting: int | None = None
    """Messages that the stream has for the owner; None when it cannot tell."""

    def encode(self, key: bytes) -> bytes:
        body = msgspec.json.encode(self)
        return hmac.digest(key, body, hashlib.sha256).hex().encode() + b"\n" + body

    @classmethod
    def read(cls, key: bytes, data: bytes, nonce: str) -> Have:
        """Raises Foreign, also for the answer to another question."""
        signature, _line, body = data.partition(b"\n")
        if not hmac.compare_digest(
            signature, hmac.digest(key, body, hashlib.sha256).hex().encode()
        ):
            raise Foreign("another secret")
        try:
            have = msgspec.json.decode(body, type=cls)
        except msgspec.MsgspecError as error:
            raise Foreign(str(error)) from error
        if have.nonce != nonce:
            raise Foreign("the answer to another question")
        return have


def length_of(folder: Path, machine: str, segment: str) -> int:
    """How far the copy in this folder goes: the file's length is the position."""
    if not (is_machine(machine) and is_segment(segment)):
        return 0
    try:
        return (folder / copy_name(machine, segment)).stat().st_size
    except OSError:
        return 0
