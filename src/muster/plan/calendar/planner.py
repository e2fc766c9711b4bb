"""Counts back from a launch to the days on which work has to begin (S15): no clock, no store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from muster.kit.days import WorkCalendar
from muster.kit.words import _


@dataclass(frozen=True)
class Phase:
    """A piece of work before the launch, and how many working days it takes."""

    key: str
    name: str
    """English, marked for translation."""
    days: int


PHASES: tuple[Phase, ...] = (
    Phase("brief", _("Brief and goals"), 3),
    Phase("budget", _("Budget and approval"), 3),
    Phase("creative", _("Texts and design"), 8),
    Phase("audience", _("Segments and offers"), 4),
    Phase("build", _("Build and test messages"), 4),
    Phase("review", _("Review and sign-off"), 2),
    Phase("warmup", _("Warm-up"), 5),
)
"""What comes before most launches, one after the other."""
MOST_DAYS = 120


@dataclass(frozen=True)
class Planned:
    """When a phase has to begin and to end."""

    phase: Phase
    first: date
    last: date


@dataclass(frozen=True)
class Schedule:
    """The way back from the launch."""

    launch: date
    steps: tuple[Planned, ...]

    @property
    def starts(self) -> date:
        """The day on which the first work has to begin."""
        return self.steps[0].first if self.steps else self.launch


def back_schedule(launch: date, phases: Sequence[Phase], calendar: WorkCalendar) -> Schedule:
    """Each phase ends on the working day before the next begins, the last before the launch."""
    steps: list[Planned] = []
    after = launch
    for phase in reversed([one for one in phases if one.days > 0]):
        last = _before(after, calendar)
        first = calendar.shift(last, -(phase.days - 1))
        steps.append(Planned(phase, first, last))
        after = first
    return Schedule(launch, tuple(reversed(steps)))


@dataclass(frozen=True)
class Standing:
    """What it would mean to begin today."""

    late: int
    """Working days by which the beginning is missed; 0 when there is time."""
    spare: int
    """Working days until the work has to begin; 0 when it is due or late."""
    due: tuple[Planned, ...]
    """What should have begun by today, in order."""


def standing(schedule: Schedule, today: date, calendar: WorkCalendar) -> Standing:
    """Compare the schedule with today; a day off counts as the next working day."""
    begin = calendar.first_from(today)
    due = tuple(step for step in schedule.steps if step.first <= today)
    if schedule.starts < begin:
        return Standing(calendar.count(schedule.starts, begin) - 1, 0, due)
    return Standing(0, calendar.count(begin, schedule.starts) - 1, due)


def _before(day: date, calendar: WorkCalendar) -> date:
    """The working day before this one."""
    return calendar.last_until(day - timedelta(days=1))
