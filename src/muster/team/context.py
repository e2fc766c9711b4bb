"""What every page knows: the workspace, the menu, and how the reader likes it shown."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from muster.team.notices.models import unread_of
from muster.team.users.models import User
from muster.ui.menu import visible_menu


def frame(request: HttpRequest) -> dict[str, object]:
    """The names that the base template uses."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"workspace": getattr(request, "workspace", None), "menu": []}
    return {
        "workspace": request.workspace,  # type: ignore[attr-defined]
        "menu": visible_menu(user.may, request.path),
        "theme": user.theme,
        "density": user.density,
        "numbers": user.numbers,
        "shortcuts": user.shortcuts,
        "viewer": getattr(request, "viewer", None),
        "unread": SimpleLazyObject(lambda: unread_of(user)),
    }
