"""Takes the log of other machines into the spool of the owner: in order, nothing lost or doubled.

Each segment of another machine has a copy here with the same bytes at the same places, so the
length of the file is the position: a slice that begins there is appended and on disk before it is
acknowledged, one that begins before brings only what is new, one that begins behind must wait.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js import api

from muster.events.far.address import LogAddress
from muster.events.far.link import USUAL, Limits, Linked, Trouble, log, stream
from muster.events.far.wire import (
    ASKING,
    CONSUMER,
    STREAM,
    SUBJECTS,
    Asked,
    Foreign,
    Have,
    Slice,
    copy_name,
    is_machine,
    length_of,
)
from muster.kit.disk import sync

BATCH = 16
ACK_SECONDS = 10.0
AGAIN_SECONDS = 1.0
MOST_MACHINES = 1000
MOST_TRIES = 20
"""A slice whose gap is not filled by then is let go: its machine sends both again."""
_AT = re.compile(rb'^\{"at":"([^"]{20,32})"', re.MULTILINE)


class Receiver(Linked):
    """Keeps the copies in `folder`, the spool of the owner, whose own machine is `machine`.

    `arrived` is called in a thread, now and then, with the moment of the oldest line that came.
    """

    name = "receiver"

    def __init__(
        self,
        address: LogAddress,
        folder: Path,
        machine: str,
        key: bytes,
        *,
        limits: Limits = USUAL,
        arrived: Callable[[datetime], None] = lambda oldest: None,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        super().__init__(address, limits)
        self.counters: Counter[str] = Counter()
        """Bytes taken; slices taken, repeated, ahead of a gap, and not said by us."""
        self.heard: dict[str, float] = {}
        """When each machine last asked or sent, in seconds since 1970."""
        self._folder = folder
        self._machine = machine
        self._key = key
        self._arrived = arrived
        self._oldest: datetime | None = None
        self._ack_seconds = ack_seconds
        self._waiting: int | None = None

    @property
    def waiting(self) -> int:
        """Messages that the stream has for us; 0 as long as nobody can tell."""
        return self._waiting or 0

    async def _work(self, client: Client) -> None:
        js = await stream(client, self.limits)
        await self._refuse_a_second_owner(client)
        pull = await js.pull_subscribe(
            SUBJECTS,
            durable=CONSUMER,
            stream=STREAM,
            config=api.ConsumerConfig(ack_wait=self._ack_seconds, max_ack_pending=4096),
        )
        await client.subscribe(ASKING, cb=self._answer)
        look_at = 0.0
        try:
            while not self._is_over():
                if client.is_closed:
                    raise Trouble("the connection ended")
                if time.monotonic() >= look_at:
                    # Also tells by an error that somebody wiped the store.
                    self._waiting = (await js.consumer_info(STREAM, CONSUMER)).num_pending
                    self._is_well()
                    look_at = time.monotonic() + 1
                try:
                    messages = await pull.fetch(BATCH, timeout=0.5)
                except TimeoutError:
                    await self._tell_age()
                else:
                    await self._take(messages)
        finally:
            self._waiting = None

    async def _refuse_a_second_owner(self, client: Client) -> None:
        asked = Asked(secrets.token_hex(8), [])
        try:
            answer = await client.request(
                f"muster.log.have.{self._machine}", asked.encode(), timeout=1
            )
        except (NoRespondersError, TimeoutError):
            return
        try:
            other = Have.read(self._key, answer.data, asked.nonce).owner
        except Foreign:
            raise Trouble("another installation of Muster uses it; give each its own") from None
        if other != self._machine:
            raise Trouble("another process takes the log already; only one may own the warehouse")

    # In

    async def _take(self, messages: Sequence[Msg]) -> None:
        """Append what is new, and acknowledge once it is on disk."""
        files: dict[str, _Copy] = {}
        try:
            done = [message for message in messages if await self._append(message, files)]
        finally:
            # Also when one could not be written: what the others took must not stand there without
            # being on disk, for it counts as ours.
            for copy in files.values():
                copy.close()
        for message in done:
            await message.ack()
        self._is_well()

    async def _append(self, message: Msg, files: dict[str, _Copy]) -> bool:
        """Whether its bytes are in the file now."""
        try:
            piece = Slice.read(self._key, message.subject, message.headers, message.data)
        except Foreign as error:
            self.counters["foreign"] += 1
            if self.counters["foreign"] % 1000 == 1:
                log.warning("Messages in the log between machines are not ours (%s)", error)
            await message.term()
            return False
        self.heard[piece.machine] = time.time()
        if piece.machine == self._machine:
            # Written here, before this folder had an owner: the loader reads the original.
            return True
        name = copy_name(piece.machine, piece.segment)
        copy = files.get(name)
        length = copy.length if copy else length_of(self._folder, piece.machine, piece.segment)
        if piece.start > length:
            self.counters["ahead"] += 1
            if message.metadata.num_delivered >= MOST_TRIES:
                await message.term()
            else:
                await message.nak(delay=AGAIN_SECONDS)
            return False
        if piece.end <= length:
            self.counters["repeated"] += 1
            return True
        if copy is None:
            copy = files[name] = _Copy(self._folder / name)
        new = piece.data[length - piece.start :]
        copy.append(new)
        self._note_age(new)
        self.counters["slices"] += 1
        self.counters["bytes"] += len(new)
        return True

    def _note_age(self, data: bytes) -> None:
        found = _AT.search(data)
        if found is None:
            return
        with suppress(ValueError):
            at = datetime.fromisoformat(found[1].decode())
            self._oldest = min(at, self._oldest or at)

    async def _tell_age(self) -> None:
        """Say, once nothing more comes, how old the oldest line of what came is."""
        if self._oldest is not None:
            oldest, self._oldest = self._oldest, None
            await asyncio.to_thread(self._arrived, oldest)

    # How far we came

    async def _answer(self, message: Msg) -> None:
        machine = message.subject.rpartition(".")[2]
        try:
            asked = Asked.read(message.data)
        except Foreign:
            return
        is_known = machine in self.heard or len(self.heard) < MOST_MACHINES
        if is_machine(machine) and machine != self._machine and is_known:
            self.heard[machine] = time.time()
        lengths = {one: length_of(self._folder, machine, one) for one in asked.segments}
        have = Have(asked.nonce, self._machine, lengths, self._waiting)
        await message.respond(have.encode(self._key))


class _Copy:
    """The file with the same bytes as a segment elsewhere."""

    def __init__(self, path: Path) -> None:
        is_new = not path.exists()
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o640)
        if is_new:
            sync(path.parent)
        self.length = self._certain = os.fstat(self._file).st_size

    def append(self, data: bytes) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, memoryview(data)[written:])
        except OSError:
            os.ftruncate(self._file, self.length)
            raise
        self.length += len(data)

    def close(self) -> None:
        """Everything is on disk then, or nothing of it is there and it raises."""
        try:
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self._certain)
            raise
        finally:
            os.close(self._file)
