"""The button that asks for a right, and what became of the question (ux §1.9)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from muster.kit.errors import NotFound
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.lacking import givers
from muster.team.members.access import ask_for, asked, may_ask
from muster.team.permissions import SIGNED_IN, allow
from muster.team.roles import PERMISSIONS
from muster.ui.toasts import toast


@allow(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def access(request: TeamRequest, permission: str) -> HttpResponse:
    """Ask for the right (POST); whether it was asked for (GET)."""
    if permission not in PERMISSIONS:
        raise NotFound
    change = ask_for(permission, by=request.user) if request.method == "POST" else None
    context = {
        "permission": permission,
        "has_it": request.user.may(permission),
        "asked": change or asked(request.user, permission),
        "may_ask": may_ask(request.user, permission),
        "givers": givers(permission),
    }
    answer = render(request, "team/access.html", context)
    if change is not None:
        toast(answer, _("Asked. They have been told."), undo=way_back(change))
    return answer
