"""Live pages (PF7): one stream per tab tells which things have news; the page fetches them itself.

Parts register topics with `@topic`; a topic's function gives a word that changes whenever the thing
looks different (a version, a count, a time). Pages name things as `job:job_7F3K…`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from asgiref.sync import sync_to_async
from django.db import close_old_connections

Version: TypeAlias = Callable[[str], str]
"""Id of the thing → a word that changes with it; "" if there is no such thing."""

EVERY = 1.0
HEARTBEAT = 15
"""After how many quiet looks a line is sent, so that no proxy in between hangs up."""
MOST = 20

closing = asyncio.Event()
"""Set when the server stops, so that open streams do not hold it up."""


@dataclass(frozen=True)
class Topic:
    """One kind of thing that may have news."""

    name: str
    version: Version


_topics: dict[str, Topic] = {}


def topic(name: str) -> Callable[[Version], Version]:
    """Register how the version of one kind of thing is read."""

    def register(version: Version) -> Version:
        _topics[name] = Topic(name, version)
        return version

    return register


def known(asked: Iterable[str], is_allowed: Callable[[str], bool]) -> list[str]:
    """Those of the asked topics that exist and that the reader may follow; at most 20."""
    return [
        name
        for name in dict.fromkeys(asked)
        if name.partition(":")[0] in _topics and is_allowed(name)
    ][:MOST]


def versions(names: Iterable[str]) -> dict[str, str]:
    """What each topic is at now."""
    return {name: _topics[name.partition(":")[0]].version(name.partition(":")[2]) for name in names}


def _look(names: Iterable[str]) -> dict[str, str]:
    # A stream outlives many connections: each look gives back one that is too old.
    try:
        return versions(names)
    finally:
        close_old_connections()


async def stream(
    asked: Iterable[str],
    is_allowed: Callable[[str], bool],
    stopped: asyncio.Event = closing,
    *,
    every: float = EVERY,
) -> AsyncIterator[bytes]:
    """The events of a server-sent stream: `event: <topic>` when it changed, else a heartbeat."""
    names = await sync_to_async(known)(asked, is_allowed)
    seen = await sync_to_async(_look)(names)
    yield b"retry: 2000\n\n"
    quiet = 0
    while not await _rang(stopped, every):
        current = await sync_to_async(_look)(names)
        news = [name for name in names if current[name] != seen[name]]
        seen = current
        quiet = 0 if news else quiet + 1
        for name in news:
            yield f"event: {name}\ndata: {current[name]}\n\n".encode()
        if quiet >= HEARTBEAT:
            quiet = 0
            yield b": still here\n\n"


async def _rang(bell: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(bell.wait(), seconds)
    except TimeoutError:
        return False
    return True
