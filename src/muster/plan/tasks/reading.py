"""What the pages of the plan bring: fields of a task, people, tasks by name, moves in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.campaigns.fields import read_number
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.models import Task
from muster.plan.tasks.planning import Plan
from muster.plan.tasks.replanning import Move, next_day
from muster.plan.tasks.schedule.network import Span
from muster.team.members.models import Team
from muster.team.users.models import User
from muster.ui.palette import matches


def fields(posted: Mapping[str, str], campaign: Campaign) -> dict[str, Any]:
    """The fields of a task among what was posted, as the actions take them."""
    found = {name: read(posted[name], name) for name, read in _READ.items() if name in posted}
    if "has_milestone" in posted:
        found["milestone"] = "milestone" in posted
    if "unblocker" in posted:
        one = who(posted["unblocker"])
        found["unblocker"] = one if isinstance(one, User) else None
    if "parent" in posted:
        pk = ids.number("task", posted["parent"])
        found["parent"] = campaign.tasks.filter(pk=pk).first() if pk else None
    if "about" in posted:
        kind, _colon, number = posted["about"].partition(":")
        found["about_kind"] = kind if number.isdecimal() else ""
        found["about_id"] = int(number) if number.isdecimal() else None
    return found


def who(public_id: str) -> User | Team | None:
    """The colleague or the team with this id."""
    user, team = ids.number("user", public_id), ids.number("team", public_id)
    if user is not None:
        return User.objects.filter(pk=user, is_active=True).first()
    return Team.objects.filter(pk=team).first() if team is not None else None


def named(campaign: Campaign, text: str) -> Task:
    """The task of this name; a part of it, or its pinyin, is enough where only one fits."""
    text = text.strip()
    tasks = list(campaign.tasks.all())
    same = [one for one in tasks if one.title == text or one.public_id == text]
    close = same or ([one for one in tasks if matches(one.title, text)] if text else [])
    if len(close) == 1 or same:
        return close[0]
    if not close:
        raise Invalid.at(
            "/before", "unknown_task", _("There is no task “%(name)s” in this plan."), name=text
        )
    raise Invalid.at(
        "/before",
        "several_tasks",
        _("Several tasks fit “%(name)s”: %(tasks)s. Write more of it."),
        name=text,
        tasks=", ".join(one.title for one in close[:4]),
    )


def move(plan: Plan, pk: int, posted: Mapping[str, str]) -> Move:
    """Where a task is to go: `start` a day, or `by` working days; `end` likewise, or `days`."""
    span = plan.schedule.spans[pk]
    start, end = _day(posted.get("start", ""), "start"), _day(posted.get("end", ""), "end")
    by, end_by = _whole(posted.get("by", ""), "by"), _whole(posted.get("end_by", ""), "end_by")
    lasts = _whole(posted.get("days", ""), "days") if posted.get("days") else None
    if by:
        start = next_day(plan, span.start, by)
    if end_by:
        lasts = max(span.work.days + end_by, 1)
    if end is not None:
        lasts = _days_until(span.axis.end(end), span, plan.schedule.axis.start(plan.today))
    return Move(start, lasts)


def _days_until(end: int, span: Span, now: int) -> int:
    """How many days a task has to take to end at this moment."""
    progress = span.work.progress
    if span.work.started is None or not progress or progress >= 100:
        return max(end - span.early_start, 1)
    return max((end - now) * 100 // (100 - progress), 1)


def said(value: object) -> str:
    """A value of a field as people read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return ", ".join(str(one.get("text", "")) for one in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(text: str, name: str) -> str:
    return text


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid.at(
            f"/{name}", "bad_date", _("“%(given)s” is no date. Write it as 2026-11-08."), given=text
        ) from error


def _exact(text: str, name: str) -> Decimal | None:
    if not text.strip():
        return None
    number = read_number(text)
    if number is None:
        raise Invalid.at(
            f"/{name}",
            "bad_number",
            _("“%(given)s” is no number. Write it as 500, 5%% or 1.2万."),
            given=text,
        )
    return number


def _whole(text: str, name: str) -> int:
    number = _exact(text, name)
    return int(number) if number is not None and abs(number) < 10_000 else 0


_READ: dict[str, Callable[[str, str], Any]] = {
    "title": _text,
    "note": _text,
    "phase": _text,
    "status": _text,
    "skill": _text,
    "blocked_reason": _text,
    "days": _whole,
    "progress": _whole,
    "hours": _exact,
    "not_before": _day,
    "due": _day,
}
