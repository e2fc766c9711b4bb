"""Asking for a right that one lacks (ux §1.9): those who can give it hear of it, with the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from muster.kit.errors import NotFound, Refused
from muster.kit.words import _
from muster.team.changes.actions import record_change, takes_back
from muster.team.changes.models import Change
from muster.team.lacking import able, right_name
from muster.team.notices.actions import close, notify
from muster.team.roles import PERMISSIONS, ROLES
from muster.team.users.models import OwnRole, User

EVENT = "access_asked"
_AGAIN = timedelta(days=1)
"""The same right is asked for once a day."""
_MOST = 3
"""So often it is, if the question is taken back in between."""
_OPEN = timedelta(days=14)
"""So long a notice names what was asked for and is still lacking."""


def asked(user: User, permission: str) -> Change | None:
    """When this person asked for this right within the last day; None if not."""
    return _standing(user, _AGAIN).filter(details__permission=permission).last()


def may_ask(user: User, permission: str) -> bool:
    """Whether this person may ask for this right once more today."""
    often = _asked(user, _AGAIN).filter(details__permission=permission).count()
    return often < _MOST and asked(user, permission) is None


def wanted(user: User) -> list[str]:
    """The rights that this person asked for lately and still lacks, in the order of the table."""
    named = set(_standing(user, _OPEN).values_list("details__permission", flat=True))
    return [key for key in PERMISSIONS if key in named and not user.may(key)]


def _standing(user: User, within: timedelta) -> QuerySet[Change]:
    return _asked(user, within).filter(undone_at=None)


def _asked(user: User, within: timedelta) -> QuerySet[Change]:
    since = timezone.now() - within
    return Change.objects.filter(verb=EVENT, by=user, at__gt=since).order_by("pk")


@transaction.atomic
def ask_for(permission: str, *, by: User) -> Change:
    """Tell those who can give this right that this person needs it."""
    if permission not in PERMISSIONS:
        raise NotFound
    # Two clicks at once are one question.
    User.objects.select_for_update().get(pk=by.pk)
    if by.may(permission):
        raise Refused(
            _("You have the right “%(right)s” already."),
            code="has_it",
            right=right_name(permission),
        )
    if not may_ask(by, permission):
        raise Refused(
            _("You asked for “%(right)s” today already. Speak to them if it is urgent."),
            code="already_asked",
            right=right_name(permission),
        )
    givers = able(permission)
    if not givers:
        raise Refused(_("Nobody here can give this right."), code="nobody")
    change = record_change(
        EVENT,
        by,
        by=by,
        undo={"back": {}},
        permission=permission,
        to=[giver.public_id for giver in givers],
    )
    _tell(by, givers)
    return change


def _tell(user: User, givers: Iterable[User]) -> None:
    notify(
        EVENT,
        user,
        givers,
        _("%(who)s lacks a right and asks you for it."),
        url=reverse("team:member", args=[user.pk]),
        params={"who": user.name},
        by=user,
    )


@takes_back(EVENT)
def not_asked(change: Change, back: Mapping[str, Any], by: User) -> None:
    """The question is taken back; so is the news of it, unless another right is still asked for."""
    others = set(wanted(by)) - {change.details["permission"]}
    if not others:
        close(by, EVENT)


def settle(user: User) -> None:
    """Somebody has other rights now: when nothing that was asked for is lacking, the news goes."""
    if not wanted(user):
        close(user, EVENT)


def roles_for(user: User, permissions: Collection[str]) -> list[str]:
    """The roles that give these rights, and take none away where there are such."""
    if not permissions:
        return []
    return roles_with({*permissions, *user.permissions}) or roles_with(permissions)


def roles_with(permissions: Iterable[str]) -> list[str]:
    """The roles that have all of these rights, in the reader's words, the smallest first."""
    needed = set(permissions)
    found = [
        (len(one.permissions), one.name) for one in ROLES.values() if needed <= one.permissions
    ]
    own = [(len(one.allowed), one.name) for one in OwnRole.objects.all() if needed <= one.allowed]
    return [name for _size, name in sorted([*found, *own], key=lambda one: one[0])]
