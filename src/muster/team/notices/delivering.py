"""Sends notices out of the house: each once at most, also when the machine dies in between.

A delivery is taken (durably) before it is handed over. Whatever was taken and never ended is not
tried again: it may have arrived.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils import translation

from muster.connect.robots.wire import Post, RobotBusy, RobotRefused, RobotSilent
from muster.connect.smtp import Verdict
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.notices import mailing
from muster.team.notices.buttons import Button, buttons_of
from muster.team.notices.events import EVENTS
from muster.team.notices.models import Delivery, Preference
from muster.team.robots.actions import write
from muster.team.robots.models import Robot
from muster.team.users.models import Workspace

log = logging.getLogger("muster.notices")

State = Delivery.State
AT_ONCE = 200
TRIES = 6
FORGOTTEN = timedelta(minutes=15)
"""What was taken longer ago belongs to a process that is gone."""


def waiting(now: datetime) -> bool:
    """Whether anything has to go out now."""
    return Delivery.objects.filter(state=State.WAITING, due_at__lte=now).exists()


def deliver(now: datetime) -> int:
    """Send what is due; returns how many notices went out."""
    _give_up(now)
    rows = (
        Delivery.objects.filter(state=State.WAITING, due_at__lte=now)
        .select_related("notice__to", "notice__by")
        .order_by("due_at", "pk")
    )
    taken = [row for row in rows[:AT_ONCE] if _take(row, now)]
    needed = [row for row in taken if _is_needed(row, now)]
    sent = 0
    for group in _grouped(row for row in needed if row.channel == Delivery.Channel.EMAIL):
        sent += _mail(group, now)
    sent += _robots([row for row in needed if row.channel == Delivery.Channel.ROBOT], now)
    return sent


def _give_up(now: datetime) -> None:
    Delivery.objects.filter(state=State.TAKEN, due_at__lt=now - FORGOTTEN).update(
        state=State.FAILED, trouble="interrupted", ended_at=now
    )


def _take(row: Delivery, now: datetime) -> bool:
    """Ours alone from here on; `due_at` tells when it was taken."""
    free = Delivery.objects.filter(pk=row.pk, state=State.WAITING)
    return bool(free.update(state=State.TAKEN, due_at=now, tries=row.tries + 1))


def _is_needed(row: Delivery, now: datetime) -> bool:
    notice = row.notice
    seen = notice.read_at is not None and notice.read_at > notice.at
    if notice.closed_at is None and not seen and notice.to.is_active:
        return True
    _end([row], State.DROPPED, now)
    return False


def _grouped(rows: Iterable[Delivery]) -> Iterable[list[Delivery]]:
    groups: dict[tuple[int, bool], list[Delivery]] = defaultdict(list)
    for row in rows:
        groups[row.notice.to_id, row.digest].append(row)
    return groups.values()


def _mail(group: Sequence[Delivery], now: datetime) -> int:
    mail = mailing.letter(group[0].notice.to, [row.notice for row in group], digest=group[0].digest)
    outcome = mailing.hand_over(mail)
    answer = outcome.reply.text if outcome.reply else ""
    if outcome.verdict is Verdict.ACCEPTED:
        _end(group, State.SENT, now)
        return len(group)
    if outcome.verdict in {Verdict.TEMPORARY, Verdict.NOT_BEGUN}:
        _later(group, now, answer)
    else:
        _end(group, State.FAILED, now, answer or str(outcome.verdict))
    return 0


def _robots(rows: Sequence[Delivery], now: datetime) -> int:
    robots = {
        preference.user_id: preference.robot
        for preference in Preference.objects.filter(
            user__in={row.notice.to_id for row in rows}
        ).select_related("robot")
    }
    groups: dict[tuple[int, str, str, int], tuple[Robot, list[Delivery]]] = {}
    for row in rows:
        robot = robots.get(row.notice.to_id)
        if robot is None:
            _end([row], State.DROPPED, now)
            continue
        # One message per thing, however many of the group's people are told of it.
        key = (robot.pk, row.notice.event, row.notice.kind, row.notice.object_id)
        groups.setdefault(key, (robot, []))[1].append(row)
    return sum(_post(robot, group, now) for robot, group in groups.values())


def _post(robot: Robot, group: list[Delivery], now: datetime) -> int:
    try:
        write(robot, _message(group))
    except RobotBusy as error:
        _later(group, now, str(error))
    except RobotSilent as error:
        _end(group, State.FAILED, now, f"no answer: {error}")
    except RobotRefused as error:
        _end(group, State.FAILED, now, str(error))
    except Refused as error:
        _end(group, State.FAILED, now, error.text)
    else:
        _end(group, State.SENT, now)
        return len(group)
    return 0


def _message(group: Sequence[Delivery]) -> Post:
    notice, place = group[0].notice, Workspace.here()
    with translation.override(place.language):
        names = [str(row.notice.to) for row in group]
        title = translation.gettext(EVENTS[notice.event].name)
        opens = Button(_("Open in Muster"), mailing.absolute(notice.url))
        button = next(iter(buttons_of(notice, private=False)), opens)
        return Post(
            f"{title} · {place.name}",
            f"{notice}\n@{' @'.join(names)}",
            button.url,
            translation.gettext(button.text),
        )


def _later(rows: Sequence[Delivery], now: datetime, answer: str) -> None:
    """Once more after a while that grows; given up after half a day."""
    for row in rows:
        tries = row.tries + 1
        if tries >= TRIES:
            _end([row], State.FAILED, now, answer)
            continue
        wait = timedelta(minutes=4**tries)
        Delivery.objects.filter(pk=row.pk).update(
            state=State.WAITING, due_at=now + wait, trouble=answer[:300]
        )


def _end(rows: Sequence[Delivery], state: str, now: datetime, trouble: str = "") -> None:
    if trouble:
        log.warning("A notice was not delivered: %s", trouble)
    pks = [row.pk for row in rows]
    Delivery.objects.filter(pk__in=pks).update(state=state, ended_at=now, trouble=trouble[:300])
