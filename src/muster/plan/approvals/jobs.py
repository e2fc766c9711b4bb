"""What repeats for approvals: those that are overdue are told to more people (PL6)."""

from __future__ import annotations

from datetime import datetime

from muster.plan.approvals.actions import escalate_overdue
from muster.team.jobs.registry import repeated


@repeated
def tell_what_is_overdue(now: datetime) -> None:
    """Escalate the requests whose time has run out."""
    escalate_overdue(now)
