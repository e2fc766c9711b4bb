"""What the command palette finds; without scripts the same as a page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.ui.palette import find


@allow(SIGNED_IN)
def search(request: TeamRequest) -> HttpResponse:
    """Places, things and actions that fit `?q=`."""
    query = request.GET.get("q", "")[:100]
    found = find(request.user, query, request.GET.get("at", "")[:200])
    context = {"query": query, "entries": found, "total": len(found)}
    template = "team/search.html#found" if request.GET.get("palette") else "team/search.html"
    return render(request, template, context)
