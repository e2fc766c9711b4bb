"""Takes events out once they are older than the workspace keeps them (PE3)."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime

from django.utils.translation import gettext

from muster.events import expiring as log
from muster.people.consent.models import ConsentTerms
from muster.people.consent.terms import terms
from muster.team import stores
from muster.team.changes.actions import record_change
from muster.team.jobs.actions import start_job
from muster.team.jobs.models import Job
from muster.team.users.models import Workspace
from muster.warehouse import expiring as tables

KIND = "people.expire"
NIGHT = range(1, 5)


def is_due(now: datetime) -> bool:
    """Once a night, where events are not kept for ever, or a night's work was broken off."""
    local = now.astimezone(Workspace.here().zone)
    if local.hour not in NIGHT or not (terms().keep_events or _is_broken_off()):
        return False
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return not Job.objects.filter(kind=KIND, created_at__gte=midnight).exists()


def begin(now: datetime) -> None:
    """Have it done by a job, where its counts and its failure can be seen."""
    start_job(KIND, {"now": now.isoformat()}, title=gettext("Taking out old events"), by=None)


def expire(now: datetime) -> dict[str, int]:
    """Take out what is older than is kept; how many events and whole files of the log that were."""
    months, current = terms().keep_events, stores.stores()
    if current.warehouse is None:
        return {"events": 0, "files": 0}
    if not months:
        if _is_broken_off():
            current.warehouse.compact()
        return {"events": 0, "files": 0}
    before = _before(now, months)
    folder = current.spool.folder
    done = tables.expire(
        current.warehouse, before, lambda ids, traces: log.expire(folder, ids, traces)
    )
    told = {"events": done.removed, "files": done.segments}
    if done.removed:
        row = ConsentTerms.objects.get()
        record_change(
            "events_expired",
            row,
            by=None,
            before=before.isoformat(),
            events=done.removed,
            files=done.segments,
        )
    return told


def _is_broken_off() -> bool:
    """Whether events were taken out, and the file that they were in was not written anew."""
    warehouse = stores.stores().warehouse
    return warehouse is not None and warehouse.owes_compacting()


def _before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))
