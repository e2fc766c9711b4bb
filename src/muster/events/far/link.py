"""The connection to NATS: made, lost and made again, with one line in the log for each change."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import secrets
import ssl
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from muster.events.far.address import LogAddress
from muster.events.far.wire import STREAM, SUBJECTS, Asked, Foreign, Have

log = logging.getLogger("muster.log")
FIRST_WAIT, LONGEST_WAIT = 0.25, 15.0
ANSWER_SECONDS = 5.0
TROUBLES = (nats.errors.Error, OSError, TimeoutError, ssl.SSLError)


@dataclass(frozen=True)
class Limits:
    """How much the stream may hold; what does not fit waits in the machines' own files."""

    days: int = 7
    megabytes: int = 1024


USUAL = Limits()


class Trouble(Exception):
    """Why the log cannot travel now, in a sentence."""


@asynccontextmanager
async def connected(address: LogAddress, name: str) -> AsyncIterator[Client]:
    """A connection that ends when it breaks: whoever uses it makes a new one."""

    last: list[Exception] = []

    async def told(error: Exception) -> None:
        # Whoever waits for an answer is told by its own call; only why no server took us is lost.
        last[:] = [error]

    more: dict[str, Any] = {}
    if address.user or address.password:
        more |= {"user": address.user, "password": address.password}
    if address.token:
        more["token"] = address.token
    if address.is_secured:
        more["tls"] = ssl.create_default_context()
    client = Client()
    try:
        await client.connect(
            list(address.servers),
            name=name,
            error_cb=told,
            allow_reconnect=False,
            connect_timeout=3,
            reconnect_time_wait=0,
            max_reconnect_attempts=1,
            ping_interval=10,
            max_outstanding_pings=2,
            **more,
        )
        yield client
    except nats.errors.NoServersError as error:
        raise Trouble(_worded(last[-1] if last else error)) from error
    finally:
        # Also of what never became a connection something has to be closed, as far as it goes.
        with suppress(Exception):
            await asyncio.wait_for(client.close(), 3)


async def stream(client: Client, limits: Limits) -> JetStreamContext:
    """The stream; made if it is not there, left as it is if it is."""
    js = client.jetstream(timeout=ANSWER_SECONDS)
    try:
        await js.stream_info(STREAM)
    except NotFoundError:
        await js.add_stream(
            api.StreamConfig(
                name=STREAM,
                description="Events on their way to the owner of the warehouse",
                subjects=[SUBJECTS],
                # What the owner has is taken out at once; what it has not is never pushed out by
                # newer events: the machines wait.
                retention=api.RetentionPolicy.WORK_QUEUE,
                discard=api.DiscardPolicy.NEW,
                storage=api.StorageType.FILE,
                max_age=limits.days * 24 * 3600,
                max_bytes=limits.megabytes * 1024 * 1024,
                duplicate_window=120,
            )
        )
    return js


class Linked(ABC):
    """A thread that keeps a connection and works over it."""

    name = ""

    def __init__(self, address: LogAddress, limits: Limits) -> None:
        self.address = address
        self.limits = limits
        self.connected = False
        self.trouble = ""
        """Why nothing travels now; empty when all is well."""
        self._ending = threading.Event()
        self._deadline = float("inf")
        self._wait = FIRST_WAIT
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work until `stop`."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 0) -> None:
        """End; what is under way may take so many seconds more."""
        self._deadline = time.monotonic() + seconds
        self._ending.set()
        if self._thread is not None:
            self._thread.join(seconds + 10)
            self._thread = None

    @abstractmethod
    async def _work(self, client: Client) -> None:
        """Work over this connection until it breaks or it is time to end."""

    def _run(self) -> None:
        asyncio.run(self._keep_working())

    def _is_over(self) -> bool:
        return self._ending.is_set()

    async def _keep_working(self) -> None:
        self._wait = FIRST_WAIT
        while not self._is_over() and self._may_work():
            try:
                async with connected(self.address, f"muster {self.name}") as client:
                    self.connected = True
                    await self._work(client)
            except TROUBLES as error:
                self._say(_worded(error))
            except Trouble as trouble:
                self._say(str(trouble))
            except Exception:
                log.exception("The %s failed; trying again", self.name)
                self._say("it failed, the lines above say how")
            self.connected = False
            await self._rest(self._wait)
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    def _may_work(self) -> bool:
        return True

    def _is_well(self) -> None:
        """Something came through."""
        self._wait = FIRST_WAIT
        self._say("")

    def _say(self, trouble: str) -> None:
        if bool(trouble) != bool(self.trouble):
            if trouble:
                log.warning("The log between machines (%s): %s", self.address, trouble)
            else:
                log.warning("The log between machines (%s) travels again", self.address)
        self.trouble = trouble

    async def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._is_over() and (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.1))


def _worded(error: BaseException) -> str:
    if isinstance(error, nats.js.errors.APIError):
        return error.description or "JetStream refused"
    text = str(error).removeprefix("nats: ").strip("'")
    return text or type(error).__name__


def locked(file: Any) -> bool:
    """Whether the lock of this file is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Seen:
    """What a look at the NATS found."""

    messages: int
    """How many the stream holds for the owner."""
    owner: str
    """The machine that takes them; empty if none answers."""


def look(address: LogAddress, machine: str, key: bytes) -> Seen:
    """Look at the stream and ask for the owner, without changing anything; raises Trouble."""
    try:
        return asyncio.run(_look(address, machine, key))
    except TROUBLES as error:
        raise Trouble(_worded(error)) from error


async def _look(address: LogAddress, machine: str, key: bytes) -> Seen:
    async with connected(address, "muster check") as client:
        js = client.jetstream(timeout=ANSWER_SECONDS)
        try:
            messages = (await js.stream_info(STREAM)).state.messages
        except NotFoundError:
            messages = 0
        asked = Asked(secrets.token_hex(8), [])
        try:
            answer = await client.request(
                f"muster.log.have.{machine}", asked.encode(), timeout=ANSWER_SECONDS
            )
        except (nats.errors.NoRespondersError, TimeoutError):
            return Seen(messages, "")
        try:
            return Seen(messages, Have.read(key, answer.data, asked.nonce).owner)
        except Foreign as error:
            raise Trouble(f"the owner of the warehouse answers with {error}") from error
