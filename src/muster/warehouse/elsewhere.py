"""Questions to an engine that is not this process's own DuckDB: what every such engine has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.duckdb import Backend

from muster.kit.errors import Refused
from muster.warehouse.duck import COMPILER

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir


class NoAnswer(Refused):
    """The warehouse cannot answer now; later it can."""

    status = 503
    retry_after = 10


class Stopped(Exception):
    """The engine ended a question that took too long, or that nobody waits for any more."""


class Session(Protocol):
    """A connection to the engine, for one asker at a time."""

    def ask(self, question: ir.Expr) -> pa.Table:
        """The rows of a question in which every table is one of the engine's or rows."""

    def limit(self, seconds: float) -> None:
        """Let every question from now on take so long at most."""

    def keep(self, name: str, question: ir.Table) -> ir.Table:
        """What stands for the rows of the question from now on: a table of this name that has
        them, or the question itself where the engine cannot keep them for one asker."""

    def drop(self, name: str) -> None:
        """Let go of what was kept under the name, if anything was; raises nothing."""

    def stop(self) -> None:
        """End the question under way; from another thread."""


class Elsewhere(Backend):  # type: ignore[misc]
    """The stage, which looks up single people, and beside it the engine for sets of them."""

    compiler = COMPILER

    rows: int
    """How many rows of the stage's events the engine has."""
    built: str
    """Names the tables of which it has so many; empty where that is not known yet."""

    @classmethod
    def beside(
        cls,
        stage: duckdb.DuckDBPyConnection,
        session: Callable[[], Session],
        rows: int,
        built: str = "",
    ) -> Elsewhere:
        """The backend on a cursor of the stage; the session is opened once it is asked."""
        made: Elsewhere = cls.from_connection(stage)
        made._open = session
        made._session = None
        made.rows = rows
        made.built = built
        made._tables = {}
        return made

    _open: Callable[[], Session]
    _session: Session | None
    _tables: dict[str, ir.Table]

    def answer(self, question: ir.Expr) -> pa.Table:
        """The engine's answer."""
        return self._asked().ask(self._bound(question))

    @contextmanager
    def lending(self, name: str, rows: pa.Table) -> Iterator[None]:
        """Let questions name these rows while the block runs."""
        with self._known(name, ibis.memtable(rows)):
            yield

    @contextmanager
    def keeping(self, name: str, question: ir.Table) -> Iterator[None]:
        """Let questions name the answer of this one while the block runs; see `Session.keep`."""
        session = self._asked()
        try:
            with self._known(name, session.keep(name, self._bound(question))):
                yield
        finally:
            session.drop(name)

    def _asked(self) -> Session:
        if self._session is None:
            self._session = self._open()
        return self._session

    @contextmanager
    def _known(self, name: str, table: ir.Table) -> Iterator[None]:
        self._tables[name] = table
        try:
            yield
        finally:
            del self._tables[name]

    def _bound(self, question: ir.Expr) -> ir.Expr:
        """The question with what was lent and kept in the place of its names."""
        op = question.op()
        found = {
            table: self._tables[table.name].op()
            for table in op.find(ops.UnboundTable)
            if table.name in self._tables
        }
        return op.replace(found).to_expr() if found else question
