"""What people do in the morning: tick a line off, and turn what was said into tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from django.db import transaction

from muster.kit.errors import Invalid
from muster.kit.when import read_line
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.standup.models import Rhythm, Tick
from muster.plan.tasks.actions import add_task
from muster.plan.tasks.models import Task
from muster.team.calendars.working import work_calendar
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.robots.models import Robot
from muster.team.users.models import User
from muster.ui.palette import matches

_MOST = 40


@dataclass(frozen=True)
class Note:
    """One line of what was said, as it was understood."""

    title: str
    people: tuple[User, ...]
    due: date | None


def tick(day: date, key: str, *, by: User) -> bool:
    """Tick a line off, or take the tick back; says whether it is ticked now."""
    row, made = Tick.objects.get_or_create(day=day, key=key[:80], defaults={"by": by})
    if not made:
        row.delete()
    return made


def understood(text: str, today: date) -> list[Note]:
    """Every line as a task: `@name` is who, `明天` or `Friday` is until when.

    Raises Invalid when somebody is named whom nobody knows, or more than one is.
    """
    people = list(User.objects.filter(is_active=True).order_by("pk"))
    calendar = work_calendar(today)
    notes = []
    for line in text.splitlines()[:_MOST]:
        found = read_line(line, today, calendar, [one.name for one in people])
        if not found.title:
            continue
        named = {one.pk: one for one in (_called(name, people) for name in found.names)}
        notes.append(Note(found.title[:160], tuple(named.values()), found.due))
    return notes


def _called(name: str, people: list[User]) -> User:
    exact = [one for one in people if one.name.casefold() == name.casefold()]
    close = exact or [one for one in people if matches(one.name, name)]
    if len(close) == 1:
        return close[0]
    text = (
        _("“@%(name)s” may be %(names)s. Write the whole name.")
        if close
        else _("Nobody here is called “%(name)s”. Check the name, or leave the @ out.")
    )
    names = " / ".join(str(one) for one in close[:5])
    raise Invalid.at("/notes", "unknown_name", text, name=name, names=names)


@transaction.atomic
def set_rhythm(at: time, *, robot: Robot | None, tell: bool, mail: bool, by: User) -> Change | None:
    """When and where the page is posted on working days; None if that is as it was."""
    now = Rhythm.objects.select_for_update().first() or Rhythm()
    new = {"at": at, "robot": robot, "tell": tell, "mail": mail and tell}
    before = {name: getattr(now, name) for name in new}
    if now.pk and before == new:
        return None
    is_new = now.pk is None
    for name, value in new.items():
        setattr(now, name, value)
    now.by = by
    now.save()
    undo = before | {"robot": before["robot"].pk if before["robot"] else None}
    # What was chosen for the first time goes back to nothing: nobody is told, no group.
    was = {**undo, "tell": False, "mail": False} if is_new else undo
    return record_change("standup_set", now, by=by, undo=was)


@transaction.atomic
def take_down(campaign: Campaign, text: str, today: date, *, by: User) -> list[Task]:
    """Make a task of every line; whoever is named is responsible, and told so."""
    notes = understood(text, today)
    if not notes:
        raise Invalid.at("/notes", "blank", _("Write a line for each task."))
    return [
        add_task(
            campaign,
            {"title": note.title, "due": note.due},
            by=by,
            to=note.people,
            accountable=campaign.owner,
        )
        for note in notes
    ]
