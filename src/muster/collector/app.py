"""The one door for events (TR1): the Segment tracking API, opens and clicks.

An event is acknowledged when it is on disk. What cannot be kept is told with its place and the way
to mend it; the good ones of the same request are kept.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

import msgspec

from muster.collector import actor, depth, steps
from muster.collector.links import GIF, NO_LINKS, SCANNED, Link, Links, hit, location
from muster.events import names, spool
from muster.events.shape import OURS, TYPES, Batch, Envelope
from muster.kit import clock
from muster.kit.words import _

REQUEST_BYTES = 500 * 1024
KEY_SECONDS = 3.0
"""How long a write key is believed without asking again."""
MOST_ERRORS = 100
"""More bad events than this are counted, not described."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[bytes, bytes]
"""As they came, by name in small letters."""
Words = Callable[[str, str], str]
"""(English sentence, Accept-Language) → the sentence in the caller's language."""

_JSON = (b"content-type", b"application/json")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_ANYONE = (b"access-control-allow-origin", b"*")
_NOT_KEPT = (b"cache-control", b"no-store, max-age=0")
_PREFLIGHT = [
    _ANYONE,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, content-encoding, x-retry-count",
    ),
    (b"access-control-max-age", b"86400"),
]
_KEPT_BODY = {"type": "http.response.body", "body": b'{"success": true}'}
_KEPT = {
    "type": "http.response.start",
    "status": 200,
    "headers": [_JSON, _ANYONE, (b"content-length", b"%d" % len(_KEPT_BODY["body"]))],
}
"""Nearly every answer: all of it was kept."""
_GONE = _(
    "This link does not lead anywhere any more. It may have been cut off by your mail program: "
    "open the message again and click the link there.\n"
)


class Unkept(Exception):
    """The request as a whole cannot be taken."""

    def __init__(self, status: int, code: str, detail: str, at: str = "") -> None:
        self.status = status
        self.error = {"at": at, "code": code, "detail": detail}
        super().__init__(detail)


class Request(msgspec.Struct, frozen=True, gc=False):
    """What was asked, as far as the collector looks at it."""

    method: str
    path: str
    headers: Headers
    receive: Receive

    def header(self, name: bytes) -> str:
        """What the request says under this name, "" if nothing."""
        return self.headers.get(name, b"").decode("latin-1")


def as_it_stands(text: str, language: str) -> str:
    """English, where nobody translates."""
    return text


class Collector:
    """The ASGI app for `/v1/*`, `/o/*`, `/l/*` and `/s/*`; everything else is 404.

    `keys` gives the name of a write key, None for an unknown one; it and `links` may be slow and
    are called in threads. `counters` counts accepted events, dropped ones by reason, opens, clicks.
    """

    def __init__(
        self,
        writer: spool.SpoolWriter,
        keys: Callable[[str], str | None],
        links: Links = NO_LINKS,
        words: Words = as_it_stands,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._log = spool.GroupCommit(writer)
        self._keys = keys
        self._links = links
        self._words = words
        self._known_keys: dict[bytes | str, tuple[str, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        request = Request(scope["method"], scope["path"], dict(scope["headers"]), receive)
        path = request.path
        if path.startswith("/v1/"):
            await self._track(request, send)
        elif path.startswith("/o/"):
            await self._open(request, path[3:], send)
        elif path.startswith("/l/"):
            await self._click(request, self._links.click, path[3:], names.MESSAGE_CLICKED, send)
        elif path.startswith("/s/"):
            scanned = path.endswith(SCANNED)
            name = names.CODE_SCANNED if scanned else names.SHORT_LINK_FOLLOWED
            await self._click(request, self._links.short, path[3:], name, send)
        else:
            await _answer(send, 404, [_TEXT], b"Not found\n")

    async def close(self) -> None:
        """Wait until everything under way is on disk."""
        await self._log.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    # The tracking API

    async def _track(self, request: Request, send: Send) -> None:
        if request.method == "OPTIONS":
            await _answer(send, 204, _PREFLIGHT)
            return
        self.counters["requests"] += 1
        try:
            source, delivery = await self._read(request)
            dropped = steps.follow(steps.STEPS, delivery)
            kept, path_type = len(delivery.events), delivery.path_type
            on_disk = None
            if kept:
                on_disk = self._log.append(source, delivery.events, delivery.actor)
            # While many wait for the disk their lines are enough to hold: what was sent is let go
            # at once, so that the next request finds its memory still in the processor's cache.
            del delivery
            if on_disk is not None:
                await on_disk
                self.counters["accepted"] += kept
            if dropped:
                await self._tell(request, send, path_type, kept, dropped)
            else:
                await send(_KEPT)
                await send(_KEPT_BODY)
        except Unkept as no:
            await self._refuse(request, send, no)
        except spool.SpoolFull:
            detail = _("The disk does not take the events now. Send them again in a moment.")
            await self._refuse(request, send, Unkept(429, "disk_full", detail))

    async def _read(self, request: Request) -> tuple[str, steps.Delivery]:
        kind = request.path[len("/v1/") :]
        batch = kind in ("batch", "import")
        if not batch and kind not in TYPES:
            raise Unkept(
                404, "unknown_path", _("There is no such call. Use /v1/track or /v1/batch.")
            )
        if request.method != "POST":
            raise Unkept(405, "use_post", _("Send events with POST."))
        credentials = request.headers.get(b"authorization", b"")
        source = self._known(credentials)
        if credentials and not source:
            source = await self._source(credentials)
        body = _unpacked(await _body(request), request.header(b"content-encoding"))
        body = spool.on_one_line(_with_whole_letters(body))
        try:
            said = _decoded(body, batch)
        except RecursionError:
            body = depth.cut(body)
            said = _decoded(body, batch)
        if not source:
            key = said.writeKey or ""
            source = self._known(key) or await self._source(key)
        agent = _browser_agent(request)
        if isinstance(said, Envelope):
            return source, steps.Delivery([body], body, path_type=kind, browser_agent=agent)
        if said.context or said.integrations:
            for name in ("context", "integrations"):
                if depth.is_too_deep(bytes(getattr(said, name))):
                    detail = steps.HOW_TO_MEND[steps.Drop.TOO_DEEP]
                    raise Unkept(400, str(steps.Drop.TOO_DEEP), detail, f"/{name}")
        return source, steps.Delivery(
            said.batch,
            body,
            context=said.context,
            integrations=said.integrations,
            sent_at=said.sentAt,
            browser_agent=agent,
        )

    async def _refuse(self, request: Request, send: Send, no: Unkept) -> None:
        self.counters[f"refused_{no.error['code']}"] += 1
        error = {**no.error, "detail": self._worded(request, no.error["detail"])}
        answer = {"success": False, "errors": [error], "accepted": 0}
        await _answer_json(send, no.status, answer)

    def _worded(self, request: Request, text: str) -> str:
        return self._words(text, request.header(b"accept-language"))

    async def _tell(
        self,
        request: Request,
        send: Send,
        path_type: str | None,
        kept: int,
        dropped: Sequence[steps.Arrival],
    ) -> None:
        errors: list[dict[str, str]] = []
        for arrival in dropped:
            reason = steps.Drop(str(arrival.reason))
            self.counters[f"drop_{reason}"] += 1
            if len(errors) < MOST_ERRORS:
                place = "" if path_type else f"/batch/{arrival.number}"
                advice = steps.HOW_TO_MEND[reason]
                detail = " ".join(
                    filter(None, (arrival.detail, advice and self._worded(request, advice)))
                )
                errors.append({"at": place + arrival.at, "code": str(reason), "detail": detail})
        too_large = any(arrival.reason is steps.Drop.TOO_LARGE for arrival in dropped)
        answer = {"success": False, "errors": errors, "accepted": kept}
        await _answer_json(send, 413 if too_large else 400, answer)

    def _known(self, said: bytes | str) -> str:
        """Who sends, if that was asked a moment ago; else ""."""
        known = self._known_keys.get(said)
        return known[0] if known is not None and known[1] > time.monotonic() else ""

    async def _source(self, said: bytes | str) -> str:
        """Who sends, by a write key or by the header with one; "" if the header has none."""
        key = _key_of_header(said) if isinstance(said, bytes) else said
        if not key and isinstance(said, bytes):
            return ""
        loop = asyncio.get_running_loop()
        name = await loop.run_in_executor(None, self._keys, key) if key else None
        if name is None:
            self._known_keys.pop(said, None)
            raise Unkept(
                401,
                "unknown_key",
                _("Give a valid write key: as the user of Basic authentication, or as writeKey."),
            )
        # Names are chosen by people and stand in the line as they are.
        source = "key:" + name.translate(_NOT_IN_A_LINE)
        self._known_keys[said] = (source, time.monotonic() + KEY_SECONDS)
        return source

    # Opens and clicks

    async def _open(self, request: Request, token: str, send: Send) -> None:
        if request.method not in ("GET", "HEAD"):
            await _answer(send, 405, [_TEXT, (b"allow", b"GET, HEAD")], b"Use GET\n")
            return
        loop = asyncio.get_running_loop()
        link = await loop.run_in_executor(None, self._links.open_, token)
        if link is not None:
            await self._remember(names.MESSAGE_OPENED, link, request)
        body = GIF if request.method == "GET" else b""
        await _answer(send, 200, [(b"content-type", b"image/gif"), _NOT_KEPT], body)

    async def _click(
        self,
        request: Request,
        read: Callable[[str], Link | None],
        token: str,
        name: str,
        send: Send,
    ) -> None:
        if request.method not in ("GET", "HEAD"):
            await _answer(send, 405, [_TEXT, (b"allow", b"GET, HEAD")], b"Use GET\n")
            return
        loop = asyncio.get_running_loop()
        link = await loop.run_in_executor(None, read, token)
        place = location(link.target) if link is not None else None
        if link is None or place is None:
            self.counters["unknown_links"] += 1
            await _answer(send, 404, [_TEXT, _NOT_KEPT], self._worded(request, _GONE).encode())
            return
        await self._remember(name, link, request)
        robots = (b"x-robots-tag", b"noindex, nofollow")
        await _answer(send, 302, [(b"location", place), _NOT_KEPT, robots])

    async def _remember(self, name: str, link: Link, request: Request) -> None:
        now = clock.now()
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in request.headers.items()}
        event = hit(name, link, method=request.method, headers=headers, now=now)
        try:
            await self._log.append(OURS, [event])
        except spool.SpoolFull:
            # The person goes on all the same; that the hit is not kept shows in the counters.
            self.counters["hits_not_kept"] += 1
        else:
            self.counters[name.lower().replace(" ", "_")] += 1


_NOT_IN_A_LINE = dict.fromkeys([*range(32), ord('"'), ord("\\")], "_")
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F]..)|.)",
    re.DOTALL,
)
_BACKSLASH = ord("\\")
"""As a number: looking for bytes takes ten times as long as looking for one byte."""
_read_batch = msgspec.json.Decoder(Batch).decode
_read_envelope = msgspec.json.Decoder(Envelope).decode


def _decoded(body: bytes, batch: bool) -> Batch | Envelope:
    try:
        # Bytes that are no text would stop the loader later, so they stop here.
        if not body.isascii():
            body.decode()
        return _read_batch(body) if batch else _read_envelope(body)
    except msgspec.ValidationError as error:
        what, _where, path = str(error).partition(" - at `$")
        at = path.rstrip("`").replace(".", "/")
        how = _('Send {"batch": [event, event …]}.') if batch else _("Send one JSON object.")
        raise Unkept(400, "wrong_shape", f"{what}. {how}", at) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unkept(400, "bad_json", f"{error}. " + _("Send JSON in UTF-8.")) from error


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Unkept(400, "cut_off", _("The request ended too early."))
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > REQUEST_BYTES:
            raise _too_large()
        if not message.get("more_body"):
            return b"".join(parts)


def _unpacked(body: bytes, encoding: str) -> bytes:
    if not encoding or encoding.lower() == "identity":
        return body
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise Unkept(415, "unknown_encoding", _("Send the body plain or packed with gzip."))
    unpacker = zlib.decompressobj(wbits=31)
    try:
        # A small body may unpack to gigabytes: never more than one byte too many.
        plain = unpacker.decompress(body, REQUEST_BYTES + 1)
    except zlib.error as error:
        raise Unkept(400, "bad_gzip", _("The body says it is gzip, but it is not.")) from error
    if len(plain) > REQUEST_BYTES:
        raise _too_large()
    if not unpacker.eof:
        raise Unkept(400, "bad_gzip", _("The gzip body is cut off."))
    return plain


def _with_whole_letters(body: bytes) -> bytes:
    """Half an emoji, as browsers cut texts, becomes the sign for an unreadable letter."""
    # Most bodies have no backslash at all, and that is found out fastest.
    if _BACKSLASH in body and (b"\\ud" in body or b"\\uD" in body):
        return _ESCAPE.sub(lambda found: b"\\ufffd" if found["half"] else found[0], body)
    return body


def _too_large() -> Unkept:
    detail = _("The request is larger than 500 KB. Send fewer events at once.")
    return Unkept(413, "request_too_large", detail)


def _key_of_header(authorization: bytes) -> str:
    scheme, _space, credentials = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        user = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return user.partition(":")[0]


def _browser_agent(request: Request) -> str | None:
    """The user agent if a browser speaks: servers send neither an origin nor plain text.

    So does a program that looks at pages: it sends the key as pages do, in the body.
    """
    headers = request.headers
    plain = headers.get(b"content-type", b"").startswith(b"text/plain")
    if plain or b"origin" in headers:
        return request.header(b"user-agent")
    if b"authorization" in headers:
        return None
    agent = request.header(b"user-agent")
    return agent if actor.looks_at_pages(agent) else None


async def _answer(
    send: Send, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes = b""
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _answer_json(send: Send, status: int, answer: dict[str, object]) -> None:
    headers = [_JSON, _ANYONE]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="write key"'))
    if status == 405:
        headers.append((b"allow", b"POST, OPTIONS"))
    if status == 429:
        headers.append((b"retry-after", b"2"))
    await _answer(send, status, headers, msgspec.json.encode(answer))
