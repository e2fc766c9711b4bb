"""The table of roles in the API: what each may do, and the roles of the workspace's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router, Status

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.members import giving
from muster.team.members.giving import Given
from muster.team.roles import PERMISSIONS, ROLES
from muster.team.tokens.auth import scope
from muster.team.users.models import OwnRole, User

router = Router(tags=["roles"])


class NewRole(Strict):
    """A role made from one of the table; without `permissions` it begins with the same rights."""

    name: str
    base: str
    permissions: list[str] | None = None


class ChangedRole(Strict):
    """What becomes different; what is left out stays."""

    name: str | None = None
    permissions: list[str] | None = None


@router.get("", auth=scope("team:manage"), response=dict[str, Any])
def list_roles(request: HttpRequest) -> dict[str, Any]:
    """All roles that exist here, those of the table first."""
    return {"items": [_shown(one) for one in giving.every()], "next": None}


@router.get("/rights", auth=scope("team:manage"), response=dict[str, Any])
def list_rights(request: HttpRequest) -> dict[str, Any]:
    """Every right that a role may have, in words."""
    items = [{"id": key, "name": gettext(name)} for key, name in PERMISSIONS.items()]
    return {"items": items, "next": None}


@router.get("/{role_id}", auth=scope("team:manage"), response=dict[str, Any])
def get_role(request: HttpRequest, role_id: str) -> dict[str, Any]:
    """One role."""
    return _shown(Given(role_id) if role_id in ROLES else _given(_own(role_id)))


@router.post("", auth=scope("team:manage"), response={201: dict[str, Any]})
def add_role(request: HttpRequest, body: NewRole) -> Status[dict[str, Any]]:
    """Make a role from one of the table; nobody gives rights that they lack themselves."""
    base = ROLES.get(body.base)
    ticked = base.permissions if body.permissions is None and base else body.permissions or ()
    _check_known(ticked)
    giving.save_role(None, body.name, body.base, ticked, by=_caller(request))
    name = " ".join(body.name.split())[:60]
    return Status(201, _shown(_given(OwnRole.objects.get(name=name))))


@router.patch("/{role_id}", auth=scope("team:manage"), response=dict[str, Any])
def change_role(request: HttpRequest, role_id: str, body: ChangedRole) -> dict[str, Any]:
    """Change a role of the workspace's own; it holds at once for everybody who has it."""
    own = _own(role_id)
    ticked = own.allowed if body.permissions is None else body.permissions
    _check_known(ticked)
    name = own.name if body.name is None else body.name
    giving.save_role(own, name, own.base, ticked, by=_caller(request))
    return _shown(_given(_own(role_id)))


@router.delete("/{role_id}", auth=scope("team:manage"), response={204: None})
def drop_role(request: HttpRequest, role_id: str) -> Status[None]:
    """Take a role away that nobody has."""
    giving.drop_role(_own(role_id), by=_caller(request))
    return Status(204, None)


def _shown(role: Given) -> dict[str, Any]:
    having = Q(own_role=role.own) if role.own else Q(role=role.key, own_role=None)
    people = User.objects.filter(having, is_active=True).aggregate(n=Count("pk"))["n"]
    return {
        "id": role.value,
        "name": role.name,
        "base": role.key if role.own else None,
        "built_in": role.own is None,
        "permissions": [key for key in PERMISSIONS if key in role.permissions],
        "people": people,
    }


def _given(own: OwnRole) -> Given:
    return Given(own.base, own)


def _own(role_id: str) -> OwnRole:
    if role_id in ROLES:
        raise Refused(
            _("The role “%(role)s” is built in and stays as it is. Make one of your own from it."),
            code="built_in",
            role=gettext(ROLES[role_id].name),
        )
    return found(OwnRole.objects.all(), "role", role_id)


def _check_known(ticked: Iterable[str]) -> None:
    for place, key in enumerate(ticked):
        if key not in PERMISSIONS:
            raise Invalid.at(
                f"/permissions/{place}",
                "unknown_right",
                _("There is no right “%(given)s”. Use some of: %(known)s."),
                given=key,
                known=", ".join(PERMISSIONS),
            )


def _caller(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user
