"""A campaign's tasks in time: what the tables hold, as the schedule computes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.campaigns import days
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.tasks.held import Given, Held, given, held_in
from muster.plan.tasks.models import Dependency, Duty, Task
from muster.plan.tasks.schedule.cascade import Network
from muster.plan.tasks.schedule.network import Cycle, Kind, Link, Schedule, Span, Work
from muster.team.calendars.working import work_calendar


class When(NamedTuple):
    """When a task happens; a task with parts goes from their first day to their last."""

    start: date
    end: date
    early_start: int
    early_end: int
    latest_start: date
    latest_end: date
    slack: int
    free: int
    is_critical: bool


class Plan:
    """The tasks of one campaign, how they hang together, and when they happen."""

    def __init__(
        self,
        campaign: Campaign,
        today: date,
        tasks: Iterable[Task],
        dependencies: Iterable[Dependency],
    ) -> None:
        self.campaign = campaign
        self.today = today
        self.tasks = list(tasks)
        self.by_id = {task.pk: task for task in self.tasks}
        self.dependencies = [
            one
            for one in dependencies
            if one.before_id in self.by_id and one.after_id in self.by_id
        ]
        self.parts: dict[int, list[int]] = {}
        for task in self.tasks:
            if task.parent_id in self.by_id:
                self.parts.setdefault(task.parent_id or 0, []).append(task.pk)
        self.network = Network(
            {task.pk: self._work(task) for task in self.tasks if task.pk not in self.parts},
            self._links(),
            work_calendar(today),
            today,
        )

    @cached_property
    def schedule(self) -> Schedule:
        while True:
            try:
                return self.network.schedule()
            except Cycle as circle:
                # The actions let none in; should one be there all the same, the page still opens.
                pair = (circle.ids[-1], circle.ids[0])
                links = [one for one in self.network.links if (one.before, one.after) != pair]
                self.network = replace(self.network, links=links)

    @property
    def sound(self) -> Network:
        """The network without a link that would close a circle."""
        _found = self.schedule
        return self.network

    @cached_property
    def held(self) -> list[Held]:
        """Every duty of these tasks, in numbers."""
        rows = Duty.objects.filter(task__campaign=self.campaign, task__deleted_at=None)
        return [one for one in held_in(rows) if one.task in self.by_id]

    @cached_property
    def duties(self) -> dict[int, list[Given]]:
        """Task → who has which duty."""
        return given(self.held)

    @cached_property
    def launch(self) -> int | None:
        """The milestone with which the campaign begins; None if the plan has none."""
        found = [
            task
            for task in self.tasks
            if task.milestone and task.phase == Task.Phase.LAUNCH and task.pk not in self.parts
        ]
        return found[-1].pk if found else None

    @property
    def goal(self) -> int | None:
        """The launch while it is still ahead; None: the end of the plan counts."""
        launch = self.launch
        return None if launch is None or self.by_id[launch].is_done else launch

    @cached_property
    def critical_path(self) -> list[int]:
        """The chain that decides the launch; after it, the one that decides the end."""
        return self.path_in(self.schedule)

    def path_in(self, schedule: Schedule) -> list[int]:
        """The same chain in another schedule of these tasks."""
        goal = self.goal
        return schedule.critical_path() if goal is None else schedule.path_to(goal)

    def launch_day(self, schedule: Schedule | None = None) -> date | None:
        """The first day on which the campaign can begin; None if nothing has to come before."""
        spans = (schedule or self.schedule).spans
        if self.launch is not None:
            return spans[self.launch].end
        before = [spans[task.pk] for task in self._preparing()]
        if not before:
            return None
        last = max(span.end for span in before)
        return max(last + timedelta(days=1), self.campaign.starts)

    def late_by(self, schedule: Schedule | None = None) -> int:
        """Working days by which the launch comes after the campaign's first day."""
        found = schedule or self.schedule
        bound = found.axis.end(self.campaign.starts)
        if self.launch is not None:
            return max(found.spans[self.launch].early_end - bound, 0)
        bound = found.axis.start(self.campaign.starts)
        ends = [found.spans[task.pk].early_end for task in self._preparing()]
        return max([0, *(end - bound for end in ends)])

    @cached_property
    def _whens(self) -> dict[int, When]:
        """Task → when it happens, for those that were asked for."""
        return {}

    def when(self, pk: int, schedule: Schedule | None = None) -> When:
        """When a task happens."""
        if schedule is not None:
            return self._when(pk, schedule)
        known = self._whens
        if pk not in known:
            known[pk] = self._when(pk, self.schedule)
        return known[pk]

    def _when(self, pk: int, schedule: Schedule) -> When:
        spans = [schedule.spans[one] for one in self.parts.get(pk, (pk,))]
        first = min(spans, key=_begins)
        last = max(spans, key=lambda span: span.early_end)
        tightest = min(spans, key=lambda span: span.slack)
        return When(
            first.start,
            last.end,
            first.early_start,
            last.early_end,
            first.latest_start,
            last.latest_end,
            tightest.slack,
            min(span.free for span in spans),
            any(span.is_critical for span in spans),
        )

    def path_tasks(self) -> list[Task]:
        return [self.by_id[pk] for pk in self.critical_path]

    def changed(self, fields: Mapping[int, Mapping[str, object]]) -> dict[int, Work]:
        """The tasks with other `not_before` or `days`, as the cascade takes them."""
        works = {}
        for pk, values in fields.items():
            work = self.network.works.get(pk)
            if work is not None:
                works[pk] = replace(work, **values)  # type: ignore[arg-type]
        return works

    def trying(self, works: Mapping[int, Work]) -> Plan:
        """A copy in which these tasks are other ones; nothing is saved."""
        other = copy(self)
        for name in ("schedule", "critical_path", "_whens"):
            other.__dict__.pop(name, None)
        other.network = self.network.having(works)
        return other

    def _preparing(self) -> list[Task]:
        return [
            task
            for task in self.tasks
            if task.phase == Task.Phase.PREPARE and not task.is_done and task.pk not in self.parts
        ]

    def _work(self, task: Task) -> Work:
        not_before, deadline = task.not_before, None
        if task.milestone:
            deadline = task.due
            if task.phase == Task.Phase.LAUNCH:
                not_before = not_before or self.campaign.starts
                deadline = deadline or self.campaign.starts
        elif task.phase == Task.Phase.PREPARE and self.launch is None:
            deadline = self.campaign.starts - timedelta(days=1)
        return Work(
            task.pk,
            0 if task.milestone else max(task.days, 1),
            not_before,
            deadline,
            task.started_on,
            task.done_on if task.is_done else None,
            task.progress,
        )

    def _links(self) -> list[Link]:
        # A task with parts is as long as they are: what waits for it waits for each of them.
        return [
            Link(before, after, Kind(one.kind), one.lag)
            for one in self.dependencies
            for before in self.parts.get(one.before_id, [one.before_id])
            for after in self.parts.get(one.after_id, [one.after_id])
        ]


def _begins(span: Span) -> int:
    return span.early_start


@once
def plan_of(campaign: Campaign) -> Plan:
    """The plan of a campaign as it is now."""
    tasks = Task.objects.filter(campaign=campaign)
    links = Dependency.objects.filter(after__campaign=campaign)
    return Plan(campaign, days.today(), tasks, links)


def check_no_circle(plan: Plan, at: str = "/before") -> None:
    """Refuse a plan whose tasks wait for each other, and name them."""
    try:
        plan.network.schedule()
    except Cycle as circle:
        names = [plan.by_id[pk].title for pk in circle.ids]
        raise Invalid.at(
            at,
            "circle",
            _("These would wait for each other in a circle: %(tasks)s. Cut one link first."),
            tasks=" → ".join([*names, names[0]]),
        ) from circle
