"""The processes of an installation that runs them apart, as the real program."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.config.test_commands import muster, said

Start = Callable[..., subprocess.Popen[bytes]]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a part of Muster and waits until it says that it runs."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "muster", "--data", str(tmp_path), *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline(), "it ended before it ran"
        return process

    yield begin
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        assert process.wait(90) == 0
        assert process.stdout is not None
        process.stdout.close()


def test_the_door_and_the_work_share_one_folder(tmp_path: Path, start: Start) -> None:
    early = muster(tmp_path, "collect", "--port", str(free_port()))
    assert early.returncode == 1
    assert "not up to date" in early.stderr
    start("work")
    key = said(muster(tmp_path, "key", "add", "shop"))["key"]
    doors = [free_port(), free_port()]
    for port in doors:
        start("collect", "--port", str(port))
    call = {"event": "Order Completed", "userId": "u1", "properties": {"total": 5}}
    for port in doors:
        for number in range(3):
            body = {**call, "messageId": f"{port}-{number}"}
            url = f"http://127.0.0.1:{port}/v1/track"
            assert httpx.post(url, json=body, auth=(key, "")).status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/login").status_code == 404
    rule = tmp_path / "rule.json"
    rule.write_text(json.dumps({"event": "Order Completed", "count": {"gte": 6}}))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if said(muster(tmp_path, "segment", "count", str(rule)))["count"] == 1:
            break
        time.sleep(0.5)
    else:
        pytest.fail("the events were not counted")
    for second in ("web", "work"):
        refused = muster(tmp_path, second)
        assert refused.returncode == 1
        assert "only one may" in refused.stderr


def test_the_pages_run_without_a_door(tmp_path: Path, start: Start) -> None:
    port = free_port()
    start("web", "--port", str(port))
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.2)
    assert httpx.get(f"{url}/readyz").status_code == 200
    assert httpx.post(f"{url}/v1/track", json={}).status_code in (302, 403, 404)
