"""The critical path method (PL4): when each task can start and end, and how long it can wait.

Kelley and Walker's two passes over a network of tasks, in working days of a calendar, with three
kinds of dependency, lags, constraints, and what has really happened. The formulas and a worked
example are in docs/algorithms/schedule.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from muster.kit.days import WorkCalendar
from muster.plan.tasks.schedule.axis import Axis, axis_of


class Kind(StrEnum):
    """How one task waits for another."""

    FINISH_START = "FS"
    START_START = "SS"
    FINISH_FINISH = "FF"


@dataclass(frozen=True, slots=True)
class Work:
    """One task, as far as its time is concerned."""

    id: int
    days: int
    """Working days; 0 for a milestone."""
    not_before: date | None = None
    deadline: date | None = None
    """The day by which it has to be over; slack is measured against it."""
    started: date | None = None
    done: date | None = None
    progress: int = 0
    """Percent."""


@dataclass(frozen=True, slots=True)
class Link:
    """The task `after` waits for the task `before`."""

    before: int
    after: int
    kind: Kind = Kind.FINISH_START
    lag: int = 0
    """Working days to wait in addition; negative: overlap."""


class Cycle(Exception):
    """Tasks wait for each other in a circle."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = tuple(ids)
        """The tasks of the circle, each waiting for the one before it."""
        super().__init__(f"circle: {self.ids}")


@dataclass(slots=True)
class Span:
    """When a task happens. Moments are those of the axis; dates are the days people see."""

    work: Work
    axis: Axis
    early_start: int
    early_end: int
    late_start: int = 0
    late_end: int = 0
    free: int = 0
    """Working days it can slip without moving any other task."""
    is_pinned: bool = False
    """It starts when it does because of a date, not because of another task."""

    @property
    def slack(self) -> int:
        """Working days it can slip without moving the end or breaking a deadline."""
        return self.late_end - self.early_end

    @property
    def is_over(self) -> bool:
        return self.work.done is not None

    @property
    def is_critical(self) -> bool:
        return not self.is_over and self.late_end <= self.early_end

    @property
    def start(self) -> date:
        work = self.work
        if work.started is not None:
            return work.started
        if work.done is not None:
            return min(self.axis.day_from(self.early_start), work.done)
        return self._shown(self.early_start) if not work.days else self._from(self.early_start)

    @property
    def end(self) -> date:
        if self.work.done is not None:
            return self.work.done
        if self.early_end == self.early_start:
            return self.start
        return self.axis.day_until(self.early_end)

    @property
    def latest_start(self) -> date:
        return self._shown(self.late_start) if not self.work.days else self._from(self.late_start)

    @property
    def latest_end(self) -> date:
        if not self.work.days:
            return self.latest_start
        return self.axis.day_until(self.late_end)

    def _from(self, moment: int) -> date:
        return self.axis.day_from(moment)

    def _shown(self, moment: int) -> date:
        # A milestone is a moment. What ends on Friday is reached on Friday; what is set for a
        # day is reached on that day, also on a Saturday.
        if self.is_pinned:
            day = self.work.not_before
            if day is not None and self.axis.start(day) == moment:
                return day
            return self.axis.day_from(moment)
        return self.axis.day_until(moment)


@dataclass(frozen=True)
class Schedule:
    """All tasks of a plan in time."""

    spans: Mapping[int, Span]
    links: Sequence[Link]
    order: Sequence[int]
    """The tasks, each after those that it waits for."""
    ends: int
    """The moment at which the last task is over."""
    axis: Axis

    @property
    def last_day(self) -> date | None:
        return max((span.end for span in self.spans.values()), default=None)

    def path_to(self, goal: int) -> list[int]:
        """The chain of tasks that decides when `goal` is reached, in order, `goal` last.

        From each task back to the unfinished one that leaves it the least room.
        """
        came: dict[int, list[Link]] = {}
        for link in self.links:
            came.setdefault(link.after, []).append(link)
        path, at = [goal], goal
        while True:
            here = self.spans[at]
            if here.work.started is not None or here.is_over:
                break
            held = []
            for link in came.get(at, ()):
                before = self.spans[link.before]
                if not before.is_over:
                    held.append((room(link, before, here), -before.early_end, link.before))
            if not held:
                break
            at = min(held)[2]
            path.append(at)
        return path[::-1]

    def critical_path(self) -> list[int]:
        """The chain of tasks that decides when the last one is over."""
        unfinished = [pk for pk, span in self.spans.items() if not span.is_over]
        if not unfinished:
            return []
        return self.path_to(max(unfinished, key=lambda pk: (self.spans[pk].early_end, -pk)))


def room(link: Link, before: Span, after: Span) -> int:
    """Working days by which `before` can slip until `after` has to move."""
    if link.kind is Kind.FINISH_START:
        return after.early_start - before.early_end - link.lag
    if link.kind is Kind.START_START:
        return after.early_start - before.early_start - link.lag
    return after.early_end - before.early_end - link.lag


def schedule(
    works: Iterable[Work], links: Iterable[Link], calendar: WorkCalendar, today: date
) -> Schedule:
    """When everything happens, as early as possible; what has not begun begins today or later.

    Raises Cycle. What really happened wins: a task that began keeps its start whatever it waits
    for, one with progress ends when the rest is worked off, and a finished one holds its dates.
    """
    todo = list(works)
    axis = axis_of(calendar, _first_year(todo, today))
    now = axis.start(today)
    spans: dict[int, Span] = {}
    waits: dict[int, int] = {work.id: 0 for work in todo}
    out: dict[int, list[Link]] = {work.id: [] for work in todo}
    known = [link for link in links if link.before in waits and link.after in waits]
    for link in known:
        out[link.before].append(link)
        waits[link.after] += 1
    # What its predecessors ask of the start, and of the end, of each task.
    start_asked: dict[int, int] = {}
    end_asked: dict[int, int] = {}
    by_id = {work.id: work for work in todo}
    order = [pk for pk, count in waits.items() if not count]
    for pk in order:
        work = by_id[pk]
        span = spans[pk] = _placed(work, axis, now, start_asked.get(pk), end_asked.get(pk))
        for link in out[pk]:
            after = link.after
            if link.kind is Kind.FINISH_START:
                asked, at = start_asked, span.early_end + link.lag
            elif link.kind is Kind.START_START:
                asked, at = start_asked, span.early_start + link.lag
            else:
                asked, at = end_asked, span.early_end + link.lag
            if at > asked.get(after, -1):
                asked[after] = at
            waits[after] -= 1
            if not waits[after]:
                order.append(after)
    if len(order) < len(todo):
        raise Cycle(_circle(out, {pk for pk, count in waits.items() if count}))
    ends = max((span.early_end for span in spans.values()), default=now)
    _backward(order, out, spans, ends, axis)
    return Schedule(spans, known, order, ends, axis)


def _first_year(works: Sequence[Work], today: date) -> int:
    earliest = today
    for work in works:
        for day in (work.not_before, work.started, work.done, work.deadline):
            if day is not None and day < earliest:
                earliest = day
    return earliest.year - 1


def _placed(
    work: Work, axis: Axis, now: int, start_asked: int | None, end_asked: int | None
) -> Span:
    if work.done is not None:
        end = axis.end(work.done)
        begun = end - work.days if work.started is None else min(axis.start(work.started), end)
        return Span(work, axis, begun, end)
    if work.started is not None:
        begun = axis.start(work.started)
        end = begun + work.days
        if work.progress:
            end = now + -(-work.days * (100 - work.progress) // 100)
        end = max(end, end_asked or 0, now + 1 if work.days else now)
        return Span(work, axis, begun, end)
    floor = now
    if work.not_before is not None:
        floor = max(floor, axis.start(work.not_before))
    begun = floor
    if start_asked is not None and start_asked > begun:
        begun = start_asked
    if end_asked is not None and end_asked - work.days > begun:
        begun = end_asked - work.days
    is_pinned = begun == floor and (
        floor not in (start_asked, end_asked)
        or (work.not_before is not None and axis.start(work.not_before) == floor)
    )
    return Span(work, axis, begun, begun + work.days, is_pinned=is_pinned)


def _backward(
    order: Sequence[int],
    out: Mapping[int, Sequence[Link]],
    spans: Mapping[int, Span],
    ends: int,
    axis: Axis,
) -> None:
    deadlines = (span.work.deadline for span in spans.values())
    promised = max([ends, *(axis.end(day) for day in deadlines if day is not None)])
    for pk in reversed(order):
        span = spans[pk]
        length = span.early_end - span.early_start
        deadline = span.work.deadline
        latest = promised if deadline is None else axis.end(deadline)
        free = ends - span.early_end
        for link in out[pk]:
            after = spans[link.after]
            # What has begun no longer waits for a start, what is over waits for nothing.
            if after.work.done is not None:
                continue
            if link.kind is Kind.FINISH_FINISH:
                latest = min(latest, after.late_end - link.lag)
                free = min(free, after.early_end - span.early_end - link.lag)
            elif after.work.started is not None:
                continue
            elif link.kind is Kind.FINISH_START:
                latest = min(latest, after.late_start - link.lag)
                free = min(free, after.early_start - span.early_end - link.lag)
            else:
                latest = min(latest, after.late_start - link.lag + length)
                free = min(free, after.early_start - span.early_start - link.lag)
        span.late_end = latest
        span.late_start = latest - length
        span.free = free


def _circle(out: Mapping[int, Sequence[Link]], left: set[int]) -> list[int]:
    """One circle among the tasks that were never reached."""
    # Some of them only wait for a circle: those without a way on are taken away first.
    going = {pk: [link.after for link in out[pk] if link.after in left] for pk in left}
    while stuck := [pk for pk, after in going.items() if not after]:
        for pk in stuck:
            del going[pk]
        going = {pk: [one for one in after if one in going] for pk, after in going.items()}
    at = min(going)
    seen: list[int] = []
    while at not in seen:
        seen.append(at)
        at = going[at][0]
    return seen[seen.index(at) :]
