"""What a matrix of duties has to look like, and how much it asks of people (PL5)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from muster.kit.days import monday

LETTERS = "RACI"
MOST_CONSULTED = 4
"""Whoever asks more people than this gets no answer."""

Cell: TypeAlias = tuple[int, str]
"""A task's number, and the key of a person (`u7`) or team (`t3`)."""
Matrix: TypeAlias = Mapping[Cell, frozenset[str]]
"""Cell → its letters; a cell that is not in it is empty."""


class Fault(StrEnum):
    """What is wrong with a row, the worst first."""

    NO_A = "no_a"
    MANY_A = "many_a"
    NO_R = "no_r"
    GUEST_A = "guest_a"
    AWAY = "away"
    MANY_C = "many_c"

    @property
    def breaks(self) -> bool:
        """The row cannot stay so; the others are only worth a look."""
        return self not in {Fault.AWAY, Fault.MANY_C}


@dataclass(frozen=True)
class Row:
    """The duties of one task."""

    letters: Mapping[str, frozenset[str]]
    """Key of a person or team → letters."""
    is_milestone: bool = False

    def holders(self, letter: str) -> list[str]:
        """Who has this letter."""
        return [key for key, letters in self.letters.items() if letter in letters]


def faults(row: Row, guests: frozenset[str], away: frozenset[str]) -> list[Fault]:
    """What is wrong; `away` are those who are on leave on days of this task."""
    accountable = row.holders("A")
    responsible = row.holders("R")
    found = {
        Fault.NO_A: not accountable,
        Fault.MANY_A: len(accountable) > 1,
        # A milestone is reached, not worked on.
        Fault.NO_R: not responsible and not row.is_milestone,
        Fault.GUEST_A: any(key in guests for key in accountable),
        Fault.AWAY: any(key in away for key in {*accountable, *responsible}),
        Fault.MANY_C: len(row.holders("C")) > MOST_CONSULTED,
    }
    return [fault for fault, holds in found.items() if holds]


def pressed(letters: frozenset[str], letter: str) -> frozenset[str]:
    """A cell after a letter was pressed: the letter again takes it away; A and R go together."""
    if letter in letters:
        return letters - {letter}
    if letter in "AR":
        return letters & {"A", "R"} | {letter}
    return frozenset({letter})


def read_letters(text: str) -> frozenset[str]:
    """`A/R`, `ra`, `A R` → the letters; anything else is no letter."""
    return frozenset(letter for letter in text.upper() if letter in LETTERS)


def is_letters(text: str) -> bool:
    """Whether there is nothing but letters in it, and spaces or `/` between them."""
    return not set(text.upper()) - set(LETTERS) - set(" /")


def written(letters: Iterable[str]) -> str:
    """The letters of a cell as people write them: A/R."""
    return "/".join(sorted(letters, key="ARCI".index))


def applied(matrix: Matrix, changes: Mapping[Cell, frozenset[str]]) -> dict[Cell, frozenset[str]]:
    """The matrix after these cells were set: an A that is given leaves whoever had it."""
    after = dict(matrix)
    for (task, key), letters in changes.items():
        if "A" in letters:
            for cell, held in list(after.items()):
                if cell[0] == task and cell[1] != key and "A" in held:
                    after[cell] = held - {"A"}
        after[task, key] = letters
    return {cell: letters for cell, letters in after.items() if letters}


def by_task(matrix: Matrix) -> dict[int, dict[str, frozenset[str]]]:
    """Task → key of a person or team → letters: the matrix row by row."""
    rows: dict[int, dict[str, frozenset[str]]] = {}
    for (task, key), held in matrix.items():
        rows.setdefault(task, {})[key] = held
    return rows


@dataclass(frozen=True)
class Difference:
    """One letter that somebody gets or loses."""

    task: int
    key: str
    letter: str
    is_new: bool


def differences(before: Matrix, after: Matrix) -> list[Difference]:
    """Every letter that is not as it was."""
    found = []
    for cell in sorted({*before, *after}):
        old, new = before.get(cell, frozenset()), after.get(cell, frozenset())
        found += [Difference(*cell, one, one in new) for one in LETTERS if one in old ^ new]
    return found


class Work(NamedTuple):
    """What one person does for one task."""

    key: str
    days: Sequence[date]
    """The working days of the task."""
    hours: Decimal
    """The person's own hours, spread evenly over these days."""


def per_week(work: Iterable[Work]) -> dict[str, dict[date, Decimal]]:
    """Person → Monday of a week → hours of work in it."""
    found: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    # Thousands of tasks lie on few spans of working days.
    spread: dict[tuple[date, date], list[tuple[date, int]]] = {}
    for one in work:
        if not one.days:
            continue
        span = one.days[0], one.days[-1]
        if span not in spread:
            spread[span] = list(Counter(map(monday, one.days)).items())
        of_person, weeks = found[one.key], spread[span]
        if len(weeks) == 1:
            of_person[weeks[0][0]] += one.hours
            continue
        for week, days in weeks:
            of_person[week] += one.hours * days / len(one.days)
    return {key: dict(weeks) for key, weeks in found.items()}


def own_hours(
    hours: Decimal | None, days: int, share: Decimal, all_shares: Decimal, a_day: Decimal
) -> Decimal:
    """The hours of one of the responsible: a part of the task's work, or their days."""
    if hours is None:
        return a_day * days * share
    return hours * share / all_shares if all_shares else Decimal(0)


@dataclass(frozen=True)
class Pasted:
    """A matrix as it was pasted: roles across, tasks down."""

    roles: tuple[str, ...]
    rows: tuple[tuple[str, Mapping[str, frozenset[str]]], ...]
    """Title of a task, and role → letters."""


def read_pasted(text: str) -> Pasted | None:
    """Read what was copied from a table: the first line names the roles. None if it is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    mark = "\t" if "\t" in lines[0] else next((m for m in "|,，;" if m in lines[0]), None)
    if mark is None:
        return None
    table = [[cell.strip() for cell in line.strip().strip("|").split(mark)] for line in lines]
    # The line under the head of a Markdown table says nothing.
    table = [row for row in table if not all(re.fullmatch(r":?-*:?", cell) for cell in row)]
    roles = tuple(table[0][1:])
    if not any(roles) or len(table) < 2:
        return None
    rows = []
    for title, *cells in table[1:]:
        letters = {
            role: read_letters(cell)
            for role, cell in zip(roles, cells, strict=False)
            if role and read_letters(cell)
        }
        if title:
            rows.append((title, letters))
    return Pasted(tuple(role for role in roles if role), tuple(rows))
