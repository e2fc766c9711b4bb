"""Who will be late before they are (PL4): what the checklist and the past say about the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from muster.plan.tasks.schedule.network import Kind, Schedule, Span

_SOON = 10
"""Working days ahead within which the past of a person says something about a task."""
_PRIOR = 5
"""Days as planned that everybody is given, so that one late task does not brand a person."""
_MOST_OVERRUN = 3.0


class Because(StrEnum):
    """What the forecast is taken from."""

    CHECKLIST = "checklist"
    OVERRUN = "overrun"


@dataclass(frozen=True)
class Pace:
    """How a task, and the person behind it, are getting on."""

    checked: int = 0
    of: int = 0
    """Items of the checklist."""
    overrun: float = 1.0
    """The days the person really needed, as part of those planned."""


@dataclass(frozen=True)
class Warning:
    """A task that will probably end too late."""

    id: int
    forecast: date
    over: int
    """Working days by which it ends after the latest day that harms nobody."""
    holds_up: int | None
    """The task that has to wait; None: a deadline, or the end of the plan."""
    latest: date
    """The day on which it has to be over."""
    because: Because


def overrun(past: Iterable[tuple[int, int]]) -> float:
    """Days needed by days planned over somebody's finished tasks: `(planned, needed)`."""
    planned, needed = _PRIOR, _PRIOR
    for plan, real in past:
        planned += plan
        needed += real
    return min(max(needed / planned, 1 / _MOST_OVERRUN), _MOST_OVERRUN)


def warnings(schedule: Schedule, paces: Mapping[int, Pace], today: date) -> list[Warning]:
    """The tasks whose forecast end is too late for what follows, the worst first."""
    now = schedule.axis.start(today)
    followers: dict[int, list[tuple[int, int]]] = {}
    for link in schedule.links:
        after, before = schedule.spans[link.after], schedule.spans[link.before]
        if after.work.done or (after.work.started and link.kind is not Kind.FINISH_FINISH):
            continue
        if link.kind is Kind.FINISH_START:
            latest = after.late_start - link.lag
        elif link.kind is Kind.FINISH_FINISH:
            latest = after.late_end - link.lag
        else:
            latest = after.late_start - link.lag + before.early_end - before.early_start
        followers.setdefault(link.before, []).append((latest, link.after))
    found = []
    for pk, span in schedule.spans.items():
        if span.is_over or not span.work.days or span.early_start > now + _SOON:
            continue
        forecast, because = _forecast(span, paces.get(pk, Pace()), now)
        if forecast <= span.late_end:
            continue
        tightest = min(followers.get(pk, ()), default=None)
        holds_up = tightest[1] if tightest and tightest[0] <= span.late_end else None
        found.append(
            Warning(
                pk,
                schedule.axis.day_until(forecast),
                forecast - span.late_end,
                holds_up,
                span.latest_end,
                because,
            )
        )
    return sorted(found, key=lambda one: (-one.over, one.latest, one.id))


def _forecast(span: Span, pace: Pace, now: int) -> tuple[int, Because]:
    """The moment at which the task will probably be over, and why."""
    work = span.work
    if work.started is not None and pace.checked and pace.checked < pace.of:
        used = max(now - span.early_start, 1)
        return now - (-used * (pace.of - pace.checked) // pace.checked), Because.CHECKLIST
    needed = -int(-work.days * pace.overrun // 1)
    return max(span.early_end, span.early_start + needed), Because.OVERRUN
