"""Every engine on this machine answers as DuckDB does; the long way is `make parity`."""

from __future__ import annotations

import pytest

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
