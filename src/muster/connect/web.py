"""Asks an address of the web whether it answers, and only addresses that everybody can reach.

People write the addresses, so they could name machines of the house. Each name is looked up once,
every address behind it has to be public, and the question goes to exactly that address; so does
each further step when the answer leads on. The body of an answer is never read.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread
from typing import TypeAlias

import httpx

SECONDS = 6.0
"""How long one step may take, from the name to the last header."""
STEPS = 5
"""So many times an answer may lead on."""
_SCHEMES = {"http": 80, "https": 443}
_LEADS_ON = frozenset({301, 302, 303, 307, 308})
_GUARDED = frozenset({401, 402, 403, 407, 429, 451})
_AGENT = "Muster link check"

Resolve: TypeAlias = Callable[[str, int], list[str]]
"""Name and port → the addresses behind them; raises OSError."""


class Verdict(StrEnum):
    """What came of asking an address."""

    WELL = "well"
    MISSING = "missing"
    """There is nothing: 404 or 410."""
    BROKEN = "broken"
    """Another answer that says no, or one that leads on for ever."""
    GUARDED = "guarded"
    """It answers, but not to machines or strangers."""
    SILENT = "silent"
    """No answer in time, or no connection."""
    UNKNOWN_HOST = "unknown_host"
    PRIVATE = "private"
    """It leads into a network that readers cannot reach, so it was not asked."""


@dataclass(frozen=True)
class Answer:
    """What an address said."""

    verdict: Verdict
    status: int = 0
    """Of the last step; 0 where none answered."""
    led_to: str = ""
    """Where it led in the end, if it led on."""


def ask(
    url: str,
    *,
    own: str = "",
    resolve: Resolve | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Answer:
    """Ask one http(s) address; what begins with `own` is ours and may lie anywhere."""
    return asyncio.run(_followed(url, own, resolve or _resolved, transport))


async def _followed(
    url: str, own: str, resolve: Resolve, transport: httpx.AsyncBaseTransport | None
) -> Answer:
    found = url
    async with httpx.AsyncClient(
        transport=transport, timeout=SECONDS, follow_redirects=False, trust_env=False
    ) as client:
        for _turn in range(STEPS + 1):
            led = found if found != url else ""
            try:
                parsed = httpx.URL(found)
            except httpx.InvalidURL:
                return Answer(Verdict.BROKEN, led_to=led)
            if parsed.scheme not in _SCHEMES or not parsed.host:
                return Answer(Verdict.BROKEN, led_to=led)
            try:
                # A server that sends byte after byte is never late with the next one.
                async with asyncio.timeout(SECONDS):
                    said = await _step(client, parsed, resolve, is_own=_is_own(parsed, own))
            except httpx.InvalidURL:  # it leads on to what is no address of the web
                return Answer(Verdict.BROKEN, led_to=led)
            except (TimeoutError, httpx.HTTPError):
                return Answer(Verdict.SILENT, led_to=led)
            if isinstance(said, Verdict):
                return Answer(said, led_to=led)
            status, onward = said
            if status not in _LEADS_ON or not onward:
                return Answer(_verdict(status), status, led)
            try:
                found = str(parsed.join(onward))
            except httpx.InvalidURL:
                return Answer(Verdict.BROKEN, status, led)
    return Answer(Verdict.BROKEN, status, found)


async def _step(
    client: httpx.AsyncClient, url: httpx.URL, resolve: Resolve, *, is_own: bool
) -> Verdict | tuple[int, str]:
    """The status and where it leads on, or why it was not asked."""
    try:
        addresses = await _looked_up(resolve, url.host, _port(url))
    except OSError:
        return Verdict.UNKNOWN_HOST
    if not addresses:
        return Verdict.UNKNOWN_HOST
    if not is_own and not all(is_public(one) for one in addresses):
        return Verdict.PRIVATE
    async with client.stream(
        "GET",
        url.copy_with(host=addresses[0], fragment=None),
        headers={"Host": url.netloc.decode("ascii"), "User-Agent": _AGENT},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    ) as answer:
        return answer.status_code, answer.headers.get("Location", "")


async def _looked_up(resolve: Resolve, host: str, port: int) -> list[str]:
    found: Future[list[str]] = Future()

    def look() -> None:
        try:
            addresses = resolve(host, port)
        except OSError as error:
            _tell(found, error)
        else:
            _tell(found, addresses)

    # The system's look-up cannot be broken off: nobody waits for a thread of its own.
    Thread(target=look, daemon=True).start()
    return await asyncio.wrap_future(found)


def _tell(found: Future[list[str]], said: list[str] | OSError) -> None:
    if not found.set_running_or_notify_cancel():
        return
    if isinstance(said, OSError):
        found.set_exception(said)
    else:
        found.set_result(said)


def is_public(address: str) -> bool:
    """Whether everybody on the net can reach this IP address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if str(ip) in _CLOUDS:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None,))[-1] or _translated(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


_CLOUDS = frozenset(
    {
        "168.63.129.16",  # Azure, the host of a virtual machine
        "100.100.100.200",  # Alibaba Cloud, its metadata
        "169.254.169.254",  # everybody else's
        "fd00:ec2::254",  # Amazon's over IPv6
    }
)
"""Addresses that a cloud answers inside only, whatever range they are of."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None


def _verdict(status: int) -> Verdict:
    if status in {404, 410}:
        return Verdict.MISSING
    if status in _GUARDED:
        return Verdict.GUARDED
    return Verdict.WELL if status < 400 else Verdict.BROKEN


def _is_own(url: httpx.URL, own: str) -> bool:
    if not own:
        return False
    ours = httpx.URL(own)
    return (url.scheme, url.host, _port(url)) == (ours.scheme, ours.host, _port(ours))


def _port(url: httpx.URL) -> int:
    return url.port or _SCHEMES.get(url.scheme, 0)


def _resolved(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(str(error)) from error
    # A machine without a way into IPv6 would not reach it: what everybody has comes first.
    rows.sort(key=lambda row: row[0] != socket.AF_INET)
    return [str(row[4][0]) for row in rows]
