"""The engines of the parity suite: each is made, loaded by the real loader, and asked."""

from __future__ import annotations

import glob
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muster.events.spool import SpoolWriter
from muster.warehouse import lake
from muster.warehouse.address import lake_and_engine
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import Warehouse
from tests.parity.people import PARTS, Market
from tests.postgres import postgres


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
    loader = Loader(warehouse, folder / "spool", MemoryRecords())
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


ENGINES = {"ducklake": ducklake, "postgresql": postgresql}
