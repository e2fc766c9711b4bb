"""Looks through a whole file before anything is imported (PE2): what would become of each row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

from django.utils.translation import gettext

from muster.kit.tables import Table
from muster.people.identity.records import Known
from muster.people.imports.contradictions import Contradictions
from muster.people.imports.repairs import (
    AGES,
    ALWAYS,
    BIRTHDAYS,
    DATES,
    GENUINE,
    KINDS,
    MATCHED,
    MOST_LISTED,
    PROVIDERS,
    REPAIRS,
    SAMPLES,
    UNPLAIN,
    WRONG,
    Noted,
    disposable_domains,
)
from muster.people.imports.rules import (
    IDENTITIES,
    MOST_DISTINCT,
    MOST_TEXT,
    OF_CONSENT,
    REASONS,
    Flaw,
    Reading,
    consent_of,
    safe_cell,
)
from muster.people.imports.seeing import BETWEEN, OF_STORE
from muster.people.imports.understanding import Distinct, Understanding
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person
from muster.people.profile.names import split_name
from muster.warehouse.intake import Intake
from muster.warehouse.plain_rows import Rules, Taken

READ = 10_000
"""Rows that are understood together."""
LOOK_UP = 5000
SAMPLES_PER_REASON = 5

Told = Callable[[int], None]
Line = tuple[int, list[str], list[Flaw]]


@dataclass
class Findings:
    """What a look at the whole file found."""

    rows: int = 0
    new: int = 0
    """People whom the import makes."""
    updated: int = 0
    """People who are known and of whom a row speaks."""
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
    notes: dict[str, Noted] = field(default_factory=dict)
    """Kind of repair, or of what looks wrong → how often and where."""
    columns: dict[str, str] = field(default_factory=dict)
    """Identity → the column that says it."""
    distinct: dict[str, Distinct] = field(default_factory=dict)
    """Column of a trait → its different values in the file, if they are few."""
    whose: dict[str, list[str]] = field(default_factory=dict)
    """Number of a row of which something is shown → keyed hashes of its id and addresses."""

    def figures(self) -> dict[str, object]:
        """What can be counted; nothing in it is about one person."""
        return {
            "rows": self.rows,
            "new": self.new,
            "updated": self.updated,
            "duplicate": self.duplicate,
            "invalid": self.invalid,
            "flawed": self.flawed,
            "reasons": dict(self.reasons),
            "noted": {kind: noted.count for kind, noted in self.notes.items() if noted.count},
        }

    def counts(self) -> dict[str, object]:
        """As stored with the import and shown: the figures, and some rows for each."""
        return {
            **self.figures(),
            "samples": {reason: list(map(list, rows)) for reason, rows in self.samples.items()},
            "examples": self.examples(),
            "whose": self.whose,
        }

    def examples(self) -> dict[str, list[list[object]]]:
        """Kind → some rows: number, column, before, after."""
        return {
            kind: [list(row) for row in noted.rows[:SAMPLES]]
            for kind, noted in self.notes.items()
            if noted.count
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

    def add(self, row: Sequence[str], flaws: Sequence[Flaw]) -> None:
        width = len(self._columns)
        cells = [*row, *[""] * (width - len(row))]
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


def intake_for(path: Path, reading: Reading) -> Intake:
    """An empty table for the rows of this file, on disk at `path`."""
    places = [":".join(place) for place in reading.places]
    return Intake(path, reading.traits, [*places, *OF_CONSENT])


def take_in(
    table: Table,
    reading: Reading,
    intake: Intake,
    *,
    today: date,
    errors: ErrorFile | None = None,
    tell: Told = lambda rows: None,
) -> Findings:
    """Read the whole file once into the table, and say what it holds; nobody is asked for yet.

    `tell` is called with the rows read so far.
    """
    found = Findings()
    understanding = Understanding(reading, table.format.kind == "ndjson")
    taken = _take_plain(table, reading, intake)
    rows = table.rows() if taken is None else intake.left(len(reading.columns), READ)
    if taken is not None:
        found.rows = taken.rows - taken.left
        for trait, values in intake.distinct(MOST_DISTINCT).items():
            understanding.distinct[reading.column_of(trait)].add(values)
        tell(found.rows)
    for batch in understanding.batches(rows, READ):
        found.rows += batch.rows
        found.invalid += batch.lost
        found.flawed += len(batch.flawed) - batch.lost
        for number, cells, flaws in batch.flawed:
            _note(found, number, cells, flaws, reading)
            if errors:
                errors.add(cells, flaws)
        intake.add(batch.columns)
        tell(found.rows)
    found.columns = {kind: reading.column_of(kind) for kind in IDENTITIES}
    found.notes, found.distinct = understanding.notes, understanding.distinct
    for target, (count, forms) in taken.forms.items() if taken else ():
        if count:
            noted, column = found.notes[f"{target}_form"], reading.column_of(target)
            noted.count += count
            taken_rows = [(n, column, before, after) for n, before, after in forms]
            noted.rows = sorted(noted.rows + taken_rows)
            del noted.rows[MOST_LISTED:]
    _look_at_columns(found, reading, intake, today)
    _people, found.duplicate = intake.settle()
    found.numbers = intake.numbers()
    found.whose = _whose(found, intake)
    return found


def _take_plain(table: Table, reading: Reading, intake: Intake) -> Taken | None:
    """Let the engine take the rows in which nothing is to be looked at; None if it cannot."""
    if table.format.kind != "csv" or table.format.encoding != "utf-8":
        return None
    if table.header_row != 1 or reading.values:
        return None
    return intake.take_plain(table.path, table.format.separator, rules_of(reading))


def rules_of(reading: Reading) -> Rules:
    """What the engine has to know to tell a row in which nothing is to be looked at."""
    return Rules(
        targets=reading.targets,
        region=reading.region,
        longest=MOST_TEXT,
        odd_text=UNPLAIN,
        traits=reading.traits,
        consents=[f"consent:{':'.join(filter(None, place))}" for place in reading.places],
        agreed=frozenset(f"consent:{':'.join(filter(None, p))}" for p in reading.consents),
        ends=reading.expires_at,
        text=reading.text,
        word=consent_of,
        split=split_name,
    )


def _whose(found: Findings, intake: Intake) -> dict[str, list[str]]:
    """By what an erasure recognises the rows that are shown as examples."""
    shown = {row[0] for rows in found.samples.values() for row in rows}
    shown |= {cast(int, row[0]) for rows in found.examples().values() for row in rows}
    return {str(number): _hashes(row) for number, row in intake.identities(sorted(shown)).items()}


def _hashes(identities: Sequence[str | None]) -> list[str]:
    return [
        address_hash(kind, said) for kind, said in zip(IDENTITIES, identities, strict=True) if said
    ]


def ask_who_is_new(found: Findings, intake: Intake, *, tell: Told = lambda rows: None) -> None:
    """How many of the people of the file are known."""
    for asked, _owners in owners_of(found, intake):
        tell(asked[-1][0])


def owners_of(
    found: Findings, intake: Intake
) -> Iterable[tuple[list[tuple[int, str | None, str | None, str | None]], list[int | None]]]:
    """The rows that count, in batches, and whom the record store knows by each.

    On the way it notes which of them name two different people, and at its end how many people
    the import makes and how many it finds: several rows may be of one.
    """
    is_empty = not Person.objects.exists()
    contradictions, noted = Contradictions(intake), Noted()
    found.notes[OF_STORE] = noted
    for asked in intake.who(LOOK_UP):
        known = Known([] if is_empty else asked)
        yield asked, [None if is_empty else known.owner_of(row) for row in asked]
        for one in contradictions.among(asked, known):
            columns = " · ".join(found.columns[kind] for kind in one.kinds)
            noted.add(one.row[0], columns, BETWEEN.join(one.values))
            if noted.count <= SAMPLES:
                found.whose[str(one.row[0])] = _hashes(one.row[1:])
    merged = dict(Person.objects.exclude(merged_into=None).values_list("pk", "merged_into"))
    found.new = contradictions.made
    found.updated = len({merged.get(person, person) for person in contradictions.met})


def _look_at_columns(found: Findings, reading: Reading, intake: Intake, today: date) -> None:
    """What only the whole column can tell: dates, zeros, and what looks wrong."""

    def note(kind: str, seen: tuple[int, list[tuple[int, str, str, str]]]) -> None:
        count, rows = seen
        if count:
            noted = found.notes.setdefault(kind, Noted())
            noted.count += count
            noted.rows += rows

    repairs, email, phone = reading.repairs, reading.column_of("email"), reading.column_of("phone")
    if "external_id" in reading.targets:
        column = reading.column_of("external_id")
        note("zeros", intake.zeros(column, apply="zeros" in repairs))
    for name in reading.traits:
        is_named = bool(DATES.search(name))
        mended, unclear = intake.dates(name, is_named=is_named, apply="dates" in repairs)
        note("dates", mended)
        note("ambiguous_date", unclear)
    if "email" in reading.targets:
        note("typo_domain", intake.typos(PROVIDERS, GENUINE, email))
        note("disposable", intake.disposable(disposable_domains(), email))
        note("shared_email", intake.shared("email", email))
    if "phone" in reading.targets:
        note("shared_phone", intake.shared("phone", phone))
    numbers = intake.numbers()
    for name in reading.traits:
        if BIRTHDAYS.search(name):
            note("birthday", intake.birthdays(name, today.isoformat()))
        elif name in numbers and AGES.search(name):
            note("age", intake.ages(name))
        elif name in numbers:
            note("amount", intake.amounts(name))


def write_report(path: Path, found: Findings, repairs: frozenset[str]) -> None:
    """Every row that was mended or looks wrong, with what became of it; up to 10,000 a kind."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                gettext("What"),
                gettext("What was done"),
                gettext("Row"),
                gettext("Column"),
                gettext("In the file"),
                gettext("Becomes or means"),
            ]
        )
        for kind in KINDS:
            noted = found.notes.get(kind)
            if noted is None:
                continue
            what, done = gettext(KINDS[kind].text), done_about(kind, repairs)
            writer.writerows(
                [what, done, number, *map(safe_cell, rest)] for number, *rest in noted.rows
            )
            if noted.count > len(noted.rows):
                more = gettext("and %(count)s more") % {"count": noted.count - len(noted.rows)}
                writer.writerow([what, done, more, "", "", ""])


def done_about(kind: str, repairs: frozenset[str]) -> str:
    """What the import does about this kind, in a word."""
    if kind in ALWAYS or kind in repairs:
        return gettext("Mended")
    if kind in MATCHED:
        return gettext("Replaced")
    if kind in REPAIRS:
        return gettext("Not mended")
    if kind == OF_STORE:
        return gettext("A review is opened")
    return gettext("Left as it is") if kind in WRONG else ""


def _note(
    found: Findings, number: int, cells: list[str], flaws: list[Flaw], reading: Reading
) -> None:
    for flaw in flaws:
        found.reasons[flaw.reason] += 1
        samples = found.samples.setdefault(flaw.reason, [])
        if len(samples) < SAMPLES_PER_REASON:
            values = dict(zip(reading.columns, cells, strict=False))
            samples.append((number, flaw.column, values.get(flaw.column, "")[:80]))
