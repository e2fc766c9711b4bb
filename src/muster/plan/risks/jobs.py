"""What repeats for risks: once a minute their signs are looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.plan.risks.actions import watch
from muster.team.jobs.registry import repeated

_EVERY = timedelta(minutes=1)
_last: list[datetime] = []


@repeated
def watch_risks(now: datetime) -> None:
    """Look at the signs of the campaigns that run."""
    if _last and now - _last[-1] < _EVERY:
        return
    _last[:] = [now]
    watch()
