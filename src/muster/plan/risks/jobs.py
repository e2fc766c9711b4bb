"""What repeats for risks: once a minute their signs are looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.plan.risks.actions import watch
from muster.team.jobs.repeating import repeated


@repeated(every=timedelta(minutes=1))
def watch_risks(now: datetime) -> None:
    """Look at the signs of the campaigns that run."""
    watch()
