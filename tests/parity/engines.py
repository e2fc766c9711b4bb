"""The engines of the parity suite: each is made, loaded by the real loader, and asked."""

from __future__ import annotations

import glob
import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muster.events.spool import SpoolWriter
from muster.warehouse import lake
from muster.warehouse.address import lake_and_engine
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import Warehouse
from tests.parity import spark_cluster
from tests.parity.people import PARTS, Market
from tests.postgres import postgres

_CHUNK_BYTES = 128 * 1024 * 1024
"""Each chunk is compared with all that was loaded before it, so a few large ones take less."""


class NotHere(Exception):
    """The engine is not on this machine; says what is missing."""


@contextmanager
def loaded(market: Market, folder: Path, url: str = "") -> Iterator[Warehouse]:
    """The warehouse that the setting means, with everything that happened in the market."""
    folder.mkdir(parents=True, exist_ok=True)
    in_lake, engine = lake_and_engine(url)
    file = None if in_lake else folder / "warehouse.duckdb"
    warehouse = Warehouse(file, b"k" * 32, lake=in_lake, engine=engine)
    spool = SpoolWriter(folder / "spool", "test")
    loader = Loader(warehouse, folder / "spool", MemoryRecords(), chunk_bytes=_CHUNK_BYTES)
    try:
        for part in range(PARTS):
            market.write(spool, part)
            loader.run_once()
        yield warehouse
    finally:
        spool.close()
        warehouse.close()
        if engine is not None:
            engine.close()


@contextmanager
def ducklake(folder: Path) -> Iterator[str]:
    """DuckLake, its catalogue in a PostgreSQL of its own."""
    if not all(map(importlib.util.find_spec, lake.EXTENSIONS)):
        raise NotHere("install requirements-engines.lock")
    with _postgres() as url:
        yield f"ducklake:{url}?data={folder / 'lake'}/"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """PostgreSQL."""
    with _postgres() as url:
        yield url


@contextmanager
def _postgres() -> Iterator[str]:
    if not glob.glob("/usr/lib/postgresql/*/bin"):
        raise NotHere("PostgreSQL is not installed; run: make system")
    with postgres() as url:
        yield url


@contextmanager
def clickhouse(folder: Path) -> Iterator[str]:
    """ClickHouse's engine in a process of its own, behind a double of its HTTP interface."""
    if not importlib.util.find_spec("chdb"):
        raise NotHere("install chdb")
    folder.mkdir(parents=True, exist_ok=True)
    program = Path(__file__).with_name("clickhouse_double.py")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(program), str(port), str(folder / "chdb")])
    try:
        _wait_for(port)
        yield f"clickhouse://127.0.0.1:{port}/muster"
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def spark(folder: Path) -> Iterator[str]:
    """A standalone Spark cluster: one master, two workers, and Spark Connect as their driver."""
    if lacks := spark_cluster.missing():
        raise NotHere(lacks)
    shared = folder / "shared"
    shared.mkdir(parents=True)
    with spark_cluster.cluster(folder / "cluster") as port:
        yield f"spark://127.0.0.1:{port}?data={shared}"


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise NotHere("the double of ClickHouse does not start")


ENGINES = {
    "ducklake": ducklake,
    "postgresql": postgresql,
    "clickhouse": clickhouse,
    "spark": spark,
}
