"""Tasks as pages show them: when, who, what they wait for, how many working days are left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext, ngettext

from muster.kit.days import monday
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks import artefacts
from muster.plan.tasks.artefacts import Artefact
from muster.plan.tasks.held import Given
from muster.plan.tasks.models import Dependency, Duty, Task
from muster.plan.tasks.planning import Plan, When
from muster.plan.tasks.schedule.axis import Axis
from muster.plan.tasks.schedule.capacity import Day, Share, capacity
from muster.plan.tasks.schedule.warnings import Pace, Warning, overrun, warnings
from muster.team.calendars.working import days_away
from muster.team.members.models import Team
from muster.team.users.models import User


@dataclass(frozen=True)
class Wait:
    """Another task that this one waits for, or that waits for this one."""

    link: Dependency
    task: Task


@dataclass
class Row:
    """One task as a reader sees it."""

    task: Task
    when: When
    is_on_path: bool
    due: date
    """The day on which it is due, or by which it will end."""
    left: int
    """Working days until it is due, without today; below zero: overdue."""
    is_late: bool
    """Due before today, or before it will end."""
    duties: Sequence[Given]
    waits: Sequence[Wait] = ()
    holds: Sequence[Wait] = ()
    artefact: Artefact | None = None
    parts: list[Row] = field(default_factory=list)
    level: int = 0

    @property
    def responsible(self) -> list[User | Team]:
        found = (duty.user or duty.team for duty in self.duties if duty.letter == "R")
        return [one for one in found if one is not None]

    @property
    def people(self) -> list[User]:
        return [duty.user for duty in self.duties if duty.letter == "R" and duty.user is not None]

    @property
    def waited_for(self) -> list[str]:
        return [one.task.title for one in self.waits if not one.task.is_done]

    @property
    def open_waits(self) -> int:
        return len(self.waited_for)

    @property
    def is_overdue(self) -> bool:
        return self.left < 0 and not self.task.is_done

    @property
    def is_critical(self) -> bool:
        return self.when.is_critical or (self.is_on_path and not self.task.is_done)

    @property
    def progress(self) -> int:
        """Percent; that of a whole is the mean of its parts, by their days."""
        if not self.parts:
            return self.task.progress
        days = sum(max(one.task.days, 1) for one in self.parts)
        return sum(max(one.task.days, 1) * one.progress for one in self.parts) // days

    @property
    def left_text(self) -> str:
        """How long there is still time, in words."""
        if self.task.is_done:
            return gettext("done")
        if self.left < 0:
            late = -self.left
            return ngettext("%(n)s working day late", "%(n)s working days late", late) % {"n": late}
        if self.left == 0:
            return gettext("due today")
        more = ngettext("%(n)s working day left", "%(n)s working days left", self.left)
        return more % {"n": self.left}


def rows_of(plan: Plan) -> list[Row]:
    """Every task, parts under their whole, in the order in which they were written down."""
    path = set(plan.critical_path)
    things = artefacts.of_tasks(plan.tasks)
    waits: dict[int, list[Wait]] = {}
    holds: dict[int, list[Wait]] = {}
    for link in plan.dependencies:
        waits.setdefault(link.after_id, []).append(Wait(link, plan.by_id[link.before_id]))
        holds.setdefault(link.before_id, []).append(Wait(link, plan.by_id[link.after_id]))
    rows: dict[int, Row] = {}
    for task in plan.tasks:
        when = plan.when(task.pk)
        due = task.due or when.end
        row = rows[task.pk] = Row(
            task,
            when,
            task.pk in path,
            due,
            working_days_left(plan.schedule.axis, plan.today, due),
            not task.is_done and (due < plan.today or when.end > due),
            plan.duties.get(task.pk, ()),
            waits.get(task.pk, ()),
            holds.get(task.pk, ()),
            things.get((task.about_kind, task.about_id or 0)),
        )
        row.level = int(task.parent_id in plan.by_id)
    ordered = []
    for task in plan.tasks:
        if task.parent_id not in plan.by_id:
            row = rows[task.pk]
            row.parts = [rows[pk] for pk in plan.parts.get(task.pk, ())]
            ordered += [row, *row.parts]
    return ordered


def working_days_left(axis: Axis, today: date, due: date) -> int:
    """Working days after today until the day on which it is due; below zero: since then."""
    if due == today:
        return 0
    if due > today:
        return max(axis.end(due) - axis.end(today), 0)
    return min(axis.end(due) - axis.end(today), -1)


def sieve(rows: Iterable[Row], wanted: Mapping[str, str]) -> list[Row]:
    """The rows that fit what the reader looks for: `who phase q show dates`."""
    found = list(rows)
    if who := wanted.get("who"):
        found = [row for row in found if any(one.public_id == who for one in row.responsible)]
    if phase := wanted.get("phase"):
        found = [row for row in found if row.task.phase == phase]
    if q := wanted.get("q", "").strip().casefold():
        found = [row for row in found if q in row.task.title.casefold()]
    show = wanted.get("show")
    if show == "late":
        found = [row for row in found if row.is_late]
    elif show == "critical":
        found = [row for row in found if row.is_critical]
    elif show == "blocked":
        found = [row for row in found if row.task.blocked_reason]
    if wanted.get("dates") == "none":
        found = [row for row in found if row.task.due is None and not row.task.is_done]
    return found


@dataclass(frozen=True)
class Early:
    """A warning in time: who will probably be late, and whom that holds up."""

    row: Row
    warning: Warning
    holds_up: Task | None


def early_warnings(plan: Plan, rows: Iterable[Row]) -> list[Early]:
    """The tasks that will probably end too late for what follows, the worst first."""
    by_id = {row.task.pk: row for row in rows}
    people = {duty.user_id for row in by_id.values() for duty in row.duties if duty.letter == "R"}
    past = _past(plan, {pk for pk in people if pk is not None})
    paces = {}
    for pk, row in by_id.items():
        slow = [past[user.pk] for user in row.people if user.pk in past]
        paces[pk] = Pace(row.task.checked, len(row.task.checklist), max(slow, default=1.0))
    found = warnings(plan.schedule, paces, plan.today)
    return [
        Early(by_id[one.id], one, plan.by_id.get(one.holds_up or 0))
        for one in found
        if one.id in by_id
    ]


def _past(plan: Plan, users: set[int]) -> dict[int, float]:
    """Person → days needed by days planned, over what they finished in half a year."""
    done = Duty.objects.filter(
        letter=Duty.Letter.RESPONSIBLE,
        user__in=users,
        task__done_on__gt=plan.today - timedelta(days=183),
        task__started_on__isnull=False,
        task__milestone=False,
        task__deleted_at=None,
    ).values_list("user", "task__days", "task__started_on", "task__done_on")
    axis = plan.schedule.axis
    found: dict[int, list[tuple[int, int]]] = {}
    for user, planned, began, ended in done:
        if began is None or ended is None:
            continue
        needed = max(axis.end(ended) - axis.start(began), 1)
        found.setdefault(user, []).append((planned, needed))
    return {user: overrun(past) for user, past in found.items()}


@dataclass(frozen=True)
class Load:
    """What one person has to do, day by day."""

    user: User
    days: Sequence[Day]

    @property
    def over(self) -> Decimal:
        """Hours beyond what there is."""
        return sum((day.hours - day.capacity for day in self.days if day.is_over), Decimal(0))

    @property
    def days_over(self) -> int:
        return sum(day.is_over for day in self.days)

    @property
    def hours(self) -> Decimal:
        return sum((day.hours for day in self.days), Decimal(0))


def loads(plan: Plan, days: Sequence[date], also: Iterable[User] = ()) -> list[Load]:
    """What everybody who is responsible for something has to do on these working days.

    Work in other campaigns counts too: up to its due date, as many days as it takes. `also` names
    people who are looked at even if nothing here is theirs.
    """
    if not days:
        return []
    users = {user.pk: user for user in also} | {
        duty.user.pk: duty.user
        for duties in plan.duties.values()
        for duty in duties
        if duty.letter == "R" and duty.user is not None
    }
    shares = [share for _task, share in shares_of(plan)]
    shares += shares_elsewhere(plan, set(users), days)
    found = capacity(
        shares,
        days,
        {pk: user.hours_per_day for pk, user in users.items()},
        days_away(list(users.values()), days[0], days[-1]),
        plan.schedule.axis,
    )
    listed = [Load(users[pk], of_days) for pk, of_days in found.items()]
    return sorted(listed, key=lambda one: (-one.over, -one.hours, one.user.name))


_MOST_WEEKS = 10


def days_ahead(plan: Plan) -> list[date]:
    """The working days from today to the end of the plan, for at most ten weeks."""
    ends = [plan.when(task.pk).end for task in plan.tasks if not task.is_done]
    if not ends or max(ends) < plan.today:
        return []
    last = min(max(ends), monday(plan.today) + timedelta(weeks=_MOST_WEEKS, days=-1))
    return plan.network.calendar.days(plan.today, last)


def open_work(plan: Plan) -> list[Task]:
    """The tasks of the plan that are still to be worked on; a whole is worked on in its parts."""
    return [
        task
        for task in plan.tasks
        if not (task.is_done or task.milestone or task.pk in plan.parts or _is_over(plan, task))
    ]


def rest_of(task: Task) -> Decimal | None:
    """The hours of work that are left; None where they are not known."""
    return None if task.hours is None else task.hours * Decimal(100 - task.progress) / 100


def doing(plan: Plan, task: Task) -> list[Given]:
    """The people who are responsible for it."""
    return [one for one in plan.duties.get(task.pk, ()) if one.letter == "R" and one.user_id]


def shares_of(plan: Plan) -> Iterator[tuple[Task, Share]]:
    """Every person's part of every open task of the plan."""
    for task in open_work(plan):
        people = doing(plan, task)
        parts = sum((duty.share for duty in people), Decimal(0)) or Decimal(1)
        when, rest = plan.when(task.pk), rest_of(task)
        first = max(when.start, plan.today)
        for duty in people:
            hours = None if rest is None else rest * duty.share / parts
            yield task, Share(duty.user_id or 0, first, when.end, duty.share, hours)


def _is_over(plan: Plan, task: Task) -> bool:
    """Whether it ended with its campaign: the same as `at_work`, of one that is read already."""
    ended = plan.campaign.status == Campaign.Status.ENDED
    return plan.campaign.is_over and not (ended and task.phase == Task.Phase.REVIEW)


def shares_elsewhere(plan: Plan, users: set[int], days: Sequence[date]) -> list[Share]:
    """The work of these people in other campaigns."""
    tasks = Task.objects.at_work().filter(
        milestone=False,
        due__range=(days[0], days[-1] + timedelta(days=28)),
        campaign__deleted_at=None,
        duties__letter=Duty.Letter.RESPONSIBLE,
        duties__user__in=users,
    )
    tasks = tasks.exclude(campaign=plan.campaign).exclude(status=Task.Status.DONE).order_by()
    axis = plan.schedule.axis
    found = []
    # Thousands of tasks share few pairs of a day and a length: their parts are summed at once.
    alike = tasks.values_list("duties__user", "due", "days").annotate(Sum("duties__share"))
    for user, due, lasts, part in alike:
        if user is None or due is None:
            continue
        first = axis.day_from(max(axis.end(due) - lasts, 0))
        found.append(Share(user, max(first, plan.today), due, part))
    return found
