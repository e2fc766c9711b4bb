"""The warehouse in DuckLake (PF1): tables as Parquet in a shared folder, their catalogue in
PostgreSQL, and in every process a DuckDB of its own to read and write them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

import duckdb

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.warehouse.schema import literal

NAME = "lake"
EXTENSIONS = ("duckdb_extension_postgres_scanner", "duckdb_extension_ducklake")
_TYPES = {"UHUGEINT": "UUID"}
"""Parquet has no whole numbers of this size: they would be rounded, silently."""


class LakeAway(Refused):
    """The catalogue does not answer, or what reads it is not installed."""

    code = "warehouse_away"
    status = 503
    text = _(
        "The warehouse in the DuckLake cannot be opened: %(reason)s. Look at MUSTER_WAREHOUSE_URL."
    )


class Lake:
    """A DuckLake: `catalogue` is how PostgreSQL is reached, `folder` where the rows are."""

    def __init__(self, catalogue: str, folder: str) -> None:
        self.catalogue = catalogue
        self._folder = folder

    def attach(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the lake known to a database; its cursors then have to `use` it."""
        for extension in EXTENSIONS:
            con.execute(f"LOAD {literal(_file_of(extension))}")
        address = literal(f"ducklake:postgres:{self.catalogue}")
        try:
            con.execute(f"ATTACH {address} AS {NAME} (DATA_PATH {literal(self._folder)})")
        except Exception as error:
            raise LakeAway(reason=str(error).splitlines()[0]) from error
        self.use(con)

    def look(self) -> str:
        """A sentence about the lake; raises `LakeAway`."""
        con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        try:
            self.attach(con)
        finally:
            con.close()
        return f"the lake in {self._folder} and its catalogue answer"

    def use(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Let names of tables mean those of the lake."""
        cursor.execute(f"USE {NAME}")

    def tables(self, tables: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """The tables with types that Parquet keeps as they are."""
        return {
            table: {name: _TYPES.get(kind, kind) for name, kind in columns.items()}
            for table, columns in tables.items()
        }

    def compact(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Few large files in the place of many small ones, and nothing that was deleted in any."""
        for call in (
            f"CALL ducklake_flush_inlined_data('{NAME}')",
            f"CALL ducklake_rewrite_data_files('{NAME}', delete_threshold => 0)",
            f"CALL ducklake_merge_adjacent_files('{NAME}')",
            f"CALL ducklake_expire_snapshots('{NAME}', older_than => now())",
            f"CALL ducklake_cleanup_old_files('{NAME}', cleanup_all => true)",
        ):
            cursor.execute(call)


def _file_of(extension: str) -> Path:
    try:
        package = importlib.import_module(extension)
    except ImportError as error:
        raise LakeAway(
            reason=f"{extension.replace('_', '-')} is not installed; "
            "run: pip install -r requirements-engines.lock"
        ) from error
    found = sorted(Path(str(package.__file__)).parent.glob("extensions/*/*.duckdb_extension"))
    if not found:
        raise LakeAway(reason=f"{extension.replace('_', '-')} holds no extension")
    return found[-1]
