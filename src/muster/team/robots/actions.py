"""What people do with group robots: add one, try it, take it away, write through it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
from django.db import transaction
from django.utils import timezone

from muster.connect.robots import dingtalk, feishu, wecom
from muster.connect.robots.wire import (
    Place,
    Post,
    RobotBusy,
    RobotRefused,
    RobotSilent,
)
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.robots.models import Robot
from muster.team.robots.sealing import opened, sealed
from muster.team.users.models import User

_SENDERS: dict[str, Callable[..., None]] = {
    Robot.Kind.WECOM: wecom.send,
    Robot.Kind.DINGTALK: dingtalk.send,
    Robot.Kind.FEISHU: feishu.send,
}
HOSTS: dict[str, str] = {
    Robot.Kind.WECOM: wecom.HOST,
    Robot.Kind.DINGTALK: dingtalk.HOST,
    Robot.Kind.FEISHU: feishu.HOST,
}
"""Where each service listens; only the token of an address is kept, so nothing else is called."""
_TOKEN = re.compile(r"^[0-9A-Za-z_-]{8,128}$")


def place_of(kind: str, address: str, secret: str = "") -> Place:
    """Read the address that a service shows for its robot. Raises Invalid if it is none."""
    parts = urlsplit(address.strip())
    query = parse_qs(parts.query)
    names = {Robot.Kind.WECOM: "key", Robot.Kind.DINGTALK: "access_token"}
    if kind in names:
        token = query.get(names[Robot.Kind(kind)], [""])[0]
    else:
        token = parts.path.rstrip("/").rpartition("/")[2]
    hosts = {HOSTS.get(kind, ""), "https://open.larksuite.com" if kind == "feishu" else ""}
    known = {urlsplit(host).hostname for host in hosts if host}
    if not _TOKEN.match(token) or parts.hostname not in known:
        raise Invalid.at(
            "/address",
            "bad_address",
            _("This is not the address of such a robot. Copy it from the settings of the group."),
        )
    return Place(token, secret.strip())


@transaction.atomic
def add(name: str, kind: str, address: str, secret: str, *, by: User) -> Robot:
    """A group into which Muster may write from now on."""
    if kind not in Robot.Kind.values:
        raise Invalid.at("/kind", "unknown_kind", _("A robot is one of: wecom, dingtalk, feishu."))
    if not name.strip():
        raise Invalid.at("/name", "blank", _("Give the group a name."))
    if Robot.objects.filter(name=name.strip()).exists():
        raise Invalid.at("/name", "taken", _("There is a group of this name already."))
    place = place_of(kind, address, secret)
    with kept(Robot.objects.filter(name=name.strip()[:80])) as rows:
        robot = Robot.objects.create(name=name.strip()[:80], kind=kind, sealed=sealed(place), by=by)
    record_change("robot_added", robot, by=by, undo=rows.undo, kind=kind)
    return robot


@transaction.atomic
def remove(robot: Robot, *, by: User) -> Change:
    """Muster writes no more into the group; who had chosen it is told no more there."""
    return take_away("robot_removed", robot, by=by)


def write(robot: Robot, post: Post) -> None:
    """Write into the group, and remember how it went; raises as `connect.robots.wire` does."""
    trouble = ""
    try:
        with httpx.Client() as client:
            host = HOSTS[robot.kind]
            _SENDERS[robot.kind](client, opened(robot.sealed), post, host=host)
    except (RobotRefused, RobotBusy, RobotSilent) as error:
        trouble = str(error)[:300]
        raise
    finally:
        Robot.objects.filter(pk=robot.pk).update(used_at=timezone.now(), trouble=trouble)


def say(robot: Robot, post: Post) -> None:
    """The same for a person who waits for it: trouble becomes a refusal in words."""
    try:
        write(robot, post)
    except RobotRefused as error:
        raise Refused(
            _("%(group)s did not take it: %(answer)s (%(number)s). Check address and secret."),
            group=robot.name,
            answer=error.answer or "–",
            number=error.code,
        ) from error
    except RobotBusy as error:
        raise Refused(
            _("%(group)s does not take messages now: %(why)s. Try again in a minute."),
            group=robot.name,
            why=str(error),
        ) from error
    except RobotSilent as error:
        raise Refused(
            _("%(group)s did not answer. The message may have arrived; look before you repeat it."),
            group=robot.name,
        ) from error
