"""Asks a collector as a client on the net would."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from muster.collector.app import Collector
from muster.collector.links import NO_LINKS, Links
from muster.events.spool import SpoolWriter, positions

KEYS = {"wk_web": "web", "wk_shop": "shop"}


class Asking:
    """A collector with two write keys over an empty event log."""

    def __init__(self, folder: Any, links: Links = NO_LINKS) -> None:
        self.folder = folder
        self.app = Collector(SpoolWriter(folder, "server"), KEYS.get, links)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://muster") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def post(self, call: str, body: Any, key: str | None = "wk_web", **more: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        auth = (key, "") if key else None
        return self.request("POST", f"/v1/{call}", content=content, auth=auth, **more)

    def kept(self) -> list[dict[str, Any]]:
        """Every line of the event log."""
        return [
            json.loads(line)
            for place in positions(self.folder)
            for line in (self.folder / place.segment).read_bytes().splitlines()
        ]

    def events(self) -> list[dict[str, Any]]:
        """Every event as it was sent."""
        return [line["e"] for line in self.kept()]
