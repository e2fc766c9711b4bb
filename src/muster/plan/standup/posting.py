"""Posts the page by itself: once a day, however many servers look at the clock.

Whoever writes the row of the day first tells people, in the same transaction. The chat group is
another house: its message is taken (durably) before it goes, and never sent a second time unless
the service says that it took nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from muster.connect.robots.wire import Post, RobotBusy, RobotRefused, RobotSilent
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.standup import rules
from muster.plan.standup.lines import as_text, sections
from muster.plan.standup.models import Morning, Rhythm
from muster.team.calendars.working import work_calendar
from muster.team.notices.actions import close, notify
from muster.team.notices.mailing import absolute
from muster.team.robots.actions import write
from muster.team.users.models import User, Workspace

log = logging.getLogger("muster.standup")
TRIES = 5
_READY = _("The stand-up page is ready.")


def is_due(now: datetime) -> bool:
    """Whether anything has to be posted now; quick when not."""
    waiting = Morning.objects.filter(group=Morning.Group.WAITING, due_at__lte=now)
    return _day_to_begin(now) is not None or waiting.exists()


def post_due(now: datetime) -> None:
    """Begin the day if it is time, and write to the group what waits."""
    day = _day_to_begin(now)
    if day is not None:
        begin(day, now)
    waiting = Morning.objects.filter(group=Morning.Group.WAITING, due_at__lte=now)
    for morning in waiting.select_related("robot"):
        _write(morning, now)


def _day_to_begin(now: datetime) -> date | None:
    rhythm = Rhythm.here()
    if rhythm is None or not (rhythm.tell or rhythm.robot_id):
        return None
    local = now.astimezone(Workspace.here().zone)
    day = local.date()
    if not rules.is_time(local, rhythm.at) or Morning.objects.filter(day=day).exists():
        return None
    return day if work_calendar(day).is_working(day) else None


@transaction.atomic
def begin(day: date, now: datetime) -> Morning | None:
    """Write the row of the day, and tell people; None if somebody else was first."""
    rhythm = Rhythm.here()
    if rhythm is None:
        return None
    group = Morning.Group.WAITING if rhythm.robot_id else Morning.Group.NONE
    morning, is_first = Morning.objects.get_or_create(
        day=day, defaults={"robot": rhythm.robot, "group": group, "due_at": now}
    )
    if not is_first:
        return None
    before = Morning.objects.filter(day__lt=day).order_by("-day").first()
    if before is not None:
        close(before, "standup")
    if rhythm.tell:
        _tell(morning, rhythm)
    return morning


def _tell(morning: Morning, rhythm: Rhythm) -> None:
    """The page differs by language and by who may see money, so it is written for each such group
    of people and not for every single one."""
    place = Workspace.here()
    groups: dict[tuple[str, bool], list[User]] = defaultdict(list)
    for user in User.objects.filter(is_active=True).order_by("pk"):
        if user.may("campaigns.see"):
            groups[user.language or place.language, user.may("budget.see")].append(user)
    for (language, _money), people in groups.items():
        text = _text(people[0], morning.day, language)
        if text:
            notify(
                "standup",
                morning,
                people,
                _READY,
                url=reverse("plan:standup"),
                params={"quote": text},
                mail=rhythm.mail,
            )


def _text(user: User, day: date, language: str) -> str:
    zone = Workspace.here().zone
    with translation.override(language), timezone.override(zone):
        return as_text(sections(user, day))


def _write(morning: Morning, now: datetime) -> None:
    # What can fail before anything is said is done before the row is taken: it is tried again.
    reader = _reader()
    language = Workspace.here().language
    text = _text(reader, morning.day, language) if reader is not None else ""
    free = Morning.objects.filter(pk=morning.pk, group=Morning.Group.WAITING)
    if not free.update(group=Morning.Group.TAKEN, tries=morning.tries + 1):
        return
    end = Morning.objects.filter(pk=morning.pk)
    if morning.robot is None or not text:
        end.update(group=Morning.Group.NONE)
        return
    with translation.override(language):
        title = gettext("Stand-up %(day)s") % {"day": f"{morning.day:%m-%d}"}
        post = Post(title, text, absolute(reverse("plan:standup")), gettext("Open"))
    try:
        write(morning.robot, post)
    except RobotBusy as error:
        tries = morning.tries + 1
        group = Morning.Group.FAILED if tries >= TRIES else Morning.Group.WAITING
        later = now + timedelta(minutes=2**tries)
        end.update(group=group, due_at=later, trouble=str(error)[:300])
    except (RobotSilent, RobotRefused, Refused) as error:
        log.warning("The stand-up page was not posted: %s", error)
        end.update(group=Morning.Group.FAILED, trouble=str(error)[:300])
    else:
        end.update(group=Morning.Group.SENT, trouble="")


def _reader() -> User | None:
    """Through whose eyes the group sees the page: who set it, or an owner when they are gone."""
    rhythm = Rhythm.here()
    if rhythm is not None and rhythm.by is not None and rhythm.by.may("campaigns.see"):
        return rhythm.by
    return User.objects.filter(is_active=True, role="owner").order_by("pk").first()
