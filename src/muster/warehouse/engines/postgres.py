"""The warehouse in PostgreSQL (PF1): for those who have one, and not too many events."""

# ruff: noqa: S608 - the statements are put together from names of ours.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import psycopg
import pyarrow as pa
from ibis.backends.postgres import Backend
from psycopg import sql

from muster.warehouse.dialects import POSTGRES_FUNCTIONS, PostgresDialect, portable
from muster.warehouse.elsewhere import Stopped
from muster.warehouse.engines.engine import Away, Held, Tables
from muster.warehouse.engines.idle import Idle

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

_NAME = "PostgreSQL"
SCHEMA = "muster_warehouse"
_NEXT = "muster_warehouse_next"
_TYPES = {
    "VARCHAR": 'text COLLATE "C"',
    "DOUBLE": "double precision",
    "TIMESTAMP": "timestamp",
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DECIMAL(18,4)": "numeric(18,4)",
}
_INDEXES = {
    "events": ("name, at", "event_id", "person_id"),
    "profiles": ("person_id",),
    "tags": ("person_id",),
    "consents": ("person_id",),
}


class _Backend(Backend):  # type: ignore[misc]
    compiler = PostgresDialect()


class PostgresSession:
    """One connection, for one asker at a time."""

    def __init__(self, con: psycopg.Connection[Any]) -> None:
        self.con = con
        self.is_clean = True
        self._backend = _Backend.from_connection(con)

    def ask(self, question: ir.Expr) -> pa.Table:
        """The rows of the question."""
        asked = portable(question).as_table()
        query = self._written(asked)
        schema = asked.schema()
        with _said_plainly(), self.con.cursor() as cursor:
            rows = cursor.execute(query).fetchall()
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
        return pa.table(
            [_array(column, kind) for column, kind in zip(columns, schema.values(), strict=True)],
            names=list(schema.names),
        )

    def limit(self, seconds: float) -> None:
        """Let every question from now on take so long at most."""
        self.con.execute(f"SET statement_timeout = {max(int(seconds * 1000), 1)}")

    def keep(self, name: str, question: ir.Table) -> ir.Table:
        """A table of this session with the rows of the question."""
        query = self._written(portable(question))
        with _said_plainly():
            self.con.execute(f"CREATE TEMP TABLE {name} AS {query}")
            self.con.execute(f"ANALYZE {name}")
        return ibis.table(question.schema(), name=name)

    def drop(self, name: str) -> None:
        """Let go of the table; where that fails, of the whole session."""
        try:
            self.con.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        except psycopg.Error:
            self.is_clean = False

    def stop(self) -> None:
        """End the question under way."""
        self.con.cancel_safe()

    def close(self) -> None:
        """Let go of the connection."""
        self.con.close()

    def _written(self, question: ir.Table) -> str:
        """The question as SQL, with the rows that it brings along at hand."""
        with _said_plainly():
            self._backend._run_pre_execute_hooks(question)
        written: str = self._backend.compile(question)
        return written


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise Stopped from error
    except psycopg.OperationalError as error:
        raise Away(engine=_NAME, reason=str(error)) from error


def _array(values: tuple[Any, ...], kind: dt.DataType) -> pa.Array:
    """PostgreSQL's numbers are wider than what is asked for."""
    if kind.is_integer():
        return pa.array([None if v is None else int(v) for v in values], pa.int64())
    if kind.is_floating():
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if kind.is_decimal():
        return pa.array([None if v is None else Decimal(v) for v in values])
    return pa.array(values, kind.to_pyarrow())


class PostgresEngine:
    """The tables in the schema `muster_warehouse` of a PostgreSQL database."""

    name = _NAME
    suffix, copy_options = ".csv", r"FORMAT csv, HEADER false, NULLSTR '\N'"

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle = Idle(lambda: PostgresSession(self._connect()))

    @contextmanager
    def session(self) -> Iterator[PostgresSession]:
        """A session to ask with."""
        with self._idle.session() as one:
            yield one

    def held(self) -> Held | None:
        """What the engine says it has."""
        with self._working() as con:
            there = con.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.position"]).fetchone()
            if not there or there[0] is None:
                return None
            row = con.execute(
                f"SELECT built, number, rows, shape FROM {SCHEMA}.position LIMIT 1"
            ).fetchone()
        return Held(*row) if row else None

    @contextmanager
    def writing(self) -> Iterator[PostgresWriter]:
        """All that is written in the block counts from its end on, or not at all."""
        with self._working() as con:
            yield PostgresWriter(con)

    def close(self) -> None:
        """Let go of all connections."""
        self._idle.close()

    @contextmanager
    def _working(self) -> Iterator[psycopg.Connection[Any]]:
        con = self._connect(autocommit=False)
        try:
            yield con
            con.commit()
        except psycopg.OperationalError as error:
            raise Away(engine=self.name, reason=str(error)) from error
        finally:
            con.close()

    def _connect(self, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        try:
            return psycopg.connect(
                self._url,
                autocommit=autocommit,
                connect_timeout=10,
                options=f"-c search_path={SCHEMA},public -c timezone=UTC",
            )
        except psycopg.OperationalError as error:
            raise Away(engine=self.name, reason=str(error)) from error


class PostgresWriter:
    """Writes into the tables, inside one transaction."""

    def __init__(self, con: psycopg.Connection[Any]) -> None:
        self._con = con
        self._is_anew = False

    def begin_anew(self, tables: Tables) -> None:
        """Empty tables of these columns, beside those that are asked meanwhile."""
        self._is_anew = True
        self._con.execute(f"DROP SCHEMA IF EXISTS {_NEXT} CASCADE")
        self._con.execute(f"CREATE SCHEMA {_NEXT}")
        self._con.execute(f"SET LOCAL search_path = {_NEXT}, public")
        self._con.execute(
            "CREATE TABLE position (built text, number bigint, rows bigint, shape text)"
        )
        self._con.execute(POSTGRES_FUNCTIONS)
        for table, columns in tables.items():
            wanted = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in columns.items())
            self._con.execute(f"CREATE TABLE {table} ({wanted})")
            for column in _INDEXES.get(table, ()):
                self._con.execute(f"CREATE INDEX ON {table} ({column})")

    def add_columns(self, table: str, columns: dict[str, str]) -> None:
        """Columns that are new."""
        for name, kind in columns.items():
            self._con.execute(
                f'ALTER TABLE {table} ADD COLUMN IF NOT EXISTS "{name}" {_TYPES[kind]}'
            )

    def take_out(self, table: str, key: str, file: Path) -> None:
        """The rows with one of the keys in the file."""
        kind = "bigint" if key == "person_id" else 'text COLLATE "C"'
        self._con.execute(f"CREATE TEMP TABLE gone (key {kind}) ON COMMIT DROP")
        self._copy("gone", ["key"], file)
        self._con.execute("ANALYZE gone")
        self._con.execute(f"DELETE FROM {table} USING gone WHERE {table}.{key} = gone.key")
        self._con.execute("DROP TABLE gone")

    def put_in(self, table: str, columns: list[str], file: Path) -> None:
        """The rows of the file."""
        self._copy(table, columns, file)

    def remember(self, held: Held) -> None:
        """Say what the engine has now."""
        self._con.execute("DELETE FROM position")
        self._con.execute("INSERT INTO position VALUES (%s, %s, %s, %s)", list(held))
        if self._is_anew:
            for table in _INDEXES:
                self._con.execute(f"ANALYZE {table}")
            self._con.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            self._con.execute(f"ALTER SCHEMA {_NEXT} RENAME TO {SCHEMA}")

    def _copy(self, table: str, columns: list[str], file: Path) -> None:
        into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL '\\N')").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with file.open("rb") as source, self._con.cursor().copy(into) as copy:
            while data := source.read(1 << 20):
                copy.write(data)
