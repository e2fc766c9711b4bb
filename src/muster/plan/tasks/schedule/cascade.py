"""What follows when a task is moved or lengthened, and the three ways to go on (S11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from muster.kit.days import WorkCalendar
from muster.plan.tasks.schedule.network import Link, Schedule, Span, Work, room, schedule

_MOST_STEPS = 400


class Way(StrEnum):
    """What happens to the tasks that would move too."""

    ALL = "all"
    """They move."""
    ALONE = "alone"
    """They stay: what waits for the moved task overlaps with it instead."""
    SQUEEZE = "squeeze"
    """They get shorter, so that the goal keeps its day."""


@dataclass(frozen=True)
class Network:
    """Everything a schedule is computed from."""

    works: Mapping[int, Work]
    links: Sequence[Link]
    calendar: WorkCalendar
    today: date

    def schedule(self) -> Schedule:
        return schedule(self.works.values(), self.links, self.calendar, self.today)

    def having(self, works: Mapping[int, Work], links: Iterable[Link] = ()) -> Network:
        """The same with these tasks and links in place of the present ones."""
        new = {(link.before, link.after): link for link in links}
        return replace(
            self,
            works={**self.works, **works},
            links=[new.get((link.before, link.after), link) for link in self.links],
        )


@dataclass(frozen=True)
class Shift:
    """One task that happens at another time."""

    id: int
    start_before: date
    start_after: date
    end_before: date
    end_after: date
    days: int
    """Working days by which its end moves; below zero: earlier."""


@dataclass(frozen=True)
class Cascade:
    """A change of plan that is not made yet, and all that it brings about."""

    works: Mapping[int, Work]
    """The tasks that have to be changed."""
    links: Sequence[Link]
    """The links that have to be changed."""
    before: Schedule
    after: Schedule
    shifts: Sequence[Shift]
    """Every task that happens at another time, earliest first."""


def cascade(
    network: Network, changes: Mapping[int, Work], way: Way = Way.ALL, goal: int | None = None
) -> Cascade:
    """What the changes bring about on this way; `goal` keeps its day when others are squeezed.

    Raises Cycle when the plan has one already.
    """
    before = network.schedule()
    works, links = dict(changes), list[Link]()
    if way is Way.ALONE:
        more, links = _held(network, before, changes)
        works |= more
    elif way is Way.SQUEEZE:
        works |= _squeezed(network, before, changes, goal)
    after = network.having(works, links).schedule()
    return Cascade(works, links, before, after, shifts(before, after))


def shifts(before: Schedule, after: Schedule) -> list[Shift]:
    """The tasks that happen at another time, earliest first."""
    found = []
    for pk, new in after.spans.items():
        old = before.spans.get(pk)
        if old is None or (old.early_start, old.early_end) == (new.early_start, new.early_end):
            continue
        found.append(
            Shift(pk, old.start, new.start, old.end, new.end, new.early_end - old.early_end)
        )
    return sorted(found, key=lambda one: (one.start_after, one.id))


def _held(
    network: Network, before: Schedule, changes: Mapping[int, Work]
) -> tuple[dict[int, Work], list[Link]]:
    """What keeps all others where they are: overlaps, and dates for what would come earlier."""
    moved = network.having(changes).schedule()
    links: list[Link] = []
    for link in network.links:
        if link.before not in changes or link.after in changes:
            continue
        missing = -room(link, moved.spans[link.before], before.spans[link.after])
        if missing > 0 and not _has_begun(before.spans[link.after]):
            links.append(replace(link, lag=link.lag - missing))
    pins: dict[int, Work] = {}
    loose = network.having(changes, links).schedule()
    for pk in loose.order:
        span = loose.spans[pk]
        if pk not in changes and span.early_start < before.spans[pk].early_start:
            day = before.axis.day_from(before.spans[pk].early_start)
            pins[pk] = replace(span.work, not_before=day)
    return pins, links


def _squeezed(
    network: Network, before: Schedule, changes: Mapping[int, Work], goal: int | None
) -> dict[int, Work]:
    """The followers, shortened day by day, the longest first, until the goal keeps its day."""
    if goal is None:
        path = before.critical_path()
        if not path:
            return {}
        goal = path[-1]
    wanted = before.spans[goal].early_end
    shorter: dict[int, Work] = {}
    followers = _after(network.links, changes)
    for _step in range(_MOST_STEPS):
        now = network.having({**changes, **shorter}).schedule()
        if now.spans[goal].early_end <= wanted:
            break
        chain = [
            now.spans[pk].work
            for pk in now.path_to(goal)
            if pk in followers and pk not in changes and not _has_begun(now.spans[pk])
        ]
        longest = max(chain, key=lambda work: work.days, default=None)
        if longest is None or longest.days <= 1:
            break
        shorter[longest.id] = replace(longest, days=longest.days - 1)
    return shorter


def _after(links: Sequence[Link], tasks: Iterable[int]) -> set[int]:
    following: dict[int, list[int]] = {}
    for link in links:
        following.setdefault(link.before, []).append(link.after)
    found, todo = set(), list(tasks)
    while todo:
        for pk in following.get(todo.pop(), ()):
            if pk not in found:
                found.add(pk)
                todo.append(pk)
    return found


def _has_begun(span: Span) -> bool:
    return span.work.started is not None or span.work.done is not None
