"""What is said to Spark: the expressions in which it would mean something else than DuckDB.

That the answers are the same is shown by the parity suite, which needs a cluster.
"""

from __future__ import annotations

from datetime import UTC, datetime

import ibis
import pytest

from muster.warehouse.dialects import SparkDialect
from muster.warehouse.engines.engine import Away
from muster.warehouse.engines.spark import SparkEngine
from muster.warehouse.functions import first_said, json_extract_string, md5_number_upper, to_local

DIALECT = SparkDialect()
T = ibis.table(
    {"text": "string", "at": "timestamp", "number": "float64", "whole": "int64"}, name="t"
)


def said(value):
    (column,) = DIALECT.to_sqlglot(T.select(value.name("x"))).expressions
    return column.this.sql(dialect=DIALECT.dialect).replace("`t0`.", "").replace("`", "")


class TestWhatIsSaidToSpark:
    def test_keeps_every_sign_of_a_text(self):
        assert said(ibis.literal("it's \\ ${env:HOME}")) == r"'it\'s \\ ${env:HOME}'"

    def test_tries_a_cast_that_may_fail_only_on_what_looks_like_a_value(self):
        number = said(T.text.try_cast("float64"))
        assert number.startswith("TRY_CAST(TRIM(REGEXP_EXTRACT(text, '(^")
        assert number.endswith("', 1)) AS DOUBLE)")
        moment = said(T.text.try_cast("timestamp('UTC')"))
        assert moment.startswith("TRY_CAST(TRIM(REGEXP_EXTRACT(text, '(^")
        assert moment.endswith("', 1)) AS TIMESTAMP_LTZ)")

    def test_tells_moments_with_a_zone_from_those_without(self):
        noon = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - the columns have none
        assert said(T.at < noon) == "at < CAST('2026-06-01T12:00:00' AS TIMESTAMP_NTZ)"
        assert "AS TIMESTAMP_LTZ)" in said(ibis.literal(noon.replace(tzinfo=UTC)))

    def test_hashes_to_64_bits(self):
        assert said(T.text.hash()) == "XXHASH64(text)"

    def test_takes_every_name_in_an_object(self):
        name = said(json_extract_string(T.text, "/it's.a~1b"))
        assert r"TRY_ELEMENT_AT(FROM_JSON(text, 'map<string,string>'), 'it\'s.a/b')" in name

    def test_takes_a_number_on_the_way_for_a_name_or_a_place(self):
        place = said(json_extract_string(T.text, "$.screen[1]"))
        assert "GET(FROM_JSON(TRY_ELEMENT_AT(FROM_JSON(text, 'map<string,string>'), 'screen')" in (
            place
        )
        assert "'array<string>'), 1)" in place

    def test_turns_the_bytes_of_the_sum_round(self):
        number = said(md5_number_upper(T.text))
        assert "ARRAY(MD5(text)), v -> CONCAT(SUBSTR(v, 15, 2), SUBSTR(v, 13, 2), " in number
        assert number.endswith("SUBSTR(v, 1, 2))), 0), 16, 10) AS DECIMAL(20, 0))")

    def test_works_out_once_what_it_names_often(self):
        """Else a question over questions grows with each of them, without end."""
        some = json_extract_string(T.text, "/seconds").try_cast("float64").clip(0.0, 9.0)
        assert said(some).count("'map<string,string>'") == 1
        assert said(some.cast("string")).count("'map<string,string>'") == 1

    def test_keeps_the_fraction_of_a_second(self):
        seconds = said(T.at.epoch_seconds())
        assert seconds == "UNIX_MICROS(CAST(at AS TIMESTAMP_LTZ)) / 1000000"

    def test_shows_local_clocks(self):
        local = said(to_local("Asia/Shanghai", T.at.cast("timestamp('UTC')")))
        assert local == "CONVERT_TIMEZONE('UTC', 'Asia/Shanghai', CAST(at AS TIMESTAMP_LTZ))"

    def test_gives_the_first_that_is_something(self):
        window = ibis.cumulative_window(order_by=T.at)
        assert said(first_said(T.text).over(window)).startswith("FIRST(text) IGNORE NULLS OVER (")

    def test_takes_a_nan_for_something(self):
        assert said(T.number.isnull()) == "number IS NULL"
        assert said(T.number.notnull()) == "NOT number IS NULL"

    def test_strips_all_that_is_white(self):
        assert said(T.text.strip()) == r"BTRIM(text, ' \t\n\r\013\014')"

    def test_leaves_rows_out_without_numbering_them(self):
        query = DIALECT.to_sqlglot(T.order_by("whole").limit(5, offset=2))
        assert query.sql(dialect=DIALECT.dialect).endswith("LIMIT 5 OFFSET 2")


class TestTheEngine:
    def test_is_away_when_the_folder_is_not_there(self, tmp_path):
        engine = SparkEngine("127.0.0.1", 9, tmp_path / "nowhere")
        with pytest.raises(Away, match="nowhere is not there"):
            engine.held()
        with pytest.raises(Away, match="nowhere is not there"), engine.writing():
            pass

    def test_is_away_without_its_package_or_its_cluster(self, tmp_path):
        engine = SparkEngine("127.0.0.1", 9, tmp_path)
        with pytest.raises(Away, match="MUSTER_WAREHOUSE_URL"):
            engine.held()
