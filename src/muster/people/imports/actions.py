"""What people do with imports: bring a file, match it, check it, run it, take it back (PE2)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    MOST_TEXT_VERSION,
    REASONS,
    Place,
    Reading,
    expiry_of,
    guesses,
    said_of,
    unknown_target,
)
from muster.people.profile.rules import home_region
from muster.team.changes.actions import record_change
from muster.team.jobs.actions import cancel_job, start_job
from muster.team.jobs.models import Job
from muster.team.users.models import User, Workspace

SAMPLES = 5
SAMPLE_ROWS = 200


def begin(file: BinaryIO, name: str, *, by: User | None) -> Import:
    """Keep the file and guess what its columns are.

    Raises Invalid if it is no table that can be read; nothing is kept then.
    """
    name = Path(name).name[:200] or "people.csv"
    path = settings.DATA.uploads / f"people-{secrets.token_hex(12)}"
    size = keep(file, path, name)
    try:
        return _matched(path, name, size, by=by)
    except Refused:
        path.unlink()
        raise


def _matched(path: Path, name: str, size: int, *, by: User | None) -> Import:
    table = open_table(path, name)
    samples = _samples(table)
    header = hashlib.sha256("\x1f".join(table.header).encode()).hexdigest()
    before = Import.objects.filter(header=header, started_at__isnull=False).order_by("-id").first()
    found = guesses(table.header, samples, region())
    mapping = {column: one.target for column, one in zip(table.header, found, strict=True)}
    if before is not None:
        mapping |= before.mapping
    return Import.objects.create(
        name=name,
        path=path.name,
        size=size,
        encoding=table.format.encoding if table.format.kind == "csv" else "",
        separator=table.format.separator if table.format.kind == "csv" else "",
        columns=[
            {"name": column, "samples": shown[:SAMPLES], "confidence": one.confidence}
            for column, shown, one in zip(table.header, samples, found, strict=True)
        ],
        mapping=mapping,
        header=header,
        nonce=secrets.token_hex(12),
        repairs=list(FOR_PEOPLE if before is None else before.repairs or FOR_PEOPLE),
        by=by,
    )


def read_anew(imported: Import, *, encoding: str, separator: str) -> Import:
    """Read the file with another encoding or separator than the guessed ones."""
    _must_not_be_checked(imported)
    if imported.state not in {Import.State.UPLOADED, Import.State.CHECKED}:
        raise Refused(_("This import has begun. Bring the file again to read it differently."))
    path = settings.DATA.uploads / imported.path
    table = open_table(path, imported.name, encoding=encoding, separator=separator)
    samples = _samples(table)
    found = guesses(table.header, samples, region())
    imported.encoding, imported.separator = table.format.encoding, table.format.separator
    imported.columns = [
        {"name": column, "samples": shown[:SAMPLES], "confidence": one.confidence}
        for column, shown, one in zip(table.header, samples, found, strict=True)
    ]
    imported.mapping = {c: one.target for c, one in zip(table.header, found, strict=True)}
    imported.state = Import.State.UPLOADED
    imported.save()
    return imported


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
) -> Import:
    """Say what the columns mean, what everybody in the file has allowed, and what is mended.

    A column that the mapping does not name keeps its target. `consent` holds `places`
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
    imported: Import, mapping: Mapping[str, str], repairs: Collection[str] = FOR_PROGRAMS
) -> Import:
    """As programs match: what is not named is the field or trait of the same name.

    Without any mapping the guesses for who it is count, the other columns keep their names.
    """
    columns = [column["name"] for column in imported.columns]
    own = {column: column for column in columns}
    if mapping:
        return match(imported, {**own, **mapping}, repairs=repairs)
    # Guessed anew: what somebody once left out of such a file on a page is not left out here.
    table = table_of(imported)
    found = zip(table.header, guesses(table.header, _samples(table), region()), strict=True)
    guessed = {c: one.target for c, one in found if one.target in FIELDS or not one.target}
    return match(imported, {**own, **guessed}, repairs=repairs)


def _topic_by_id(column: str, target: str) -> str:
    """A topic is named by the id that it keeps when it is called otherwise."""
    if not target.startswith("consent:") or target.count(":") < 3:
        return target
    place, _colon, topic = target.rpartition(":")
    return f"{place}:{topic_called(topic, at=f'/mapping/{column}').public_id}"


def _check_mapping(imported: Import, mapping: Mapping[str, str]) -> None:
    columns = {column["name"] for column in imported.columns}
    problems = [
        Problem(
            f"/mapping/{column}",
            "unknown_column",
            _("There is no column “%(column)s”. The file has: %(columns)s."),
            {"column": column, "columns": ", ".join(sorted(columns)[:30])},
        )
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
    return open_table(path, imported.name, encoding=imported.encoding, separator=imported.separator)


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
    )


def region() -> str:
    """The country of phone numbers without a country code."""
    workspace = Workspace.here()
    return home_region(workspace.time_zone, workspace.currency)


def _samples(table: Table) -> list[list[str]]:
    """Some values of each column, those that are not empty."""
    samples: list[list[str]] = [[] for _column in table.header]
    for _number, cells in islice(table.rows(), SAMPLE_ROWS):
        for values, cell in zip(samples, cells, strict=False):
            if cell:
                values.append(cell[:80])
    return samples
