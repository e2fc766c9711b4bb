"""Tables as files in a folder: what counts is what the manifest names, whatever was killed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muster.kit import clock
from muster.warehouse.engines.engine import Held
from muster.warehouse.engines.folder import MOST_FILES, Folder, FolderWriter, standing

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PEOPLE = {"people": {"person_id": "BIGINT", "city": "VARCHAR"}}


class Shared:
    """A folder that is written as the mirror does it, and read as the cluster does."""

    def __init__(self, path):
        self.path = path / "shared"
        self.path.mkdir()
        self.given = path / "given.parquet"
        self.folder = Folder(self.path)

    def rows_file(self, **columns):
        pq.write_table(pa.table(columns), self.given)
        return self.given

    def change(self, number, *, gone=(), rows=(), anew=False, column=""):
        writer = FolderWriter(self.folder)
        if anew:
            writer.begin_anew(PEOPLE)
        if column:
            writer.add_columns("people", {column: "VARCHAR"})
        if gone:
            writer.take_out("people", "person_id", self.rows_file(person_id=list(gone)))
        if rows:
            ids, cities = zip(*rows, strict=True)
            more = {column: [f"new {i}" for i in ids]} if column else {}
            file = self.rows_file(person_id=list(ids), city=list(cities), **more)
            writer.put_in("people", ["person_id", "city", *more], file)
        writer.remember(Held("b", number, len(rows), "{}"))

    def read(self):
        """The rows that stand, by the very statement that Spark is given."""
        table = self.folder.manifest().tables["people"]
        if not table.rows:
            return []
        con = duckdb.connect()
        for kind, numbers in (("rows", table.rows), ("gone", table.gone)):
            files = [str(self.path / "people" / kind / f"batch={n}" / "*.parquet") for n in numbers]
            if files:
                con.read_parquet(files, hive_partitioning=True, union_by_name=True).create(kind)
        return sorted(con.execute(standing(table, "rows", "gone", '"')).fetchall())

    def files(self):
        return {str(p.relative_to(self.path)) for p in self.path.glob("*/*/batch=*")}


@pytest.fixture
def shared(tmp_path):
    return Shared(tmp_path)


class TestWhatStands:
    def test_is_what_was_put_in(self, shared):
        assert shared.folder.manifest() is None
        shared.change(1, anew=True, rows=[(1, "上海"), (2, "")])
        assert shared.read() == [(1, "上海"), (2, "")]
        assert shared.folder.manifest().held == Held("b", 1, 2, "{}")

    def test_is_without_what_was_taken_out_before_it_and_with_what_came_after(self, shared):
        shared.change(1, anew=True, rows=[(1, "a"), (2, "b")])
        shared.change(2, gone=[1, 7], rows=[(1, "c")])
        assert shared.read() == [(1, "c"), (2, "b")]
        shared.change(3, gone=[1, 2])
        assert shared.read() == []

    def test_of_a_new_column_has_nothing_in_older_rows(self, shared):
        shared.change(1, anew=True, rows=[(1, "a")])
        shared.change(2, rows=[(2, "b")], column="t1")
        assert shared.read() == [(1, "a", None), (2, "b", "new 2")]

    def test_begins_anew(self, shared):
        shared.change(1, anew=True, rows=[(1, "a")])
        shared.change(2, anew=True, rows=[(5, "e")])
        assert shared.read() == [(5, "e")]

    def test_is_the_same_after_many_changes_in_few_files(self, shared):
        wanted = dict.fromkeys(range(200), "first")
        shared.change(0, anew=True, rows=list(wanted.items()))
        for number in range(1, 3 * MOST_FILES):
            changed = {number: f"then {number}", number // 2: "again", 300 + number: "new"}
            shared.change(number, gone=[*changed, 199], rows=list(changed.items()))
            wanted.pop(199, None)
            wanted |= changed
            assert shared.read() == sorted(wanted.items())
            table = shared.folder.manifest().tables["people"]
            assert len(table.rows) + len(table.gone) <= MOST_FILES

    def test_keeps_a_new_column_when_files_are_merged(self, shared):
        shared.change(0, anew=True, rows=[(0, "a")])
        for number in range(1, MOST_FILES + 1):
            shared.change(number, rows=[(number, "b")], column="t1" if number == 3 else "")
        assert len(shared.folder.manifest().tables["people"].rows) < MOST_FILES
        assert shared.read()[2:5] == [(2, "b", None), (3, "b", "new 3"), (4, "b", None)]


class TestAKilledChange:
    def test_was_never_there_and_leaves_nothing(self, shared):
        shared.change(1, anew=True, rows=[(1, "a"), (2, "b")])
        before = shared.folder.manifest()
        writer = FolderWriter(shared.folder)
        writer.take_out("people", "person_id", shared.rows_file(person_id=[1]))
        writer.put_in(
            "people", ["person_id", "city"], shared.rows_file(person_id=[1], city=["half"])
        )
        assert shared.folder.manifest() == before
        assert shared.read() == [(1, "a"), (2, "b")]
        shared.change(2, gone=[2], rows=[(3, "c")])
        assert shared.read() == [(1, "a"), (3, "c")]
        assert len(shared.files()) == 3

    def test_while_the_manifest_is_written_leaves_the_old_one(self, shared):
        shared.change(1, anew=True, rows=[(1, "a")])
        (shared.path / "manifest.json.next").write_text('{"version": 1, "held"')
        assert shared.read() == [(1, "a")]
        shared.change(2, rows=[(2, "b")])
        assert shared.read() == [(1, "a"), (2, "b")]


class TestFilesThatCountNoLonger:
    def test_stay_for_an_hour_and_go_with_the_next_change(self, shared, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOON)
        shared.change(1, anew=True, rows=[(1, "a")])
        (old,) = shared.files()
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=5))
        shared.change(2, anew=True, rows=[(2, "b")])
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=64))
        shared.change(3, rows=[(3, "c")])
        assert old in shared.files()
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=66))
        shared.change(4, rows=[(4, "d")])
        assert old not in shared.files()
        assert shared.read() == [(2, "b"), (3, "c"), (4, "d")]


class TestTheFolder:
    def test_that_is_not_there_is_not_taken_for_an_empty_one(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            Folder(tmp_path / "nowhere").manifest()

    def test_of_another_version_is_filled_anew(self, shared):
        shared.change(1, anew=True, rows=[(1, "a")])
        manifest = shared.path / "manifest.json"
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "version": 99}))
        assert shared.folder.manifest() is None
        shared.change(1, anew=True, rows=[(2, "b")])
        assert shared.read() == [(2, "b")]
