"""The event log: an event is kept once it is on disk, and only then is it acknowledged (TR1, PF3).

A line is `{"at": received, "from": source, "e": the event as it was sent}`. Each writer owns its
segment files and always begins a new one, so a torn last line of a killed writer stays harmless.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from muster.events.shape import iso
from muster.kit import clock
from muster.kit.disk import sync
from muster.kit.errors import Unavailable

SEGMENT_BYTES = 64 * 1024 * 1024
_SEGMENT = re.compile(r"^(?P<writer>[a-z0-9_]+)-(?P<start>\d+)-(?P<n>\d+)\.ndjson$")
# As numbers: looking for bytes takes ten times as long as looking for one byte.
_LINE_FEED, _CARRIAGE_RETURN = b"\n\r"
_NO_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")
_PIECES_AT_ONCE = 1000
"""The system takes no more than 1024 at once."""
_ENOUGH = 50
"""Requests that make a group worth its price, which is about that of handling five of them."""
_TURNS = 3
"""So many turns of the event loop a smaller group is held open: those who were just answered are
likely to send again."""


class SpoolFull(Unavailable):
    """The disk does not take the events; nothing of them was kept."""


@dataclass(frozen=True, order=True)
class Position:
    """A place in the log: everything of the segment before this byte."""

    segment: str
    offset: int


def is_segment(name: str) -> bool:
    """Whether a file of this name is a segment."""
    return _SEGMENT.match(name) is not None


def positions(folder: Path) -> list[Position]:
    """The end of each segment as it is now, oldest segment first."""
    if not folder.is_dir():
        return []
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _SEGMENT.match(entry.name):
                # A segment in which nothing came to stand is gone again at once.
                with suppress(FileNotFoundError):
                    found.append(Position(entry.name, entry.stat().st_size))
    return sorted(found, key=lambda position: _age(position.segment))


def lines(
    at: str,
    source: str,
    events: Sequence[bytes | msgspec.Raw],
    actor: str | Sequence[str] = "",
) -> bytes:
    """The lines of some events, which are JSON without line ends (see `on_one_line`).

    The bytes of an event are kept as they are. `at` is written by `iso`; `source` and `actor` are
    words of ours; `actor` is that of all events, or of each.
    """
    if not events:
        return b""
    if actor and not isinstance(actor, str):
        each = zip(events, actor, strict=True)
        return b"".join(lines(at, source, [event], of_it) for event, of_it in each)
    who = f',"actor":"{actor}"' if actor else ""
    head = f'{{"at":"{at}","from":"{source}"{who},"e":'.encode()
    if len(events) == 1:
        return b"%b%b}\n" % (head, events[0])
    return head + (b"}\n" + head).join(events) + b"}\n"


def on_one_line(event: bytes) -> bytes:
    """The same JSON without line ends: they are mere space, since inside a text none can stand."""
    if _LINE_FEED in event or _CARRIAGE_RETURN in event:
        return event.translate(_NO_LINE_ENDS)
    return event


class SpoolWriter:
    """Appends lines to the segments of one writer; safe to use from many threads."""

    def __init__(self, folder: Path, writer: str, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        if not re.fullmatch(r"[a-z0-9_]+", writer):
            raise ValueError(f"{writer!r} may have small letters, digits and _ only")
        self.folder = folder
        self.writer = writer
        self._segment_bytes = segment_bytes
        self._start = clock.now().strftime("%Y%m%d%H%M%S%f")
        self._number = 0
        self._lock = threading.Lock()
        self._file = -1
        self._name = ""
        self._length = 0
        self._begun = 0.0

    def append(self, source: str, events: Sequence[bytes]) -> Position:
        """Write the events (JSON) and return when they are on disk.

        Raises SpoolFull when the disk does not take them; then none of them is kept.
        """
        return self.append_lines(lines(iso(clock.now()), source, [on_one_line(e) for e in events]))

    def append_lines(self, *data: bytes) -> Position:
        """Write pieces of whole lines and return when all are on disk; raises SpoolFull."""
        with self._lock:
            try:
                if self._file < 0 or self._length >= self._segment_bytes:
                    self._begin_segment()
                length = self._write(data)
            except OSError as error:
                self._give_up_segment()
                raise SpoolFull(f"{self.folder}: {error.strerror}") from error
            self._length += length
            return Position(self._name, self._length)

    def close(self) -> None:
        """Let go of the file; the next append begins a new segment."""
        with self._lock:
            self._close_file()

    def let_go(self, seconds: float) -> None:
        """Close a segment that was begun so long ago: it is over, and may be carried away whole."""
        with self._lock:
            if self._file >= 0 and time.monotonic() - self._begun > seconds:
                self._close_file()

    def _write(self, pieces: Sequence[bytes]) -> int:
        """Write and sync; how many bytes it were."""
        length = 0
        for begin in range(0, len(pieces), _PIECES_AT_ONCE):
            length += self._write_some(pieces[begin : begin + _PIECES_AT_ONCE])
        os.fdatasync(self._file)
        return length

    def _write_some(self, pieces: Sequence[bytes]) -> int:
        length = sum(map(len, pieces))
        # Not put together first: a group may be megabytes, and copying costs what writing costs.
        written = os.writev(self._file, pieces) if len(pieces) > 1 else 0
        if written < length:
            data = memoryview(b"".join(pieces))
            while written < length:
                written += os.write(self._file, data[written:])
        return length

    def _begin_segment(self) -> None:
        self._close_file()
        self.folder.mkdir(parents=True, exist_ok=True)
        while self._file < 0:
            self._number += 1
            self._name = f"{self.writer}-{self._start}-{self._number:06d}.ndjson"
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND
            with suppress(FileExistsError):
                self._file = os.open(self.folder / self._name, flags, 0o640)
        # Says to others that the segment is not over; not every file system can say it.
        with suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_SH)
        self._length = 0
        self._begun = time.monotonic()
        sync(self.folder)

    def _give_up_segment(self) -> None:
        # A reader may already hold a position in what is cut off here, so the file is never
        # written again: the next append begins a new one. One that holds nothing goes, or a disk
        # that stays full would gather one for each refusal.
        if self._file >= 0:
            with suppress(OSError):
                os.ftruncate(self._file, self._length)
                os.fdatasync(self._file)
                if not self._length:
                    (self.folder / self._name).unlink(missing_ok=True)
        self._close_file()

    def _close_file(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            # What had to be on disk is synced; a disk that fails now must not end the writer.
            with suppress(OSError):
                os.close(file)


class GroupCommit:
    """Puts the lines of many requests on disk together; serves one event loop.

    There is no timer: the next group is what arrived while the last was being written and answered.
    """

    def __init__(self, writer: SpoolWriter) -> None:
        self._writer = writer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._at = ""
        self._lines: list[bytes] = []
        self._waiting: list[asyncio.Future[Position]] = []
        self._loop: asyncio.AbstractEventLoop
        self._busy: asyncio.Task[None] | None = None

    def append(
        self,
        source: str,
        events: Sequence[bytes | msgspec.Raw],
        actor: str | Sequence[str] = "",
    ) -> asyncio.Future[Position]:
        """Done when these events, of which none has line ends, are on disk (see `lines`).

        Fails with SpoolFull and then keeps none. What is written together was received together.
        """
        if not self._lines:
            self._at = iso(clock.now())
            self._loop = asyncio.get_running_loop()
        self._lines.append(lines(self._at, source, events, actor))
        done: asyncio.Future[Position] = self._loop.create_future()
        self._waiting.append(done)
        if self._busy is None:
            self._busy = self._loop.create_task(self._write_groups())
        return done

    async def close(self) -> None:
        """Wait for what is under way."""
        if self._busy is not None:
            await self._busy
        self._thread.shutdown()
        self._writer.close()

    async def _write_groups(self) -> None:
        try:
            while self._lines:
                waiting, self._waiting = self._waiting, []
                lines_of_all, self._lines = self._lines, []
                try:
                    written = self._loop.run_in_executor(
                        self._thread, self._writer.append_lines, *lines_of_all
                    )
                    # What is written is let go at once, for the lines that are made meanwhile.
                    del lines_of_all
                    place = await written
                except SpoolFull as error:
                    _tell(waiting, error)
                except Exception as error:  # noqa: BLE001 - whoever waits has to be answered
                    _tell(waiting, SpoolFull(str(error)))
                else:
                    _tell(waiting, place)
                for _turn in range(_TURNS):
                    if len(self._lines) < _ENOUGH:
                        await asyncio.sleep(0)
        finally:
            self._busy = None


def _tell(waiting: Sequence[asyncio.Future[Position]], outcome: Position | SpoolFull) -> None:
    for future in waiting:
        # Whoever went away while waiting needs no answer.
        if future.done():
            continue
        if isinstance(outcome, Position):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)


def _age(segment: str) -> tuple[str, str, int]:
    parts = _SEGMENT.match(segment)
    return (parts["start"], parts["writer"], int(parts["n"])) if parts else ("", "", 0)
