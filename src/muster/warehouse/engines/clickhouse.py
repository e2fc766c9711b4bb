"""The warehouse in ClickHouse (PF1), spoken to by its HTTP interface."""

# ruff: noqa: S608 - the statements are put together from names of ours.

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import httpx
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muster.warehouse.dialects import ClickHouseDialect, portable
from muster.warehouse.elsewhere import Stopped
from muster.warehouse.engines.engine import Away, Held, Tables
from muster.warehouse.lending import fresh

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

_TYPES = {
    "VARCHAR": "Nullable(String)",
    "DOUBLE": "Nullable(Float64)",
    "TIMESTAMP": "Nullable(DateTime64(6, 'UTC'))",
    "BIGINT": "Nullable(Int64)",
    "BOOLEAN": "Nullable(Bool)",
    "DECIMAL(18,4)": "Nullable(Decimal(18, 4))",
}
_ORDER = {"events": "(name, at)", "profiles": "person_id", "tags": "person_id"}
_AS_SQL_SAYS = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 0,
    "union_default_mode": "ALL",
    "cast_keep_nullable": 1,
    "date_time_input_format": "best_effort",
    "session_timezone": "UTC",
    "output_format_arrow_string_as_string": 1,
    "least_greatest_legacy_null_behavior": 0,
}
"""Settings with which ClickHouse means what SQL says."""
_TIMEOUT = "159"
_CANCELLED = "394"


_DIALECT = ClickHouseDialect()


class ClickHouseEngine:
    """The tables in a database of a ClickHouse server."""

    name = "ClickHouse"
    suffix, copy_options = ".parquet", "FORMAT parquet"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "clickhouses"
        port = parts.port or (8443 if secure else 8123)
        self.database = parts.path.removeprefix("/") or "muster"
        self._client = httpx.Client(
            base_url=f"http{'s' if secure else ''}://{parts.hostname}:{port}",
            auth=(unquote(parts.username or "default"), unquote(parts.password or "")),
            timeout=httpx.Timeout(10, read=3600),
        )

    @contextmanager
    def session(self) -> Iterator[ClickHouseSession]:
        """A session to ask with."""
        yield ClickHouseSession(self)

    def held(self) -> Held | None:
        """What the engine says it has."""
        there = self.run(
            "SELECT count() FROM system.tables WHERE database = {database:String} "
            "AND name = 'position'",
            parameters={"database": self.database},
        )
        if there.strip() in (b"", b"0"):
            return None
        row = self.run(
            "SELECT built, number, rows, shape FROM position ORDER BY written DESC LIMIT 1 "
            "FORMAT JSONCompactEachRow",
            here=True,
        )
        if not row.strip():
            return None
        built, number, rows, shape = json.loads(row)
        return Held(built, int(number), int(rows), shape)

    @contextmanager
    def writing(self) -> Iterator[ClickHouseWriter]:
        """What is written counts at once; a torn block is written again by the next."""
        yield ClickHouseWriter(self)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def run(
        self,
        query: str,
        *,
        here: bool = False,
        parameters: Mapping[str, str] | None = None,
        settings: Mapping[str, object] | None = None,
        rows: bytes | None = None,
        lent: Mapping[str, pa.Table] | None = None,
    ) -> bytes:
        """The bytes of the answer; `rows` is what an INSERT inserts, `lent` tables of the query."""
        said: dict[str, Any] = dict(settings or {})
        said |= {f"param_{name}": value for name, value in (parameters or {}).items()}
        if here:
            said["database"] = self.database
        files = {}
        for name, table in (lent or {}).items():
            said[f"{name}_format"] = "Parquet"
            said[f"{name}_structure"] = _structure(table)
            files[name] = (name, _as_parquet(table))
        try:
            if files:
                answer = self._client.post("/", params={**said, "query": query}, files=files)
            elif rows is not None:
                answer = self._client.post("/", params={**said, "query": query}, content=rows)
            else:
                answer = self._client.post("/", params=said, content=query.encode())
        except httpx.HTTPError as error:
            raise Away(engine=self.name, reason=str(error) or type(error).__name__) from error
        if answer.status_code == 200:
            return answer.content
        if answer.headers.get("X-ClickHouse-Exception-Code") in (_TIMEOUT, _CANCELLED):
            raise Stopped
        raise RuntimeError(answer.text[:1000])


class ClickHouseSession:
    """Questions of one asker."""

    def __init__(self, engine: ClickHouseEngine) -> None:
        self._engine = engine
        self._seconds = 60.0
        self._asked = ""

    def ask(self, question: ir.Expr) -> pa.Table:
        """The rows of the question."""
        asked = portable(question).as_table()
        lent = {t.name: t.data.to_pyarrow(t.schema) for t in asked.op().find(ops.InMemoryTable)}
        self._asked = uuid.uuid4().hex
        content = self._engine.run(
            f"{_DIALECT.to_sqlglot(asked).sql(dialect=_DIALECT.dialect)} FORMAT ArrowStream",
            here=True,
            settings={
                **_AS_SQL_SAYS,
                "query_id": self._asked,
                "max_execution_time": max(self._seconds, 0.01),
            },
            lent=lent,
        )
        schema = asked.schema()
        found = pa.ipc.open_stream(content).read_all() if content else None
        if found is None:
            return schema.to_pyarrow().empty_table()
        columns = zip(found.columns, schema.values(), strict=True)
        return pa.table([_fitted(c, k) for c, k in columns], names=list(schema.names))

    def keep(self, name: str, question: ir.Table) -> ir.Table:
        """The question itself: HTTP knows no session that is sure to meet the same server again,
        and a table for all would stay where its asker is killed."""
        return question

    def drop(self, name: str) -> None:
        """Nothing is kept."""

    def limit(self, seconds: float) -> None:
        """Let every question from now on take so long at most."""
        self._seconds = seconds

    def stop(self) -> None:
        """End the question under way."""
        if self._asked:
            self._engine.run(
                "KILL QUERY WHERE query_id = {asked:String}", parameters={"asked": self._asked}
            )


class ClickHouseWriter:
    """Writes into the tables. A new set of tables is filled beside the old and then exchanged."""

    def __init__(self, engine: ClickHouseEngine) -> None:
        self._engine = engine
        self._new: list[str] = []

    def begin_anew(self, tables: Tables) -> None:
        """Empty tables of these columns, beside those that are asked meanwhile."""
        self._engine.run(f"CREATE DATABASE IF NOT EXISTS {self._engine.database}")
        self._do(
            "CREATE TABLE IF NOT EXISTS position (built String, number Int64, rows Int64, "
            "shape String, written DateTime64(6) DEFAULT now64(6)) ENGINE = MergeTree "
            "ORDER BY written"
        )
        for table, columns in tables.items():
            wanted = ", ".join(f"`{name}` {_TYPES[kind]}" for name, kind in columns.items())
            self._do(f"DROP TABLE IF EXISTS {table}_next")
            self._do(
                f"CREATE TABLE {table}_next ({wanted}) ENGINE = MergeTree "
                f"ORDER BY {_ORDER.get(table, 'tuple()')} SETTINGS allow_nullable_key = 1"
            )
            self._new.append(table)

    def add_columns(self, table: str, columns: dict[str, str]) -> None:
        """Columns that are new."""
        for name, kind in columns.items():
            self._do(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS `{name}` {_TYPES[kind]}")

    def take_out(self, table: str, key: str, file: Path) -> None:
        """The rows with one of the keys in the file."""
        gone = fresh("gone")
        kind = _TYPES["BIGINT" if key == "person_id" else "VARCHAR"]
        self._do(f"CREATE TABLE {gone} (`{key}` {kind}) ENGINE = Memory")
        try:
            self._insert(gone, [key], file)
            self._do(
                f"DELETE FROM {table} WHERE `{key}` IN (SELECT `{key}` FROM {gone})",
                lightweight_deletes_sync=2,
            )
        finally:
            self._do(f"DROP TABLE {gone}")

    def put_in(self, table: str, columns: list[str], file: Path) -> None:
        """The rows of the file."""
        self._insert(f"{table}_next" if table in self._new else table, columns, file)

    def remember(self, held: Held) -> None:
        """Say what the engine has now."""
        for table in self._new:
            self._do(f"DROP TABLE IF EXISTS {table}")
            self._do(f"RENAME TABLE {table}_next TO {table}")
        row = json.dumps([held.built, held.number, held.rows, held.shape]).encode()
        self._do(
            "INSERT INTO position (built, number, rows, shape) FORMAT JSONCompactEachRow", rows=row
        )

    def _insert(self, table: str, columns: list[str], file: Path) -> None:
        names = ", ".join(f"`{name}`" for name in columns)
        self._do(f"INSERT INTO {table} ({names}) FORMAT Parquet", rows=file.read_bytes())

    def _do(self, statement: str, *, rows: bytes | None = None, **settings: object) -> None:
        self._engine.run(statement, here=True, rows=rows, settings=settings)


def _as_parquet(table: pa.Table) -> bytes:
    into = io.BytesIO()
    pq.write_table(table, into)
    return into.getvalue()


def _structure(table: pa.Table) -> str:
    kinds = {pa.int64(): "Nullable(Int64)", pa.string(): "Nullable(String)"}
    return ", ".join(f"`{field.name}` {kinds[field.type]}" for field in table.schema)


def _fitted(column: pa.ChunkedArray, kind: dt.DataType) -> pa.ChunkedArray:
    """ClickHouse's own kinds of numbers and moments as those that are asked for."""
    if kind.is_decimal():
        return column
    if kind.is_timestamp():
        return column.cast(pa.timestamp("us", "UTC" if kind.timezone else None), safe=False)
    if kind.is_date() and pa.types.is_integer(column.type):
        return pc.cast(pc.cast(column, pa.int32()), pa.date32())
    return column.cast(kind.to_pyarrow())
