"""The matrix of one campaign as the tables hold it, with what is wrong and what it asks (PL5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from muster.kit.days import WorkCalendar, monday
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.plan.raci import rules
from muster.plan.tasks.models import Duty, Task
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
    cells: list[tuple[Holder, str]]
    """Column and letters, such as `A/R`."""
    faults: list[rules.Fault]
    by_letter: dict[str, list[Holder]] = field(default_factory=dict)

    @property
    def breaks(self) -> bool:
        return any(fault.breaks for fault in self.faults)


def holder_of(duty: Duty) -> str:
    """The key of whoever has the duty."""
    return f"u{duty.user_id}" if duty.user_id else f"t{duty.team_id}"


def span(task: Task, calendar: WorkCalendar) -> tuple[date, date] | None:
    """First and last day of a task, as far as its dates say; None without any.

    An open task never has fewer days than its work takes: begun late, it ends late. Otherwise weeks
    of work would fall on the few days that are left.
    """
    length = max(task.days - 1, 0)
    end = task.done_on or task.due
    start = task.started_on or task.not_before
    if end is None and start is None:
        return None
    if end is None:
        end = calendar.shift(start, length)  # type: ignore[arg-type]
    if start is None or start > end:
        start = calendar.shift(end, -length) if length else end
    if length and task.status != Task.Status.DONE:
        end = max(end, calendar.shift(start, length))
    return start, end


class RaciMatrix:
    """Tasks by people, with everything that a page or the API says about it."""

    def __init__(self, campaign: Campaign, more: Iterable[str] = ()) -> None:
        """`more` are keys of people and teams to show although they have no duty yet."""
        self.campaign = campaign
        self.tasks = list(campaign.tasks.all())
        phases = {phase: place for place, phase in enumerate(Task.Phase.values)}
        self.tasks.sort(key=lambda task: (phases[task.phase], task.place, task.pk))
        self.duties = list(
            Duty.objects.filter(task__in=self.tasks).select_related("user", "team").order_by("pk")
        )
        cells: dict[rules.Cell, frozenset[str]] = {}
        for duty in self.duties:
            cell = (duty.task_id, holder_of(duty))
            cells[cell] = cells.get(cell, frozenset()) | {duty.letter}
        self.cells: rules.Matrix = cells
        self.holders = self._holders([*dict.fromkeys([*(key for _t, key in cells), *more])])
        self.calendar = work_calendar(campaign.starts)

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
    def spans(self) -> dict[int, tuple[date, date]]:
        """Task → its first and last day, for those with dates."""
        found = {task.pk: span(task, self.calendar) for task in self.tasks}
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
        return {pk: set(filter(self.calendar.is_working, days)) for pk, days in gone.items()}

    def _away_from(self, task: Task) -> frozenset[str]:
        days = self.spans.get(task.pk)
        if days is None or task.status == Task.Status.DONE:
            return frozenset()
        start, end = days
        return frozenset(
            f"u{pk}" for pk, gone in self.away.items() if any(start <= day <= end for day in gone)
        )

    def faults_of(self, task: Task, cells: rules.Matrix | None = None) -> list[rules.Fault]:
        """What is wrong with the duties of a task."""
        row = rules.row_of(
            self.cells if cells is None else cells, task.pk, is_milestone=task.milestone
        )
        guests = frozenset(key for key, one in self.holders.items() if one.is_guest)
        return rules.faults(row, guests, self._away_from(task))

    def rows(self) -> list[ShownRow]:
        """Every task with its cells."""
        shown = []
        for task in self.tasks:
            cells = [
                (one, rules.written(self.cells.get((task.pk, key), frozenset())))
                for key, one in self.holders.items()
            ]
            by_letter = {
                letter: [one for one, letters in cells if letter in letters] for letter in "ARCI"
            }
            shown.append(ShownRow(task, cells, self.faults_of(task), by_letter))
        return shown

    @cached_property
    def figures(self) -> dict[str, Figures]:
        """Column → the figures under it."""
        weeks = hours_per_week(
            [one.user for one in self.holders.values() if one.user is not None], self.calendar
        )
        here = {one.key: one for one in work_of(self.duties, self.tasks, self.calendar).values()}
        found = {}
        for key, one in self.holders.items():
            held = [letters for (_task, holder), letters in self.cells.items() if holder == key]
            load, week = self._busiest(one, weeks.get(key, {}))
            found[key] = Figures(
                sum("A" in letters for letters in held),
                sum("R" in letters for letters in held),
                here[key].hours if key in here else Decimal(0),
                load,
                week,
                len(self.away.get(one.user.pk, ())) if one.user else 0,
            )
        return found

    def _busiest(
        self, holder: Holder, weeks: Mapping[date, Decimal]
    ) -> tuple[Decimal | None, date | None]:
        """The share of the busiest week in which this campaign has work for them."""
        if holder.user is None:
            return None, None
        mine = {
            monday(day)
            for task, (start, end) in self.spans.items()
            if "R" in self.cells.get((task, holder.key), ())
            for day in self.calendar.days(start, end)
        }
        shares = {
            week: load_of(holder.user, week, weeks, self.calendar, self.away) for week in mine
        }
        if not shares:
            return Decimal(0), None
        busiest = max(sorted(shares), key=lambda week: shares[week])
        return shares[busiest], busiest


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


@dataclass(frozen=True)
class _Sum:
    key: str
    hours: Decimal
    work: list[rules.Work]


def work_of(
    duties: Iterable[Duty], tasks: Iterable[Task], calendar: WorkCalendar
) -> dict[str, _Sum]:
    """Column → what its R ask of it in these tasks; done ones are left out, and those with parts,
    whose work is that of the parts.
    """
    tasks = list(tasks)
    whole = {task.parent_id for task in tasks}
    by_task: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        if duty.letter == Duty.Letter.RESPONSIBLE:
            by_task[duty.task_id].append(duty)
    found: dict[str, _Sum] = {}
    for task in tasks:
        if task.status == Task.Status.DONE or task.milestone or task.pk in whole:
            continue
        days = span(task, calendar)
        worked = calendar.days(*days) if days else []
        shares = sum((duty.share for duty in by_task[task.pk]), Decimal(0))
        for duty in by_task[task.pk]:
            a_day = duty.user.hours_per_day if duty.user else Decimal(8)
            hours = rules.own_hours(task.hours, task.days, duty.share, shares, a_day)
            key = holder_of(duty)
            before = found.get(key) or _Sum(key, Decimal(0), [])
            work = [rules.Work(key, worked, hours)] if worked else []
            found[key] = _Sum(key, before.hours + hours, [*before.work, *work])
    return found


def hours_per_week(users: list[User], calendar: WorkCalendar) -> dict[str, dict[date, Decimal]]:
    """Person → week → hours that all campaigns which are not over ask of them."""
    mine = Duty.objects.filter(user__in=users, letter=Duty.Letter.RESPONSIBLE)
    tasks = list(
        Task.objects.filter(pk__in=mine.values("task"), campaign__deleted_at=None, parts=None)
        .exclude(campaign__status__in=OVER)
        .exclude(status=Task.Status.DONE)
    )
    duties = Duty.objects.filter(task__in=tasks, letter=Duty.Letter.RESPONSIBLE)
    work = work_of(duties.select_related("user"), tasks, calendar)
    return rules.per_week(one for sums in work.values() for one in sums.work)


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
