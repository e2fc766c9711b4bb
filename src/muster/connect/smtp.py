"""Speaks SMTP (CH1): many messages over one connection, one round trip each, and no answer lost.

What a failure means depends on when it comes. Before the final dot is written the server must
forget the message: it may be tried again freely. After it, and before the answer, nobody can know:
the outcome is unknown. Then the answer decides (RFC 5321, RFC 1047, RFC 2920).
"""

from __future__ import annotations

import asyncio
import base64
import random
import re
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from muster.kit.errors import Unavailable
from muster.kit.words import _

CONNECT_SECONDS = 30.0
COMMAND_SECONDS = 300.0
AFTER_DOT_SECONDS = 600.0
"""A shorter wait makes duplicates: the server may be storing the message (RFC 5321 4.5.3.2)."""
_LONGEST_REPLY = 64 * 1024
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Verdict(StrEnum):
    """What became of one message at the server."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    """The server says: not now (4xx)."""
    PERMANENT = "permanent"
    """The server says: never (5xx)."""
    UNKNOWN = "unknown"
    """The message was handed over, and the answer never came."""
    NOT_BEGUN = "not_begun"
    """Nothing of it was handed over; the fault lies with the connection, not with the message."""


@dataclass(frozen=True)
class Reply:
    """One answer of the server."""

    code: int
    text: str

    @property
    def enhanced(self) -> str:
        """The status code of RFC 3463, such as `5.1.1`; empty if the server gives none."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""


@dataclass(frozen=True)
class Outcome:
    """What became of one message, and what the server said."""

    verdict: Verdict
    stage: str
    """Where it was decided: connect, mail, rcpt, data or body."""
    reply: Reply | None = None


@dataclass(frozen=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "auto"
    """`implicit` from the first byte, `always` or `auto` (when offered) by STARTTLS, or `never`."""
    verify: bool = True
    name: str = "localhost"
    """How we introduce ourselves."""

    @classmethod
    def from_url(cls, url: str, name: str = "localhost") -> Server:
        """Read `smtp://user:password@host:587?tls=always&verify=no` or `smtps://…`."""
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        implicit = parts.scheme == "smtps"
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("The address of the mail server must begin with smtp:// or smtps://")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if implicit else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls="implicit" if implicit else options.get("tls", ["auto"])[0],
            verify=options.get("verify", ["yes"])[0] != "no",
            name=name,
        )

    def tls_context(self) -> ssl.SSLContext:
        """How certificates are looked at."""
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(eq=False)
class Letter:
    """One message for one address."""

    sender: str
    """The return path."""
    to: str
    content: bytes
    """Header and body, lines ended by CR LF."""
    begin: Callable[[], bool] = lambda: True
    """Called at the last moment before the content is handed over; False takes it back."""


class ServerTrouble(Unavailable):
    """The server cannot be used now; no message is concerned."""


class Lost(ServerTrouble):
    """The connection is gone."""


class _Wire(asyncio.Protocol):
    """Bytes in, replies out, in the order in which they come."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.lost: Exception | None = None
        self._buffer = b""
        self._lines: list[str] = []
        self._replies: deque[Reply] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        *lines, self._buffer = self._buffer.split(b"\n")
        for raw in lines:
            self._line(raw.rstrip(b"\r").decode("utf-8", "replace"))
        if len(self._buffer) + sum(map(len, self._lines)) > _LONGEST_REPLY:
            self._break("the server talks without end")
        if self._replies:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc or ConnectionResetError("closed by the server")
        self._may_write.set()
        self._wake()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    @property
    def is_quiet(self) -> bool:
        return not (self._buffer or self._lines or self._replies)

    def write(self, data: bytes) -> None:
        if self.lost is not None or self.transport is None:
            raise Lost(str(self.lost))
        self.transport.write(data)

    async def reply(self, seconds: float) -> Reply:
        """The next answer; raises Lost when there will be none, or not in time."""
        if not self._replies:
            if self.lost is not None:
                raise Lost(str(self.lost))
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._waiting
            except TimeoutError as error:
                raise Lost(f"no answer in {seconds:g} seconds") from error
            finally:
                self._waiting = None
        if not self._replies:
            raise Lost(str(self.lost))
        return self._replies.popleft()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _line(self, line: str) -> None:
        if len(line) < 3 or not line[:3].isdigit() or line[3:4] not in ("", " ", "-"):
            self._break(f"no SMTP: {line[:80]!r}")
            return
        self._lines.append(line[4:])
        if line[3:4] != "-":
            self._replies.append(Reply(int(line[:3]), "\n".join(self._lines)))
            self._lines = []

    def _break(self, why: str) -> None:
        if self.lost is None:
            self.lost = ConnectionResetError(why)
        self.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Connection:
    """One conversation with a mail server; hands over one message after the other."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.offers: dict[str, str] = {}
        """What the server can do: keyword → parameters."""
        self._wire = _Wire()
        self._asked: Letter | None = None
        self._open_transaction = False

    @property
    def is_open(self) -> bool:
        return self._wire.transport is not None and self._wire.lost is None

    async def open(self) -> None:
        """Connect, introduce ourselves, encrypt and sign in; raises ServerTrouble."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._connect()
        except (OSError, TimeoutError, ssl.SSLError) as error:
            self._wire.close()
            raise ServerTrouble(
                _("%(host)s:%(port)s does not answer (%(why)s)."),
                host=self.server.host,
                port=self.server.port,
                why=str(error) or type(error).__name__,
            ) from error
        except ServerTrouble:
            self._wire.close()
            raise

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:
        """Hand over one message, and in the same breath announce the one that follows it.

        `following` must then be the next one sent here, unless the connection closes first. Never
        raises for trouble with server or connection: the outcome says it.
        """
        try:
            refusal = await self._envelope(letter)
        except Lost as error:
            self.close()
            return Outcome(Verdict.NOT_BEGUN, "connect", Reply(0, str(error)))
        if refusal is not None:
            return refusal
        if not self.is_open or not letter.begin():
            # After 354 there is no way back but to hang up; the server forgets the message then.
            self.close()
            return Outcome(Verdict.NOT_BEGUN, "body")
        parts = [letter.content.replace(b"\r\n.", b"\r\n..")]
        if letter.content.startswith(b"."):
            parts.insert(0, b".")
        parts.append(b".\r\n" if letter.content.endswith(b"\r\n") else b"\r\n.\r\n")
        if following is not None and self.pipelines:
            parts.append(b"".join(self._commands(following)))
            self._asked = following
        try:
            self._wire.write(b"".join(parts))
            reply = await self._wire.reply(AFTER_DOT_SECONDS)
        except Lost as error:
            self.close()
            return Outcome(Verdict.UNKNOWN, "body", Reply(0, str(error)))
        self._open_transaction = False
        return self._judged(reply, "body")

    async def quit(self) -> None:
        """Say goodbye."""
        if self.is_open and self._asked is None:
            with suppress(Lost):
                self._wire.write(b"QUIT\r\n")
                await self._wire.reply(2)
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._asked = None
        self._wire.close()
        if self._wire.lost is None:
            self._wire.lost = ConnectionResetError("closed by us")

    @property
    def pipelines(self) -> bool:
        """Whether the server takes several commands at once."""
        return "PIPELINING" in self.offers

    # One message

    def _commands(self, letter: Letter) -> list[bytes]:
        size = f" SIZE={len(letter.content)}" if "SIZE" in self.offers else ""
        return [
            f"MAIL FROM:<{letter.sender}>{size}\r\n".encode("ascii"),
            f"RCPT TO:<{letter.to}>\r\n".encode("ascii"),
            b"DATA\r\n",
        ]

    async def _envelope(self, letter: Letter) -> Outcome | None:
        """Name sender and receiver and be allowed to go on (None), or learn why not."""
        asked, self._asked = self._asked, None
        if asked is not None and asked is not letter:
            raise Lost("another message was announced")
        if asked is None and self._open_transaction:
            self._wire.write(b"RSET\r\n")
            await self._wire.reply(COMMAND_SECONDS)
            self._open_transaction = False
        commands = self._commands(letter)
        at_once = self.pipelines
        if asked is None and at_once:
            self._wire.write(b"".join(commands))
        refusal: Outcome | None = None
        for stage, command in zip(("mail", "rcpt", "data"), commands, strict=True):
            if not at_once:
                if refusal is not None:
                    break
                self._wire.write(command)
            reply = await self._wire.reply(COMMAND_SECONDS)
            if refusal is not None:
                # What answers a later command only repeats that the earlier one failed.
                if stage == "data" and reply.code == 354:
                    self._wire.write(b".\r\n")
                    await self._wire.reply(COMMAND_SECONDS)
                continue
            if reply.code == 421:
                self.close()
                return Outcome(Verdict.NOT_BEGUN, stage, reply)
            if reply.code == 354 if stage == "data" else 200 <= reply.code < 300:
                self._open_transaction = True
                continue
            refusal = self._judged(reply, stage)
            if not self.is_open:
                return refusal
        return refusal

    def _judged(self, reply: Reply, stage: str) -> Outcome:
        if reply.code == 421:
            self.close()
        kind = reply.code // 100
        if kind == 2 and stage == "body":
            return Outcome(Verdict.ACCEPTED, stage, reply)
        if kind == 4:
            return Outcome(Verdict.TEMPORARY, stage, reply)
        if kind == 5:
            return Outcome(Verdict.PERMANENT, stage, reply)
        # An answer that fits no question: we no longer know where we are.
        self.close()
        return Outcome(Verdict.UNKNOWN if stage == "body" else Verdict.NOT_BEGUN, stage, reply)

    # The beginning

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        server = self.server
        context = server.tls_context() if server.tls == "implicit" else None
        await loop.create_connection(
            lambda: self._wire,
            server.host,
            server.port,
            ssl=context,
            server_hostname=server.host if context else None,
        )
        await self._expect(220)
        await self._hello()
        if server.tls in ("auto", "always"):
            await self._encrypt(must=server.tls == "always")
        if server.user:
            await self._sign_in()

    async def _encrypt(self, *, must: bool) -> None:
        if "STARTTLS" not in self.offers:
            if must:
                raise ServerTrouble(_("%(host)s does not offer to encrypt."), host=self.server.host)
            return
        self._wire.write(b"STARTTLS\r\n")
        await self._expect(220)
        if not self._wire.is_quiet or self._wire.transport is None:
            # Whatever came unencrypted after the answer could be from anybody.
            raise ServerTrouble(_("%(host)s spoke before encryption began."), host=self.server.host)
        transport = await asyncio.get_running_loop().start_tls(
            self._wire.transport,
            self._wire,
            self.server.tls_context(),
            server_hostname=self.server.host,
        )
        self._wire.transport = transport
        await self._hello()

    async def _hello(self) -> None:
        self._wire.write(f"EHLO {self.server.name}\r\n".encode("ascii"))
        reply = await self._wire.reply(COMMAND_SECONDS)
        if reply.code == 250:
            self.offers = _offers(reply.text)
            return
        self._wire.write(f"HELO {self.server.name}\r\n".encode("ascii"))
        await self._expect(250)
        self.offers = {}

    async def _sign_in(self) -> None:
        server = self.server
        encrypted = bool(
            self._wire.transport and self._wire.transport.get_extra_info("ssl_object") is not None
        )
        if not encrypted and server.host not in _LOCAL:
            raise ServerTrouble(_("%(host)s would get the password unencrypted."), host=server.host)
        ways = self.offers.get("AUTH", "").upper().split()
        if "PLAIN" in ways or not ways:
            secret = base64.b64encode(f"\0{server.user}\0{server.password}".encode())
            self._wire.write(b"AUTH PLAIN " + secret + b"\r\n")
        elif "LOGIN" in ways:
            self._wire.write(b"AUTH LOGIN\r\n")
            await self._expect(334)
            self._wire.write(base64.b64encode(server.user.encode()) + b"\r\n")
            await self._expect(334)
            self._wire.write(base64.b64encode(server.password.encode()) + b"\r\n")
        else:
            raise ServerTrouble(
                _("%(host)s knows no way to sign in that we know."), host=server.host
            )
        await self._expect(235)

    async def _expect(self, code: int) -> Reply:
        reply = await self._wire.reply(COMMAND_SECONDS)
        if reply.code != code:
            raise ServerTrouble(f"{self.server.host}: {reply.code} {reply.text[:200]}")
        return reply


@dataclass
class Patience:
    """How long to wait before the next try to connect: longer each time, never the same for all."""

    first: float = 0.2
    longest: float = 30.0
    tries: int = 0

    def next(self) -> float:
        """Seconds to wait now."""
        wait: float = min(self.longest, self.first * 2.0**self.tries)
        self.tries = min(self.tries + 1, 30)
        return wait * random.uniform(0.5, 1.0)  # noqa: S311

    def reset(self) -> None:
        """It worked: begin again with the shortest wait."""
        self.tries = 0


def _offers(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.split("\n")[1:]:
        keyword, _space, rest = line.strip().partition(" ")
        found[keyword.upper()] = rest
    return found
