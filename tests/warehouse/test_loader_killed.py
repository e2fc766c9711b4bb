"""A loader that is killed loses and doubles nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from muster.events.shape import event, identify
from muster.events.spool import SpoolWriter
from muster.warehouse.loader import Loader
from muster.warehouse.records import FOUND, MemoryRecords
from muster.warehouse.store import Warehouse

ROOT = Path(__file__).parents[2]
PEOPLE = 500


class SteadyRecords(MemoryRecords):
    """Gives the same person the same number after every start, as a database does."""

    def people_for(self, keys):
        numbers = [int(name.removeprefix("u")) for name in keys["external_id"].to_pylist()]
        return FOUND.empty_table().from_arrays(
            [keys["n"], numbers, [False] * len(numbers)], schema=FOUND
        )


def load(folder):
    warehouse = Warehouse(folder / "warehouse.duckdb", b"k" * 32)
    Loader(warehouse, folder / "spool", SteadyRecords(), chunk_bytes=150_000).run_once()
    return warehouse


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_killed_in_the_middle_again_and_again(tmp_path, kills):
    spool = SpoolWriter(tmp_path / "spool", "server")
    for start in range(0, 20_000, 1000):
        spool.append(
            "key:web",
            [
                event("A", user_id=f"u{n % PEOPLE}", message_id=f"m{n}", properties={"total": 1})
                if n % 10
                else identify({f"trait{n % 70}": n}, user_id=f"u{n % PEOPLE}", message_id=f"m{n}")
                for n in range(start, start + 1000)
            ],
        )
    chance = random.Random(3)
    code = f"from pathlib import Path; from {__name__} import load; load(Path({str(tmp_path)!r}))"
    killed = 0
    for _kill in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": "src:."}
        )
        while not (tmp_path / "warehouse.duckdb").exists() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.2, 1.5))
        killed += process.poll() is None
        process.kill()
        process.wait()
    warehouse = load(tmp_path)
    assert killed
    with warehouse.read() as backend:
        counted = backend.con.execute(
            "SELECT count(*), count(DISTINCT event_id), sum(revenue), count(DISTINCT person_id) "
            "FROM events"
        ).fetchone()
        profiles = backend.con.execute(
            "SELECT count(*), count(DISTINCT person_id) FROM profiles"
        ).fetchone()
    warehouse.close()
    assert counted == (20_000, 20_000, 18_000, PEOPLE)
    assert profiles == (PEOPLE, PEOPLE)
    assert list(tmp_path.glob("*.damaged-*")) == []
