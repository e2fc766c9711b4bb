"""Carries the log of this data folder to the owner of the warehouse on another machine.

The segments stay the truth of what was acknowledged: they are published slice by slice, the owner
is asked how far it came, and what it does not have though nothing is on the way comes again. One
process a folder carries, for all that write there; when it dies, another goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.js import JetStreamContext
from nats.js.errors import NoStreamResponseError

from muster.events.far.address import LogAddress
from muster.events.far.link import USUAL, Limits, Linked, Trouble, locked, log, stream
from muster.events.far.wire import SLICE_BYTES, Asked, Foreign, Have, Slice, is_copy
from muster.events.spool import SpoolWriter, positions

LOOK_SECONDS = 0.2
"""How often the folder is looked at for new lines."""
ASK_SECONDS = 2.0
STALL_SECONDS = 6.0
"""After this long the owner, with nothing on the way, does not have what was published."""
SEGMENT_SECONDS = 3600.0
"""A segment that is carried is over after this time, so that it can be deleted some day."""
HEADERS_BYTES = 4096
_ASKED_AT_ONCE = 500


@dataclass
class Progress:
    """How far one segment has come."""

    size: int = 0
    published: int = 0
    confirmed: int = 0
    looked: int = -1
    """Its size when no whole line was left to publish."""
    attempt: int = 0
    stalled: float | None = None

    @property
    def end(self) -> int:
        """Up to here it can be carried: the torn line of a killed writer stays."""
        return self.published if self.looked == self.size else max(self.size, self.published)

    @property
    def is_there(self) -> bool:
        """Whether the owner has all of it."""
        return self.confirmed >= self.end


class Carrier(Linked):
    """Carries the segments in `folder` while no owner of the warehouse holds it."""

    name = "carrier"

    def __init__(
        self,
        address: LogAddress,
        folder: Path,
        machine: str,
        key: bytes,
        *,
        state: Path,
        lock: Path,
        writer: SpoolWriter | None = None,
        is_owned: Callable[[], bool] = lambda: False,
        keep_seconds: float = 24 * 3600,
        limits: Limits = USUAL,
        ask_seconds: float = ASK_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        super().__init__(address, limits)
        self._folder = folder
        self._machine = machine
        self._key = key
        self._state = state
        self._lock = lock
        self._writer = writer
        self._is_owned = is_owned
        self._keep_seconds = keep_seconds
        self._ask_seconds = ask_seconds
        self._stall_seconds = stall_seconds
        self._segments: dict[str, Progress] = {}
        self._confirmed_at: str | None = None
        self._said = ""

    @property
    def waiting(self) -> int:
        """Bytes that the owner is not known to have."""
        return sum(max(0, one.end - one.confirmed) for one in self._segments.values())

    def _run(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        while not self._ending.wait(0.5):
            self._end_segment()
            if self._is_owned():
                continue
            try:
                # Opened anew each time: the lock must be that of the file that others see.
                with self._lock.open("a") as file:
                    if locked(file):
                        self._remember()
                        super()._run()
                        self._write_down()
            except OSError as error:
                self._say(f"{self._folder}: {error.strerror}")

    def _is_over(self) -> bool:
        if not self._ending.is_set():
            return False
        self._look()
        all_out = all(one.published >= one.end for one in self._segments.values())
        return all_out or not self.connected or time.monotonic() > self._deadline

    def _may_work(self) -> bool:
        return not self._is_owned()

    async def _work(self, client: Client) -> None:
        js = await stream(client, self.limits)
        ask_at = 0.0
        while not self._is_over() and self._may_work():
            if client.is_closed:
                raise Trouble("the connection ended")
            if time.monotonic() >= ask_at:
                self._end_segment()
                self._look()
                await self._ask(client)
                self._tidy()
                self._write_down()
                ask_at = time.monotonic() + self._ask_seconds
            self._look()
            if not await self._publish(client, js, until=ask_at):
                await asyncio.sleep(LOOK_SECONDS)

    # What is here

    def _look(self) -> None:
        found = {
            place.segment: place.offset
            for place in positions(self._folder)
            if not is_copy(place.segment)
        }
        for name in self._segments.keys() - found.keys():
            del self._segments[name]
        for name, size in found.items():
            self._segments.setdefault(name, Progress()).size = size

    def _end_segment(self) -> None:
        if self._writer is not None:
            self._writer.let_go(SEGMENT_SECONDS)

    def _read(self, name: str, start: int, room: int) -> bytes:
        """Whole lines from there, or a piece of one that is longer than `room`; may be nothing."""
        with (self._folder / name).open("rb") as file:
            file.seek(start)
            data = file.read(room)
            end = data.rfind(b"\n") + 1
            if end or len(data) < room:
                return data[:end]
            while more := file.read(SLICE_BYTES):
                if b"\n" in more:
                    return data
            return b""

    def _tidy(self) -> None:
        """Delete what is over, old, and at the owner as a whole."""
        for name, one in list(self._segments.items()):
            path = self._folder / name
            if not one.size or not one.is_there or one.looked != one.size:
                continue
            try:
                with path.open("rb") as file:
                    age = time.time() - os.fstat(file.fileno()).st_mtime
                    # Who still writes holds the file locked from before its first line on.
                    if age > self._keep_seconds and locked(file):
                        path.unlink()
                        del self._segments[name]
            except FileNotFoundError:
                continue

    # Out

    async def _publish(self, client: Client, js: JetStreamContext, until: float) -> int:
        """Publish what is new, oldest segment first, for some time; how many slices."""
        count = 0
        room = min(SLICE_BYTES, client.max_payload - HEADERS_BYTES)
        for name, one in list(self._segments.items()):
            while one.looked != one.size and one.published < one.size:
                data = self._read(name, one.published, room)
                if not data:
                    one.looked = one.size
                    break
                piece = Slice(self._machine, name, one.published, data)
                try:
                    await js.publish(
                        piece.subject, data, headers=piece.headers(self._key, one.attempt)
                    )
                except NoStreamResponseError:
                    # Whoever wiped the store took the stream along.
                    await stream(client, self.limits)
                    raise
                one.published = piece.end
                count += 1
                self._is_well()
                if time.monotonic() > until:
                    return count
            if one.published >= one.size:
                one.looked = one.size
        return count

    # How far the owner came

    async def _ask(self, client: Client) -> None:
        names = list(self._segments)
        for start in range(0, len(names), _ASKED_AT_ONCE) if names else (0,):
            asked = Asked(secrets.token_hex(8), names[start : start + _ASKED_AT_ONCE])
            try:
                answer = await client.request(
                    f"muster.log.have.{self._machine}", asked.encode(), timeout=2
                )
            except (NoRespondersError, TimeoutError):
                return
            try:
                have = Have.read(self._key, answer.data, asked.nonce)
            except Foreign as error:
                raise Trouble(
                    f"the owner of the warehouse answers with {error}; copy its secret.key into "
                    "this data folder and start again"
                ) from error
            if have.owner == self._machine:
                raise Trouble(
                    "the owner of the warehouse goes by the name of this machine: its data folder "
                    "was copied; delete machine.id here and start again"
                )
            self._learn(have)
            self._confirmed_at = datetime.now(UTC).isoformat(timespec="seconds")
            self._is_well()

    def _learn(self, have: Have) -> None:
        now = time.monotonic()
        for name, length in have.lengths.items():
            one = self._segments.get(name)
            if one is None:
                continue
            is_still, one.confirmed = one.confirmed == length, length
            if length > one.published:
                one.published, one.looked = length, -1
            if length == one.published or have.waiting != 0 or not is_still:
                one.stalled = None
            elif one.stalled is None:
                one.stalled = now
            elif now - one.stalled >= self._stall_seconds:
                log.warning("The owner lacks %s from byte %d on: it comes again", name, length)
                one.published, one.looked, one.stalled = length, -1, None
                one.attempt += 1

    # For whoever asks, and for the next start

    def _say(self, trouble: str) -> None:
        super()._say(trouble)
        self._write_down()

    def _write_down(self) -> None:
        said: dict[str, Any] = {
            "connected": self.connected and not self.trouble,
            "trouble": self.trouble,
            "waiting_bytes": self.waiting,
            "confirmed_at": self._confirmed_at,
            "segments": {n: [one.published, one.confirmed] for n, one in self._segments.items()},
        }
        text = json.dumps(said)
        if text == self._said:
            return
        fresh = self._state.with_suffix(".new")
        # A full disk keeps nothing from being carried: the owner knows how far it is.
        with suppress(OSError):
            fresh.write_text(text)
            fresh.replace(self._state)
            self._said = text

    def _remember(self) -> None:
        try:
            said = msgspec.json.decode(self._state.read_bytes(), type=_Written)
        except (OSError, msgspec.MsgspecError):
            return
        self._confirmed_at = said.confirmed_at
        for name, (published, confirmed) in said.segments.items():
            self._segments[name] = Progress(published=published, confirmed=confirmed)
        self._look()


class _Written(msgspec.Struct):
    segments: dict[str, tuple[int, int]]
    confirmed_at: str | None = None
