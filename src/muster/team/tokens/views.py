"""The page of API tokens and write keys (S49)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.roles import PERMISSIONS, SCOPES
from muster.team.tokens import actions
from muster.team.tokens.models import Token, WriteKey


@allow("settings.manage")
def tokens(request: TeamRequest) -> HttpResponse:
    """Every token and write key that works."""
    return _page(request)


def _page(request: TeamRequest, secret: str = "") -> HttpResponse:
    context = {
        "tokens": Token.objects.filter(revoked_at=None).select_related("user").order_by("-at"),
        "keys": WriteKey.objects.filter(revoked_at=None).order_by("-at"),
        "scopes": [(scope, PERMISSIONS[permission]) for scope, permission in SCOPES.items()],
        "secret": secret,
        "public_url": settings.PUBLIC_URL,
    }
    return render(request, "team/tokens.html", context)


@allow("settings.manage")
@require_POST
def add_token(request: TeamRequest) -> HttpResponse:
    """Make a token; its secret is shown on this answer only."""
    name, scopes = request.POST.get("name", "").strip(), request.POST.getlist("scope")
    if not name or not scopes:
        raise Refused(_("A token needs a name and at least one scope."))
    _token, secret = actions.make_token(name, scopes, user=request.user, by=request.user)
    return _page(request, secret)


@allow("settings.manage")
@require_POST
def revoke_token(request: TeamRequest, token_id: int) -> HttpResponse:
    actions.revoke_token(get_object_or_404(Token, pk=token_id), by=request.user)
    return redirect("team:tokens")


@allow("settings.manage")
@require_POST
def add_key(request: TeamRequest) -> HttpResponse:
    """Make a write key."""
    name = request.POST.get("name", "").strip()
    if not name:
        raise Refused(_("A write key needs a name, such as the site that uses it."))
    actions.make_write_key(name, by=request.user)
    return redirect("team:tokens")


@allow("settings.manage")
@require_POST
def revoke_key(request: TeamRequest, key_id: int) -> HttpResponse:
    actions.revoke_write_key(get_object_or_404(WriteKey, pk=key_id), by=request.user)
    return redirect("team:tokens")
