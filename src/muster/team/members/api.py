"""The people who sign in, in the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.members import actions
from muster.team.members.access import ask_for, wanted
from muster.team.members.actions import make_user
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["users"])


class ChangedUser(Strict):
    """What becomes different; what is left out stays."""

    role: str | None = None
    hours_per_day: Decimal | None = None
    skills: list[str] | None = None


class Leaving(Strict):
    """Who takes the open work over."""

    to: str | None = None


class NewUser(Strict):
    """Whom to let in."""

    email: str
    role: str
    name: str = ""
    password: str | None = None


def shown(user: User) -> dict[str, Any]:
    return {
        "id": user.public_id,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "custom_role": user.own_role.public_id if user.own_role else None,
        "active": user.is_active,
        "hours_per_day": str(user.hours_per_day),
        "skills": user.skills,
        "teams": [team.public_id for team in user.teams.all()],
        "seen_at": user.seen_at,
    }


class RightAsked(Strict):
    """A right that one lacks, by its key, such as `content.edit`."""

    permission: str


@router.post("/me/access", auth=scope("notices:write"), response={201: dict[str, Any]})
def ask_for_access(request: HttpRequest, body: RightAsked) -> Status[dict[str, Any]]:
    """Ask those who can give a right for it; once a day for each right."""
    by: User = request.user  # type: ignore[assignment]
    change = ask_for(body.permission, by=by)
    return Status(201, {"permission": body.permission, "at": change.at, "to": change.details["to"]})


@router.get("/me/access", auth=scope("notices:read"), response=dict[str, Any])
def asked_for(request: HttpRequest) -> dict[str, Any]:
    """The rights that one asked for lately and still lacks."""
    by: User = request.user  # type: ignore[assignment]
    return {"items": wanted(by)}


@router.get("", auth=scope("team:manage"), response=Page[dict[str, Any]])
def list_users(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """Who works here."""
    return page(User.objects.prefetch_related("teams"), paging, shown, newest_first=False)


@router.post("", auth=scope("team:manage"), response={201: dict[str, Any]})
def add_user(request: HttpRequest, body: NewUser) -> Status[dict[str, Any]]:
    """Let someone sign in."""
    name = body.name or body.email.split("@")[0]
    by: User = request.user  # type: ignore[assignment]
    user = make_user(body.email, name=name, role=body.role, password=body.password, by=by)
    return Status(201, shown(user))


@router.get("/{user_id}", auth=scope("team:manage"), response=dict[str, Any])
def get_user(request: HttpRequest, user_id: str) -> dict[str, Any]:
    """One person."""
    return shown(found(User.objects.all(), "user", user_id))


@router.patch("/{user_id}", auth=scope("team:manage"), response=dict[str, Any])
def change_user(request: HttpRequest, user_id: str, body: ChangedUser) -> dict[str, Any]:
    """Give another role, other hours or skills."""
    by: User = request.user  # type: ignore[assignment]
    user = found(User.objects.filter(is_active=True), "user", user_id)
    if body.role is not None:
        actions.set_role(user, body.role, by=by)
    if body.hours_per_day is not None or body.skills is not None:
        hours = user.hours_per_day if body.hours_per_day is None else body.hours_per_day
        skills = user.skills if body.skills is None else body.skills
        actions.describe(user, hours=hours, skills=skills, by=by)
    user.refresh_from_db()
    return shown(user)


@router.post("/{user_id}/deactivate", auth=scope("team:manage"), response=dict[str, Any])
def deactivate_user(request: HttpRequest, user_id: str, body: Leaving) -> dict[str, Any]:
    """Someone leaves; open work goes to `to`."""
    by: User = request.user  # type: ignore[assignment]
    user = found(User.objects.filter(is_active=True), "user", user_id)
    to = found(User.objects.filter(is_active=True), "user", body.to) if body.to else None
    actions.deactivate(user, by=by, to=to)
    user.refresh_from_db()
    return shown(user)
