"""What repeats for goals: a look at those of running campaigns, every quarter of an hour (PL2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.plan.goals.watching import look_at_goals
from muster.team.jobs.registry import repeated
from muster.team.users.models import Workspace

_EVERY = timedelta(minutes=15)
_last: list[datetime] = []


@repeated
def look_at_running_goals(now: datetime) -> None:
    """Checkpoints and guardrails do not change by the second."""
    if _last and now - _last[0] < _EVERY:
        return
    _last[:] = [now]
    look_at_goals(now.astimezone(Workspace.here().zone).date(), now)
