"""Which rows of the stage another engine does not have yet; noted in the loader's transaction."""

# ruff: noqa: S608 - the statements are put together from names of ours.

from __future__ import annotations

import duckdb


class Changes:
    """Notes what one transaction of the loader changed."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        row = cursor.execute("SELECT coalesce(max(number), 0) + 1 FROM changes").fetchone()
        self._number = row[0] if row else 1

    def events(self, query: str) -> None:
        """Events whose ids the query gives."""
        self._cursor.execute(f"INSERT INTO changed_events SELECT {self._number}, * FROM ({query})")

    def people(self, query: str) -> None:
        """People whose numbers the query gives."""
        self._cursor.execute(f"INSERT INTO changed_people SELECT {self._number}, * FROM ({query})")

    def finish(self) -> None:
        """Say that this was all."""
        self._cursor.execute("INSERT INTO changes VALUES (?)", [self._number])


class Unchanged(Changes):
    """Where no other engine follows, nothing is noted."""

    def __init__(self) -> None:
        pass

    def events(self, query: str) -> None:
        """See `Changes`."""

    def people(self, query: str) -> None:
        """See `Changes`."""

    def finish(self) -> None:
        """See `Changes`."""
