"""What hurts first (S02): urgency × criticality × money at stake. Facts in, order out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from math import log10


class Reason(StrEnum):
    """Why something stands where it stands, in the order in which it is said."""

    OVERDUE = "overdue"
    HOURS = "hours"
    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    BLOCKS = "blocks"
    MONEY = "money"
    NEWS = "news"


@dataclass(frozen=True)
class Weight:
    """How much something hurts while it waits, and why."""

    score: float
    reasons: tuple[Reason, ...]


_URGENCY = {
    Reason.OVERDUE: 2.0,
    Reason.HOURS: 1.8,
    Reason.TODAY: 1.5,
    Reason.TOMORROW: 1.2,
    Reason.THIS_WEEK: 1.0,
}
_LATER, _NO_DAY = 0.7, 0.8
_BLOCKING, _NEWS = 20, 80


def weight(
    rank: int, due: datetime | None, at_stake: Decimal | None, now: datetime, midnight: datetime
) -> Weight:
    """What hurts first scores highest.

    `rank` is 0 for what stops other people and 90 for mere news; `midnight` ends the reader's day.
    Money counts by its order of magnitude: a million weighs twice what nothing does.
    """
    span = _span(due, now, midnight)
    urgency = _URGENCY[span] if span else _LATER if due else _NO_DAY
    magnitude = 1 + log10(1 + max(float(at_stake or 0), 0)) / 6
    reasons = [span] if span else []
    if rank <= _BLOCKING:
        reasons.append(Reason.BLOCKS)
    if at_stake:
        reasons.append(Reason.MONEY)
    if rank >= _NEWS and not reasons:
        reasons.append(Reason.NEWS)
    return Weight((100 - rank) * urgency * magnitude, tuple(reasons))


def _span(due: datetime | None, now: datetime, midnight: datetime) -> Reason | None:
    if due is None or due >= midnight + timedelta(days=6):
        return None
    if due < now:
        return Reason.OVERDUE
    if due < min(now + timedelta(hours=4), midnight):
        return Reason.HOURS
    if due < midnight:
        return Reason.TODAY
    return Reason.TOMORROW if due < midnight + timedelta(days=1) else Reason.THIS_WEEK
