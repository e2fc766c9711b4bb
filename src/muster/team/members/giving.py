"""Roles as they are given, of the table or of the workspace's own: never more than one has.

Everything that gives somebody rights passes `check`: an invitation, a new user, another role, and
the making of a role itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from muster.kit import ids
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.team.changes.actions import before_undo, record_change, take_away
from muster.team.changes.models import Change
from muster.team.members.access import settle
from muster.team.members.models import Invitation
from muster.team.roles import PERMISSIONS, ROLES
from muster.team.users.models import OwnRole, User


@dataclass(frozen=True)
class Given:
    """A role that somebody may be given."""

    key: str
    """The role of the table: itself, or what the own role was made from."""
    own: OwnRole | None = None

    @property
    def permissions(self) -> frozenset[str]:
        return self.own.allowed if self.own else ROLES[self.key].permissions

    @property
    def powers(self) -> frozenset[str]:
        """The rights, and those of the role it counts as: some steps ask for a role by its name."""
        return self.permissions | ROLES[self.key].permissions

    @property
    def name(self) -> str:
        return self.own.name if self.own else gettext(ROLES[self.key].name)

    @property
    def value(self) -> str:
        """How forms and the API name it."""
        return self.own.public_id if self.own else self.key


def every() -> list[Given]:
    """All roles that exist here, those of the table first."""
    return [
        *(Given(key) for key in ROLES),
        *(Given(own.base, own) for own in OwnRole.objects.all()),
    ]


def given(role: str) -> Given:
    """The role of this key or public id. Raises Invalid if there is none."""
    if role in ROLES:
        return Given(role)
    own = OwnRole.objects.filter(pk=ids.number("role", role) or 0).first()
    if own is None:
        raise Invalid.at(
            "role",
            "unknown_role",
            _("There is no role “%(role)s”. Use one of: %(known)s."),
            role=role,
            known=", ".join(one.value for one in every()),
        )
    return Given(own.base, own)


def check(by: User | None, name: str, permissions: Iterable[str]) -> None:
    """Refuse to give rights that one does not have; None is the machine's owner."""
    if by is None:
        return
    missing = sorted(set(permissions) - by.permissions, key=list(PERMISSIONS).index)
    if missing:
        raise Refused(
            _("You cannot give “%(role)s”: you lack some of its rights yourself: %(rights)s."),
            code="more_than_own",
            role=name,
            rights=", ".join(gettext(PERMISSIONS[one]) for one in missing[:4]),
        )


def check_above(by: User, user: User) -> None:
    """Refuse to change the rights of somebody who has more than one has oneself."""
    if not user.permissions <= by.permissions:
        raise Refused(
            _("%(name)s may do more than you. Ask somebody who has these rights."),
            code="more_than_own",
            name=str(user),
        )


@transaction.atomic
def save_role(
    own: OwnRole | None, name: str, base: str, ticked: Iterable[str], *, by: User
) -> Change | None:
    """Make a role from one of the table, or change one; None if all is as it was.

    Rights that one does not have oneself can neither be given nor taken away.
    """
    name = " ".join(name.split())[:60]
    if not name:
        raise Invalid.at("/name", "blank", _("Give the role a name."))
    if OwnRole.objects.filter(name=name).exclude(pk=own.pk if own else 0).exists():
        raise Invalid.at("/name", "taken", _("There is a role of this name already."))
    if base not in ROLES or base == "owner":
        raise Invalid.at("/base", "unknown_role", _("Make it from a role of the table, but owner."))
    row = OwnRole.objects.select_for_update().get(pk=own.pk) if own else OwnRole(base=base)
    before = row.allowed
    wanted = frozenset(ticked) & frozenset(PERMISSIONS)
    # Whoever holds it counts as its base where a role is asked for by name.
    check(by, name, (wanted | (frozenset() if own else ROLES[base].permissions)) - before)
    after = wanted | (before - by.permissions)
    if own and (row.name, before) == (name, after):
        return None
    undo = {"name": row.name, "permissions": row.permissions} if own else {}
    row.name = name
    row.permissions = [key for key in PERMISSIONS if key in after]
    row.save()
    for user in User.objects.filter(own_role=row).select_related("own_role"):
        settle(user)
    return record_change("role_changed" if own else "role_made", row, by=by, undo=undo, base=base)


@transaction.atomic
def drop_role(own: OwnRole, *, by: User) -> Change:
    """Take a role away that nobody has."""
    waiting = Invitation.objects.filter(own_role=own, accepted_at=None).exists()
    if waiting or User.objects.filter(own_role=own).exists():
        raise Refused(
            _("Somebody has the role “%(role)s”, or is invited with it. Give another one first."),
            role=own.name,
        )
    Invitation.objects.filter(own_role=own).update(own_role=None)
    return take_away("role_dropped", own, by=by)


@before_undo("team.ownrole")
def none_gained(change: Change, fields: dict[str, Any], by: User) -> None:
    """Rights that one lost since cannot be given back by an undo."""
    row = OwnRole.objects.select_for_update().get(pk=change.object_id)
    check(by, row.name, frozenset(fields.get("permissions", ())) - row.allowed)
