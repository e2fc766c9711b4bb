"""Brings a file of events into the log (TR1); may be run twice."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext

from muster.events.spool import Position
from muster.kit.errors import Refused, Unavailable
from muster.kit.words import _
from muster.people.imports.rules import safe_cell
from muster.team import stores
from muster.team.jobs.registry import Cancelled, Run, job
from muster.team.users.models import Workspace
from muster.track.imports.reading import Source, open_source
from muster.track.imports.rules import (
    PROPERTY,
    REASONS,
    Unusable,
    call_of,
    checked,
    targets,
)

BATCH = 5000
LOADED_WITHIN = 3600
_encode = msgspec.json.Encoder(decimal_format="number").encode


@job("events.import")
def bring_in(run: Run) -> None:
    """Put every usable row into the log and wait until it is counted.

    The ids of events without their own follow from file, mapping and row, so the same file counts
    once, however often it is brought.
    """
    path = settings.DATA.uploads / str(run.input["path"])
    if not path.is_file():
        raise Refused(_("The file %(name)s is gone. Bring it again."), name=run.input["name"])
    passage = _Passage(run, path)
    position: Position | None = None
    try:
        for lines, done in passage.batches():
            position = stores.emit(lines) if lines else position
            run.result["imported"] = passage.imported
            run.progress(done, passage.total)
    except Cancelled:
        _settle(position)
        raise
    finally:
        passage.close()
    _settle(position)
    run.result |= {"rows": passage.total, "imported": passage.imported}
    path.unlink()


def _settle(position: Position | None) -> None:
    if position is not None and not stores.wait_until_loaded(position, LOADED_WITHIN):
        raise Unavailable(_("The warehouse did not load the imported events in time."))


class _Passage:
    """The rows of one file on their way into the log."""

    def __init__(self, run: Run, path: Path) -> None:
        self._run = run
        self._event = str(run.input.get("event") or "")
        self._mapping: dict[str, str] = dict(run.input["mapping"])  # type: ignore[call-overload]
        self._zone = Workspace.here().zone
        self._source, self._targets = opened(
            path, str(run.input["name"]), self._mapping, self._event
        )
        self._own = _fingerprint(path, self._mapping, self._event)
        self._errors: _Errors | None = None
        self._reasons: Counter[str] = Counter()
        self.total = self._source.count()
        self.imported = 0
        run.result |= {"rows": self.total, "imported": 0, "invalid": 0, "reasons": {}}

    def batches(self) -> Iterator[tuple[list[bytes], int]]:
        """Lines for the log, and how many rows were read for them."""
        lines: list[bytes] = []
        done = 0
        for number, values in self._source.rows():
            done += 1
            try:
                call = self._call(values)
            except Unusable as unusable:
                self._refuse(number, values or {}, unusable)
            else:
                call.setdefault("messageId", f"import:{self._own}:{number}")
                lines.append(_encode(call))
                self.imported += 1
            if len(lines) >= BATCH:
                yield lines, done
                lines = []
        yield lines, done

    def close(self) -> None:
        if self._errors is not None:
            self._errors.close()

    def _call(self, values: dict[str, Any] | None) -> dict[str, Any]:
        if values is None:
            raise Unusable("bad_line" if self._source.is_calls else "ragged")
        if self._source.is_calls:
            return checked(values, event=self._event, zone=self._zone)
        said = {self._targets[name]: value for name, value in values.items()}
        return call_of(said, event=self._event, zone=self._zone)

    def _refuse(self, number: int, values: dict[str, Any], unusable: Unusable) -> None:
        if self._errors is None:
            name = f"errors-{Path(str(self._run.input['path'])).name}.csv"
            self._errors = _Errors(settings.DATA.uploads / name, self._source)
            self._run.errors_file(name)
        self._errors.add(number, values, unusable)
        self._reasons[unusable.reason] += 1
        self._run.result["invalid"] = self._reasons.total()
        self._run.result["reasons"] = dict(self._reasons)


class _Errors:
    """The rows that became no event, each with field, reason and advice."""

    def __init__(self, path: Path, source: Source) -> None:
        self._columns = source.columns
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        said = [gettext("Row"), gettext("Error field"), gettext("Error reason"), gettext("Advice")]
        self._writer.writerow([*map(safe_cell, self._columns), *said])

    def add(self, number: int, values: dict[str, Any], unusable: Unusable) -> None:
        text, advice = REASONS[unusable.reason]
        cells = [safe_cell(str(values.get(name, ""))) for name in self._columns]
        said = [number, unusable.column, gettext(text), gettext(advice)]
        self._writer.writerow([*cells, *said])

    def close(self) -> None:
        self._file.close()


def opened(
    path: Path, name: str, mapping: dict[str, str], event: str
) -> tuple[Source, dict[str, str]]:
    """The file, and what its columns are; ids stay text, however they look."""
    first = open_source(path, name, frozenset())
    found = targets(first.columns, mapping, event=event)
    texts = frozenset(column for column, target in found.items() if not target.startswith(PROPERTY))
    return open_source(path, name, texts), found


def _fingerprint(path: Path, mapping: dict[str, str], event: str) -> str:
    digest = hashlib.sha256(repr((sorted(mapping.items()), event)).encode())
    with closing(path.open("rb")) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()[:32]
