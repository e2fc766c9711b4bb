"""The mirror: what the loader changed reaches the other engine, whatever fails in between."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from muster.events import names
from muster.events.shape import event, identify
from muster.events.spool import SpoolWriter
from muster.warehouse import segments
from muster.warehouse.compile import Context
from muster.warehouse.engines.engine import Away
from muster.warehouse.following import place
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.rules import parse
from muster.warehouse.store import Warehouse

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONTEXT = Context(NOON)


class Shelf:
    """An engine in memory that takes what the mirror brings, and can go away."""

    name, suffix, copy_options = "Shelf", ".json", "FORMAT json, ARRAY false"

    def __init__(self):
        self.tables, self.columns, self.position = {}, {}, None
        self.is_away, self.fails_before_the_end = False, False
        self.times_anew = self.rows_written = 0

    def held(self):
        if self.is_away:
            raise Away(engine=self.name, reason="no route to host")
        return self.position

    @contextmanager
    def session(self):
        self.held()
        yield None

    @contextmanager
    def writing(self):
        self.held()
        yield self

    def close(self):
        pass

    def begin_anew(self, tables):
        self.times_anew += 1
        self.columns = {table: dict(columns) for table, columns in tables.items()}
        self.tables = {table: [] for table in tables}

    def add_columns(self, table, columns):
        self.columns[table].update(columns)

    def take_out(self, table, key, file):
        gone = {row[key] for row in self._rows(file)}
        self.tables[table] = [row for row in self.tables[table] if row[key] not in gone]

    def put_in(self, table, columns, file):
        rows = self._rows(file)
        self.rows_written += len(rows)
        self.tables[table] += rows

    def remember(self, held):
        if self.fails_before_the_end:
            raise ConnectionError("killed")
        self.position = held

    @staticmethod
    def _rows(file):
        return [json.loads(line) for line in file.read_text().splitlines()]


class World:
    def __init__(self, folder):
        self.folder, self.shelf = folder, Shelf()
        self.spool = SpoolWriter(folder / "spool", "server")
        self.records = MemoryRecords()
        self.open(self.shelf)

    def open(self, engine):
        self.warehouse = Warehouse(self.folder / "w.duckdb", b"k" * 32, engine=engine)
        self.loader = Loader(self.warehouse, self.folder / "spool", self.records)

    def happens(self, *events):
        self.spool.append("muster", list(events))
        self.loader.run_once()

    def stage(self, query):
        with self.warehouse.stage() as cursor:
            return cursor.execute(query).fetchall()

    def check(self):
        """The shelf holds what the stage holds."""
        ids = [(row["event_id"], row["person_id"]) for row in self.shelf.tables["events"]]
        assert sorted(ids) == sorted(
            self.stage("SELECT lpad(lower(hex(event_id)), 32, '0'), person_id FROM events")
        )
        for table, key in {"profiles": "known", "tags": "tag", "consents": "state"}.items():
            rows = [(row["person_id"], row[key]) for row in self.shelf.tables[table]]
            assert sorted(rows) == sorted(self.stage(f"SELECT person_id, {key} FROM {table}"))
        assert self.shelf.position.rows == len(ids)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.warehouse.close()


def bought(who, **more):
    return event(names.ORDER_COMPLETED, user_id=who, at=NOON, properties={"total": 5}, **more)


class TestTheMirror:
    def test_fills_an_empty_engine_and_then_brings_only_what_changed(self, world):
        world.happens(bought("u1"), bought("u2"))
        world.check()
        assert world.shelf.times_anew == 1
        before = world.shelf.rows_written
        world.happens(bought("u3"))
        world.check()
        assert world.shelf.times_anew == 1
        assert world.shelf.rows_written - before == 3  # the event, the order and the profile

    def test_brings_what_later_events_do_to_earlier_rows(self, world):
        world.happens(
            event("Page Viewed", anonymous_id="a1", at=NOON),
            identify({"email": "b@x.example"}, user_id="u2", at=NOON),
            event(names.PERSON_TAGGED, user_id="u2", properties={"tag": "vip"}, at=NOON),
            event(names.CONSENT_GIVEN, user_id="u2", properties={"channel": "email"}, at=NOON),
        )
        world.happens(identify({"plan": "gold"}, user_id="u1", anonymous_id="a1", at=NOON))
        world.check()
        moves = {"moves": [[1, 2]], "facts": []}
        world.happens(event(names.PERSON_MERGED, person_id=2, properties=moves, at=NOON))
        world.check()
        world.happens(event(names.PERSON_UNTAGGED, user_id="u2", properties={"tag": "vip"}))
        world.check()
        world.happens(event(names.PERSON_ERASED, person_id=2))
        world.check()
        assert [row for row in world.shelf.tables["profiles"] if row["person_id"] == 2] == []
        assert world.shelf.times_anew == 1

    def test_adds_columns_and_begins_anew_where_one_changes_its_kind(self, world):
        world.happens(identify({"age": 5}, user_id="u1"))
        world.happens(identify({"size": 40}, user_id="u1"))
        assert world.shelf.times_anew == 1
        assert world.shelf.columns["profiles"]["t2"] == "DOUBLE"
        world.happens(identify({"size": "M"}, user_id="u2"))
        assert world.shelf.times_anew == 2
        assert world.shelf.columns["profiles"]["t2"] == "VARCHAR"
        world.check()

    def test_catches_up_after_an_outage(self, world):
        world.happens(bought("u1"))
        world.shelf.is_away = True
        for who in ("u2", "u3"):
            with pytest.raises(Away, match="no route to host"):
                world.happens(bought(who))
        position = world.spool.append("muster", [bought("u4")])
        assert world.stage("SELECT count(*) FROM events") == [(3,)], "the stage goes on"
        with pytest.raises(Away):
            world.loader.wait_for(position, 0.1)
        with world.warehouse.read() as db:
            assert place(db).rows == 1, "nobody may believe that more was looked at"
            with pytest.raises(Away):
                segments.count(db, parse({"event": names.ORDER_COMPLETED}), CONTEXT)
        world.shelf.is_away = False
        assert world.loader.wait_for(position, 0.1)
        world.check()
        assert world.shelf.times_anew == 1

    def test_writes_again_what_was_torn(self, world):
        world.happens(bought("u1"))
        world.shelf.fails_before_the_end = True
        with pytest.raises(ConnectionError):
            world.happens(bought("u2"))
        world.shelf.fails_before_the_end = False
        world.warehouse.close()
        world.open(world.shelf)
        world.loader.run_once()
        world.check()

    def test_begins_anew_once_the_file_was_compacted(self, world):
        world.happens(bought("u1"))
        world.happens(event(names.PERSON_ERASED, person_id=1))
        world.warehouse.compact()
        world.loader.run_once()
        world.check()
        assert world.shelf.times_anew == 2

    def test_begins_anew_after_a_rebuild_and_after_a_time_without_it(self, world):
        world.happens(bought("u1"))
        world.loader.rebuild()
        world.check()
        assert world.shelf.times_anew == 2
        world.warehouse.close()
        world.open(None)
        world.happens(bought("u2"))
        world.warehouse.close()
        world.open(world.shelf)
        world.loader.run_once()
        world.check()
        assert world.shelf.times_anew == 3
