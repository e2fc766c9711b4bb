"""Everything that a template would create, worked out for the preview and for the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.utils.translation import get_language, gettext

from muster.kit.days import WorkCalendar, official_days
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.channels import channel_name
from muster.plan.goals.history import Baseline
from muster.plan.goals.shown import written
from muster.plan.risks.models import Risk
from muster.plan.starting import rules
from muster.plan.starting.before import aims_after, limits_of, number_of
from muster.plan.starting.people import Somebody, duties
from muster.plan.strategy.models import Cell
from muster.plan.tasks.models import Task
from muster.team.changes.models import Change
from muster.team.roles import ROLES
from muster.team.users.models import User
from muster.warehouse.metrics import METRICS


@dataclass(frozen=True)
class ShownTask:
    """A task as the preview lists it."""

    take: str
    title: str
    phase: str
    days: int
    offset: str
    start: date
    end: date
    accountable: object
    responsible: tuple[object, ...]
    left: float
    width: float
    """Where its bar lies, in percent of the whole span."""
    is_late: bool
    """It would have had to begin before today."""

    @property
    def is_milestone(self) -> bool:
        return self.days == 0


@dataclass(frozen=True)
class Effect:
    """Days off or worked against the calendar that the schedule goes round."""

    name: str
    first: date
    last: date
    is_off: bool
    is_expected: bool
    left: float
    width: float


@dataclass(frozen=True)
class Load:
    """What falls on one colleague."""

    somebody: object
    tasks: int
    days: int


@dataclass(frozen=True)
class Schedule:
    """The tasks in time."""

    tasks: list[ShownTask]
    effects: list[Effect]
    load: list[Load]
    first: date | None
    last: date | None
    d_left: float = 0
    e_left: float = 0

    @property
    def late(self) -> list[ShownTask]:
        return [task for task in self.tasks if task.is_late]


def schedule_of(
    template: rules.Template,
    starts: date,
    ends: date,
    calendar: WorkCalendar,
    people: Mapping[str, Somebody],
    owner: User,
    today: date,
) -> Schedule:
    """When everything happens and who does it."""
    slots = rules.schedule(template.tasks, starts, ends, calendar)
    if not slots:
        return Schedule([], [], [], None, None)
    language = get_language() or "en"
    first = min(slot.start for slot in slots.values())
    last = max([ends, *(slot.end for slot in slots.values())])
    span = (last - first).days + 1

    def left(day: date) -> float:
        return round((day - first).days / span * 100, 2)

    def width(since: date, until: date) -> float:
        return round(((until - since).days + 1) / span * 100, 2)

    tasks, work = [], dict[object, tuple[int, int]]()
    for task in template.tasks:
        slot = slots[task.key]
        who = duties(task.who, people, owner)
        doing = tuple(one for letter, one in who if letter == "R")
        for somebody in doing:
            count, days = work.get(somebody, (0, 0))
            work[somebody] = (count + 1, days + task.days)
        tasks.append(
            ShownTask(
                take=f"task:{task.key}",
                title=rules.words(task.title, language),
                phase=str(Task.Phase(task.phase).label),
                days=task.days,
                offset=str(task.ends),
                start=slot.start,
                end=slot.end,
                accountable=next((one for letter, one in who if letter == "A"), None),
                responsible=doing,
                left=left(slot.start),
                width=width(slot.start, slot.end),
                is_late=slot.start < today,
            )
        )
    return Schedule(
        sorted(tasks, key=lambda task: (task.start, task.end)),
        [
            Effect(name, a, b, off, expected, left(a), width(a, b))
            for name, a, b, off, expected in effects(calendar, first, last, language)
        ],
        sorted(
            (Load(somebody, count, days) for somebody, (count, days) in work.items()),
            key=lambda load: -load.days,
        ),
        first,
        last,
        left(starts),
        left(ends + timedelta(days=1)),
    )


def effects(
    calendar: WorkCalendar, first: date, last: date, language: str
) -> list[tuple[str, date, date, bool, bool]]:
    """(name, first, last, off, expected) of days off on weekdays and of worked days off.

    Weekends that belong to a holiday count as part of it; ordinary weekends are not named.
    """
    named = {
        one.day: one
        for year in range(first.year, last.year + 1)
        for one in official_days(calendar.country, year)
    }

    def kinds() -> Iterator[tuple[date, tuple[str, bool, bool]]]:
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            official = named.get(day)
            weekend = day.weekday() in calendar.weekend
            works = calendar.is_working(day)
            name = official.names.get(language, official.names["en"]) if official else ""
            expected = bool(official and official.is_expected)
            if works and weekend:
                yield day, (name, False, expected)
            elif not works and (official or not weekend):
                yield day, (name, True, expected)

    found = []
    for (_n, kind), group in groupby(
        enumerate(kinds()), key=lambda one: (one[1][0].toordinal() - one[0], one[1][1])
    ):
        days = [day for _place, (day, _kind) in group]
        found.append((kind[0], days[0], days[-1], kind[1], kind[2]))
    return [one for one in found if not one[3] or any(_weekday(calendar, *one[1:3]))]


def _weekday(calendar: WorkCalendar, first: date, last: date) -> Iterable[bool]:
    for n in range((last - first).days + 1):
        yield (first + timedelta(days=n)).weekday() not in calendar.weekend


@dataclass(frozen=True)
class ShownLine:
    """A budget line with its money."""

    take: str
    label: str
    category: str
    share: Decimal
    planned: Decimal
    core: bool


def lines_of(template: rules.Template, total: Decimal) -> list[ShownLine]:
    """The budget in money."""
    language = get_language() or "en"
    planned = rules.sums(total, template.lines)
    return [
        ShownLine(
            f"line:{n}",
            rules.words(line.label, language),
            str(BudgetLine.Category(line.category).label),
            line.share / 100,
            amount,
            line.core,
        )
        for n, (line, amount) in enumerate(zip(template.lines, planned, strict=True))
    ]


@dataclass(frozen=True)
class ShownAim:
    """A further goal with its target, or a guardrail with its limit."""

    take: str
    name: str
    value: str
    statement: str
    last: str
    """What it was the last time, and where that is from; empty where nobody knows."""


def aims_of(
    template: rules.Template, last: Mapping[str, Baseline], main: str, currency: str
) -> list[ShownAim]:
    """The goals beside the main one."""
    language = get_language() or "en"
    known = {metric: number_of(one) for metric, one in last.items()}
    return [
        ShownAim(
            take,
            gettext(METRICS[aim.metric].name),
            written(aim.target, METRICS[aim.metric], currency),
            rules.words(aim.statement, language),
            last_time(last, aim.metric, currency),
        )
        for take, aim in aims_after(template, known, main)
    ]


def rails_of(
    template: rules.Template, last: Mapping[str, Baseline], main: str, currency: str
) -> list[ShownAim]:
    """What must not get worse."""
    known = {metric: number_of(one) for metric, one in last.items()}
    return [
        ShownAim(
            take,
            gettext(METRICS[rail.metric].name),
            f"{'≥' if rail.op == 'gte' else '≤'} {written(limit, METRICS[rail.metric], currency)}",
            "",
            last_time(last, rail.metric, currency),
        )
        for take, rail, limit in limits_of(template, known, currency, main)
    ]


def last_time(last: Mapping[str, Baseline], metric: str, currency: str) -> str:
    """The last value of a metric and its source, in the reader's words."""
    found = last.get(metric)
    if found is None:
        return ""
    value = written(number_of(found), METRICS.get(metric), currency)
    return gettext("Last time %(value)s: %(source)s") % {"value": value, "source": found.source}


def cells_of(template: rules.Template) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Stage → (take, channel, text) of what is said in it."""
    language = get_language() or "en"
    return [
        (
            str(stage.label),
            [
                (f"cell:{n}", channel_name(cell.channel), rules.words(cell.text, language))
                for n, cell in enumerate(template.cells)
                if cell.stage == stage
            ],
        )
        for stage in Cell.Stage
    ]


def risks_of(template: rules.Template) -> list[tuple[str, str, str, int, str]]:
    """(take, risk, category, weight, plan B)"""
    language = get_language() or "en"
    return [
        (
            f"risk:{n}",
            rules.words(risk.title, language),
            str(Risk.Category(risk.category).label),
            risk.likelihood * risk.impact,
            " → ".join(rules.words(step, language) for step in risk.plan),
        )
        for n, risk in enumerate(template.risks)
    ]


def role_name(role: str, somebody: Somebody) -> str:
    """The role in the reader's words; of a copied campaign the colleague's name."""
    return gettext(ROLES[role].name) if role in ROLES else str(somebody or "")


@dataclass(frozen=True)
class Used:
    """How often a template was used, and what for last."""

    times: int
    last: str


def uses() -> dict[str, Used]:
    """Template → how it was used so far; what was taken back does not count."""
    rows = Change.objects.filter(verb="begun_from", undone_at=None).order_by("pk")
    found: dict[str, Used] = {}
    for label, details in rows.values_list("label", "details"):
        key = details.get("template", "")
        found[key] = Used(found[key].times + 1 if key in found else 1, label)
    return found
