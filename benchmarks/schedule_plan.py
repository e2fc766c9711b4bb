"""The schedule of a plan against a bare topological pass: 500 tasks (PL4).

Run with `python benchmarks/schedule_plan.py [TASKS]`. Muster's time is that of the whole schedule:
both passes, every date, slack, and the critical path. The bare pass is the standard library's
`graphlib` over the same tasks and dependencies. The proof: an early start computed by the longest
path of the same graph must agree for every task, or the exit code is not zero.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from graphlib import TopologicalSorter

from muster.kit.days import WorkCalendar
from muster.plan.tasks.schedule.network import Kind, Link, Work, schedule

GOAL = 5.0
MOST_MS = 50
ROUNDS = 41
TODAY = date(2026, 11, 2)


def plan(tasks: int) -> tuple[list[Work], list[Link]]:
    """Tasks in the order of a real plan, each waiting for up to three of the twenty before it."""
    rng = random.Random(tasks)
    works = [Work(number, rng.choice([0, 1, 2, 3, 5])) for number in range(tasks)]
    links = []
    for after in range(1, tasks):
        near = range(max(0, after - 20), after)
        links += [
            Link(before, after, rng.choice(list(Kind)), rng.randrange(-1, 3))
            for before in rng.sample(near, min(len(near), rng.randrange(1, 4)))
        ]
    return works, links


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def main(tasks: int = 500) -> int:
    works, links = plan(tasks)
    calendar = WorkCalendar("CN")
    graph: dict[int, list[int]] = {work.id: [] for work in works}
    for link in links:
        graph[link.after].append(link.before)

    def ours() -> object:
        found = schedule(works, links, calendar, TODAY)
        found.critical_path()
        return [
            (s.start, s.end, s.latest_start, s.latest_end, s.slack) for s in found.spans.values()
        ]

    def theirs() -> object:
        return list(TopologicalSorter(graph).static_order())

    first = timed(ours)
    # In turns, so that what else the machine does falls on both.
    rounds = [(timed(theirs), timed(ours)) for _ in range(ROUNDS)]
    bare, whole = (statistics.median(times) for times in zip(*rounds, strict=True))

    found = schedule(works, links, calendar, TODAY)
    zero, early = found.axis.start(TODAY), dict.fromkeys(graph, 0)
    for link in sorted(links, key=lambda one: one.after):
        days = works[link.before].days
        gap = {"FS": days, "SS": 0, "FF": days - works[link.after].days}[link.kind]
        early[link.after] = max(early[link.after], early[link.before] + gap + link.lag)
    equal = all(found.spans[pk].early_start - zero == at for pk, at in early.items())

    ratio = whole / bare
    is_ok = ratio <= GOAL and whole * 1000 <= MOST_MS
    print(
        f"{tasks} tasks, {len(links)} dependencies: {whole * 1000:.2f} ms (first time, with the"
        f" calendar, {first * 1000:.0f} ms); bare topological pass {bare * 1000:.2f} ms"
    )
    print(
        f"schedule of a plan  {ratio:.2f}  goal ≤{GOAL:g}  {'ok' if is_ok else 'short'}"
        f"  {'equal' if equal else 'NOT EQUAL'}"
    )
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument.replace("_", "")) for argument in sys.argv[1:])))
