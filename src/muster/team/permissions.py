"""Deny by default: a view says whom it is for, or it is not served (a test walks all addresses)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.roles import PERMISSIONS

P = ParamSpec("P")
SIGNED_IN = "signed in"
EVERYBODY = "everybody"


def allow(
    permission: str,
) -> Callable[
    [Callable[Concatenate[TeamRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Serve this view only to people who have the permission (or who are merely SIGNED_IN)."""
    if permission not in PERMISSIONS and permission != SIGNED_IN:
        raise LookupError(f"There is no permission {permission!r}")

    def guard(
        view: Callable[Concatenate[TeamRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request"):
                    return HttpResponse(status=401, headers={"HX-Redirect": "/login"})
                return redirect_to_login(request.get_full_path())
            person = cast(TeamRequest, request)
            if permission != SIGNED_IN and not person.user.may(permission):
                raise lacking(permission)
            return view(person, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def public(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Serve this view to everybody, signed in or not."""

    @wraps(view)
    def open_view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    open_view.permission = EVERYBODY  # type: ignore[attr-defined]
    return open_view
