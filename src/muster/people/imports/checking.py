"""Looks through a whole file before anything is imported (PE2): what would become of each row."""

from __future__ import annotations

import csv
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from django.utils.translation import gettext

from muster.kit.tables import Table
from muster.people.identity.records import Known
from muster.people.imports.rules import (
    FIELDS,
    LEAVE_OUT,
    REASONS,
    Flaw,
    Reading,
    Row,
    number_of,
    read_row,
    safe_cell,
)

LOOK_UP = 5000
SAMPLES_PER_REASON = 5


@dataclass
class Findings:
    """What a look at the whole file found."""

    rows: int = 0
    new: int = 0
    updated: int = 0
    duplicate: int = 0
    invalid: int = 0
    """Rows of which nothing is imported."""
    flawed: int = 0
    """Rows of which a cell is left out."""
    reasons: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    """Reason → some (row number, column, value)."""
    numbers: frozenset[str] = frozenset()
    """Traits whose whole column is numeric."""
    superseded: frozenset[int] | set[int] = frozenset()
    """Numbers of the rows after which another row speaks of the same person."""

    def counts(self) -> dict[str, object]:
        """As stored and shown."""
        return {
            "rows": self.rows,
            "new": self.new,
            "updated": self.updated,
            "duplicate": self.duplicate,
            "invalid": self.invalid,
            "flawed": self.flawed,
            "reasons": dict(self.reasons),
            "samples": {reason: list(map(list, rows)) for reason, rows in self.samples.items()},
        }


class ErrorFile:
    """The original rows that have a flaw, each with field, reason and advice."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self._columns = columns
        # With its mark at the beginning, so that spreadsheets read it as UTF-8.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        header = [gettext("Error field"), gettext("Error reason"), gettext("Advice")]
        self._writer.writerow([safe_cell(cell) for cell in (*columns, *header)])

    def add(self, row: Row, flaws: list[Flaw]) -> None:
        width = len(self._columns)
        cells = [*row.cells, *[""] * (width - len(row.cells))]
        said = [
            " · ".join(dict.fromkeys(flaw.column for flaw in flaws if flaw.column)),
            " ".join(dict.fromkeys(gettext(REASONS[flaw.reason].text) for flaw in flaws)),
            " ".join(dict.fromkeys(gettext(REASONS[flaw.reason].advice) for flaw in flaws)),
        ]
        # Surplus cells stay behind the three, where they do not move them.
        line = [*cells[:width], *said, *cells[width:]]
        self._writer.writerow([safe_cell(cell) for cell in line])

    def close(self) -> None:
        self._file.close()


def understood(table: Table, reading: Reading) -> Iterator[Row]:
    """The rows of the file in their order."""
    for number, cells in table.rows():
        yield read_row(reading, number, cells)


def look_through(
    table: Table,
    reading: Reading,
    *,
    errors: ErrorFile | None = None,
    tell: Callable[[int], None] = lambda rows: None,
) -> Findings:
    """Read the whole file once, ask in batches who is known, and import nothing.

    Memory grows by sixteen bytes a row; `tell` is called with the rows read so far.
    """
    found = Findings()
    mixed: set[str] = set()
    seen: set[str] = set()
    traits = {t for t in reading.targets if t and t not in FIELDS and not t.startswith("consent:")}
    keys, places, fresh = array("q"), array("q"), bytearray()
    batch: list[Row] = []

    def ask() -> None:
        fresh.extend(_are_new(batch))
        batch.clear()
        tell(found.rows)

    for row in understood(table, reading):
        found.rows += 1
        for name in traits - mixed:
            text = row.traits.get(name)
            if text:
                seen.add(name)
                if number_of(text) is None:
                    mixed.add(name)
        if row.flaws:
            _note(found, row, reading)
            if errors:
                errors.add(row, row.flaws)
        if not row.is_usable:
            found.invalid += 1
            continue
        found.flawed += bool(row.flaws)
        keys.append(hash(row.key))
        places.append(row.number)
        batch.append(row)
        if len(batch) >= LOOK_UP:
            ask()
    ask()
    found.numbers = frozenset(seen - mixed)
    last = _last_of_each(keys)
    found.duplicate = len(keys) - int(last.sum())
    found.superseded = set(np.asarray(places, dtype=np.int64)[~last].tolist())
    is_new = np.frombuffer(bytes(fresh), dtype=np.uint8).astype(bool)
    found.new = int((is_new & last).sum())
    found.updated = int(last.sum()) - found.new
    return found


def _last_of_each(keys: array[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """True where no later row has the same key."""
    values = np.asarray(keys, dtype=np.int64)
    _unique, first_from_behind = np.unique(values[::-1], return_index=True)
    last = np.zeros(len(values), dtype=bool)
    last[len(values) - 1 - first_from_behind] = True
    return last


def _are_new(rows: list[Row]) -> list[int]:
    """1 for each row whose person is not known yet, else 0."""
    if not rows:
        return []
    asked = [
        (row.number, *(row.identities.get(kind) for kind in ("external_id", "email", "phone")))
        for row in rows
    ]
    known = Known(asked)
    return [int(known.owner_of(one) is None) for one in asked]


def _note(found: Findings, row: Row, reading: Reading) -> None:
    values = dict(zip(reading.columns, row.cells, strict=False))
    for flaw in row.flaws:
        found.reasons[flaw.reason] += 1
        samples = found.samples.setdefault(flaw.reason, [])
        if len(samples) < SAMPLES_PER_REASON:
            samples.append((row.number, flaw.column, values.get(flaw.column, "")[:80]))


def reading_targets(columns: tuple[str, ...], mapping: dict[str, str]) -> tuple[str, ...]:
    """The target of each column; those that the mapping does not name are traits of their name."""
    return tuple(mapping.get(column, column) or LEAVE_OUT for column in columns)
