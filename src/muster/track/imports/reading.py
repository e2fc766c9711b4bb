"""Files of events (TR1): tables, NDJSON in the shape of the tracking API, Parquet."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as parquet

from muster.events.shape import TYPES
from muster.kit.errors import Invalid
from muster.kit.tables import Table, open_table
from muster.kit.words import _
from muster.people.imports.rules import number_of

_BATCH = 4000


class Source(Protocol):
    """A file of events that can be read again and again."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def is_calls(self) -> bool:
        """Whether each row is a call of the tracking API already."""

    def count(self) -> int:
        """How many rows there are."""

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Row number and values by column; None for a row that cannot be read at all."""


@dataclass
class Cells:
    """A table of text; columns that hold nothing but numbers give numbers."""

    table: Table
    texts: frozenset[str]
    """Columns that stay text, whatever they hold."""
    is_calls = False
    _found: tuple[int, frozenset[str]] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return self.table.header

    def count(self) -> int:
        return self._look_through()[0]

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        numbers = self._look_through()[1]
        for number, cells in self.table.rows():
            if len(cells) > len(self.columns) and any(cells[len(self.columns) :]):
                yield number, None
                continue
            yield (
                number,
                {
                    name: number_of(cell) if name in numbers else cell
                    for name, cell in zip(self.columns, cells, strict=False)
                    if cell
                },
            )

    def _look_through(self) -> tuple[int, frozenset[str]]:
        if self._found is None:
            count, seen, mixed = 0, set[str](), set(self.texts)
            for _number, cells in self.table.rows():
                count += 1
                for name, cell in zip(self.columns, cells, strict=False):
                    if cell and name not in mixed:
                        seen.add(name)
                        if number_of(cell) is None:
                            mixed.add(name)
            self._found = (count, frozenset(seen - mixed))
        return self._found


@dataclass(frozen=True)
class Calls:
    """NDJSON with one call of the tracking API a line."""

    path: Path
    columns: tuple[str, ...] = ()
    is_calls: bool = True

    def count(self) -> int:
        with self.path.open("rb") as file:
            return sum(1 for line in file if line.strip())

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(line)


@dataclass(frozen=True)
class Columnar:
    """A Parquet file."""

    path: Path
    columns: tuple[str, ...]
    is_calls: bool = False

    def count(self) -> int:
        return int(parquet.read_metadata(self.path).num_rows)

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        number = 0
        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield number, {n: _plain(v) for n, v in row.items() if v is not None}


def open_source(path: Path, name: str, texts: frozenset[str]) -> Source:
    """Find out what the file is; `texts` are the columns that must stay text."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        try:
            schema = parquet.read_schema(path)
        except (pa.ArrowInvalid, OSError):
            raise Invalid(
                _("%(name)s is no Parquet file that can be read. Export it again."),
                code="not_a_table",
                name=name,
            ) from None
        return Columnar(path, tuple(schema.names))
    if _is_calls(path):
        return Calls(path)
    return Cells(open_table(path, name), texts)


def _is_calls(path: Path) -> bool:
    with path.open("rb") as file:
        for line in islice(file, 5):
            found = _object(line)
            if found is None:
                return False
            is_typed = found.get("type") in TYPES
            if is_typed or ("event" in found and isinstance(found.get("properties"), dict)):
                return True
    return False


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(line.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None


def _plain(value: Any) -> Any:
    """Numbers stay numbers, moments stay moments, the rest is what JSON can hold."""
    if isinstance(value, str | int | float | bool | list | dict) or hasattr(value, "tzinfo"):
        return value
    as_number = getattr(value, "as_tuple", None)
    return float(value) if as_number else str(value)
