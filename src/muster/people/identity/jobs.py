"""The long work about who is who: finding duplicates (ME5), forgetting the erased (PE3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from muster.people.identity import expiring
from muster.people.identity.forgetting import forget
from muster.people.identity.likeness import search
from muster.team.jobs.registry import Run, job
from muster.team.jobs.repeating import repeated


@job("people.likeness")
def find_alike(run: Run) -> None:
    """Look through everybody; pairs that were decided once are not asked again."""
    run.result["pairs"] = search(now=timezone.now(), tell=run.progress)


@job("people.forget")
def forget_erased(run: Run) -> None:
    """Take the people who were erased at one moment out of every file."""
    run.result.update(forget(datetime.fromisoformat(str(run.input["erased_at"]))))


@repeated(every=timedelta(minutes=10), only_if=expiring.is_due)
def begin_expiring(now: datetime) -> None:
    """Every night, take out the events that are older than they are kept."""
    expiring.begin(now)


@job(expiring.KIND)
def expire_events(run: Run) -> None:
    """Take the events out of the tables and the log."""
    run.result.update(expiring.expire(datetime.fromisoformat(str(run.input["now"]))))
