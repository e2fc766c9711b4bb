"""The official library delivers ten thousand events to the real command, killed on the way (TR1)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import segment.analytics

from muster.config.data import DataFolder
from tests.stories.conftest import Server, start, stop

EVENTS = 10_000
PEOPLE = 500
EACH = EVENTS // PEOPLE


def test_ten_thousand_events_over_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = start(data)
    port = httpx.URL(server.url).port
    try:
        key = json.loads(server.run("--json", "key", "add", "shop"))["key"]
        failures: list[Exception] = []
        client = segment.analytics.Client(
            key,
            host=server.url,
            max_queue_size=2 * EVENTS,
            max_retries=20,
            timeout=30,
            on_error=lambda error, _events: failures.append(error),
        )
        for number in range(EVENTS):
            client.track(f"u{number % PEOPLE}", "Order Completed", {"order_id": str(number)})
        _wait(lambda: _kept(data) > EVENTS // 4, "the first events")
        server.process.kill()
        server.process.wait()
        kept = _kept(data)
        server = start(data, port=port)
        client.shutdown()
        # Now the library holds every event for delivered: all of them were acknowledged.
        assert failures == []
        assert EVENTS // 4 < kept < EVENTS
        # With every person at exactly their number, none is missing and none came twice.
        _wait(
            lambda: _people(server, {"gte": 1}) == PEOPLE == _people(server, {"gte": EACH}), "all"
        )
        assert _people(server, {"eq": EACH}) == PEOPLE
    except BaseException:
        server.process.kill()
        server.process.wait()
        raise
    stop(server)


def _people(server: Server, count: dict[str, int]) -> int:
    """How many people have so many orders."""
    token = DataFolder(server.data).admin_token()
    rule: dict[str, Any] = {"event": "Order Completed", "count": count}
    answer = httpx.post(
        f"{server.url}/api/v1/segments/preview",
        json={"rule": rule},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["count"])


def _kept(data: Path) -> int:
    """How many of the library's events are in the log."""
    files = (data / "spool").glob("*.ndjson")
    return sum(file.read_bytes().count(b'"Order Completed"') for file in files)


def _wait(reached: Callable[[], bool], what: str, patience: float = 60) -> None:
    until = time.monotonic() + patience
    while not reached():
        if time.monotonic() > until:
            pytest.fail(f"No sign of {what}")
        time.sleep(0.02)
