"""The matrix of one campaign as the tables hold it, with what is wrong and what it asks (PL5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, QuerySet, Sum, When

from muster.kit.days import WorkCalendar, monday
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.raci import rules
from muster.plan.tasks.held import Held, held_in
from muster.plan.tasks.models import Duty, Task
from muster.plan.tasks.planning import Plan, plan_of
from muster.plan.tasks.schedule.axis import Axis, axis_of
from muster.team.calendars.working import days_away, work_calendar
from muster.team.members.models import Team
from muster.team.users.models import User


@dataclass(frozen=True)
class Holder:
    """A column: a person or a team."""

    key: str
    name: str
    user: User | None = None
    team: Team | None = None
    members: frozenset[int] = frozenset()
    """Numbers of the people behind it."""

    def __str__(self) -> str:
        return self.name

    @property
    def is_guest(self) -> bool:
        return self.user is not None and self.user.role == "vendor"

    @property
    def public_id(self) -> str:
        return (self.user or self.team).public_id  # type: ignore[union-attr]


@dataclass(frozen=True)
class Figures:
    """What stands under a column."""

    accountable: int
    responsible: int
    hours: Decimal
    load: Decimal | None
    """Share of the hours that the person has, in the busiest week; None for a team."""
    week: date | None
    days_away: int


@dataclass(frozen=True)
class ShownRow:
    """A task with its cells and verdict."""

    task: Task
    cells: dict[str, str]
    """Column → letters such as `A/R`, for the cells that are not empty."""
    faults: tuple[rules.Fault, ...]
    by_letter: dict[str, list[Holder]] = field(default_factory=dict)

    @property
    def breaks(self) -> bool:
        return any(fault.breaks for fault in self.faults)


class Timed(NamedTuple):
    """What has to be known of a task to say when it is worked on."""

    days: int
    due: date | None
    done_on: date | None
    started_on: date | None
    not_before: date | None
    status: str


def span(task: Task | Timed, axis: Axis) -> tuple[date, date] | None:
    """First and last day of a task, as far as its dates say; None without any.

    An open task never has fewer days than its work takes: begun late, it ends late. Otherwise weeks
    of work would fall on the few days that are left.
    """
    length = max(task.days - 1, 0)
    end = task.done_on or task.due
    start = task.started_on or task.not_before
    if end is None:
        if start is None:
            return None
        end = axis.day_from(axis.start(start) + length)
    if start is None or start > end:
        start = axis.day_until(axis.end(end) - length) if length else end
    if length and task.status != Task.Status.DONE:
        end = max(end, axis.day_from(axis.start(start) + length))
    return start, end


class RaciMatrix:
    """Tasks by people, with everything that a page or the API says about it."""

    def __init__(
        self,
        campaign: Campaign,
        more: Iterable[str] = (),
        *,
        plan: Plan | None = None,
    ) -> None:
        """`more` are keys of people and teams to show although they have no duty yet.

        `plan` is that of the campaign, where it was read already.
        """
        self.campaign = campaign
        phases = {phase: place for place, phase in enumerate(Task.Phase.values)}
        self.tasks = sorted(
            campaign.tasks.all() if plan is None else plan.tasks,
            key=lambda task: (phases[task.phase], task.place, task.pk),
        )
        mine = Duty.objects.filter(task__campaign=campaign, task__deleted_at=None)
        self.held = held_in(mine) if plan is None else plan.held
        cells: dict[rules.Cell, frozenset[str]] = {}
        for one in self.held:
            cell = one.task, one.key
            cells[cell] = cells.get(cell, frozenset()) | {one.letter}
        self.cells: rules.Matrix = cells
        self.by_task = rules.by_task(cells)
        self.holders = self._holders([*dict.fromkeys([*(key for _t, key in cells), *more])])
        self.calendar = work_calendar(campaign.starts)
        self._judged: dict[tuple[Any, ...], tuple[rules.Fault, ...]] = {}

    def _holders(self, keys: list[str]) -> dict[str, Holder]:
        numbers = {key: int(key[1:]) for key in keys if key[1:].isdigit()}
        users = User.objects.in_bulk([n for key, n in numbers.items() if key[0] == "u"])
        teams = {
            team.pk: team
            for team in Team.objects.filter(
                pk__in=[n for key, n in numbers.items() if key[0] == "t"]
            ).prefetch_related("members")
        }
        found = {}
        for key, number in numbers.items():
            if key[0] == "u" and number in users:
                user = users[number]
                found[key] = Holder(key, str(user), user=user, members=frozenset({number}))
            elif key[0] == "t" and number in teams:
                team = teams[number]
                members = frozenset(one.pk for one in team.members.all())
                found[key] = Holder(key, team.name, team=team, members=members)
        # People first, teams after them, each in the order in which they came in.
        return dict(sorted(found.items(), key=lambda one: one[1].team is not None))

    @cached_property
    def axis(self) -> Axis:
        """The working days, from a year before the first that a task names."""
        named = (
            day
            for task in self.tasks
            for day in (task.due, task.done_on, task.started_on, task.not_before)
            if day is not None
        )
        return axis_of(self.calendar, min(named, default=self.campaign.starts).year - 1)

    @cached_property
    def spans(self) -> dict[int, tuple[date, date]]:
        """Task → its first and last day, for those with dates."""
        found = {task.pk: span(task, self.axis) for task in self.tasks}
        return {pk: days for pk, days in found.items() if days is not None}

    @cached_property
    def away(self) -> dict[int, set[date]]:
        """Person → the working days on which they are away, in the weeks that have tasks."""
        if not self.spans:
            return {}
        users = [one.user for one in self.holders.values() if one.user is not None]
        first = min(start for start, _end in self.spans.values())
        last = max(end for _start, end in self.spans.values())
        until = monday(last) + timedelta(days=6)
        gone = days_away(users, monday(first), until)
        away = {pk: set(filter(self.calendar.is_working, days)) for pk, days in gone.items()}
        return {pk: days for pk, days in away.items() if days}

    def _away_from(self, task: Task) -> frozenset[str]:
        days = self.spans.get(task.pk)
        if days is None or not self.away or task.status == Task.Status.DONE:
            return frozenset()
        start, end = days
        return frozenset(
            f"u{pk}" for pk, gone in self.away.items() if any(start <= day <= end for day in gone)
        )

    @cached_property
    def _guests(self) -> frozenset[str]:
        return frozenset(key for key, one in self.holders.items() if one.is_guest)

    def faults_of(
        self, task: Task, letters: Mapping[str, frozenset[str]] | None = None
    ) -> tuple[rules.Fault, ...]:
        """What is wrong with the duties of a task; `letters` are its row as it would be."""
        row = self.by_task.get(task.pk, {}) if letters is None else letters
        # Hundreds of tasks have the same duties.
        key = frozenset(row.items()), task.milestone, self._away_from(task)
        if key not in self._judged:
            found = rules.faults(rules.Row(row, key[1]), self._guests, key[2])
            self._judged[key] = tuple(found)
        return self._judged[key]

    @cached_property
    def faults(self) -> dict[int, tuple[rules.Fault, ...]]:
        """Task → what is wrong with its duties."""
        return {task.pk: self.faults_of(task) for task in self.tasks}

    def rows(self) -> list[ShownRow]:
        """Every task with its cells."""
        places = {key: place for place, key in enumerate(self.holders)}
        shown = []
        for task in self.tasks:
            row = self.by_task.get(task.pk, {})
            held = sorted((key for key in row if key in places), key=places.__getitem__)
            cells = {key: rules.written(row[key]) for key in held}
            by_letter = {
                letter: [self.holders[key] for key in held if letter in row[key]]
                for letter in rules.LETTERS
            }
            shown.append(ShownRow(task, cells, self.faults[task.pk], by_letter))
        return shown

    @property
    def users(self) -> list[User]:
        """The people among the columns."""
        return [one.user for one in self.holders.values() if one.user is not None]

    @cached_property
    def weeks(self) -> dict[str, dict[date, Decimal]]:
        """Column → week → hours in all campaigns, in the weeks of these tasks and of the launch."""
        days = [launch_week(self.campaign), *(day for span in self.spans.values() for day in span)]
        until = monday(max(days)) + timedelta(days=6)
        return hours_per_week(self.users, self.calendar, monday(min(days)), until)

    def weeks_of_launch(self) -> dict[str, dict[date, Decimal]]:
        """The same for the week of the launch, which few tasks touch."""
        if "weeks" in self.__dict__:
            return self.weeks
        week = launch_week(self.campaign)
        return hours_per_week(self.users, self.calendar, week, week + timedelta(days=6))

    @cached_property
    def figures(self) -> dict[str, Figures]:
        """Column → the figures under it."""
        users, weeks = self.users, self.weeks
        hours: dict[str, Decimal] = defaultdict(Decimal)
        for one in work_of(self.held, self.tasks, users, self.spans, self.axis):
            hours[one.key] += one.hours
        held: dict[str, list[frozenset[str]]] = defaultdict(list)
        for (_task, key), letters in self.cells.items():
            held[key].append(letters)
        working = self._working
        found = {}
        for key, holder in self.holders.items():
            load, week = self._busiest(holder, weeks.get(key, {}), working.get(key, set()))
            found[key] = Figures(
                sum("A" in letters for letters in held[key]),
                sum("R" in letters for letters in held[key]),
                hours[key],
                load,
                week,
                len(self.away.get(holder.user.pk, ())) if holder.user else 0,
            )
        return found

    @property
    def _working(self) -> dict[str, set[date]]:
        """Column → the weeks in which this campaign has work for them."""
        weeks = {
            task: {monday(day) for day in self.axis.days(*days)}
            for task, days in self.spans.items()
        }
        found: dict[str, set[date]] = {}
        for (task, key), letters in self.cells.items():
            if "R" in letters and task in weeks:
                found.setdefault(key, set()).update(weeks[task])
        return found

    def _busiest(
        self, holder: Holder, weeks: Mapping[date, Decimal], mine: Set[date]
    ) -> tuple[Decimal | None, date | None]:
        """The share of the busiest of these weeks."""
        if holder.user is None:
            return None, None
        shares = {
            week: load_of(holder.user, week, weeks, self.calendar, self.away) for week in mine
        }
        if not shares:
            return Decimal(0), None
        busiest = max(sorted(shares), key=lambda week: shares[week])
        return shares[busiest], busiest


@once
def matrix_of(campaign: Campaign) -> RaciMatrix:
    """The matrix as it is, on the tasks of the plan."""
    return RaciMatrix(campaign, plan=plan_of(campaign))


def load_of(
    user: User,
    week: date,
    weeks: Mapping[date, Decimal],
    calendar: WorkCalendar,
    away: Mapping[int, set[date]],
) -> Decimal:
    """Work of a week as a share of the hours that this person has in it."""
    gone = away.get(user.pk, set())
    days = [day for day in calendar.days(week, week + timedelta(days=6)) if day not in gone]
    has = user.hours_per_day * len(days)
    needs = weeks.get(week, Decimal(0))
    if not has:
        return Decimal(0) if not needs else Decimal(9)
    return needs / has


def work_of(
    held: Iterable[Held],
    tasks: Iterable[Task],
    users: Iterable[User],
    spans: Mapping[int, tuple[date, date]],
    axis: Axis,
) -> Iterator[rules.Work]:
    """What every R asks of whoever has it in these tasks.

    Done ones and milestones are left out, and tasks with parts, whose work is that of the parts.
    """
    tasks = list(tasks)
    whole = {task.parent_id for task in tasks}
    by_task: dict[int, list[Held]] = defaultdict(list)
    for one in held:
        if one.letter == Duty.Letter.RESPONSIBLE:
            by_task[one.task].append(one)
    a_day = {f"u{user.pk}": user.hours_per_day for user in users}
    for task in tasks:
        if task.pk not in by_task or task.pk in whole or task.milestone:
            continue
        if task.status == Task.Status.DONE:
            continue
        worked = axis.days(*spans[task.pk]) if task.pk in spans else []
        shares = sum((one.share for one in by_task[task.pk]), Decimal(0))
        for one in by_task[task.pk]:
            hours = rules.own_hours(
                task.hours, task.days, one.share, shares, a_day.get(one.key, Decimal(8))
            )
            yield rules.Work(one.key, worked, hours)


def hours_per_week(
    users: list[User], calendar: WorkCalendar, since: date, until: date
) -> dict[str, dict[date, Decimal]]:
    """Person → week → hours that all campaigns which are not over ask of them.

    Exact for the weeks from the Monday `since` to the Sunday `until`. What takes whole days is
    summed by the database: thousands of tasks lie on few pairs of days.
    """
    axis = axis_of(calendar, since.year - 1)
    tasks = (
        Task.objects.filter(milestone=False, parts=None, campaign__deleted_at=None)
        .at_work()
        .exclude(status=Task.Status.DONE)
        .exclude(_far(axis, since, until))
    )
    tasks = tasks.filter(duties__letter=Duty.Letter.RESPONSIBLE, duties__user__in=users).order_by()
    a_day = {user.pk: user.hours_per_day for user in users}
    worked: dict[tuple[Any, ...], Sequence[date]] = {}

    def days_of(*said: Any) -> Sequence[date]:
        if said not in worked:
            found = span(Timed(*said), axis)
            near = found is not None and found[0] <= until and found[1] >= since
            worked[said] = axis.days(*found) if found is not None and near else []
        return worked[said]

    # Whole days are summed by the database; where the hours are known, everybody who is
    # responsible has a part of them, and the task is named.
    timed = Case(When(hours=None, then=None), default=F("pk"))
    asked = tasks.values_list("duties__user", *Timed._fields, "hours", timed)
    rows = list(asked.annotate(Sum("duties__share")))
    all_shares = _all_shares(tasks) if any(task is not None for *_, task, _share in rows) else {}
    work = []
    for user, *said, hours, task, share in rows:
        shares = all_shares.get(task, share)
        own = rules.own_hours(hours, said[0], share, shares, a_day[user])
        work.append(rules.Work(f"u{user}", days_of(*said), own))
    return rules.per_week(work)


def _all_shares(tasks: QuerySet[Task]) -> dict[int, Decimal]:
    """Task with known hours → the shares of all who are responsible for it."""
    timed = tasks.exclude(hours=None).values("pk")
    rows = Duty.objects.filter(letter=Duty.Letter.RESPONSIBLE, task__in=timed).order_by()
    return dict(rows.values_list("task").annotate(Sum("share")))


_SHORT = 10
"""Working days; whatever takes no longer begins at most so long before it is due."""


def _far(axis: Axis, since: date, until: date) -> Q:
    """Tasks that surely have no work between these days, so that they need not be read."""
    after = axis.day_from(axis.end(until) + _SHORT)
    begun = Q(started_on__isnull=False) | Q(not_before__isnull=False)
    elsewhere = Q(due__lt=since) | Q(due__gt=after, days__lte=_SHORT)
    return Q(due__isnull=False, done_on=None) & ~begun & elsewhere


def everybody() -> list[Holder]:
    """Who can be added as a column."""
    users = User.objects.filter(is_active=True).order_by("name")
    teams = Team.objects.all()
    return [
        *(Holder(f"u{user.pk}", str(user), user=user) for user in users),
        *(Holder(f"t{team.pk}", team.name, team=team) for team in teams),
    ]


def launch_week(campaign: Campaign) -> date:
    """Monday of the week in which the campaign starts, or of this one when that is past."""
    return monday(max(campaign.starts, today()))
