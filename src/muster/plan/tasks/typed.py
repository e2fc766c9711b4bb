"""Work written as a few lines of text (S11): one task a line, an indented line is a part of it.

定稿文案 @李娜 明天
  拍摄 3天
◆ Launch 11-08
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from muster.kit.days import WorkCalendar
from muster.kit.errors import Invalid, Refused
from muster.kit.when import read_line
from muster.kit.words import _
from muster.plan.campaigns import days
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.actions import add_task
from muster.plan.tasks.models import Task
from muster.team.calendars.working import work_calendar
from muster.team.members.models import Team
from muster.team.users.models import User

MOST_LINES = 200
_BULLET = re.compile(r"^(?:[-*•·–—]|\[[ xX]?\]|\d+[.)、])\s*")
_MILESTONE = re.compile(r"^[◆◇♦]\s*")
_LENGTH = re.compile(
    r"(?:^|\s)(\d{1,3})\s*(?:d|days?|天|个工作日|個工作天|工作日|工作天)\s*$", re.I
)


@dataclass(frozen=True)
class Written:
    """One line, as it was understood."""

    title: str
    names: tuple[str, ...]
    due: date | None
    days: int
    milestone: bool
    is_part: bool


def read_lines(
    text: str, today: date, calendar: WorkCalendar, names: Sequence[str] = ()
) -> list[Written]:
    """The tasks that a text speaks of, in its order."""
    found: list[Written] = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            continue
        is_part = bool(found) and raw[:1] in " \t\u3000"
        line = _BULLET.sub("", line)
        milestone = bool(_MILESTONE.match(line))
        line = _MILESTONE.sub("", line)
        length = _LENGTH.search(line)
        read = read_line(line[: length.start()] if length else line, today, calendar, names)
        title = read.title
        if title:
            lasts = 0 if milestone else int(length[1]) if length else 1
            found.append(Written(title, read.names, read.due, lasts, milestone, is_part))
    return found


@transaction.atomic
def write_tasks(
    campaign: Campaign, text: str, *, by: User, phase: str = Task.Phase.PREPARE
) -> list[Task]:
    """Tasks from a few lines of text, all or none."""
    people = _people()
    today = days.today()
    lines = read_lines(text, today, work_calendar(today), list(people))
    if not lines:
        raise Invalid.at("/text", "blank", _("Write at least one line: what, @who, until when."))
    if len(lines) > MOST_LINES:
        raise Refused(_("At most %(most)s lines at once."), most=MOST_LINES)
    made: list[Task] = []
    whole: Task | None = None
    for place, line in enumerate(lines):
        fields: dict[str, Any] = {
            "title": line.title[:160],
            "phase": phase,
            "due": line.due,
            "milestone": line.milestone,
            "days": line.days,
        }
        if line.is_part and whole is not None:
            fields["parent"] = whole
        task = add_task(campaign, fields, by=by, to=_meant(line.names, people, place), at="/text")
        made.append(task)
        if not line.is_part:
            whole = task
    return made


def _people() -> dict[str, User | Team]:
    found: dict[str, User | Team] = {team.name: team for team in Team.objects.all()}
    for user in User.objects.filter(is_active=True).order_by("-pk"):
        found[user.email] = user
        if user.name:
            found[user.name] = user
    return found


def _meant(names: Iterable[str], people: dict[str, User | Team], place: int) -> list[User | Team]:
    folded = {name.casefold(): one for name, one in people.items()}
    found = []
    for name in names:
        who = folded.get(name.casefold())
        if who is None:
            close = {one.pk: one for key, one in folded.items() if key.startswith(name.casefold())}
            who = next(iter(close.values())) if len(close) == 1 else None
        if who is None:
            raise Invalid.at(
                "/text",
                "unknown_person",
                _("Line %(line)s: nobody here is called “%(name)s”."),
                line=place + 1,
                name=name,
            )
        found.append(who)
    return found
