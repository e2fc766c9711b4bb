"""What repeats for approvals: those that are overdue are told to more people (PL6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.plan.approvals.actions import escalate_overdue, tell_whom_steps_fall_to
from muster.team.jobs.repeating import repeated


@repeated()
def tell_what_is_overdue(now: datetime) -> None:
    """Escalate the requests whose time has run out."""
    escalate_overdue(now)


@repeated(every=timedelta(minutes=1))
def tell_whom_open_steps_fall_to(now: datetime) -> None:
    """Ask others where nobody whom a step names can decide any more."""
    tell_whom_steps_fall_to()
