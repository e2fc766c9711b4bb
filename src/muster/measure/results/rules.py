"""How a goal goes, what came back for the money, where people fall out (ME1, ME3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

TOLERANCE = 0.05
"""Within a twentieth of the expected value a goal is on track."""

AFTER_THE_END = timedelta(days=7)
"""Orders of the week after the last day still count: messages are read late."""


A_DAY = timedelta(days=1)
"""Before this much of a goal's time, or a tenth of it, its speed says nothing of where it ends."""


class Course(StrEnum):
    """How a goal goes."""

    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"
    REACHED = "reached"
    AHEAD = "ahead"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    MISSED = "missed"


@dataclass(frozen=True)
class Aim:
    """What a goal asks for."""

    target: float
    baseline: float | None
    adds_up: bool
    """Whether the number grows with time (orders, revenue) or is a rate at each moment."""
    less_is_better: bool
    starts: datetime
    due: datetime


@dataclass(frozen=True)
class Pace:
    """Where a goal stands against its plan, a straight line from the start to the due day."""

    course: Course
    progress: float | None
    """Share of the target that is reached; a limit kept counts as 1."""
    expected: float | None
    """What the plan expects by now."""
    forecast: float | None
    """Where it ends at the present speed."""
    reached_at: datetime | None
    """When the target is met at the present speed, if that is before the due day or after it."""


def pace(aim: Aim, actual: float | None, now: datetime, planned: float | None = None) -> Pace:
    """How the goal goes at `now`.

    A sum is expected to grow evenly and is carried on at the speed so far; a rate is compared
    with its target as it is. `planned` is the share of the target that the plan expects by now;
    without it that is the share of the time. Formula: forecast = actual ÷ share of the time,
    once a day or a tenth of the time is over.
    """
    share = elapsed(aim.starts, aim.due, now)
    expected = _expected(aim, share if planned is None else planned)
    if actual is None:
        unstarted = Course.NOT_STARTED if share == 0 else Course.UNKNOWN
        return Pace(unstarted, None, expected, None, None)
    known = now - aim.starts >= min(A_DAY, (aim.due - aim.starts) / 10)
    forecast = actual / share if aim.adds_up and share > 0 else actual
    return Pace(
        course=_course(aim, actual, share, expected),
        progress=_progress(aim, actual),
        expected=expected,
        forecast=forecast if not aim.adds_up or (share > 0 and known) else None,
        reached_at=_reached_at(aim, actual, now) if known else None,
    )


def elapsed(start: datetime, end: datetime, now: datetime) -> float:
    """The share of the time from start to end that is over, from 0 to 1."""
    if end <= start:
        return 1.0 if now >= end else 0.0
    return min(max((now - start) / (end - start), 0.0), 1.0)


def is_met(aim: Aim, actual: float) -> bool:
    """Whether the target is reached, or kept where less is better."""
    return actual <= aim.target if aim.less_is_better else actual >= aim.target


def _expected(aim: Aim, share: float) -> float:
    return aim.target * share if aim.adds_up else aim.target


def _progress(aim: Aim, actual: float) -> float | None:
    if aim.less_is_better:
        return 1.0 if actual <= aim.target else aim.target / actual
    return actual / aim.target if aim.target > 0 else None


def _course(aim: Aim, actual: float, share: float, expected: float) -> Course:
    met = is_met(aim, actual)
    if share >= 1:
        return Course.REACHED if met else Course.MISSED
    if share == 0 and actual == 0:
        return Course.NOT_STARTED
    # A limit on something that adds up is kept only when the time is over.
    if met and aim.adds_up and not aim.less_is_better:
        return Course.REACHED
    better = (expected - actual) if aim.less_is_better else (actual - expected)
    slack = abs(expected) * TOLERANCE
    if better > slack:
        return Course.AHEAD
    return Course.ON_TRACK if better >= -slack else Course.BEHIND


def _reached_at(aim: Aim, actual: float, now: datetime) -> datetime | None:
    if not aim.adds_up or aim.less_is_better or actual <= 0 or actual >= aim.target:
        return None
    spent = now - aim.starts
    if spent <= timedelta(0) or now >= aim.due:
        return None
    needed = spent * (aim.target / actual)
    # Beyond ten times the planned length a date would only pretend to know.
    return aim.starts + needed if needed <= (aim.due - aim.starts) * 10 else None


def roi(revenue: Decimal, cost: Decimal) -> float | None:
    """(revenue − cost) ÷ cost; None where nothing was spent."""
    return float((revenue - cost) / cost) if cost > 0 else None


def bottleneck(people: Sequence[int]) -> int | None:
    """The step into which the smallest share of people went on: its place, or None.

    Steps that nobody could enter say nothing.
    """
    rates = [
        (after / before, at)
        for at, (before, after) in enumerate(pairwise(people), start=1)
        if before > 0
    ]
    return min(rates)[1] if rates else None


class Disagreement(StrEnum):
    """How a channel fares with the model that pays the opener and the one that pays the closer."""

    NONE = "none"
    OPENS = "opens"
    CLOSES = "closes"


def disagreement(first: float, last: float) -> Disagreement:
    """Which of first and last touch gives the channel clearly more: a quarter and one conversion.

    A channel that first touch pays better opens the way; one that last touch pays better closes.
    """
    if abs(first - last) < 1 or abs(first - last) < max(first, last) / 4:
        return Disagreement.NONE
    return Disagreement.OPENS if first > last else Disagreement.CLOSES
