"""Erased people vanish from the files in which they were brought (PE2, PE3)."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from muster.kit.errors import Refused
from muster.people.identity.forgetting import Gone, clears
from muster.people.imports.actions import table_of
from muster.people.imports.before import file_of
from muster.people.imports.models import Import
from muster.team.jobs.models import Job

_ROWS = ("samples", "examples")


@clears("uploads")
def clear_uploads(gone: Gone) -> int:
    """Error files lose their rows; a file that was imported is not needed any more."""
    cleared = 0
    over = (Import.State.DONE, Import.State.CANCELLED, Import.State.FAILED, Import.State.UNDONE)
    if gone.anew:
        for waiting in Import.objects.exclude(state__in=over):
            if _names_them(waiting, gone):
                Import.objects.filter(pk=waiting.pk).update(state=Import.State.CANCELLED)
    for imported in Import.objects.filter(state__in=over, at__lte=gone.erased_at):
        path = settings.DATA.uploads / imported.path
        if imported.path and path.is_file():
            path.unlink()
            cleared += 1
        before = file_of(imported)
        if before.is_file():
            cleared += _kept_without(before, gone)
        for name in filter(None, (imported.errors_file, imported.report_file)):
            if (settings.DATA.uploads / name).is_file():
                cleared += _without(settings.DATA.uploads / name, gone)
        # The values of the columns are shown only before an import begins.
        imported.columns = [
            {**column, "samples": [], "distinct": []} for column in imported.columns
        ]
        imported.beginning = []
        imported.values = _unnamed(imported.values, gone)
        _show_no_more(imported, gone)
        imported.save(update_fields=["beginning", "columns", "values", "counts"])
    _empty_results(gone)
    return cleared


def _unnamed(values: dict[str, dict[str, str]], gone: Gone) -> dict[str, dict[str, str]]:
    """How values were matched, which later files take over, without those that name one of them."""
    return {
        column: {
            value: becomes
            for value, becomes in matched.items()
            if not gone.names(value) and not gone.names(becomes)
        }
        for column, matched in values.items()
    }


def _show_no_more(imported: Import, gone: Gone) -> None:
    """Take their rows out of the examples, and those of which nobody can tell whose they are."""
    whose: dict[str, list[str]] = imported.counts.get("whose", {})
    left = {
        number: hashes for number, hashes in whose.items() if not any(map(gone.is_hash, hashes))
    }
    for shown in ("samples", "examples"):
        if shown in imported.counts:
            imported.counts[shown] = {
                kind: [row for row in rows if str(row[0]) in left]
                for kind, rows in imported.counts[shown].items()
            }
    if whose:
        imported.counts["whose"] = left


def _empty_results(gone: Gone) -> None:
    """Results of jobs from before they were only figures held some rows."""
    for job in Job.objects.filter(
        kind__in=("people.check", "people.import"), created_at__lte=gone.erased_at
    ):
        if job.result.keys() & set(_ROWS):
            job.result = {key: said for key, said in job.result.items() if key not in _ROWS}
            job.save(update_fields=["result"])


def _names_them(imported: Import, gone: Gone) -> bool:
    """Whether a file that waits to be imported speaks of them; who can tell of a broken one."""
    try:
        # Another sheet or header may still be chosen, and its name is above the rows.
        return any(gone.names(cell) for cells in table_of(imported).everything() for cell in cells)
    except Refused:
        return True


def _kept_without(path: Path, gone: Gone) -> int:
    table = pq.read_table(path)
    gone_people = pa.array(sorted(gone.people), pa.int64())
    left = table.filter(pc.invert(pc.is_in(table["person"], value_set=gone_people)))
    if left.num_rows < table.num_rows:
        half = path.with_suffix(".half")
        pq.write_table(left, half)
        half.replace(path)
    return int(table.num_rows - left.num_rows)


def _without(path: Path, gone: Gone) -> int:
    """Write the table anew without the rows that name one of them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    left = [row for row in rows if not any(map(gone.names, row))]
    if len(left) < len(rows):
        half = path.with_suffix(".half")
        with half.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(left)
        half.replace(path)
    return len(rows) - len(left)
