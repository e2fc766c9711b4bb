"""Tasks as the long pages write them (S11): each row by how it looks, and its own words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.gantt import Bar, Line
from muster.plan.tasks.models import Task
from muster.plan.tasks.shown import Row
from muster.team.lookup import Addresses
from muster.team.users.models import User
from muster.ui.templatetags.alike import Alike
from muster.ui.templatetags.ui import day, face, listed, number


class _Item(NamedTuple):
    """A row of the list."""

    status: str
    due: str
    is_part: bool
    is_milestone: bool
    is_blocked: bool
    is_done: bool
    is_critical: bool
    moves: bool
    nobody: bool


class _Card(NamedTuple):
    """A card of the board."""

    status: str
    due: str
    who: str
    """people, teams or nobody"""
    is_milestone: bool
    is_blocked: bool
    is_critical: bool
    moves: bool
    waits: bool
    has_list: bool
    has_parts: bool
    artefact: tuple[str, str] | None
    """Icon, and kind of chip, of what it makes."""


class _Name(NamedTuple):
    """A line on the left of the chart: a phase, or a task."""

    is_task: bool
    is_part: bool = False
    is_milestone: bool = False


class _Bar(NamedTuple):
    """A bar of the chart."""

    is_milestone: bool
    is_whole: bool
    is_critical: bool
    is_done: bool
    is_overdue: bool
    moves: bool
    stretches: bool
    has_base: bool
    was_elsewhere: bool
    has_slack: bool
    has_progress: bool
    is_late: bool


class _Near(NamedTuple):
    """A row of the list that phones show in place of the chart."""

    is_late: bool
    is_milestone: bool
    is_critical: bool


class Writer:
    """Writes the tasks of one campaign for one reader."""

    def __init__(self, campaign: Campaign, *, may_plan: bool) -> None:
        self.may_plan = may_plan
        self._campaign = campaign.public_id
        self._task = Addresses("plan:task", "campaign", "task")
        self._move = Addresses("plan:move_task", "campaign", "task")
        self._faces: dict[int, SafeString] = {}
        # Hundreds of rows share a few words: each is put into the reader's language once.
        self._states = {key: str(name) for key, name in Task.Status.choices}
        self._move_to = gettext("Move “%(title)s” to")
        self._day = cache(day)
        self._slack = cache(_slack)
        self._lefts: dict[tuple[bool, int], str] = {}
        self._owns: dict[int, dict[str, Any]] = {}

    def items(self, rows: Iterable[Row]) -> list[Alike]:
        """The rows of the list."""
        return [
            Alike(
                _Item(
                    row.task.status,
                    _due(row) or "ahead" if row.task.due else "",
                    bool(row.level),
                    row.task.milestone,
                    bool(row.task.blocked_reason),
                    row.task.is_done,
                    row.is_critical,
                    self.may_plan and not row.parts,
                    not row.responsible,
                ),
                self._own(row)
                | {
                    "state": self._states[row.task.status],
                    "who": listed(row.responsible),
                    "starts": self._day(row.when.start),
                    "ends": self._day(row.when.end),
                    "due": self._day(row.task.due),
                    "left": self._left(row),
                    "slack": number(row.when.slack),
                    "waits": listed(row.waited_for[:2]),
                    "progress": row.progress,
                },
            )
            for row in rows
        ]

    def cards(self, rows: Iterable[Row]) -> list[Alike]:
        """The cards of a column of the board."""
        return [self._card(row) for row in rows]

    def _card(self, row: Row) -> Alike:
        task, made = row.task, row.artefact
        looks = _Card(
            task.status,
            _due(row),
            "people" if row.people else "teams" if row.responsible else "nobody",
            task.milestone,
            bool(task.blocked_reason),
            row.is_critical and not task.is_done,
            self.may_plan and not row.parts,
            bool(row.open_waits),
            bool(task.checklist),
            bool(row.parts),
            (made.icon, made.chip) if made else None,
        )
        waits, parts = row.open_waits, len(row.parts)
        words = self._own(row) | {
            "blocked": task.blocked_reason,
            "left": self._left(row),
            "due": self._day(row.due),
            "done": self._day(task.done_on),
            "waits": ngettext("waits for %(n)s", "waits for %(n)s", waits) % {"n": waits},
            "for": listed(row.waited_for),
            "checked": f"{task.checked}/{len(task.checklist)}",
            "parts": ngettext("%(n)s part", "%(n)s parts", parts) % {"n": parts},
            "faces": self._people(row.people[:3]),
            "teams": listed(row.responsible),
            "made": made.title if made else "",
            "made_at": made.url if made else "",
            "made_is": made.state if made else "",
        }
        return Alike(looks, words)

    def names(self, lines: Iterable[Line]) -> list[Alike]:
        """The left side of the chart."""
        return [
            Alike(_Name(is_task=False), {"title": line.title})
            if line.row is None
            else Alike(
                _Name(True, bool(line.row.level), line.row.task.milestone),
                self._own(line.row) | {"faces": self._people(line.row.people[:2])},
            )
            for line in lines
        ]

    def bars(self, bars: Iterable[Bar]) -> list[Alike]:
        """The bars of the chart."""
        return [self._bar(bar) for bar in bars]

    def _bar(self, bar: Bar) -> Alike:
        row, task = bar.row, bar.row.task
        is_open = self.may_plan and not row.parts and not task.is_done
        looks = _Bar(
            task.milestone,
            bool(row.parts),
            row.is_critical,
            task.is_done,
            row.is_overdue,
            is_open and not task.started_on,
            is_open and not task.milestone,
            bar.base_x is not None and not task.milestone,
            bar.was_x is not None,
            bool(bar.slack) and not row.parts,
            bool(bar.done),
            bar.due_x is not None and row.is_late,
        )
        starts, ends = row.when.start, row.when.end
        said = [task.title, f"{self._day(starts)} – {self._day(ends)}", *map(str, row.responsible)]
        words = {
            "id": task.public_id,
            "label": ", ".join([*said, self._left(row)]),
            "starts": starts.isoformat(),
            "ends": ends.isoformat(),
            "x": bar.x,
            "inner_x": bar.x + 5,
            "end": bar.end,
            "width": bar.width,
            "done": bar.done,
            "top": bar.top,
            "middle": bar.middle,
            "diamond": bar.diamond if task.milestone else "",
            "slack_end": bar.end + bar.slack,
            "label_x": bar.label_x,
            "label_y": bar.middle + 4,
            "slack": self._slack(row.when.slack),
            "base_x": bar.base_x,
            "base_y": bar.base_y,
            "base_width": bar.base_width,
            "base": f"{self._day(task.baseline_start)} – {self._day(task.baseline_end)}"
            if looks.has_base
            else "",
            "was_x": bar.was_x,
            "was_width": bar.was_width,
            "due_x": bar.due_x,
            "due": self._day(task.due),
        }
        return Alike(looks, words)

    def near(self, rows: Iterable[Row]) -> list[Alike]:
        """The list that phones show in place of the chart."""
        return [
            Alike(
                _Near(row.is_late, row.task.milestone, row.is_critical),
                self._own(row)
                | {
                    "starts": self._day(row.when.start),
                    "ends": self._day(row.when.end),
                    "left": self._left(row),
                },
            )
            for row in rows
            if not row.parts
        ]

    def _own(self, row: Row) -> dict[str, Any]:
        task = row.task
        if task.pk not in self._owns:
            is_ = task.public_id
            self._owns[task.pk] = {
                "id": is_,
                "title": task.title,
                "url": self._task.of(self._campaign, is_),
                "move": self._move.of(self._campaign, is_),
                "move_label": self._move_to % {"title": task.title},
            }
        return self._owns[task.pk]

    def _left(self, row: Row) -> str:
        key = row.task.is_done, row.left
        if key not in self._lefts:
            self._lefts[key] = row.left_text
        return self._lefts[key]

    def _people(self, users: Iterable[User]) -> SafeString:
        drawn = []
        for user in users:
            if user.pk not in self._faces:
                self._faces[user.pk] = face(user)
            drawn.append(self._faces[user.pk])
        return SafeString("".join(drawn))


def _slack(days: int) -> str:
    return ngettext("%(n)s day slack", "%(n)s days slack", days) % {"n": days}


def _due(row: Row) -> str:
    """overdue, late, done or an empty text: how a task stands to the day on which it is due."""
    if row.is_overdue:
        return "overdue"
    if row.is_late:
        return "late"
    return "done" if row.task.status == Task.Status.DONE else ""
