"""What repeats for goals: a look at those of running campaigns, every quarter of an hour (PL2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.plan.goals.watching import look_at_goals
from muster.team.jobs.repeating import repeated
from muster.team.users.models import Workspace


@repeated(every=timedelta(minutes=15))
def look_at_running_goals(now: datetime) -> None:
    """Checkpoints and guardrails do not change by the second."""
    look_at_goals(now.astimezone(Workspace.here().zone).date(), now)
