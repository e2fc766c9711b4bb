"""How each engine says what Ibis cannot say for all of them: one class an engine, all in one place.

The questions are written once, in the words of `functions` and of Ibis; DuckDB takes them as they
are. For another engine its compiler here puts its own words in their place, and `portable` takes
out of a question what only DuckDB is quick at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler
from ibis.backends.sql.compilers.postgres import PostgresCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType

if TYPE_CHECKING:
    import ibis.expr.types as ir


def portable(question: ir.Expr) -> ir.Expr:
    """The question without ASOF joins, which the others do not have or do row by row."""
    return question.op().replace(_without_asof).to_expr()


def _without_asof(node: ops.Node, given: dict[str, Any] | None) -> ops.Node:
    node = node.__recreate__(given) if given else node
    if not isinstance(node, ops.JoinChain) or all(link.how != "asof" for link in node.rest):
        return node
    (link,) = node.rest
    return _latest_before(node, link)


def _latest_before(node: ops.JoinChain, link: ops.JoinLink) -> ops.Node:
    """Each left row beside the latest right row before it, by one pass over both in their order.

    Every right row begins a block, and the left rows of the block are those it is the latest for.
    """
    left, right = node.first.parent.to_expr(), link.table.parent.to_expr()
    (pairs,) = [p for p in link.predicates if isinstance(p, ops.Equals)]
    (bound,) = [p for p in link.predicates if not isinstance(p, ops.Equals)]
    if not isinstance(bound, ops.GreaterEqual | ops.Greater):
        raise NotImplementedError(type(bound).__name__)
    # Of one moment the right row comes first where it counts, else last.
    right_first = isinstance(bound, ops.GreaterEqual)

    def side(table: ir.Table, key: str, moment: str, *, is_left: bool) -> ir.Table:
        columns = {}
        for prefix, one in (("l_", left), ("r_", right)):
            own = one is table
            for name, kind in one.schema().items():
                columns[prefix + name] = table[name] if own else ibis.null(kind)
        return table.select(
            side_key=table[key],
            side_moment=table[moment],
            side_place=ibis.literal(int(is_left == right_first), "int64"),
            is_left=ibis.literal(int(is_left), "int64"),
            **columns,
        )

    both = side(left, pairs.left.name, bound.left.name, is_left=True).union(
        side(right, pairs.right.name, bound.right.name, is_left=False)
    )
    so_far = ibis.cumulative_window(
        group_by=both.side_key, order_by=[both.side_moment, both.side_place]
    )
    both = both.mutate(block=(1 - both.is_left).sum().over(so_far))
    block = ibis.window(group_by=[both.side_key, both.block])
    both = both.mutate(
        **{
            name: both[f"l_{field.name}"]
            if field.rel == node.first
            else both[f"r_{field.name}"].max().over(block)
            for name, field in node.values.items()
        }
    )
    return both.filter(both.is_left == 1).select(*node.values).op()


def _path(pointer: str) -> list[str]:
    """The names on the way that `/a/b` or `$.a[0]` says."""
    if pointer.startswith("/"):
        parts = pointer[1:].split("/")
        return [part.replace("~1", "/").replace("~0", "~") for part in parts]
    return pointer.removeprefix("$.").replace("[", ".").replace("]", "").split(".")


def _text(literal: sge.Expression) -> str:
    if not isinstance(literal, sge.Literal):
        raise NotImplementedError("a path that is worked out")
    return str(literal.this)


class PostgresDialect(PostgresCompiler):  # type: ignore[misc]
    """PostgreSQL 15 and later, with the functions of `POSTGRES_FUNCTIONS`."""

    __slots__ = ()

    SIMPLE_OPS = {ops.Arbitrary: "min"}
    """Any of them will do, and the least is at hand."""

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **given: Any) -> Any:
        """The functions that SQL lends us."""
        name, arguments = self.__sql_name__(op), list(given.values())
        if name == "json_extract_string":
            path = _path(_text(arguments[1]))
            return self.f.anon.muster_said(arguments[0], *map(sge.convert, path))
        own = {
            "url_decode": "muster_url_decode",
            "json_keys": "muster_json_keys",
            "md5_number_upper": "muster_md5_number_upper",
        }
        return self.f.anon[own.get(name, name)](*arguments)

    def visit_TryCast(self, op: ops.TryCast, *, arg: Any, to: Any) -> Any:
        """A text that says no such value gives nothing."""
        if to.is_floating():
            return self.f.anon.muster_number(arg)
        if to.is_decimal():
            return self.cast(self.f.anon.muster_exact(arg), to)
        if to.is_timestamp():
            return self.f.anon.muster_moment(arg) if to.timezone else self.f.anon.muster_shown(arg)
        raise NotImplementedError(str(to))

    def visit_RegexExtract(
        self, op: ops.RegexExtract, *, arg: Any, pattern: Any, index: Any
    ) -> Any:
        """What the group found, an empty text where the pattern does not fit."""
        return self.f.anon.muster_extracted(arg, pattern, index)

    def visit_AggUDF(self, op: ops.AggUDF, *, where: Any, **given: Any) -> Any:
        """The aggregates that SQL lends us."""
        own = {"any_value": "muster_first"}
        return self.agg[own[self.__sql_name__(op)]](*given.values(), where=where)

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: Any) -> Any:
        """A number with a fraction reads 5.0 where it is whole, as in DuckDB."""
        if op.arg.dtype.is_floating() and to.is_string():
            return self.f.anon.muster_float_text(arg)
        if op.arg.dtype.is_boolean() and to.is_numeric():
            return self.cast(self.cast(arg, dt.int32), to)
        return super().visit_Cast(op, arg=arg, to=to)


POSTGRES_FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION muster_said(props text, VARIADIC path text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT props::json #>> path $$;

CREATE OR REPLACE FUNCTION muster_json_keys(props text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN json_typeof(props::json) = 'object'
            THEN ARRAY(SELECT json_object_keys(props::json)) ELSE ARRAY[]::text[] END $$;

CREATE OR REPLACE FUNCTION muster_md5_number_upper(said text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT sum(get_byte(decode(md5(said), 'hex'), i) * (256::numeric ^ i))::numeric(20, 0)
FROM generate_series(0, 7) AS i $$;

CREATE OR REPLACE FUNCTION muster_url_decode(written text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE bytes bytea := ''; part text;
BEGIN
    IF written IS NULL OR position('%' IN written) = 0 THEN RETURN written; END IF;
    FOR part IN SELECT m[1] FROM regexp_matches(written, '(%[0-9a-fA-F]{2}|[^%]+|%)', 'g') AS m
    LOOP
        IF part ~ '^%[0-9a-fA-F]{2}$' THEN bytes := bytes || decode(substr(part, 2), 'hex');
        ELSE bytes := bytes || convert_to(part, 'UTF8'); END IF;
    END LOOP;
    BEGIN
        RETURN convert_from(bytes, 'UTF8');
    EXCEPTION WHEN others THEN RETURN written;
    END;
END $$;

CREATE OR REPLACE FUNCTION muster_extracted(said text, pattern text, place integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN said IS NOT NULL THEN coalesce((regexp_match(said, pattern))[place], '') END $$;

CREATE OR REPLACE FUNCTION muster_exact(said text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN said ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*$'
            THEN CASE WHEN abs(said::numeric) < 1e29 THEN said::numeric END END $$;

CREATE OR REPLACE FUNCTION muster_number(said text) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN said ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*$'
            THEN CASE WHEN abs(said::numeric) < 1e-307 THEN 0
                      WHEN abs(said::numeric) < 1e308 THEN said::double precision
                      WHEN said::numeric > 0 THEN 'inf'::double precision
                      ELSE '-inf'::double precision END
            WHEN lower(trim(said)) IN ('inf', '+inf', 'infinity', '+infinity')
            THEN 'inf'::double precision
            WHEN lower(trim(said)) IN ('-inf', '-infinity') THEN '-inf'::double precision
            WHEN lower(trim(said)) = 'nan' THEN 'nan'::double precision END $$;

CREATE OR REPLACE FUNCTION muster_float_text(number double precision) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN number = trunc(number) AND abs(number) < 1e15 THEN number::text || '.0'
            ELSE number::text END $$;

CREATE OR REPLACE FUNCTION muster_looks_like_moment(said text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT said ~ ('^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?'
            || '\s*(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?\s*$') $$;

CREATE OR REPLACE FUNCTION muster_moment(said text) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF said IS NULL OR NOT muster_looks_like_moment(said) THEN RETURN NULL; END IF;
    BEGIN
        RETURN said::timestamptz;
    EXCEPTION WHEN others THEN RETURN NULL;
    END;
END $$;

CREATE OR REPLACE FUNCTION muster_shown(said text) RETURNS timestamp
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF said IS NULL OR NOT muster_looks_like_moment(said) THEN RETURN NULL; END IF;
    BEGIN
        RETURN said::timestamp;
    EXCEPTION WHEN others THEN RETURN NULL;
    END;
END $$;

CREATE OR REPLACE FUNCTION muster_left(one anyelement, other anyelement) RETURNS anyelement
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT $1 $$;
CREATE OR REPLACE AGGREGATE muster_first(anyelement) (SFUNC = muster_left, STYPE = anyelement);
"""
"""Made in the schema of the warehouse; PostgreSQL has no cast that may fail.

What catches an error is not PARALLEL SAFE: no worker of a query may begin what could be taken back.
`muster_url_decode` is called volatile so that the subquery it stands in is not dissolved: whatever
asks for its columns would work each of them out anew.
"""


class ClickHouseDialect(ClickHouseCompiler):  # type: ignore[misc]
    """ClickHouse 26, with the settings of its engine."""

    __slots__ = ()

    SIMPLE_OPS = {ops.CountDistinct: "uniqExact", ops.Arbitrary: "any"}

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **given: Any) -> Any:
        """The functions that SQL lends us."""
        name, arguments = self.__sql_name__(op), list(given.values())
        if name == "json_extract_string":
            return self._said(arguments[0], _path(_text(arguments[1])))
        if name == "json_keys":
            return self.f.anon.JSONExtractKeys(self.f.anon.ifNull(arguments[0], "{}"))
        if name == "url_decode":
            decoded = self.f.anon.decodeURLComponent(arguments[0])
            return self.f.anon["if"](self.f.anon.isValidUTF8(decoded), decoded, arguments[0])
        if name == "md5_number_upper":
            bytes_ = self.f.anon.substring(self.f.anon.MD5(arguments[0]), 1, 8)
            return self.f.anon.reinterpretAsUInt64(bytes_)
        zone, moment = arguments
        utc = sge.convert("UTC")
        if op.dtype.timezone is None:
            # What the clocks show, as if they showed it in UTC.
            shown = self.f.anon.toString(self.f.anon.toTimeZone(moment, zone))
            return self.f.anon.toDateTime64(shown, 6, utc)
        return self.f.anon.toDateTime64(self.f.anon.toString(moment), 6, zone)

    def _said(self, props: Any, path: list[str]) -> Any:
        """The text of a value; ClickHouse's own gives an empty text for everything else."""
        steps = [sge.convert(int(part) + 1 if part.isdigit() else part) for part in path]
        raw = self.f.anon.JSONExtractRaw(props, *steps)
        text = self.f.anon.JSONExtractString(props, *steps)
        nothing = self.f.anon["in"](raw, self.f.tuple("", "null"))
        is_text = self.f.anon.startsWith(raw, '"')
        said = self.f.anon["if"](is_text, text, raw)
        return self.f.anon["if"](nothing, sge.Null(), said)

    def visit_TryCast(self, op: ops.TryCast, *, arg: Any, to: Any) -> Any:
        """A text that says no such value gives nothing."""
        if to.is_floating():
            return self.f.anon.toFloat64OrNull(self.f.anon.trimBoth(arg))
        if to.is_decimal():
            return self.f.anon.toDecimal128OrNull(self.f.anon.trimBoth(arg), to.scale)
        if to.is_timestamp():
            looks = self.f.anon.match(arg, _MOMENT)
            read = self.f.anon.parseDateTime64BestEffortOrNull(arg, 6, "UTC")
            return self.f.anon["if"](looks, read, sge.Null())
        raise NotImplementedError(str(to))

    def visit_AggUDF(self, op: ops.AggUDF, *, where: Any, **given: Any) -> Any:
        """ClickHouse's `any` takes the first that is something, in a window too."""
        return self.agg.any(*given.values(), where=where)

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: Any) -> Any:
        """A number with a fraction reads 5.0 where it is whole, as in DuckDB."""
        if op.arg.dtype.is_floating() and to.is_string():
            text = self.f.anon.toString(arg)
            return self.f.anon["if"](
                self.f.anon.match(text, r"^-?\d+$"), self.f.anon.concat(text, ".0"), text
            )
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_ExtractEpochSeconds(self, op: ops.ExtractEpochSeconds, *, arg: Any) -> Any:
        """With their fraction, as in DuckDB, whatever Ibis calls their type."""
        exact = self.f.anon.toDateTime64(arg, 6, "UTC")
        return self.f.anon.toUnixTimestamp64Micro(exact) / 1_000_000

    def visit_RegexExtract(
        self, op: ops.RegexExtract, *, arg: Any, pattern: Any, index: Any
    ) -> Any:
        """What the group found, an empty text where the pattern does not fit."""
        groups = self.f.anon.extractGroups(self.f.anon.ifNull(arg, ""), pattern)
        found = self.f.anon.arrayElement(groups, index)
        return self.f.anon["if"](self.f.anon.isNull(arg), sge.Null(), found)

    def visit_Quantile(self, op: ops.Quantile, *, arg: Any, quantile: Any, where: Any) -> Any:
        """The exact one, with linear interpolation."""
        return self._visit_quantile("quantileExactInclusive", arg, quantile, where)

    def visit_MultiQuantile(
        self, op: ops.MultiQuantile, *, arg: Any, quantile: Any, where: Any
    ) -> Any:
        """Likewise several."""
        return self._visit_quantile("quantilesExactInclusive", arg, quantile, where)


class _SparkTypes(PySparkType):  # type: ignore[misc]
    """Moments by their own names, so that no setting of the session means another."""

    @classmethod
    def _from_ibis_Timestamp(cls, dtype: dt.Timestamp) -> sge.DataType:
        kinds = sge.DataType.Type
        return sge.DataType(this=kinds.TIMESTAMPLTZ if dtype.timezone else kinds.TIMESTAMPNTZ)


class SparkDialect(PySparkCompiler):  # type: ignore[misc]
    """Spark 4, with the settings of its engine."""

    __slots__ = ()

    type_mapper = _SparkTypes
    rewrites = SQLGlotCompiler.rewrites
    """Spark 4 knows OFFSET; Ibis numbers the rows for older ones."""
    SIMPLE_OPS = {ops.Hash: "xxhash64"}
    """Spark's `hash` has 32 bits: among many visitors two would be one."""

    def visit_Field(self, op: ops.Field, *, rel: Any, name: str) -> Any:
        """A column as it is: whether a NaN is nothing is a setting of Ibis's own backend."""
        return super(PySparkCompiler, self).visit_Field(op, rel=rel, name=name)

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: Any) -> Any:
        """Likewise a number."""
        if dtype.is_floating():
            return super(PySparkCompiler, self).visit_NonNullLiteral(op, value=value, dtype=dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_IsNull(self, op: ops.IsNull, *, arg: Any) -> Any:
        """A NaN is something, as in DuckDB."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: ops.NotNull, *, arg: Any) -> Any:
        """A NaN is something, as in DuckDB."""
        return sge.Not(this=arg.is_(NULL))

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **given: Any) -> Any:
        """The functions that SQL lends us."""
        name, arguments = self.__sql_name__(op), list(given.values())
        if name == "json_extract_string":
            return self._said(arguments[0], _path(_text(arguments[1])))
        if name == "json_keys":
            return self.f.anon.json_object_keys(arguments[0])
        if name == "url_decode":
            return self._decoded(arguments[0])
        if name == "md5_number_upper":
            return self._md5_number_upper(arguments[0])
        zone, moment = arguments
        utc = sge.convert("UTC")
        from_to = (utc, zone) if op.dtype.timezone is None else (zone, utc)
        return self.f.anon.convert_timezone(*from_to, moment)

    def _let(self, value: Any, body: Callable[[Any], Any]) -> Any:
        """What the body makes of a value that is worked out once, however often it is named."""
        name = sg.to_identifier("v")
        each = sge.Lambda(this=body(sge.Column(this=name)), expressions=[name])
        one = self.f.anon.transform(self.f.anon.array(value), each)
        return self.f.anon.get(one, sge.convert(0))

    def _said(self, props: Any, path: list[str]) -> Any:
        """The text of a value, as it is written; Spark's own paths cannot name every name."""
        *outer, last = path
        for part in outer:
            props = self._value(props, part, "string")

        def as_written(text: Any) -> Any:
            # Java writes 1.23456785E7 for a number, which a text may say too.
            is_odd = self.f.anon.regexp_like(text, sge.convert(r"^-?[0-9]\.[0-9]+E-?[0-9]+$"))
            kind = self.f.anon.schema_of_variant(self._value(props, last, "variant"))
            is_number = sge.And(this=is_odd, expression=kind.neq(sge.convert("STRING")))
            return self.if_(is_number, self._written(text, 1e-6, 1e21), text)

        return self._let(self._value(props, last, "string"), as_written)

    def _value(self, props: Any, part: str, kind: str) -> Any:
        names = self.f.anon.from_json(props, sge.convert(f"map<string,{kind}>"))
        found = self.f.anon.try_element_at(names, sge.convert(part))
        if not part.isdigit():
            return found
        rows = self.f.anon.from_json(props, sge.convert(f"array<{kind}>"))
        return self.f.anon.coalesce(found, self.f.anon.get(rows, sge.convert(int(part))))

    def _written(self, text: Any, low: float, high: float) -> Any:
        """A number that Java wrote: with all its digits between the bounds, else with an e."""
        number = self.f.abs(self._tried(text, dt.float64))
        digits = self.if_(
            number < 1,
            self.cast(self._tried(text, dt.Decimal(38, 24)), dt.string),
            self.cast(self._tried(text, dt.Decimal(38, 12)), dt.string),
        )
        exact = self.f.anon.regexp_replace(
            digits, sge.convert(r"(\.[0-9]+?)0+$"), sge.convert("$1")
        )
        short = self.f.lower(self.f.replace(text, sge.convert(".0E"), sge.convert("E")))
        within = sge.And(this=number >= low, expression=number < high)
        return self.if_(within, exact, short)

    def _decoded(self, text: Any) -> Any:
        """A plus stays, and so do a percent sign that begins no byte and bytes that are no text."""
        sound = self.f.anon.regexp_replace(
            self.f.replace(text, sge.convert("+"), sge.convert("%2B")),
            sge.convert("%(?![0-9a-fA-F]{2})"),
            sge.convert("%25"),
        )
        decoded = self.f.anon.url_decode(sound)
        # What is no text comes out with this sign in it.
        return self.if_(self.f.anon.contains(decoded, sge.convert("\ufffd")), text, decoded)

    def _md5_number_upper(self, text: Any) -> Any:
        """The bytes are turned round: the lowest comes first."""
        two = sge.convert(2)

        def turned(sum_: Any) -> Any:
            return self.f.concat(
                *(self.f.anon.substr(sum_, sge.convert(at), two) for at in range(15, 0, -2))
            )

        said = self._let(self.f.anon.md5(text), turned)
        number = self.f.anon.conv(said, sge.convert(16), sge.convert(10))
        return self.cast(number, dt.Decimal(20, 0))

    def visit_TryCast(self, op: ops.TryCast, *, arg: Any, to: Any) -> Any:
        """A text that says no such value gives nothing."""
        pattern = _MOMENT if to.is_timestamp() else _NUMBER
        # An empty text, for what does not look like one, says nothing either.
        looks = self.f.anon.regexp_extract(arg, sge.convert(f"({pattern})"), sge.convert(1))
        return self._tried(self.f.trim(looks), to)

    def _tried(self, arg: Any, to: dt.DataType) -> sge.Expression:
        # Without `safe` sqlglot writes the cast that fails.
        return sge.TryCast(this=arg, to=self.type_mapper.from_ibis(to), safe=True)

    def visit_AggUDF(self, op: ops.AggUDF, *, where: Any, **given: Any) -> Any:
        """The first that is something, in a window too."""
        return sge.IgnoreNulls(this=self.agg.first(*given.values(), where=where))

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: Any) -> Any:
        """A number with a fraction reads 5.0 where it is whole, and 10000000.0, as in DuckDB."""
        if op.arg.dtype.is_floating() and to.is_string():
            return self._let(self.cast(arg, to), self._float_text)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_ExtractEpochSeconds(self, op: ops.ExtractEpochSeconds, *, arg: Any) -> Any:
        """With their fraction, as in DuckDB, whatever Ibis calls their type."""
        exact = self.cast(arg, dt.Timestamp(timezone="UTC"))
        return self.f.anon.unix_micros(exact) / 1_000_000

    def _float_text(self, text: Any) -> Any:
        odd = self._written(text, 1e-4, 1e16)
        for pattern, better in ((r"e([0-9])", "e+$1"), (r"e([+-])([0-9])$", "e$10$2")):
            odd = self.f.anon.regexp_replace(odd, sge.convert(pattern), sge.convert(better))
        plain = text
        for word, better in (("Infinity", "inf"), ("NaN", "nan")):
            plain = self.f.replace(plain, sge.convert(word), sge.convert(better))
        return self.if_(self.f.anon.contains(text, sge.convert("E")), odd, plain)

    def visit_Clip(self, op: ops.Clip, *, arg: Any, lower: Any, upper: Any) -> Any:
        """Nothing stays nothing, which `least` and `greatest` pass over."""

        def clipped(value: Any) -> Any:
            within = value if upper is None else self.f.least(value, upper)
            within = within if lower is None else self.f.greatest(within, lower)
            return self.if_(value.is_(NULL), NULL, within)

        return self._let(arg, clipped)

    def visit_Strip(self, op: ops.Strip, *, arg: Any) -> Any:
        """All that is white, not only spaces."""
        return self.f.anon.btrim(arg, sge.convert(" \t\n\r\v\f"))


_MOMENT = (
    r"^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r"\s*(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?\s*$"
)
"""How a moment is written, for engines that take more for one."""
_NUMBER = (
    r"^\s*([-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
    r"|(?i)[-+]?(inf|infinity|nan))\s*$"
)
"""How a number is written; Java takes 1d and 0x1p3 for one too."""
