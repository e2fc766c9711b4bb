"""The next festivals and sales, and when the work for them has to begin (S15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from muster.kit.days import WorkCalendar
from muster.plan.calendar.nodes import NodeDays, nodes_between
from muster.plan.calendar.planner import (
    MOST_DAYS,
    PHASES,
    Phase,
    Planned,
    Schedule,
    Standing,
    back_schedule,
    standing,
)
from muster.team.calendars.working import work_calendar

_LOOK = timedelta(days=150)
_TOO_NEAR = 7


@dataclass(frozen=True)
class Ahead:
    """A day that comes, the way back from it, and where that leaves us today."""

    node: NodeDays | None
    launch: date
    days: int
    """Days until then."""
    schedule: Schedule
    standing: Standing

    @property
    def first_three(self) -> tuple[Planned, ...]:
        """What to do first."""
        return (self.standing.due or self.schedule.steps)[:3]


def plan_of(node: NodeDays | None, launch: date, phases: Sequence[Phase], today: date) -> Ahead:
    """The way back from a day."""
    return _ahead(node, launch, phases, today, work_calendar(today))


def next_node(today: date) -> Ahead | None:
    """The next day for which most teams make a campaign, with the usual phases."""
    coming = [
        one
        for one in nodes_between(today, today + _LOOK)
        if one.node.main and (one.first - today).days >= _TOO_NEAR
    ]
    if not coming:
        return None
    calendar = work_calendar(today)
    every = [_ahead(one, one.first, PHASES, today, calendar) for one in coming[:4]]
    # The first for which there is still time, else simply the next one.
    return next((one for one in every if not one.standing.late), every[0])


def _ahead(
    node: NodeDays | None,
    launch: date,
    phases: Sequence[Phase],
    today: date,
    calendar: WorkCalendar,
) -> Ahead:
    schedule = back_schedule(launch, phases, calendar)
    return Ahead(node, launch, (launch - today).days, schedule, standing(schedule, today, calendar))


def read_phases(given: Mapping[str, str]) -> list[Phase]:
    """The usual phases with the lengths that the reader gave them."""
    found = []
    for phase in PHASES:
        text = given.get(f"d_{phase.key}", "")
        days = min(int(text), MOST_DAYS) if text.isdecimal() else phase.days
        found.append(replace(phase, days=days))
    return found
