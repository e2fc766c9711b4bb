"""The root application: events to the collector, everything else to the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from muster.kit.clients import Client, serving

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DOORS = ("/v1/", "/o/", "/l/", "/s/")


class Root:
    """Sends each request where it belongs."""

    def __init__(self, collector: App, pages: App) -> None:
        self._collector = collector
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["path"].startswith(DOORS):
            await self._collector(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def served(app: App) -> App:
    """The application, where work that is for a client alone ends when they hang up."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        client = Client()

        async def heard() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "http.disconnect":
                client.leave()
            return message

        with serving(client):
            await app(scope, heard, send)

    return serve


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
