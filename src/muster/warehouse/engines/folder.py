"""Tables as Parquet files in a folder that others read: each change is one file more.

What is put in is a file of rows, what is taken out is a file of keys, and both have a number: a key
takes its rows out of the files with lower numbers. One small file, the manifest, names those that
count. It is replaced as a whole, as the last thing, so nobody sees half a change, and a change that
was killed was never there.
"""

# ruff: noqa: S608 - the statements are put together from names of ours.

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from muster.kit import clock
from muster.kit.disk import sync
from muster.warehouse.engines.engine import Held, Tables
from muster.warehouse.schema import literal, quoted

KEPT_SECONDS = 3600
"""Files that no longer count stay so long: longer than any question that began before."""
MOST_FILES = 24
"""A table of more files than this gets fewer and larger ones."""
_MANIFEST = "manifest.json"
_VERSION = 1


@dataclass(frozen=True)
class Table:
    """The columns of a table with their types, and the numbers of its files."""

    columns: dict[str, str]
    rows: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    key: str = ""
    """The column that says what is taken out; empty until something is."""


@dataclass(frozen=True)
class Manifest:
    """What the folder holds."""

    held: Held
    tables: dict[str, Table]
    last: int
    """The highest number that was given to a file."""
    left: dict[str, float] = field(default_factory=dict)
    """What counts no longer, and since when, in seconds since 1970."""


def standing(table: Table, rows: str, gone: str, quote: str) -> str:
    """SQL for the rows that stand: of `rows` and `gone`, which have the number in `batch`."""
    columns = ", ".join(f"r.{quote}{name}{quote}" for name in table.columns)
    key = f"{quote}{table.key}{quote}"
    without = f"SELECT 1 FROM {gone} AS g WHERE g.{key} = r.{key} AND g.batch > r.batch"
    return f"SELECT {columns} FROM {rows} AS r" + (
        f" WHERE NOT EXISTS ({without})" if table.gone else ""
    )


class Folder:
    """The folder; one process writes, any number read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def manifest(self) -> Manifest | None:
        """What counts now; None while nothing does. Raises OSError."""
        if not self.path.is_dir():
            # A disk that is not mounted must not be taken for a folder with nothing in it.
            raise FileNotFoundError(f"the folder {self.path} is not there")
        try:
            said = json.loads((self.path / _MANIFEST).read_text())
        except FileNotFoundError:
            return None
        if said.pop("version") != _VERSION:
            return None
        said["held"] = Held(*said["held"])
        said["tables"] = {
            name: Table(one["columns"], tuple(one["rows"]), tuple(one["gone"]), one["key"])
            for name, one in said["tables"].items()
        }
        return Manifest(**said)

    def rows(self, table: str, number: int) -> Path:
        """The folder of a file of rows; its name gives readers the column `batch`."""
        return self.path / table / "rows" / f"batch={number}"

    def gone(self, table: str, number: int) -> Path:
        """The folder of a file of keys."""
        return self.path / table / "gone" / f"batch={number}"


class FolderWriter:
    """Writes into the folder; see `Writer`."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._before = folder.manifest()
        self._tables = dict(self._before.tables) if self._before else {}
        self._last = self._before.last if self._before else 0

    def begin_anew(self, tables: Tables) -> None:
        """Empty tables of these columns."""
        self._tables = {name: Table(dict(columns)) for name, columns in tables.items()}

    def add_columns(self, table: str, columns: dict[str, str]) -> None:
        """Columns that are new; the files before do not have them."""
        one = self._tables[table]
        self._tables[table] = replace(one, columns={**one.columns, **columns})

    def take_out(self, table: str, key: str, file: Path) -> None:
        """The rows with one of the keys in the file."""
        one = self._tables[table]
        if one.rows:
            number = self._next()
            _keep(file, self._folder.gone(table, number))
            self._tables[table] = replace(one, key=key, gone=(*one.gone, number))

    def put_in(self, table: str, columns: list[str], file: Path) -> None:
        """The rows of the file."""
        one, number = self._tables[table], self._next()
        _keep(file, self._folder.rows(table, number))
        self._tables[table] = replace(one, rows=(*one.rows, number))

    def remember(self, held: Held) -> None:
        """Say what the folder has now; from then on it counts."""
        for name, table in self._tables.items():
            if len(table.rows) + len(table.gone) > MOST_FILES:
                self._tables[name] = self._merged(name, table)
        now = clock.now().timestamp()
        before = self._before
        left = {} if before is None else {**dict.fromkeys(self._files(before.tables), now)}
        left |= before.left if before else {}
        counting = self._files(self._tables)
        left = {
            file: since
            for file, since in left.items()
            if file not in counting and now - since < KEPT_SECONDS
        }
        self._write(Manifest(held, self._tables, self._last, left))
        self._sweep({*counting, *left})

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _files(self, tables: Mapping[str, Table]) -> list[str]:
        return [
            str(place(name, number).relative_to(self._folder.path))
            for name, table in tables.items()
            for place, numbers in (
                (self._folder.rows, table.rows),
                (self._folder.gone, table.gone),
            )
            for number in numbers
        ]

    def _write(self, manifest: Manifest) -> None:
        beside = self._folder.path / f"{_MANIFEST}.next"
        said = {**asdict(manifest), "held": list(manifest.held), "version": _VERSION}
        with beside.open("w") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._folder.path / _MANIFEST)
        sync(self._folder.path)

    def _sweep(self, wanted: set[str]) -> None:
        """Delete what nobody reads any more, and what a killed change left."""
        for found in self._folder.path.glob("*/*/batch=*"):
            if str(found.relative_to(self._folder.path)) not in wanted:
                shutil.rmtree(found)

    def _merged(self, name: str, table: Table) -> Table:
        """The newer half of the files as one, and older ones with it that are not much larger.

        So a large file is written again only when there is about as much that is new. The new file
        has a higher number than all keys: those are not in it any more, and are kept only for the
        files before.
        """
        sizes = [_size(self._folder.rows(name, number)) for number in table.rows]
        first = len(sizes) // 2
        while first and sizes[first - 1] <= 2 * sum(sizes[first:]):
            first -= 1
        older, newer = table.rows[:first], table.rows[first:]
        last_older = older[-1] if older else 0
        still = tuple(number for number in table.gone if number <= last_older and older)
        later = tuple(number for number in table.gone if number > last_older)
        if older and later:
            keys = self._parquet([self._folder.gone(name, number) for number in later])
            still = (*still, self._made(f"SELECT DISTINCT {quoted(table.key)} FROM {keys}", name))
        rows = [self._folder.rows(name, number) for number in newer]
        columns = {c for one in rows for c in pq.read_schema(_file(one)).names}
        there = replace(table, columns={c: k for c, k in table.columns.items() if c in columns})
        gone = self._parquet([self._folder.gone(name, n) for n in later]) if later else ""
        query = standing(replace(there, gone=later), self._parquet(rows), gone, '"')
        return replace(table, rows=(*older, self._made(query, name, of_rows=True)), gone=still)

    def _made(self, query: str, table: str, *, of_rows: bool = False) -> int:
        """The number of the file with the rows of the query."""
        number = self._next()
        place = self._folder.rows if of_rows else self._folder.gone
        target = _empty(place(table, number))
        con = duckdb.connect(config={"python_enable_replacements": "false"})
        try:
            con.execute("SET preserve_insertion_order = false")
            con.execute(f"COPY ({query}) TO {literal(_file(target))} (FORMAT parquet)")
        finally:
            con.close()
        sync(_file(target))
        return number

    @staticmethod
    def _parquet(places: Sequence[Path]) -> str:
        files = ", ".join(literal(_file(place)) for place in places)
        return (
            f"read_parquet([{files}], union_by_name => true, hive_partitioning => true, "
            "hive_types => {'batch': 'BIGINT'})"
        )


def _file(place: Path) -> Path:
    return place / "part.parquet"


def _size(place: Path) -> int:
    return _file(place).stat().st_size


def _empty(place: Path) -> Path:
    """The folder, without what a killed change may have left in it."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def _keep(file: Path, place: Path) -> None:
    shutil.copyfile(file, _file(_empty(place)))
    sync(_file(place))
