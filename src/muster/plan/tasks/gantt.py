"""Where everything stands on the Gantt chart (S11): numbers only, the template draws them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import get_language, gettext

from muster.kit.days import OfficialDay, official_days
from muster.plan.tasks.models import Dependency, Task
from muster.plan.tasks.planning import Plan, When
from muster.plan.tasks.schedule.axis import Axis
from muster.plan.tasks.shown import Load, Row
from muster.ui import formats

ZOOMS = {"day": 34, "week": 17, "month": 7}
"""Name → pixels a day."""
ROW, HEAD, BAR = 36, 44, 16
_MOST_DAYS = 550
_LOAD = 22
_MONTH = 90
"""Pixels that the name of a month takes."""
_FORESEEN = timedelta(days=92)


@dataclass(frozen=True)
class Tick:
    """A line of the time axis, with a word where there is room."""

    x: int
    label: str
    is_month: bool


@dataclass(frozen=True)
class Shade:
    """Days that are not worked, or worked against the weekend."""

    x: int
    width: int
    name: str
    is_worked: bool


class Bar(NamedTuple):
    """One task on the chart."""

    row: Row
    y: int
    x: int
    width: int
    done: int
    slack: int
    """Pixels to the latest end."""
    base_x: int | None
    base_width: int
    due_x: int | None
    was: When | None
    """When it happens in the plan that counts, while another is tried."""
    was_x: int | None
    was_width: int

    @property
    def middle(self) -> int:
        return self.y + ROW // 2

    @property
    def top(self) -> int:
        return self.y + (ROW - BAR) // 2

    @property
    def end(self) -> int:
        return self.x + self.width

    @property
    def label_x(self) -> int:
        return self.end + (14 if self.row.task.milestone else 8)

    @property
    def diamond(self) -> str:
        x, y, r = self.x, self.middle, 8
        return f"{x - r},{y} {x},{y - r} {x + r},{y} {x},{y + r}"

    @property
    def base_y(self) -> int:
        return self.top + BAR + 2


class Arrow(NamedTuple):
    """One dependency."""

    path: str
    is_critical: bool


class Line(NamedTuple):
    """One line of the left side: a phase, or a task."""

    y: int
    title: str
    row: Row | None


@dataclass(frozen=True)
class Run:
    """Days on which a person has the same to do."""

    x: int
    width: int
    y: int
    height: int
    kind: str
    """quiet, over or away"""
    title: str


@dataclass(frozen=True)
class Strip:
    """What one person has to do, along the same days."""

    load: Load
    y: int
    runs: Sequence[Run]


@dataclass(frozen=True)
class Chart:
    """Everything that is drawn."""

    zoom: str
    px: int
    first: date
    width: int
    height: int
    ticks: Sequence[Tick]
    shades: Sequence[Shade]
    lines: Sequence[Line]
    bars: Sequence[Bar]
    arrows: Sequence[Arrow]
    today_x: int
    launch_x: int
    off: str
    """0 and 1 for each day: 1 is not worked."""

    @property
    def grid(self) -> str:
        """The lines between the rows, as a path."""
        return "".join(f"M0 {line.y}h{self.width}" for line in self.lines)


def chart(plan: Plan, rows: Sequence[Row], zoom: str, was: dict[int, When] | None = None) -> Chart:
    """The chart of these rows; `was` are the dates that count, while others are tried."""
    first, last = _range(plan, rows)
    px = ZOOMS[zoom]

    def at(day: date) -> int:
        return (day - first).days * px

    lines, placed = _lines(rows)
    bars = [
        _bar(row, y, at, px, plan.schedule.axis, (was or {}).get(row.task.pk)) for row, y in placed
    ]
    height = HEAD + ROW * len(lines)
    days = (last - first).days + 1
    is_working = plan.network.calendar.is_working
    off = "".join("0" if is_working(first + timedelta(days=n)) else "1" for n in range(days))
    return Chart(
        zoom,
        px,
        first,
        days * px,
        height,
        _ticks(first, days, zoom, px),
        _shades(first, off, px, plan.network.calendar.country),
        lines,
        bars,
        _arrows(plan, bars),
        at(plan.today) + px // 2,
        at(plan.campaign.starts),
        off,
    )


def span_of(plan: Plan, rows: Sequence[Row]) -> list[date]:
    """The working days from today to the end of the chart, at most so many as can be foreseen."""
    _first, last = _range(plan, rows)
    last = min(last, plan.today + _FORESEEN)
    return plan.network.calendar.days(plan.today, last) if last >= plan.today else []


def strips(plan: Plan, found: Chart, loads: Iterable[Load], days: Sequence[date]) -> list[Strip]:
    """What everybody has to do, along the days of the chart."""
    return [
        Strip(load, place * (_LOAD + 6), _runs(load, days, found, place * (_LOAD + 6)))
        for place, load in enumerate(loads)
    ]


def _runs(load: Load, days: Sequence[date], found: Chart, y: int) -> list[Run]:
    runs: list[Run] = []
    limit = load.user.hours_per_day or Decimal(8)
    for day, one in zip(days, load.days, strict=True):
        if not one.hours and one.capacity:
            continue
        kind = "over" if one.is_over else "quiet" if one.capacity else "away"
        tall = min(int(_LOAD * one.hours / limit / 2), _LOAD) if one.hours else _LOAD
        x = (day - found.first).days * found.px
        last = runs[-1] if runs else None
        if last and (last.kind, last.height) == (kind, tall) and last.x + last.width == x:
            runs[-1] = Run(last.x, last.width + found.px, last.y, tall, kind, last.title)
            continue
        words = {
            "who": load.user.name,
            "day": formats.day(day, get_language() or "en", today=found.first),
            "hours": f"{one.hours.normalize():f}" if one.hours else "0",
            "of": f"{one.capacity.normalize():f}" if one.capacity else "0",
        }
        title = gettext("%(who)s, %(day)s: %(hours)s of %(of)s hours") % words
        runs.append(Run(x, found.px, y + _LOAD - tall, tall, kind, title))
    return runs


def _range(plan: Plan, rows: Sequence[Row]) -> tuple[date, date]:
    starts = [row.when.start for row in rows]
    ends = [row.when.end for row in rows] + [row.task.due for row in rows if row.task.due]
    first = min([plan.today, plan.campaign.starts, *starts]) - timedelta(days=2)
    last = max([plan.today, plan.campaign.starts, *ends]) + timedelta(days=12)
    first = max(first, plan.today - timedelta(days=_MOST_DAYS // 2))
    return first, min(last, first + timedelta(days=_MOST_DAYS))


def _lines(rows: Sequence[Row]) -> tuple[list[Line], list[tuple[Row, int]]]:
    lines: list[Line] = []
    placed: list[tuple[Row, int]] = []
    for phase in Task.Phase:
        wholes = [row for row in rows if row.task.phase == phase and not row.level]
        shown = {id(row) for row in rows}
        orphans = [
            row
            for row in rows
            if row.task.phase == phase and row.level and not _has_whole(row, rows)
        ]
        if not wholes and not orphans:
            continue
        lines.append(Line(HEAD + ROW * len(lines), str(phase.label), None))
        wholes = sorted([*wholes, *orphans], key=lambda row: (row.when.early_start, row.task.place))
        for whole in wholes:
            for row in [whole, *(part for part in whole.parts if id(part) in shown)]:
                y = HEAD + ROW * len(lines)
                lines.append(Line(y, row.task.title, row))
                placed.append((row, y))
    return lines, placed


def _has_whole(part: Row, rows: Sequence[Row]) -> bool:
    return any(row.task.pk == part.task.parent_id for row in rows)


def _bar(row: Row, y: int, at: Callable[[date], int], px: int, axis: Axis, was: When | None) -> Bar:
    when, task = row.when, row.task
    x = at(when.start)
    width = 0 if task.milestone else max(((when.end - when.start).days + 1) * px - 2, 6)
    if task.milestone and when.early_start > axis.start(when.start):
        x += px
    slack = max((when.latest_end - when.end).days * px, 0) if not task.is_done else 0
    base = task.baseline_start, task.baseline_end
    base_x = at(base[0]) if base[0] and base[1] and base != (when.start, when.end) else None
    base_width = ((base[1] - base[0]).days + 1) * px - 2 if base[0] and base[1] else 0
    is_moved = was is not None and (was.start, was.end) != (when.start, when.end)
    return Bar(
        row,
        y,
        x,
        width,
        width * row.progress // 100,
        slack,
        base_x,
        base_width,
        at(task.due) + px - 2 if task.due and not task.milestone else None,
        was if is_moved else None,
        at(was.start) if was is not None and is_moved else None,
        max(((was.end - was.start).days + 1) * px - 2, 6) if was is not None and is_moved else 0,
    )


def _ticks(first: date, days: int, zoom: str, px: int) -> list[Tick]:
    ticks = []
    language = get_language() or "en"
    # The month in which the chart begins has no room for its name where the next follows at once.
    is_short = (monthrange(first.year, first.month)[1] - first.day + 1) * px < _MONTH
    for n in range(days):
        day = first + timedelta(days=n)
        if day.day == 1 or (n == 0 and not is_short):
            ticks.append(Tick(n * px, formats.month(day, language), True))
        is_shown = zoom == "day" or (zoom == "week" and day.weekday() == 0)
        if is_shown or (zoom == "month" and day.weekday() == 0 and day.day < 29):
            ticks.append(Tick(n * px, str(day.day), False))
    return ticks


def _shades(first: date, off: str, px: int, country: str) -> list[Shade]:
    language = get_language() or "en"
    shades = []
    known: dict[date, OfficialDay] = {}
    for year in {first.year, (first + timedelta(days=len(off))).year}:
        known |= {one.day: one for one in official_days(country, year)}
    for n, mark in enumerate(off):
        day = first + timedelta(days=n)
        official = known.get(day)
        is_weekend = day.weekday() >= 5
        if mark == "1" or is_weekend:
            name = official.names.get(language, official.names["en"]) if official else ""
            shades.append(Shade(n * px, px, name, mark == "0"))
    return shades


def _arrows(plan: Plan, bars: Sequence[Bar]) -> list[Arrow]:
    places = {bar.row.task.pk: bar for bar in bars}
    arrows = []
    for link in plan.dependencies:
        before, after = places.get(link.before_id), places.get(link.after_id)
        if before is None or after is None:
            continue
        critical = before.row.is_on_path and after.row.is_on_path
        arrows.append(Arrow(_path(before, after, link.kind), critical))
    return arrows


def _path(before: Bar, after: Bar, kind: str) -> str:
    edge = 9
    out = before.x if kind == Dependency.Kind.START_START else before.end
    into = after.end if kind == Dependency.Kind.FINISH_FINISH else after.x
    if before.row.task.milestone:
        out = before.x + 8 if kind != Dependency.Kind.START_START else before.x - 8
    if after.row.task.milestone:
        into = after.x + 8 if kind == Dependency.Kind.FINISH_FINISH else after.x - 8
    y1, y2 = before.middle, after.middle
    if kind == Dependency.Kind.START_START:
        x = min(out, into) - edge
        return f"M{out} {y1}H{x}V{y2}H{into}"
    if kind == Dependency.Kind.FINISH_FINISH:
        x = max(out, into) + edge
        return f"M{out} {y1}H{x}V{y2}H{into}"
    if into - out >= 2 * edge - 4:
        return f"M{out} {y1}H{out + edge - 2}V{y2}H{into}"
    half = y1 + (ROW // 2 if y2 > y1 else -ROW // 2)
    return f"M{out} {y1}h{edge - 4}V{half}H{into - edge}V{y2}H{into}"
