"""The long work of finding people who may be one (ME5)."""

from __future__ import annotations

from django.utils import timezone

from muster.people.identity.likeness import search
from muster.team.jobs.registry import Run, job


@job("people.likeness")
def find_alike(run: Run) -> None:
    """Look through everybody; pairs that were decided once are not asked again."""
    run.result["pairs"] = search(now=timezone.now(), tell=run.progress)
