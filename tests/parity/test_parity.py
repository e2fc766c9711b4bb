"""Every engine on this machine answers as DuckDB does; the long way is `make parity`."""

from __future__ import annotations

import psycopg
import pytest

from muster.warehouse.dialects import POSTGRES_FUNCTIONS
from tests.parity.engines import ENGINES, NotHere, loaded
from tests.parity.people import Market
from tests.parity.run import answers, apart, differences

MARKET = Market(60)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory):
    with loaded(MARKET, tmp_path_factory.mktemp("duckdb")) as warehouse:
        return answers(warehouse, brief=True)


class TestEveryQuestion:
    def test_has_an_answer(self, wanted):
        assert {name: a for name, a in wanted.items() if isinstance(a, str) and "Error:" in a} == {}
        assert all(wanted["all rules at once"]), "a rule that means nobody proves nothing"
        assert len(wanted) > 35

    @pytest.mark.parametrize("engine", ["ducklake", "postgresql"])
    def test_has_the_same_in(self, engine, wanted, tmp_path):
        try:
            with (
                ENGINES[engine](tmp_path) as url,
                loaded(MARKET, tmp_path / "data", url) as warehouse,
            ):
                found = answers(warehouse, brief=True)
        except NotHere as reason:
            pytest.skip(f"{engine}: {reason}")
        other = differences(wanted, found)
        assert {name: apart(wanted[name], found[name]) for name in other} == {}


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
