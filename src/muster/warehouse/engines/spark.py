"""The warehouse on a Spark cluster (PF1), spoken to by Spark Connect.

The tables are Parquet files in a folder that Muster and the cluster share (see `folder`). Muster
alone writes there, so rows are taken over whether the cluster answers or not; the cluster reads.
"""

from __future__ import annotations

import logging
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from muster.warehouse.dialects import SparkDialect, portable
from muster.warehouse.elsewhere import Stopped
from muster.warehouse.engines.engine import Away, Held
from muster.warehouse.engines.folder import Folder, FolderWriter, Table, standing
from muster.warehouse.engines.idle import Idle

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

T = TypeVar("T")
_NAME = "Spark"
_TYPES = {
    "VARCHAR": "STRING",
    "DOUBLE": "DOUBLE",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "BIGINT": "BIGINT",
    "BOOLEAN": "BOOLEAN",
    "DECIMAL(18,4)": "DECIMAL(18,4)",
}
_AS_SQL_SAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.variable.substitute": "false",
    "spark.sql.caseSensitive": "true",
}
"""Settings with which Spark means what SQL says, and takes `${…}` in a text for a text."""
_RETRIES = 2
_SECONDS_TO_STOP = 10
"""So long a question may take to end once it was told to; then the connection is cut."""

_DIALECT = SparkDialect()


class SparkEngine:
    """The tables in a folder, and the cluster that reads them."""

    name = _NAME
    suffix, copy_options = ".parquet", "FORMAT parquet"

    def __init__(self, host: str, port: int, folder: Path) -> None:
        self._address = f"sc://{host}:{port}/;user_id=muster"
        self._folder = Folder(folder)
        self._idle = Idle(lambda: SparkSession(self._address))

    @contextmanager
    def session(self) -> Iterator[SparkSession]:
        """A session to ask with, which sees the tables as they are now."""
        with self._idle.session() as one:
            with self._reaching():
                manifest = self._folder.manifest()
            one.see(self._folder, manifest.tables if manifest else {})
            yield one

    def held(self) -> Held | None:
        """What the folder has; asks the cluster whether it answers, too."""
        with self._reaching():
            manifest = self._folder.manifest()
        with self.session() as one:
            one.look()
        return manifest.held if manifest else None

    @contextmanager
    def writing(self) -> Iterator[FolderWriter]:
        """All that is written in the block counts from its end on, or not at all."""
        with self._reaching():
            yield FolderWriter(self._folder)

    def close(self) -> None:
        """Let go of all sessions."""
        self._idle.close()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Away(engine=self.name, reason=str(error)) from error


class SparkSession:
    """One session of Spark Connect, for one asker at a time."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.is_clean = True
        self._kept: dict[str, tuple[str, dict[str, pa.Table]]] = {}
        self._seen: tuple[Folder, dict[str, Table]] | None = None
        self._seconds = 60.0
        self._asked = ""
        self._is_stopped = threading.Event()
        self._is_over = threading.Event()
        self._open()

    def see(self, folder: Folder, tables: dict[str, Table]) -> None:
        """Let questions name these tables."""
        if self._seen == (folder, tables):
            return
        self._seen = None
        with _said_plainly():
            for name, table in tables.items():
                self._show(folder, name, table)
        self._seen = folder, tables

    def look(self) -> None:
        """Raise `Away` unless the cluster answers."""
        self._again(lambda: self._spark.sql("SELECT 1").toArrow())

    def ask(self, question: ir.Expr) -> pa.Table:
        """The rows of the question."""
        asked = portable(question).as_table()
        query, lent = _written(asked)
        found = self._again(lambda: self._within_limits(query, lent))
        columns = zip(found.columns, asked.schema().values(), strict=True)
        return pa.table([_fitted(c, k) for c, k in columns], names=list(asked.schema().names))

    def keep(self, name: str, question: ir.Table) -> ir.Table:
        """A view of this session whose rows the cluster has at hand once they were asked for."""
        self._kept[name] = _written(portable(question))
        self._again(lambda: self._show_kept(name))
        return ibis.table(question.schema(), name=name)

    def drop(self, name: str) -> None:
        """Let go of the view; where that fails, of the whole session."""
        self._kept.pop(name, None)
        try:
            self._spark.sql(f"UNCACHE TABLE IF EXISTS {name}")
            self._spark.catalog.dropTempView(name)
        except Exception:  # noqa: BLE001 - the connection may be cut, in many words
            self.is_clean = False

    def limit(self, seconds: float) -> None:
        """Let every question from now on take so long at most."""
        self._seconds = seconds

    def stop(self) -> None:
        """End the question under way: by its name, and by cutting the connection if need be."""
        asked = self._asked
        self._is_stopped.set()
        for _second in range(_SECONDS_TO_STOP):
            if not asked or self._asked != asked:
                return
            # What the cluster has not begun yet it cannot end, so it is told again.
            with suppress(Exception):
                self._spark.interruptTag(asked)
            if self._is_over.wait(1):
                return
        self._spark.client.close()

    def close(self) -> None:
        """Let go of the session, here and in the cluster."""
        with suppress(Exception):
            self._spark.client.release_session()
        with suppress(Exception):
            self._spark.client.close()

    def _open(self) -> None:
        self._spark = _connected(self._address)
        with _said_plainly():
            for name, value in _AS_SQL_SAYS.items():
                self._spark.conf.set(name, value)

    def _again(self, act: Callable[[], T]) -> T:
        """What is done; a second time if the cluster has forgotten the session meanwhile."""
        with _said_plainly():
            try:
                return act()
            except Exception as error:
                if "INVALID_HANDLE.SESSION" not in str(error) or self._is_stopped.is_set():
                    raise
        seen, self._seen = self._seen, None
        self._open()
        if seen is not None:
            self.see(*seen)
        with _said_plainly():
            for name in self._kept:
                self._show_kept(name)
            return act()

    def _within_limits(self, query: str, lent: dict[str, pa.Table]) -> pa.Table:
        self._is_stopped.clear()
        self._is_over.clear()
        self._asked = f"muster-{uuid.uuid4().hex}"
        timer = threading.Timer(max(self._seconds, 0), self.stop)
        timer.daemon = True
        timer.start()
        self._spark.addTag(self._asked)
        try:
            with self._lending(lent):
                return self._spark.sql(query).toArrow()
        except Exception as error:
            if self._is_stopped.is_set():
                raise Stopped from error
            raise
        finally:
            self._spark.removeTag(self._asked)
            self._asked = ""
            self._is_over.set()
            timer.cancel()

    @contextmanager
    def _lending(self, lent: dict[str, pa.Table]) -> Iterator[None]:
        with ExitStack() as stack:
            for name, rows in lent.items():
                kinds = ", ".join(f"`{f.name}` {_LENT[f.type]}" for f in rows.schema)
                self._spark.createDataFrame(rows, kinds).createOrReplaceTempView(name)
                stack.callback(self._spark.catalog.dropTempView, name)
            yield

    def _show(self, folder: Folder, name: str, table: Table) -> None:
        if not table.rows:
            nothing = ", ".join(
                f"CAST(NULL AS {_TYPES[k]}) AS `{c}`" for c, k in table.columns.items()
            )
            self._spark.sql(f"SELECT {nothing} WHERE false").createOrReplaceTempView(name)
            return
        rows, gone = f"{name}_rows", f"{name}_gone"
        columns = {column: _TYPES[kind] for column, kind in table.columns.items()}
        self._read([folder.rows(name, n) for n in table.rows], columns, rows)
        if table.gone:
            key = {table.key: columns[table.key]}
            self._read([folder.gone(name, n) for n in table.gone], key, gone)
        self._spark.sql(standing(table, rows, gone, "`")).createOrReplaceTempView(name)

    def _show_kept(self, name: str) -> None:
        """The view holds the plan: one made by SQL would be read and resolved at each question."""
        query, lent = self._kept[name]
        with self._lending(lent):
            self._spark.sql(query).cache().createOrReplaceTempView(name)

    def _read(self, places: list[Path], columns: dict[str, str], name: str) -> None:
        kinds = ", ".join(f"`{column}` {kind}" for column, kind in columns.items())
        self._spark.read.schema(f"{kinds}, batch BIGINT").option(
            "basePath", _uri(places[0].parent)
        ).parquet(*(_uri(place) for place in places)).createOrReplaceTempView(name)


def _written(question: ir.Table) -> tuple[str, dict[str, pa.Table]]:
    """The question as SQL, and the rows that it names."""
    lent = {t.name: t.data.to_pyarrow(t.schema) for t in question.op().find(ops.InMemoryTable)}
    return _DIALECT.to_sqlglot(question).sql(dialect=_DIALECT.dialect), lent


def _uri(place: Path) -> str:
    """Spark takes an address as it is written; `Path.as_uri` would write = as %3D."""
    return f"file://{place}"


_LENT = {pa.int64(): "BIGINT", pa.string(): "STRING"}


def _connected(address: str) -> Any:
    """A session of the package, which is needed only here."""
    try:
        with warnings.catch_warnings():
            # It does not vouch for the newest pandas, which we do not hand it.
            warnings.simplefilter("ignore", FutureWarning)
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession as Session
    except ImportError as error:
        raise Away(
            engine=_NAME,
            reason="pyspark-client is not installed; "
            "run: pip install --require-hashes -r requirements-spark.lock",
        ) from error
    # It would write every failure, with what was asked, to the log; those who ask say it.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    for said in (r"\[RETRIES_EXCEEDED\]", r"The SQL config '.+' has been deprecated"):
        warnings.filterwarnings("ignore", message=said)
    made = Session(address)
    made.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
    return made


@contextmanager
def _said_plainly() -> Iterator[None]:
    """`Away` for what means that nobody answers, and short errors for the rest."""
    import grpc

    try:
        yield
    except (Stopped, Away):
        raise
    except grpc.RpcError as error:
        raise Away(engine=_NAME, reason=str(error.code())) from error
    except Exception as error:
        if "UNAVAILABLE" in str(error)[:300]:
            raise Away(engine=_NAME, reason="no connection") from error
        if "INVALID_HANDLE.SESSION" in str(error):
            raise
        raise RuntimeError(str(error).partition("JVM stacktrace")[0][:1000]) from error


def _fitted(column: pa.ChunkedArray, kind: dt.DataType) -> pa.ChunkedArray:
    """Spark's own kinds of numbers and moments as those that are asked for."""
    if kind.is_decimal():
        return column
    if kind.is_timestamp():
        return column.cast(pa.timestamp("us", "UTC" if kind.timezone else None))
    return column.cast(kind.to_pyarrow())
