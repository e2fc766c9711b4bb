"""The warehouse file and who may ask it."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from muster.warehouse.store import InUse, TooSlow, Warehouse

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"


@pytest.fixture
def warehouse(tmp_path):
    warehouse = Warehouse(tmp_path / "warehouse.duckdb", b"k" * 32, readers=1)
    yield warehouse
    warehouse.close()


class TestAsking:
    def test_gives_the_tables_through_ibis(self, warehouse):
        with warehouse.read() as backend:
            assert backend.table("events").count().to_pyarrow().as_py() == 0

    def test_a_question_that_takes_too_long_is_stopped_with_advice(self, warehouse):
        with pytest.raises(TooSlow, match="fewer people"), warehouse.read(0.2) as backend:
            backend.con.execute(ENDLESS)
        with warehouse.read() as backend:
            assert backend.con.execute("SELECT 1").fetchall() == [(1,)]

    def test_who_finds_no_place_in_time_is_told(self, warehouse):
        held, leave = threading.Event(), threading.Event()

        def hold():
            with warehouse.read():
                held.set()
                leave.wait()

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        with pytest.raises(TooSlow), warehouse.read(0.05):
            pass
        leave.set()
        thread.join()

    def test_a_question_inside_a_question_needs_no_second_place(self, warehouse):
        with warehouse.read() as outer, warehouse.read() as inner:
            assert inner is outer


class TestTheFile:
    def test_a_second_process_is_told_who_has_it(self, warehouse):
        code = (
            "import sys; sys.path.insert(0, 'src')\n"
            "from pathlib import Path\n"
            "from muster.warehouse.store import InUse, Warehouse\n"
            f"try: Warehouse(Path({str(warehouse.path)!r}), b'k')\n"
            "except InUse as no: print(no)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert "Another Muster" in done.stdout
        assert InUse.code == "warehouse_in_use"

    def test_a_failed_write_leaves_nothing(self, warehouse):
        with suppress(ZeroDivisionError), warehouse.write() as cursor:
            cursor.execute("INSERT INTO tags VALUES (1, 'x', now()::TIMESTAMP)")
            raise ZeroDivisionError
        with warehouse.read() as backend:
            assert backend.table("tags").count().to_pyarrow().as_py() == 0

    def test_tables_of_another_version_are_made_anew(self, tmp_path):
        path = tmp_path / "warehouse.duckdb"
        old = Warehouse(path, b"k")
        with old.write() as cursor:
            cursor.execute("UPDATE version SET number = 0")
            cursor.execute("INSERT INTO tags VALUES (1, 'x', now()::TIMESTAMP)")
        old.close()
        new = Warehouse(path, b"k")
        assert new.needs_rebuild
        with new.read() as backend:
            assert backend.table("tags").count().to_pyarrow().as_py() == 0
        new.close()


def test_hashes_differ_by_kind_value_and_key(warehouse):
    other = Warehouse(None, b"other")
    hashes = {
        warehouse.hash_of("email", "a@x.cn"),
        warehouse.hash_of("phone", "a@x.cn"),
        warehouse.hash_of("email", "b@x.cn"),
        other.hash_of("email", "a@x.cn"),
    }
    assert len(hashes) == 4
    assert {len(value) for value in hashes} == {32}
