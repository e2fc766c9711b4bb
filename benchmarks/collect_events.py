"""Collecting (TR1): durable, answered after fsync, against parsing and appending in memory.

Both servers get the same bytes in turns, on the first core, from generators on the others, and the
99th percentile of the answers counts as well as how many there are. Then the same while a loader in
a process of its own, on the cores of the generators, follows the log that is written; beside the
floor an equal one follows another log. Both begin behind by the same backlog, so that both are busy
for as long as events are sent. Twin: the events read back from the log are those that were
acknowledged, each as often as it was sent. “Work” is the ratio by the processors' time of the
servers for each request, which other programs disturb less; the goals are by the clock.

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
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from muster.collector.app import Collector
from muster.events.shape import Batch, Call
from muster.events.spool import SpoolWriter, positions
from muster.kit.memory import settle
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import Warehouse

GOAL = 0.7
"""At least so many events per second, of those of the floor."""
GOAL_P99 = 2.0
"""At most so long until the answer, as a multiple of the floor's."""
BACKLOG = 400_000
"""Events that the loader has not loaded when the sending begins."""
BATCHES = (1, 20, 100)
CONNECTIONS = 64
ROUNDS = 3
FIRST, OTHERS = {0}, set(range(1, os.cpu_count() or 1))
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
    pin(FIRST)
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


class Connection(asyncio.Protocol):
    """Sends a request as soon as the one before is answered."""

    def __init__(self, parts: list[bytes], name: bytes, until: float) -> None:
        self.over = asyncio.get_running_loop().create_future()
        self.kept: list[bytes] = []
        self.seconds: list[float] = []
        self._parts = parts
        self._name = name
        self._until = until

    def connection_made(self, transport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._mark = b"%b%07d" % (self._name, len(self.seconds))
        self._answer = b""
        self._began = time.perf_counter()
        self._transport.write(self._mark.join(self._parts))

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.endswith(b"}"):
            return
        now = time.perf_counter()
        self.seconds.append(now - self._began)
        if self._answer.startswith(b"HTTP/1.1 200"):
            self.kept.append(self._mark)
        if now < self._until:
            self._send()
        else:
            self._transport.close()
            self.over.set_result(None)


def generate(port: int, size: int, seconds: float, number: int, results) -> None:
    """Send from half the connections until the time is over; report the acknowledged marks."""
    import uvloop

    pin(OTHERS)
    parts = request(size).split(MARK)

    async def all_connections() -> tuple[float, list[bytes], list[float]]:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        connections = [
            Connection(parts, b"%02d%03d" % (number, index), began + seconds)
            for index in range(CONNECTIONS // 2)
        ]
        for connection in connections:
            await loop.create_connection(lambda one=connection: one, "127.0.0.1", port)
        await asyncio.gather(*(connection.over for connection in connections))
        took = time.perf_counter() - began
        kept = [mark for connection in connections for mark in connection.kept]
        return took, kept, [one for connection in connections for one in connection.seconds]

    results.put(uvloop.run(all_connections()))


@dataclass(frozen=True)
class Measured:
    """What a server did."""

    rate: float
    """Acknowledged events per second."""
    p99: float
    """Seconds until the answer, 99th percentile."""
    work: float
    """Seconds of the processors for each request."""
    loading: float
    """How much of a core the loader had."""
    whole: bool
    """Whether all that was acknowledged is in the log."""


def measure(kind: str, size: int, seconds: float, backlog: Path | None) -> Measured:
    """One server under load; with a backlog, while a loader is busy."""
    with ExitStack() as stack:
        log = temporary(stack)
        port, server = stack.enter_context(serving(kind, log))
        processes = [server]
        if backlog is not None:
            followed = log if kind == "durable" else temporary(stack)
            processes.append(stack.enter_context(loading(followed, backlog)))
        results = multiprocessing.Queue()
        generators = [
            multiprocessing.Process(target=generate, args=(port, size, seconds, n, results))
            for n in range(2)
        ]
        before = [worked(process) for process in processes]
        for generator in generators:
            generator.start()
        reports = [results.get() for _generator in generators]
        work = [worked(process) - began for process, began in zip(processes, before, strict=True)]
        for generator in generators:
            generator.join()
        answers = sorted(one for _took, _kept, seconds in reports for one in seconds)
        marks = [mark for _took, kept, _seconds in reports for mark in kept]
        return Measured(
            rate=sum(len(kept) * size / took for took, kept, _seconds in reports),
            p99=answers[len(answers) * 99 // 100],
            work=work[0] / len(answers),
            loading=sum(work[1:]) / max(took for took, _kept, _seconds in reports),
            whole=kind != "durable" or read_back(log, marks, size),
        )


def worked(process: int) -> float:
    """Seconds of the processors that a process has had so far, with all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def temporary(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory()))


@contextmanager
def serving(kind: str, log: Path) -> Iterator[tuple[int, int]]:
    """A server in a process of its own; its port and the number of the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, __file__, "--serve", kind, str(log), str(port)])
    try:
        wait_until_open(port)
        yield port, server.pid
    finally:
        server.kill()
        server.wait()


@contextmanager
def loading(log: Path, backlog: Path) -> Iterator[int]:
    """A loader in a process of its own that is behind this log; the number of the process."""
    for segment in backlog.iterdir():
        os.link(segment, log / segment.name)
    with tempfile.TemporaryDirectory() as folder:
        begun = multiprocessing.Event()
        loader = multiprocessing.Process(target=load, args=(log, Path(folder), begun))
        loader.start()
        begun.wait()
        try:
            yield loader.pid
        finally:
            loader.kill()
            loader.join()


def load(log: Path, folder: Path, begun) -> None:
    pin(OTHERS)
    warehouse = Warehouse(folder / "warehouse.duckdb", b"k" * 32)
    with warehouse.write() as con:
        con.execute("SET threads = 1")
    Loader(warehouse, log, MemoryRecords()).start()
    begun.set()
    threading.Event().wait()


def write_backlog(folder: Path) -> None:
    _head, _line, body = request(500).partition(b"\r\n\r\n")
    spool = SpoolWriter(folder, "backlog")
    for number in range(0, BACKLOG, 500):
        batch = msgspec.json.decode(body.replace(MARK, b"backlog%d" % number), type=Batch)
        spool.append("bench", [bytes(event) for event in batch.batch])
    spool.close()


def read_back(folder: Path, marks: list[bytes], size: int) -> bool:
    kept: Counter[bytes] = Counter()
    for place in positions(folder):
        if place.segment.startswith("backlog"):
            continue
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
    whole = True
    with tempfile.TemporaryDirectory() as folder:
        write_backlog(Path(folder))
        for name, backlog in (("collect_events", None), ("  while loading", Path(folder))):
            rates, waits = [], []
            for size in BATCHES:
                floor, durable = compared(size, options.seconds, backlog)
                rates.append(durable.rate / floor.rate)
                waits.append(durable.p99 / floor.p99)
                whole &= durable.whole
                loaders = f"  loaders {durable.loading:.2f} {floor.loading:.2f}" if backlog else ""
                print(
                    f"  batches of {size:<4d} {durable.rate:>10,.0f} durable  "
                    f"{floor.rate:>10,.0f} in memory  {rates[-1]:.2f}  "
                    f"work {floor.work / durable.work:.2f}  "
                    f"p99 {durable.p99 * 1000:.1f} ms  {floor.p99 * 1000:.1f} ms  {waits[-1]:.2f}"
                    f"{loaders}",
                    file=sys.stderr,
                )
            verdict = "ok" if min(rates) >= GOAL and max(waits) <= GOAL_P99 else "short"
            twin = "read back = acknowledged" if whole else "WRONG: acknowledged events are missing"
            print(
                f"{name}  {min(rates):.2f}  >={GOAL}  p99 {max(waits):.2f}  <={GOAL_P99}  "
                f"{verdict}  {twin}"
            )
    return 0 if whole else 1


def compared(size: int, seconds: float, backlog: Path | None) -> tuple[Measured, Measured]:
    """The floor and the collector, each at its best of some rounds in turns."""
    rounds = [
        [measure(kind, size, seconds, backlog) for kind in ("memory", "durable")]
        for _round in range(ROUNDS)
    ]
    floor, durable = (
        Measured(
            rate=max(one.rate for one in each),
            p99=min(one.p99 for one in each),
            work=min(one.work for one in each),
            loading=min(one.loading for one in each),
            whole=all(one.whole for one in each),
        )
        for each in zip(*rounds, strict=True)
    )
    return floor, durable


if __name__ == "__main__":
    sys.exit(main())
