"""When the morning page is posted by itself: facts in, answer out."""

from __future__ import annotations

from datetime import datetime, time, timedelta

LATEST = timedelta(hours=2)
"""Whoever was away for longer does not post: the stand-up is over by then."""


def is_time(local: datetime, at: time) -> bool:
    """Whether the page of this day goes out now; `local` is the moment on the workspace's clock."""
    # Both without a zone: what counts is what the clock on the wall shows.
    now = local.replace(tzinfo=None)
    start = datetime.combine(now.date(), at)
    return start <= now < start + LATEST
