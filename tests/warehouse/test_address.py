"""What MUSTER_WAREHOUSE_URL may say."""

from __future__ import annotations

import pytest

from muster.warehouse.address import WrongAddress, lake_and_engine
from muster.warehouse.engines.engine import Away


class TestTheSetting:
    def test_is_empty_for_the_file(self):
        assert lake_and_engine("") == (None, None)

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("postgres://u:p@host/db", "PostgreSQL"),
            ("postgresql://u:p@host/db", "PostgreSQL"),
            ("clickhouse://u:p@host:8123/db", "ClickHouse"),
            ("clickhouses://host", "ClickHouse"),
            ("spark://host:15002?data=/shared", "Spark"),
            ("spark://host?data=/shared", "Spark"),
        ],
    )
    def test_names_an_engine(self, url, name):
        lake, engine = lake_and_engine(url)
        assert lake is None
        assert engine is not None
        assert engine.name == name
        engine.close()

    def test_names_a_lake_with_the_catalogue_as_postgresql_wants_it(self):
        lake, engine = lake_and_engine("ducklake:postgres://me:it%27s@db.example:5433/cat?data=/l/")
        assert engine is None
        assert lake is not None
        assert lake.catalogue == (
            "host='db.example' port='5433' user='me' password='it\\'s' dbname='cat'"
        )

    @pytest.mark.parametrize(
        "url",
        [
            "mysql://host/db",
            "duck",
            "ducklake:postgres://host/db",
            "ducklake:x?data=/l",
            "spark://host:15002",
            "spark://host:15002?data=",
            "spark://host:15002?data=shared",
            "spark://host:15002?data=/shared/{a,b}",
            "spark://me:secret@host:15002?data=/shared",
            "spark://?data=/shared",
            "spark://host:port?data=/shared",
        ],
    )
    def test_says_what_is_wrong_with_others(self, url):
        with pytest.raises(WrongAddress, match="MUSTER_WAREHOUSE_URL"):
            lake_and_engine(url)

    @pytest.mark.parametrize("kind", ["postgres", "clickhouse"])
    def test_is_asked_for_when_nobody_answers(self, kind):
        _lake, engine = lake_and_engine(f"{kind}://nobody:secret@127.0.0.1:9/db")
        assert engine is not None
        with pytest.raises(Away, match="MUSTER_WAREHOUSE_URL") as refusal:
            engine.held()
        assert "secret" not in str(refusal.value)
        engine.close()
