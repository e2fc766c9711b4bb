"""Every few seconds: is it time for the stand-up page?"""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.plan.standup.posting import is_due, post_due
from muster.team.jobs.repeating import repeated


@repeated(every=timedelta(seconds=10), beside=True, only_if=is_due)
def post_the_page(now: datetime) -> None:
    """Post it; a chat service may be slow."""
    post_due(now)
