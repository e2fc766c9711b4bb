"""Ibis over a cursor of DuckDB, with what its compiler gets wrong put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

if TYPE_CHECKING:
    import duckdb
    from ibis.backends.duckdb import Backend


class Compiler(DuckDBCompiler):  # type: ignore[misc]
    """Functions of SQL are written as calls.

    As `props ->> '/p'`, which binds more loosely than `=` and AND, a value in a step of several
    conditions that a question asks twice came out without its brackets: it asked for something
    else, or failed.
    """

    __slots__ = ()

    def visit_Hash(self, op: ops.Hash, *, arg: Any) -> Any:
        """63 bits of the hash, which are a number that Ibis knows.

        Ibis writes out all 64 of them as text to read them with a sign, at thrice the price.
        """
        half = sge.BitwiseRightShift(this=self.f.hash(arg), expression=sge.convert(1))
        return self.cast(sge.paren(half), op.dtype)

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **given: Any) -> Any:
        """The functions that SQL lends us; what is no text, such as %ff, stays as it is written."""
        name = self.__sql_name__(op)
        call = self.f.anon[name](*given.values())
        return (
            self.f.coalesce(sge.Try(this=call), *given.values()) if name == "url_decode" else call
        )


COMPILER = Compiler()


def over(cursor: duckdb.DuckDBPyConnection) -> Backend:
    """The backend by which questions reach this cursor's tables."""
    backend = ibis.duckdb.from_connection(cursor)
    backend.compiler = COMPILER
    return backend
