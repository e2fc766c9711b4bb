"""What people do with imports: bring a file, match it, check it, run it, take it back (PE2)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.tables import Table, keep, open_table
from muster.kit.words import _
from muster.people.consent.keeping import topic_called
from muster.people.imports.models import Import
from muster.people.imports.repairs import FOR_PEOPLE, FOR_PROGRAMS, REPAIRS
from muster.people.imports.rules import (
    FIELDS,
    IDENTITIES,
    LEAVE_OUT,
    MOST_TEXT,
    MOST_TEXT_VERSION,
    MOST_VALUE,
    MOST_VALUES,
    REASONS,
    Place,
    Reading,
    expiry_of,
    guesses,
    is_trait,
    is_writable,
    said_of,
    unknown_target,
)
from muster.people.imports.understanding import Distinct
from muster.people.profile.rules import home_region
from muster.team.changes.actions import record_change
from muster.team.jobs.actions import cancel_job, start_job
from muster.team.jobs.models import Job
from muster.team.users.models import User, Workspace

SAMPLES = 5
SAMPLE_ROWS = 200
SEEN_ROWS = 2000
"""Rows of which the different values are counted before the whole file is looked through."""
SHOWN_ROWS = 8
SHOWN_COLUMNS = 8
MOST_SHOWN = 60
"""So much of the file is shown to choose the row of the column names from."""


def begin(
    file: BinaryIO, name: str, *, by: User | None, sheet: str = "", header_row: int = 0
) -> Import:
    """Keep the file and guess what its columns are.

    `sheet` and `header_row` (as a spreadsheet counts) overrule what is found. Raises Invalid if it
    is no table that can be read, or has no such sheet or row; nothing is kept then.
    """
    name = Path(name).name[:200] or "people.csv"
    path = settings.DATA.uploads / f"people-{secrets.token_hex(12)}"
    size = keep(file, path, name)
    try:
        table = open_table(path, name, sheet=sheet, header_row=header_row)
    except Refused:
        path.unlink()
        raise
    imported = Import(name=name, path=path.name, size=size, nonce=secrets.token_hex(12), by=by)
    _take_columns(imported, table)
    imported.save()
    return imported


def read_anew(
    imported: Import,
    *,
    encoding: str = "",
    separator: str = "",
    sheet: str = "",
    header_row: int = 0,
) -> Import:
    """Read the file otherwise than was guessed: what is not given is found again.

    Raises Invalid if there is no such sheet or row.
    """
    _must_not_have_begun(imported)
    table = open_table(
        settings.DATA.uploads / imported.path,
        imported.name,
        encoding=encoding,
        separator=separator,
        sheet=sheet,
        header_row=header_row,
    )
    _take_columns(imported, table)
    imported.state = Import.State.UPLOADED
    imported.save()
    return imported


def match_afresh(imported: Import) -> Import:
    """Forget how an earlier import was matched, and guess what the columns mean."""
    _must_not_have_begun(imported)
    _guess(imported, table_of(imported))
    imported.state = Import.State.UPLOADED
    imported.save()
    return imported


def _take_columns(imported: Import, table: Table) -> None:
    """How the table is read, what its columns are, and how they were matched before."""
    is_csv = table.format.kind == "csv"
    imported.encoding = table.format.encoding if is_csv else ""
    imported.separator = table.format.separator if is_csv else ""
    imported.sheet, imported.sheets = table.format.sheet, list(table.sheets)
    imported.header_row = table.header_row
    imported.beginning = [
        [number, [cell.strip()[:MOST_SHOWN] for cell in cells[:SHOWN_COLUMNS]]]
        for number, cells in table.around_header(SHOWN_ROWS)
    ]
    header = hashlib.sha256("\x1f".join(sorted(table.header)).encode()).hexdigest()
    is_same, imported.header = header == imported.header, header
    chosen = imported.mapping, imported.values, imported.alike, imported.repairs
    _guess(imported, table)
    if is_same:
        # What was chosen for these columns stays chosen.
        imported.mapping, imported.values, imported.alike, imported.repairs = chosen
        return
    before = (
        Import.objects.filter(header=header, started_at__isnull=False)
        .exclude(state=Import.State.UNDONE)
        .order_by("-id")
        .first()
    )
    if before is not None:
        imported.mapping |= before.mapping
        imported.values = before.values
        imported.repairs = before.repairs or imported.repairs
        imported.alike = before


def _guess(imported: Import, table: Table) -> None:
    """The columns with what is seen in them, and what they mean as far as that can be told."""
    seen = _seen(table)
    found = guesses(table.header, seen.samples, region())
    imported.columns = [
        {"name": column, "samples": shown[:SAMPLES], "confidence": one.confidence}
        for column, shown, one in zip(table.header, seen.samples, found, strict=True)
    ]
    show_distinct(imported, seen.distinct, of_rows=seen.rows)
    imported.mapping = {c: one.target for c, one in zip(table.header, found, strict=True)}
    imported.values, imported.alike, imported.repairs = {}, None, list(FOR_PEOPLE)


def show_distinct(imported: Import, distinct: Mapping[str, Distinct], *, of_rows: int) -> None:
    """Keep the different values of columns that have few; `of_rows`: 0 for the whole file."""
    imported.columns = [
        {**column, "distinct": distinct[column["name"]].shown(), "seen": of_rows}
        if column["name"] in distinct
        else column
        for column in imported.columns
    ]


def _must_not_have_begun(imported: Import) -> None:
    _must_not_be_checked(imported)
    if imported.state not in {Import.State.UPLOADED, Import.State.CHECKED}:
        raise Refused(_("This import has begun. Bring the file again to read it differently."))


def _must_not_be_checked(imported: Import) -> None:
    if imported.state == Import.State.CHECKING:
        raise Refused(
            _("This file is still being checked. Wait until that is over, or cancel the check.")
        )


def match(
    imported: Import,
    mapping: Mapping[str, str],
    *,
    consent: Mapping[str, object] | None = None,
    repairs: Collection[str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
) -> Import:
    """Say what the columns mean, what everybody in the file has allowed, and what is mended.

    A column that the mapping does not name keeps its target. `values` says of columns of traits
    what a value of the file becomes ("" leaves it out); it replaces what was said of the columns
    that it names. `consent` holds `places`
    (`email:marketing` …), `source` (where they said so), `said_at` (ISO day), `expires_at` (day or
    moment) and `text` (version or name of the words); `repairs` are keys of `repairs.REPAIRS`.
    """
    _must_not_be_checked(imported)
    if imported.state not in {Import.State.UPLOADED, Import.State.CHECKED}:
        raise Refused(_("This import has begun. Bring the file again to match it differently."))
    _check_mapping(imported, mapping)
    mapping = {column: _topic_by_id(column, target) for column, target in mapping.items()}
    if repairs is not None:
        unknown = sorted(set(repairs) - set(REPAIRS))
        if unknown:
            raise Invalid.at(
                "/repairs",
                "unknown_repair",
                _("“%(name)s” is no repair. There are: %(known)s."),
                name=unknown[0],
                known=", ".join(REPAIRS),
            )
        imported.repairs = [kind for kind in REPAIRS if kind in repairs]
    imported.mapping = {**imported.mapping, **mapping}
    if values is not None:
        _check_values(imported, values)
        imported.values = {**imported.values, **_changed(values)}
    imported.values = {
        column: matched
        for column, matched in imported.values.items()
        if matched and is_trait(imported.mapping.get(column, LEAVE_OUT))
    }
    before = imported.alike
    if before and (before.mapping, before.values) != (imported.mapping, imported.values):
        imported.alike = None
    if consent is not None:
        if consent.get("places") and not consent.get("source"):
            raise Invalid.at(
                "/consent/source",
                "missing",
                _("Say where these people gave their consent, such as “Trade fair, May 2026”."),
            )
        _check_consent(consent)
        imported.consent = dict(consent)
    imported.state = Import.State.UPLOADED
    imported.save()
    return imported


def _changed(values: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Without what stays as it is; as cells are read, without spaces around."""
    stripped = {
        column: {value.strip(): becomes.strip() for value, becomes in matched.items()}
        for column, matched in values.items()
    }
    return {
        column: {value: becomes for value, becomes in matched.items() if value != becomes}
        for column, matched in stripped.items()
    }


def _check_values(imported: Import, values: Mapping[str, Mapping[str, str]]) -> None:
    columns = [column["name"] for column in imported.columns]
    problems = []
    for column, matched in values.items():
        if column not in columns:
            problems.append(_unknown_column(f"/values/{column}", column, columns))
        elif matched and not is_trait(imported.mapping.get(column, LEAVE_OUT)):
            problems.append(
                Problem(
                    f"/values/{column}",
                    "no_trait",
                    _("“%(column)s” is no trait here, so its values cannot be matched to others."),
                    {"column": column},
                )
            )
        problems += [
            Problem(
                f"/values/{column}",
                "bad_value",
                _("A value that is matched is not empty, and becomes at most %(most)s letters."),
                {"most": MOST_VALUE},
            )
            for value, becomes in matched.items()
            if not value.strip() or len(becomes) > MOST_VALUE or len(value) > MOST_TEXT
        ][:1]
    if sum(map(len, {**imported.values, **values}.values())) > MOST_VALUES:
        problems.append(
            Problem(
                "/values",
                "too_many_values",
                _("At most %(most)s values of a file can be matched to others."),
                {"most": MOST_VALUES},
            )
        )
    if problems:
        raise Invalid.of(problems)


def _unknown_column(at: str, column: str, columns: Collection[str]) -> Problem:
    return Problem(
        at,
        "unknown_column",
        _("There is no column “%(column)s”. The file has: %(columns)s."),
        {"column": column, "columns": ", ".join(sorted(columns)[:30])},
    )


def _check_consent(consent: Mapping[str, object]) -> None:
    """Since when, until when and to what it holds, where it is said of the whole file."""
    if said := str(consent.get("said_at") or ""):
        since = said_of(said, Workspace.here().zone)
        if since is None:
            raise Invalid.at(
                "/consent/said_at",
                "bad_day",
                _("“%(said)s” is no day. Write when they agreed like 2026-05-04."),
                said=said,
            )
        if since > timezone.now():
            raise Invalid.at(
                "/consent/said_at",
                "future",
                _("%(said)s is still to come. Write the day on which they agreed."),
                said=said,
            )
    if said := str(consent.get("expires_at") or ""):
        end = expiry_of(said, Workspace.here().zone)
        if end is None or end <= timezone.now():
            key = "bad_expiry" if end is None else "past_expiry"
            raise Invalid.at("/consent/expires_at", key, REASONS[key].text)
    if len(str(consent.get("text") or "")) > MOST_TEXT_VERSION:
        key = "long_text_version"
        raise Invalid.at("/consent/text", key, REASONS[key].text)


def match_by_name(
    imported: Import,
    mapping: Mapping[str, str],
    repairs: Collection[str] = FOR_PROGRAMS,
    values: Mapping[str, Mapping[str, str]] | None = None,
) -> Import:
    """As programs match: what is not named is the field or trait of the same name.

    What earlier imports were matched to counts for nothing.

    Without any mapping the guesses for who it is count, the other columns keep their names.
    """
    columns = [column["name"] for column in imported.columns]
    own = {column: column for column in columns}
    if imported.alike:
        _guess(imported, table_of(imported))
    if mapping:
        return match(imported, {**own, **mapping}, repairs=repairs, values=values)
    guessed = {c: t for c, t in imported.mapping.items() if t in FIELDS or not t}
    return match(imported, {**own, **guessed}, repairs=repairs, values=values)


def _topic_by_id(column: str, target: str) -> str:
    """A topic is named by the id that it keeps when it is called otherwise."""
    if not target.startswith("consent:") or target.count(":") < 3:
        return target
    place, _colon, topic = target.rpartition(":")
    return f"{place}:{topic_called(topic, at=f'/mapping/{column}').public_id}"


def _check_mapping(imported: Import, mapping: Mapping[str, str]) -> None:
    columns = {column["name"] for column in imported.columns}
    problems = [
        _unknown_column(f"/mapping/{column}", column, columns)
        for column in mapping
        if column not in columns
    ]
    problems += [
        Problem(
            f"/mapping/{column}",
            "unknown_target",
            _("“%(target)s” is no field. Use a field, a trait or consent:email:marketing."),
            {"target": target},
        )
        for column, target in mapping.items()
        if unknown_target(target)
    ]
    problems += [
        Problem(
            f"/mapping/{column}",
            "bad_name",
            _("The name of a trait has no line breaks or other control characters."),
        )
        for column, target in mapping.items()
        if not is_writable(target)
    ]
    known = {column: target for column, target in mapping.items() if column in columns}
    targets = [target for target in {**imported.mapping, **known}.values() if target != LEAVE_OUT]
    problems += [
        Problem(
            "/mapping",
            "target_twice",
            _("Two columns are matched to “%(target)s”. Choose one of them."),
            {"target": target},
        )
        for target in sorted({t for t in targets if targets.count(t) > 1})
    ]
    if problems:
        raise Invalid.of(problems)


def start_check(imported: Import, *, by: User | None) -> Job:
    """Look through the whole file without importing anything."""
    _must_say_who(imported)
    return _start(imported, "people.check", Import.State.CHECKING, by=by)


def start(imported: Import, *, by: User | None) -> Job:
    """Import the file."""
    _must_say_who(imported)
    return _start(imported, "people.import", Import.State.RUNNING, by=by)


def _must_say_who(imported: Import) -> None:
    if not set(imported.mapping.values()) & set(IDENTITIES):
        raise Invalid.at(
            "/mapping",
            "no_identity",
            _(
                "No column says who the people are. "
                "Match one to the id in your systems, the e-mail address or the phone."
            ),
        )


@transaction.atomic
def _start(imported: Import, kind: str, state: str, *, by: User | None) -> Job:
    ready = [Import.State.UPLOADED, Import.State.CHECKED]
    if not Import.objects.filter(pk=imported.pk, state__in=ready).update(state=state):
        raise Refused(_("This file is being worked on or was imported already."))
    job = start_job(
        kind,
        {"import": imported.pk},
        title=imported.name,
        by=by,
        unique=f"import {imported.pk}",
    )
    Import.objects.filter(pk=imported.pk).update(job=job)
    imported.refresh_from_db()
    return job


def cancel(imported: Import, *, by: User) -> None:
    """Stop the import; what has been imported stays and is counted."""
    if imported.job is None or imported.job.is_over:
        raise Refused(_("This import is not running."))
    job = cancel_job(imported.job, by=by)
    if job.is_over:
        # It had not begun, so no job will say that it ended.
        Import.objects.filter(pk=imported.pk).update(state=Import.State.UPLOADED)


@transaction.atomic
def undo(imported: Import, *, by: User, now: datetime) -> Job:
    """Take the import back: the people whom it made, as far as nothing happened to them since."""
    until = imported.can_be_undone_until
    if until is None:
        raise Refused(_("Only an import that is over can be taken back."))
    if now > until:
        raise Refused(_("An import can be taken back for seven days; these are over."))
    record_change("undone", imported, by=by)
    job = start_job(
        "people.undo_import",
        {"import": imported.pk},
        title=imported.name,
        by=by,
        unique=f"import {imported.pk}",
    )
    Import.objects.filter(pk=imported.pk).update(job=job)
    return job


def drop(imported: Import) -> None:
    """Forget an import that has not begun, and its file."""
    for name in filter(None, (imported.path, imported.report_file)):
        (settings.DATA.uploads / name).unlink(missing_ok=True)
    imported.delete()


def table_of(imported: Import) -> Table:
    """The file of the import, to be read."""
    path = settings.DATA.uploads / imported.path
    if not path.is_file():
        raise Refused(_("The file %(name)s is gone. Bring it again."), name=imported.name)
    return open_table(
        path,
        imported.name,
        encoding=imported.encoding,
        separator=imported.separator,
        sheet=imported.sheet,
        header_row=imported.header_row,
    )


def reading_of(imported: Import, table: Table) -> Reading:
    """How the rows of the import are understood."""
    places: Iterable[str] = imported.consent.get("places", ())
    pairs: Sequence[Place] = [
        (channel, purpose, "") for channel, _colon, purpose in (p.partition(":") for p in places)
    ]
    targets = tuple(imported.mapping.get(column, LEAVE_OUT) for column in table.header)
    zone = Workspace.here().zone
    end = expiry_of(str(imported.consent.get("expires_at") or ""), zone)
    return Reading(
        table.header,
        targets,
        region(),
        tuple(pairs),
        frozenset(imported.repairs),
        zone=zone,
        now=timezone.now(),
        expires_at=end.isoformat() if end else "",
        text=str(imported.consent.get("text") or ""),
        values=imported.values,
    )


def region() -> str:
    """The country of phone numbers without a country code."""
    workspace = Workspace.here()
    return home_region(workspace.time_zone, workspace.currency)


@dataclass
class _Seen:
    """What the first rows of a file show."""

    samples: list[list[str]]
    """Some values of each column, those that are not empty."""
    distinct: dict[str, Distinct]
    rows: int
    """How many were looked at; 0 for all."""


def _seen(table: Table) -> _Seen:
    samples: list[list[str]] = [[] for _column in table.header]
    distinct = [Distinct() for _column in table.header]
    looked = 0
    for _number, cells in islice(table.rows(), SEEN_ROWS):
        looked += 1
        for values, one, cell in zip(samples, distinct, cells, strict=False):
            if cell:
                one.add((cell,))
                if looked <= SAMPLE_ROWS:
                    values.append(cell[:80])
    return _Seen(
        samples,
        dict(zip(table.header, distinct, strict=True)),
        looked if looked == SEEN_ROWS else 0,
    )
