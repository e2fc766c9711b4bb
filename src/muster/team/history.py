"""Who may take back what was changed in the team, and what that must not bring about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.calendars.actions import check_free, check_own, may_change
from muster.team.calendars.models import CustomDay, Leave
from muster.team.changes.actions import around_rows, undo_needs
from muster.team.changes.models import Change
from muster.team.members.giving import check
from muster.team.permissions import SIGNED_IN
from muster.team.users.models import OwnRole, User

undo_needs("team.manage", "team.user", "team.ownrole", "team.team")
undo_needs("settings.manage", "team.robot", "team.workspace")
undo_needs(SIGNED_IN, "team.comment", "team.leave", "team.user:access_asked")


@around_rows("team.customday")
@contextmanager
def day_marked(change: Change, by: User) -> Iterator[None]:
    """A day off comes back only by those who decide when everybody works."""
    yield
    for day in CustomDay.objects.filter(pk=change.object_id):
        may_change(day, by)


@around_rows("team.leave")
@contextmanager
def leave_taken(change: Change, by: User) -> Iterator[None]:
    """A leave comes back like one that is taken."""
    yield
    for leave in Leave.objects.select_related("user").filter(pk=change.object_id):
        check_own(leave.user, by)
        if not leave.user.is_active:
            raise Refused(_("%(name)s has left."), name=leave.user.name)
        check_free(leave)


@around_rows("team.ownrole")
@contextmanager
def nothing_gained(change: Change, by: User) -> Iterator[None]:
    """Nobody brings back a role that holds more than they have."""
    yield
    for role in OwnRole.objects.filter(pk=change.object_id):
        check(by, role.name, role.allowed)
