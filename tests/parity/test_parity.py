"""Every engine on this machine answers as DuckDB does; the long way is `make parity`."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import duckdb
import ibis
import psycopg
import pyarrow as pa
import pytest

from muster.warehouse.dialects import POSTGRES_FUNCTIONS
from muster.warehouse.elsewhere import Elsewhere, Stopped
from muster.warehouse.engines.postgres import PostgresEngine
from muster.warehouse.lending import kept
from tests.parity.engines import ENGINES, NotHere, loaded
from tests.parity.people import Market
from tests.parity.questions import plain
from tests.parity.run import apart, ask, differences, in_short


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return Market(60, tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="module")
def wanted(market, tmp_path_factory):
    with loaded(market, tmp_path_factory.mktemp("duckdb")) as warehouse:
        return ask(warehouse, tmp_path_factory.mktemp("answers"), brief=True)


class TestEveryQuestion:
    def test_has_an_answer(self, wanted):
        assert wanted.errors == {}
        assert all(map(len, wanted.whole("all rules at once"))), "a rule that means nobody"
        assert len(wanted.answers) > 35

    @pytest.mark.parametrize("engine", ["ducklake", "postgresql"])
    def test_has_the_same_in(self, engine, market, wanted, tmp_path):
        try:
            with (
                ENGINES[engine](tmp_path) as url,
                loaded(market, tmp_path / "data", url) as warehouse,
            ):
                found = ask(warehouse, tmp_path / "answers", brief=True)
        except NotHere as reason:
            pytest.skip(f"{engine}: {reason}")
        other = differences(wanted, found)
        assert {name: apart(wanted.whole(name), found.whole(name)) for name in other} == {}


class TestComparison:
    """Sums of doubles may differ in their last digits, and nothing else in anything."""

    FOUND = {"money": plain(Decimal("1.50")), "mean": 2 / 3, "ids": plain(pa.array([1, 2]))}

    @pytest.mark.parametrize(
        "other",
        [
            {},
            {"money": plain(Decimal("1.5000"))},
            {"mean": 2 / 3 + 1e-12},
        ],
    )
    def test_is_the_same_for(self, other):
        assert in_short(self.FOUND).is_same(in_short({**self.FOUND, **other}))

    @pytest.mark.parametrize(
        ("other", "where"),
        [
            ({"money": plain(Decimal("1.500000000001"))}, ".money"),
            ({"mean": 2 / 3 + 1e-6}, ".mean"),
            ({"mean": None}, ".mean"),
            ({"ids": plain(pa.array([2, 1]))}, ".ids[0]"),
            ({"ids": plain(pa.array([1, 2, 3]))}, ".ids"),
        ],
    )
    def test_finds(self, other, where):
        found = {**self.FOUND, **other}
        assert not in_short(self.FOUND).is_same(in_short(found))
        assert apart(self.FOUND, found).startswith(f"{where}:")


@pytest.fixture
def engine(tmp_path):
    """PostgreSQL without any table of ours."""
    try:
        with ENGINES["postgresql"](tmp_path) as url:
            engine = PostgresEngine(url)
            yield engine
            engine.close()
    except NotHere as reason:
        pytest.skip(f"postgresql: {reason}")


class TestKeepingInPostgreSQL:
    """The answer of a question is worked out once, and gone with its asker."""

    ROWS = ibis.memtable(pa.table({"n": [1, 2, 2]}))

    @staticmethod
    def tables_of(session):
        found = session.con.execute("SELECT relname FROM pg_class WHERE relpersistence = 't'")
        return [name for (name,) in found if name.startswith("kept")]

    def test_asks_the_rows_that_were_kept(self, engine):
        with engine.session() as session:
            table = session.keep("kept_1", self.ROWS.distinct())
            assert session.ask(table.agg(n=table.n.sum())).to_pylist() == [{"n": 3}]
            assert self.tables_of(session) == ["kept_1"]
            session.drop("kept_1")
            assert self.tables_of(session) == []

    def test_leaves_nothing_to_the_next_who_asks(self, engine):
        with duckdb.connect() as stage:
            with engine.session() as session:
                db = Elsewhere.beside(stage, lambda: session, 0)
                with suppress(ZeroDivisionError), kept(db, self.ROWS, "kept"):
                    assert len(self.tables_of(session)) == 1
                    raise ZeroDivisionError
            with engine.session() as again:
                assert again.con is session.con
                assert self.tables_of(again) == []

    def test_leaves_nothing_where_it_took_too_long(self, engine):
        slow = ibis.range(0, 1_000_000_000).unnest().name("n").as_table()
        with duckdb.connect() as stage:
            with engine.session() as session:
                session.limit(0.2)
                db = Elsewhere.beside(stage, lambda: session, 0)
                with pytest.raises(Stopped), kept(db, slow, "kept"):
                    pass
            with engine.session() as again:
                assert self.tables_of(again) == []

    def test_lends_no_session_again_in_which_something_was_left(self, engine):
        with engine.session() as session:
            session.keep("kept_1", self.ROWS)
            session.con.execute("SET statement_timeout = 100")
            with psycopg.connect(engine._url, autocommit=False) as other:
                # The table cannot be dropped while somebody looks at it.
                other.execute(f"LOCK TABLE {self.place_of(session)}.kept_1 IN ACCESS SHARE MODE")
                session.drop("kept_1")
        with engine.session() as again:
            assert again.con is not session.con
            assert session.con.closed

    @staticmethod
    def place_of(session):
        (row,) = session.con.execute("SELECT pg_my_temp_schema()::regnamespace::text").fetchall()
        return row[0]


class TestPostgreSQL:
    def test_reads_texts_in_a_plan_of_several_workers(self, tmp_path):
        """Such plans come with the size of the tables; here they are asked for."""
        try:
            with ENGINES["postgresql"](tmp_path) as url, psycopg.connect(url) as con:
                con.execute(POSTGRES_FUNCTIONS)
                con.execute(
                    "CREATE TABLE said AS SELECT CASE n % 4 WHEN 0 THEN '2026-02-28T09:00:00Z'"
                    " WHEN 1 THEN '2026-02-30' WHEN 2 THEN 'a%20b' ELSE '%ff' END AS text"
                    " FROM generate_series(1, 40000) AS n"
                )
                for setting in (
                    "max_parallel_workers_per_gather = 2",
                    "min_parallel_table_scan_size = 0",
                    "parallel_setup_cost = 0",
                    "parallel_tuple_cost = 0",
                ):
                    con.execute(f"SET {setting}")
                found = con.execute(
                    "SELECT text, min(muster_moment(text)) = '2026-02-28T09:00:00Z',"
                    " min(muster_shown(text)) = '2026-02-28 09:00', min(muster_url_decode(text)),"
                    " count(*) FROM said GROUP BY text ORDER BY text"
                ).fetchall()
        except NotHere as reason:
            pytest.skip(f"postgresql: {reason}")
        assert found == [
            ("%ff", None, None, "%ff", 10_000),
            ("2026-02-28T09:00:00Z", True, True, "2026-02-28T09:00:00Z", 10_000),
            ("2026-02-30", None, None, "2026-02-30", 10_000),
            ("a%20b", None, None, "a b", 10_000),
        ]
