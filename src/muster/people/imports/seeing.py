"""Who sees the cells of a file: whoever brought it, and who may see people in clear (PE2, PE3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster.people.imports.models import Import
from muster.team.users.models import User

OF_STORE = "two_people"
"""The kind of finding that tells who is in the record store, and not only what is in the file."""
BETWEEN = " × "
"""Stands in a cell of the report between what belongs to different people."""


@dataclass(frozen=True)
class Sight:
    """What somebody sees of one import."""

    cells: bool
    """What stands in the cells of the file."""
    clear: bool
    """Whom the record store has."""

    def samples(self, rows: Iterable[list[Any]]) -> list[list[Any]]:
        """Rows with a flaw: number, column, value."""
        return [[*row[:2], row[2] if self.cells else ""] for row in rows]

    def examples(self, kind: str, rows: Iterable[list[Any]]) -> list[list[Any]]:
        """Rows of which something was noted: number, column, before, after."""
        is_shown = self.clear if kind == OF_STORE else self.cells
        return [list(row) if is_shown else [*row[:2], "", ""] for row in rows]

    def values(self, imported: Import) -> dict[str, dict[str, str]]:
        """How values are matched; some may have come along from the import of somebody else."""
        matched: dict[str, dict[str, str]] = imported.values
        if self.clear:
            return matched
        seen = {
            column["name"]: {value for value, _rows in column.get("distinct", ())}
            for column in imported.columns
            if self.cells
        }
        return {
            column: {value: to for value, to in said.items() if value in seen.get(column, ())}
            for column, said in matched.items()
        }

    def report(self, path: Path) -> bytes:
        """The report: what was noted, what was done, row, column, and two cells."""
        if self.clear:
            return path.read_bytes()
        text = io.StringIO()
        writer = csv.writer(text)
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file)):
                is_hidden = not self.cells or BETWEEN in row[4]
                writer.writerow([*row[:4], "", ""] if number and is_hidden else row)
        return text.getvalue().encode("utf-8-sig")


def sight(imported: Import, user: User | None, *, clear: bool) -> Sight:
    """What this user sees; `clear`: whether they, and their token, may see people in clear."""
    return Sight(clear or (user is not None and imported.by_id == user.pk), clear)
