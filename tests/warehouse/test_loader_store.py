"""The warehouse file and who may ask it."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from muster.kit.clients import Client, serving
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import InUse, Rebuilding, Superseded, TooSlow, Warehouse

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
        with pytest.raises(Rebuilding), new.read():
            pass
        Loader(new, tmp_path / "spool", MemoryRecords()).run_once()
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


class TestANewerQuestion:
    def test_stops_the_one_before_of_the_same_asker(self, tmp_path):
        warehouse = Warehouse(tmp_path / "w.duckdb", b"k" * 32, readers=1)
        begun, refused = threading.Event(), []

        def ask_for_long():
            try:
                with warehouse.read(asker="me") as db:
                    begun.set()
                    for _ in range(1000):
                        db.con.execute(
                            "SELECT sum(a.range * b.range) FROM range(20000) a, range(20000) b"
                        )
            except Superseded as stopped:
                refused.append(stopped)

        first = threading.Thread(target=ask_for_long)
        first.start()
        assert begun.wait(10)
        with warehouse.read(asker="me") as db:
            assert db.con.execute("SELECT 42").fetchone() == (42,)
        first.join(10)
        assert len(refused) == 1
        warehouse.close()

    def test_of_a_client_who_left_ends(self, tmp_path):
        warehouse = Warehouse(tmp_path / "w.duckdb", b"k" * 32, readers=1)
        begun, refused, client = threading.Event(), [], Client()

        def ask_for_long():
            try:
                with serving(client), warehouse.read(asker="me") as db:
                    begun.set()
                    for _ in range(1000):
                        db.con.execute(
                            "SELECT sum(a.range * b.range) FROM range(20000) a, range(20000) b"
                        )
            except Superseded as stopped:
                refused.append(stopped)

        first = threading.Thread(target=ask_for_long)
        first.start()
        assert begun.wait(10)
        client.leave()
        first.join(10)
        assert len(refused) == 1
        with warehouse.read() as db:
            assert db.con.execute("SELECT 42").fetchone() == (42,)
        warehouse.close()

    def test_leaves_those_of_others_alone(self, tmp_path):
        warehouse = Warehouse(tmp_path / "w.duckdb", b"k" * 32, readers=2)
        answers = []

        def ask():
            with warehouse.read(asker="you") as db:
                begun.set()
                answers.append(db.con.execute("SELECT count(*) FROM range(30000000)").fetchone())

        begun = threading.Event()
        other = threading.Thread(target=ask)
        other.start()
        assert begun.wait(10)
        with warehouse.read(asker="me") as db:
            db.con.execute("SELECT 1")
        other.join(30)
        assert answers == [(30000000,)]
        warehouse.close()
