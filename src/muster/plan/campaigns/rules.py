"""The life of a campaign: which step may follow which, and which day of it today is (PL1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Status(StrEnum):
    """Where a campaign is in its life."""

    DRAFT = "draft"
    PREPARING = "preparing"
    IN_REVIEW = "in_review"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    REVIEWED = "reviewed"
    ARCHIVED = "archived"


NEXT: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.PREPARING, Status.IN_REVIEW, Status.ARCHIVED),
    Status.PREPARING: (Status.IN_REVIEW, Status.ARCHIVED),
    Status.IN_REVIEW: (Status.READY, Status.PREPARING),
    Status.READY: (Status.RUNNING, Status.IN_REVIEW, Status.PREPARING),
    Status.RUNNING: (Status.PAUSED, Status.ENDED),
    Status.PAUSED: (Status.RUNNING, Status.ENDED),
    Status.ENDED: (Status.REVIEWED, Status.ARCHIVED),
    Status.REVIEWED: (Status.ARCHIVED,),
    Status.ARCHIVED: (),
}
"""Status → the statuses that may follow it."""

STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "pause": (frozenset({Status.RUNNING}), Status.PAUSED),
    "resume": (frozenset({Status.PAUSED}), Status.RUNNING),
    "end": (frozenset({Status.RUNNING, Status.PAUSED}), Status.ENDED),
    "archive": (
        frozenset({Status.DRAFT, Status.PREPARING, Status.ENDED, Status.REVIEWED}),
        Status.ARCHIVED,
    ),
}
"""Steps that ask nothing else: from which statuses, and to which. The launch is not among them."""

OPEN = frozenset({Status.DRAFT, Status.PREPARING, Status.IN_REVIEW, Status.READY})
LIVE = frozenset({Status.RUNNING, Status.PAUSED})
OVER = frozenset({Status.ENDED, Status.REVIEWED, Status.ARCHIVED})


def may_follow(before: str, after: str) -> bool:
    """Whether a campaign may go from one status to the other."""
    return Status(after) in NEXT[Status(before)]


@dataclass(frozen=True)
class Clock:
    """Which day of the campaign today is; both ends count as days of it."""

    days_to_start: int
    """Days until it starts; 0 on the first day and after."""
    day: int
    """1 on the first day; 0 before it starts, never more than `days`."""
    days: int
    """How many days the campaign lasts."""
    is_over: bool


def clock(starts: date, ends: date, today: date) -> Clock:
    """Count the days."""
    days = (ends - starts).days + 1
    return Clock(
        days_to_start=max((starts - today).days, 0),
        day=min(max((today - starts).days + 1, 0), days),
        days=days,
        is_over=today > ends,
    )
