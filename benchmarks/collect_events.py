"""Collecting (TR1): durable, answered after fsync, against parsing and appending in memory.

Both servers get the same bytes in turns, on the same core, from generators on the others. Twin: the
events read back from the log are those that were acknowledged, each as often as it was sent.

    python benchmarks/collect_events.py [--seconds 2]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from muster.collector.app import Collector
from muster.events.shape import Call
from muster.events.spool import SpoolWriter, positions
from muster.kit.memory import settle

GOAL, STRETCH = 0.5, 0.7
BATCHES = (1, 20, 100)
CONNECTIONS = 64
ROUNDS = 3
KEY = "wk_bench"
MARK = b"@@@@@@@@@@@@"


class TypedBatch(msgspec.Struct, gc=False):
    """What the floor parses: every event typed, nothing kept raw."""

    batch: list[Call]
    writeKey: str | None = None  # noqa: N815


class InMemory:
    """The floor: reads the same requests, parses them, and appends the events to a list."""

    def __init__(self) -> None:
        self.events: list[Call] = []
        self.decode = msgspec.json.Decoder(TypedBatch).decode

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        parts = []
        while True:
            message = await receive()
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        self.events.extend(self.decode(b"".join(parts)).batch)
        if len(self.events) > 100_000:
            self.events.clear()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"17")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"success": true}'})


def serve(kind: str, folder: str, port: int) -> None:
    import uvicorn

    app = InMemory()
    if kind == "durable":
        app = Collector(SpoolWriter(Path(folder), "server"), {KEY: "bench"}.get)
    pin({0})
    # As the product does; the floor gets it too.
    settle()
    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", log_level="error", access_log=False
    )


def pin(cores: set[int]) -> None:
    there = os.sched_getaffinity(0)
    if cores & there and len(there) > 1:
        os.sched_setaffinity(0, cores & there)


def request(size: int) -> bytes:
    """An HTTP request with a batch of so many events; MARK stands for the request's number."""
    event = (
        b'{"type":"track","event":"Product Viewed","userId":"u%d","messageId":"' + MARK + b'-%d",'
        b'"timestamp":"2026-11-22T08:30:00.123Z","properties":{"product_id":"sku-%d",'
        b'"price":12.5,"currency":"CNY","url":"https://shop.example.com/p/%d"}}'
    )
    batch = b",".join(event % (n * 7919 % 1000, n, n, n) for n in range(size))
    body = b'{"batch":[' + batch + b"]}"
    key = base64.b64encode(f"{KEY}:".encode())
    head = (
        b"POST /v1/batch HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        b"Authorization: Basic " + key + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    return head + body


def generate(port: int, size: int, seconds: float, number: int, results) -> None:
    """Send from half the connections until the time is over; report the acknowledged marks."""
    import uvloop

    pin(set(range(1, os.cpu_count() or 1)))
    template = request(size)
    done: list[bytes] = []

    async def connection(index: int, until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        sent = 0
        while time.perf_counter() < until:
            mark = b"%02d%03d%07d" % (number, index, sent)
            sent += 1
            writer.write(template.replace(MARK, mark))
            answer = await reader.readuntil(b"}")
            if answer.startswith(b"HTTP/1.1 200"):
                done.append(mark)
        writer.close()

    async def all_connections() -> float:
        began = time.perf_counter()
        until = began + seconds
        await asyncio.gather(*(connection(i, until) for i in range(CONNECTIONS // 2)))
        return time.perf_counter() - began

    took = uvloop.run(all_connections())
    results.put((took, done))


def measure(kind: str, size: int, seconds: float) -> tuple[float, bool]:
    """Acknowledged events per second of wall time, and whether they can be read back."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        server = subprocess.Popen([sys.executable, __file__, "--serve", kind, folder, str(port)])
        try:
            wait_until_open(port)
            results = multiprocessing.Queue()
            generators = [
                multiprocessing.Process(target=generate, args=(port, size, seconds, n, results))
                for n in range(2)
            ]
            for generator in generators:
                generator.start()
            reports = [results.get() for _generator in generators]
            for generator in generators:
                generator.join()
        finally:
            server.kill()
            server.wait()
        marks = [mark for _took, done in reports for mark in done]
        rate = sum(len(done) * size / took for took, done in reports)
        return rate, kind != "durable" or read_back(Path(folder), marks, size)


def read_back(folder: Path, marks: list[bytes], size: int) -> bool:
    kept: Counter[bytes] = Counter()
    for place in positions(folder):
        data = (folder / place.segment).read_bytes()
        kept.update(re.findall(rb'"messageId":"(\d{12})-\d+"', data))
    return all(kept[mark] == size for mark in marks)


def wait_until_open(port: int) -> None:
    for _try in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--serve", nargs=3)
    options = parser.parse_args()
    if options.serve:
        kind, folder, port = options.serve
        serve(kind, folder, int(port))
        return 0
    ratios, whole = {}, True
    for size in BATCHES:
        best = {"memory": 0.0, "durable": 0.0}
        for _round in range(ROUNDS):
            for kind in best:
                rate, same = measure(kind, size, options.seconds)
                best[kind] = max(best[kind], rate)
                whole &= same
        ratios[size] = best["durable"] / best["memory"]
        print(
            f"  batches of {size:<4d} {best['durable']:>10,.0f} durable  "
            f"{best['memory']:>10,.0f} in memory  {ratios[size]:.2f}",
            file=sys.stderr,
        )
    worst = min(ratios.values())
    verdict = "ok" if worst >= GOAL else "short"
    twin = "read back = acknowledged" if whole else "WRONG: acknowledged events are missing"
    print(f"collect_events  {worst:.2f}  >={GOAL} (stretch {STRETCH})  {verdict}  {twin}")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
