"""A Spark cluster under Muster's warehouse: odd values, limits, kills and outages."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from muster.events import names
from muster.events.shape import event, identify
from muster.events.spool import SpoolWriter
from muster.warehouse import segments
from muster.warehouse.compile import Context
from muster.warehouse.elsewhere import Stopped
from muster.warehouse.engines.engine import Away
from muster.warehouse.engines.folder import FolderWriter
from muster.warehouse.engines.spark import SparkEngine
from muster.warehouse.functions import json_extract_string, json_keys, md5_number_upper, url_decode
from muster.warehouse.lending import lent
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.rules import parse
from muster.warehouse.store import TooSlow, Warehouse
from muster.warehouse.tables import answer
from tests.parity import spark_cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(spark_cluster.missing()), reason=spark_cluster.missing()),
]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONTEXT = Context(NOON)
SHOP = {"event": names.ORDER_COMPLETED}
NUMBERS = ("5", "5.0", " 12 ", "-0.5", "1e3", "12345678.5", "1e-3", "0.00012", "123456789012345.6")
NUMBERS += (
    "1d",
    "0x10",
    "",
    "many",
    ".5",
    "5.",
    "+7",
    "1e400",
    "١٢",
    "12345678",
    "1e17",
    "3e-7",
    "inf",
)
MOMENTS = (
    "2026-01-05",
    "2026-1-5 1:02",
    "2026-01-05T10:00:00+08:00",
    "2026-01-05T10:00:00.123456Z",
)
MOMENTS += (
    "2026-02-30",
    "now",
    "2026",
    "2026-01-05 10:00:00+0800",
    "1969-12-31 23:59:59.5",
)
OBJECTS = (
    '{"a":"x","b":null,"n":5.0,"big":12345678.5,"small":0.0001,"one":1}',
    '{"a":"1.5E7","it\'s.b":"dot","d":{"k":[1,{"z":"deep"}]},"0":"name"}',
    '{"a":true,"n":12345678901234567890,"d":{"k":"q\\"\\\\u4e2d"}}',
    "{}",
)
TEXTS = (
    "it's",
    "\\",
    "\\n",
    "a\nb",
    "${env:HOME}",
    "%41%zz+",
    "100%",
    "%E4%B8%AD",
    "%ff",
    "`x`",
    '"',
    "ÄÖ",
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with spark_cluster.cluster(tmp_path_factory.mktemp("cluster")) as port:
        yield port


class World:
    """A stage and a shared folder, and a cluster that may be at a port where nobody answers."""

    def __init__(self, folder: Path, port: int):
        self.folder = folder
        (folder / "shared").mkdir()
        self.spool = SpoolWriter(folder / "spool", "server")
        self.records = MemoryRecords()
        self.open(port)

    def open(self, port):
        self.port = port
        self.engine = SparkEngine("127.0.0.1", port, self.folder / "shared")
        self.warehouse = Warehouse(self.folder / "w.duckdb", b"k" * 32, engine=self.engine)
        self.loader = Loader(self.warehouse, self.folder / "spool", self.records)

    def close(self):
        self.warehouse.close()
        self.engine.close()

    def happens(self, *events):
        self.spool.append("muster", list(events))
        self.loader.run_once()

    def count(self, rule, seconds=200):
        with self.warehouse.read(seconds=seconds) as db:
            return segments.count(db, parse(rule), CONTEXT)


@pytest.fixture
def world(tmp_path, cluster):
    world = World(tmp_path, cluster)
    yield world
    world.close()


@contextmanager
def duckdb_alone():
    warehouse = Warehouse(None, b"k" * 32)
    try:
        yield warehouse
    finally:
        warehouse.close()


def bought(who, **more):
    return event(names.ORDER_COMPLETED, user_id=who, at=NOON, properties={"total": 5}, **more)


def asked(warehouse, texts, columns):
    """The answers of a warehouse for each of the texts, in their order."""
    rows = pa.table({"place": list(range(len(texts))), "text": list(texts)})
    with warehouse.read(seconds=200) as db, lent(db, rows) as t:
        found = answer(db, t.select("place", **columns(t.text)).order_by("place"))
    return found.drop(["place"]).to_pylist()


class TestAValue:
    @pytest.mark.parametrize(
        ("texts", "columns"),
        [
            (
                NUMBERS,
                lambda text: {
                    "number": text.try_cast("float64"),
                    "exact": text.try_cast("decimal(38, 9)"),
                    "again": text.try_cast("float64").cast("string"),
                },
            ),
            (
                MOMENTS,
                lambda text: {
                    "exact": text.try_cast("timestamp('UTC')"),
                    "shown": text.try_cast("timestamp"),
                    "seconds": text.try_cast("timestamp").epoch_seconds().cast("float64"),
                },
            ),
            (
                OBJECTS,
                lambda text: {
                    "keys": json_keys(text).length(),
                    **{
                        f"at {pointer}": json_extract_string(text, pointer)
                        for pointer in (
                            "/a",
                            "/b",
                            "/n",
                            "/big",
                            "/small",
                            "/one",
                            "/it's.b",
                            "/0",
                            "/d/k",
                            "/d/k/1/z",
                            "$.d.k[0]",
                            "/d",
                            "/nothing",
                        )
                    },
                },
            ),
            (
                TEXTS,
                lambda text: {
                    "same": text,
                    "lower": text.lower(),
                    "decoded": url_decode(text),
                    "number": md5_number_upper(text).cast("string"),
                    **{f"is {n}": text == one for n, one in enumerate(TEXTS)},
                    **{f"has {n}": text.contains(one) for n, one in enumerate(TEXTS)},
                },
            ),
        ],
        ids=["numbers", "moments", "objects", "texts"],
    )
    def test_is_what_it_is_in_duckdb(self, world, texts, columns):
        with duckdb_alone() as alone:
            wanted = asked(alone, texts, columns)
        assert len(wanted) == len(texts)
        found = asked(world.warehouse, texts, columns)
        assert dict(zip(texts, found, strict=True)) == dict(zip(texts, wanted, strict=True))


class TestAKilledMirror:
    def test_leaves_the_cluster_what_it_had_and_is_caught_up(self, world, monkeypatch):
        world.happens(bought("u1"), bought("u2"))
        assert world.count(SHOP) == 2
        with monkeypatch.context() as killed:
            killed.setattr(FolderWriter, "remember", _killed)
            with pytest.raises(KeyboardInterrupt):
                world.happens(bought("u3"), identify({"plan": "gold"}, user_id="u1", at=NOON))
        assert world.count(SHOP) == 2
        world.close()
        world.open(world.port)
        world.loader.run_once()
        assert world.count(SHOP) == 3
        assert world.count({"trait": "plan", "op": "eq", "value": "gold"}) == 1


class TestAnOutage:
    def test_is_said_and_caught_up_after(self, tmp_path, cluster):
        world = World(tmp_path, 9)
        with pytest.raises(Away, match="MUSTER_WAREHOUSE_URL"):
            world.happens(bought("u1"))
        with pytest.raises(Away), world.warehouse.read() as db:
            segments.count(db, parse(SHOP), CONTEXT)
        world.close()
        world.open(cluster)
        world.happens(bought("u2"))
        assert world.count(SHOP) == 2
        world.close()

    def test_of_the_session_is_not_noticed(self, world):
        world.happens(bought("u1"))
        assert world.count(SHOP) == 1
        (session,) = world.engine._idle._waiting
        session._spark.client.release_session()
        assert world.count(SHOP) == 1


class TestWhatIsKept:
    def test_is_there_until_it_is_dropped_though_the_session_was_forgotten(self, world):
        rows = ibis.memtable(pa.table({"n": [1, 2, 2]}))
        with world.engine.session() as session:
            session._spark.client.release_session()
            table = session.keep("kept", rows.distinct())
            total = table.agg(n=table.n.sum())
            assert session.ask(total).to_pylist() == [{"n": 3}]
            session._spark.client.release_session()
            assert session.ask(total).to_pylist() == [{"n": 3}]
            session.drop("kept")
            with pytest.raises(RuntimeError, match="TABLE_OR_VIEW_NOT_FOUND"):
                session.ask(total)
            assert session.is_clean


class TestALongQuestion:
    @pytest.fixture
    def endless(self):
        some = ibis.memtable(pa.table({"n": list(range(20_000))}))
        two, three = some.view(), some.view()
        every = some.cross_join(two, rname="b{name}").cross_join(three, rname="c{name}")
        return every.filter((every.n * every.bn + every.cn) % 1_000_003 == 7).count()

    def test_ends_at_its_limit_and_the_session_goes_on(self, world, endless):
        began = datetime.now(UTC)
        with world.engine.session() as session:
            session.limit(5)
            with pytest.raises(Stopped):
                session.ask(endless)
            assert datetime.now(UTC) - began < timedelta(seconds=60)
            session.limit(100)
            assert session.ask(ibis.memtable(pa.table({"n": [1, 2]})).n.sum())[0][0].as_py() == 3

    def test_ends_when_it_is_told_to(self, world, endless):
        with world.engine.session() as session:
            threading.Timer(4, session.stop).start()
            with pytest.raises(Stopped):
                session.ask(endless)

    def test_is_too_slow_for_those_who_read(self, world, endless):
        with pytest.raises(TooSlow), world.warehouse.read(seconds=5) as db:
            answer(db, endless.as_table())


def _killed(*_said):
    raise KeyboardInterrupt
