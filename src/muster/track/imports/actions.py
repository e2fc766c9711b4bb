"""Begins an import of events (TR1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.tables import keep
from muster.kit.words import _
from muster.team.jobs.actions import start_job
from muster.team.jobs.models import Job
from muster.team.users.models import User
from muster.track.imports.reading import open_source
from muster.track.imports.rules import targets, unknown_target


def begin(
    file: BinaryIO, name: str, mapping: Mapping[str, str], *, event: str, by: User | None
) -> Job:
    """Keep the file and put its import into the queue.

    Raises Invalid if the file cannot be read or holds no events; nothing is kept then.
    """
    name = Path(name).name[:200] or "events.csv"
    path = settings.DATA.uploads / f"events-{secrets.token_hex(12)}"
    keep(file, path, name)
    try:
        _check(path, name, mapping, event)
    except Refused:
        path.unlink()
        raise
    told: dict[str, object] = {
        "path": path.name,
        "name": name,
        "mapping": dict(mapping),
        "event": event,
    }
    return start_job("events.import", told, title=name, by=by)


def _check(path: Path, name: str, mapping: Mapping[str, str], event: str) -> None:
    source = open_source(path, name, frozenset())
    if source.is_calls:
        return
    problems = [
        Problem(
            f"/mapping/{column}",
            "unknown_column",
            _("There is no column “%(column)s”. The file has: %(columns)s."),
            {"column": column, "columns": ", ".join(source.columns[:30])},
        )
        for column in mapping
        if column not in source.columns
    ]
    problems += [
        Problem(
            f"/mapping/{column}",
            "unknown_target",
            _("“%(target)s” is no field of an event. Use userId, event, properties.NAME …"),
            {"target": target},
        )
        for column, target in mapping.items()
        if unknown_target(target)
    ]
    found = set(targets(source.columns, mapping, event=event).values())
    if not problems and not event and "event" not in found:
        problems.append(
            Problem(
                "/mapping",
                "no_event",
                _("No column names the event. Map one to event, or name one event for all rows."),
            )
        )
    if not problems and not found & {"userId", "anonymousId"}:
        problems.append(
            Problem(
                "/mapping",
                "no_person",
                _("No column says whose events these are. Map one to userId or anonymousId."),
            )
        )
    if problems:
        raise Invalid.of(problems)
