"""The send journal (CH9): what a sender was doing, in a file that survives its death.

One file a sender, `DATA/journal/<owner>.log`, appended only, locked while its sender lives:

    m 1 BOOT            which start of the machine this is
    c ID.ATTEMPT …      messages claimed, on disk before the first of them begins
    b ID.ATTEMPT        begun: written before the first byte of the message goes out
    e ID.ATTEMPT STATE REASON CODE TIME TEXT    ended: written as soon as the answer is there
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from muster.kit.disk import sync

Piece = tuple[int, int]
"""A recipient and the number of the attempt."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_ROLL_BYTES = 64 * 1024 * 1024


def boot() -> str:
    """Which start of the machine this is; the same for every process until the next one."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return "unknown"


def new_owner() -> str:
    """A name for a sender that no other ever had."""
    host = "".join(c for c in socket.gethostname().lower() if c.isalnum())[:20] or "host"
    return f"{host}-{datetime.now(UTC):%Y%m%d%H%M%S}-{os.getpid()}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class Ending:
    """How an attempt ended."""

    state: str
    reason: str
    code: int
    answer: str
    at: datetime


@dataclass
class Account:
    """What the journal of one sender tells."""

    same_boot: bool
    """Whether the machine has not started anew since; else the last lines may be missing."""
    claimed: set[Piece] = field(default_factory=set)
    begun: set[Piece] = field(default_factory=set)
    ended: dict[Piece, Ending] = field(default_factory=dict)

    def of(self, piece: Piece) -> Ending | str:
        """How the attempt ended, or `begun`, or `not_begun`.

        After a break of the machine a claimed attempt counts as begun unless its end is written:
        only the claim was certainly on disk.
        """
        ending = self.ended.get(piece)
        if ending is not None:
            return ending
        if piece in self.begun or (not self.same_boot and piece in self.claimed):
            return "begun"
        return "not_begun"


class Journal:
    """The journal of this sender."""

    def __init__(self, folder: Path, owner: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.owner = owner
        self.path = _path(folder, owner)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND
        self._file = os.open(self.path, flags, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._length = self._put(f"m 1 {boot()}\n")
        os.fsync(self._file)
        sync(folder)

    @property
    def is_long(self) -> bool:
        """Whether it is time to go on in a new file, under a new owner's name."""
        return self._length > _ROLL_BYTES

    def claim(self, pieces: Sequence[Piece]) -> None:
        """These messages are ours; returns when that is on disk."""
        self._put("c " + " ".join(f"{number}.{attempt}" for number, attempt in pieces) + "\n")
        os.fdatasync(self._file)

    def begin(self, piece: Piece) -> None:
        """The first byte of this message goes out next."""
        self._put(f"b {piece[0]}.{piece[1]}\n")

    def end(self, piece: Piece, ending: Ending) -> None:
        """The answer for this message is there."""
        text = " ".join(ending.answer.split())[:200]
        self._put(
            f"e {piece[0]}.{piece[1]} {ending.state} {ending.reason or '-'} {ending.code}"
            f" {ending.at.timestamp():.6f} {text}\n"
        )

    def close(self) -> None:
        """Let go of the file; its rows must be settled by then."""
        os.close(self._file)

    def _put(self, line: str) -> int:
        data = line.encode()
        if os.write(self._file, data) != len(data):
            raise OSError("The send journal could not be written: the disk may be full.")
        self._length = getattr(self, "_length", 0) + len(data)
        return self._length


def is_alive(folder: Path, owner: str) -> bool | None:
    """Whether the sender of that name still runs; None if its journal is not on this machine."""
    try:
        file = os.open(_path(folder, owner), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def read(folder: Path, owner: str) -> Account:
    """What the sender of that name was doing; a torn last line is left out."""
    lines = _path(folder, owner).read_bytes().split(b"\n")
    account = Account(same_boot=False)
    # What follows the last line end is nothing, or a line that death cut short.
    for raw in lines[:-1]:
        kind, _space, rest = raw.decode("utf-8", "replace").partition(" ")
        if kind == "m":
            account.same_boot = rest.split(" ")[-1] == boot() != "unknown"
        elif kind == "c":
            account.claimed.update(map(_piece, rest.split()))
        elif kind == "b":
            account.begun.add(_piece(rest))
        elif kind == "e":
            piece, state, reason, code, at, *text = rest.split(" ", 5)
            account.ended[_piece(piece)] = Ending(
                state=state,
                reason="" if reason == "-" else reason,
                code=int(code),
                answer=" ".join(text),
                at=datetime.fromtimestamp(float(at), UTC),
            )
    return account


def silence(folder: Path, recipients: Collection[int]) -> int:
    """Write spaces over what the servers said about these recipients; how many answers.

    In its place, so that a sender may go on writing at the end.
    """
    silenced = 0
    for path in folder.glob("*.log"):
        data, start = path.read_bytes(), 0
        file = os.open(path, os.O_WRONLY)
        try:
            for line in data.split(b"\n")[:-1]:
                parts = line.split(b" ", 6)
                is_answer = parts[0] == b"e" and len(parts) == 7 and bool(parts[6].strip())
                if is_answer and int(parts[1].partition(b".")[0]) in recipients:
                    os.pwrite(file, b" " * len(parts[6]), start + len(line) - len(parts[6]))
                    silenced += 1
                start += len(line) + 1
            os.fsync(file)
        finally:
            os.close(file)
    return silenced


def forget(folder: Path, owners: Iterable[str]) -> None:
    """Remove the journals of senders that are gone and settled."""
    for owner in owners:
        _path(folder, owner).unlink(missing_ok=True)


def owners(folder: Path) -> list[str]:
    """The senders that have a journal here, oldest first."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime)
    return [path.stem for path in files]


def _path(folder: Path, owner: str) -> Path:
    return folder / f"{owner}.log"


def _piece(text: str) -> Piece:
    number, _dot, attempt = text.partition(".")
    return int(number), int(attempt)
