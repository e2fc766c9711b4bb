"""The people who sign in, in the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from muster.team.members.actions import make_user
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["users"])


class NewUser(Schema):
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
        "active": user.is_active,
    }


@router.get("", auth=scope("team:manage"), response=Page[dict[str, Any]])
def list_users(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """Who works here."""
    return page(User.objects.all(), paging, shown, newest_first=False)


@router.post("", auth=scope("team:manage"), response={201: dict[str, Any]})
def add_user(request: HttpRequest, body: NewUser) -> Status[dict[str, Any]]:
    """Let someone sign in."""
    name = body.name or body.email.split("@")[0]
    by: User = request.user  # type: ignore[assignment]
    user = make_user(body.email, name=name, role=body.role, password=body.password, by=by)
    return Status(201, shown(user))
