"""What the command palette finds; without scripts the same as a page."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.team.search.actions import pin, pins_of
from muster.ui.palette import acts, find
from muster.ui.toasts import toast, trigger


@allow(SIGNED_IN)
def search(request: TeamRequest) -> HttpResponse:
    """Places, things and actions that fit `?q=`."""
    query = request.GET.get("q", "")[:100]
    at = request.GET.get("at", "")[:200]
    found = find(request.user, query, at, pins_of(request.user))
    context = {"query": query, "entries": found, "total": len(found)}
    template = "team/search.html#found" if request.GET.get("palette") else "team/search.html"
    return render(request, template, context)


@allow(SIGNED_IN)
def actions_of(request: TeamRequest) -> HttpResponse:
    """What can be done with one entry: the thing it leads to, and the entry itself."""
    url, title = request.GET.get("url", "")[:300], request.GET.get("title", "")[:120]
    context = {
        "url": url,
        "title": title,
        "values": json.dumps({"url": url, "title": title}),
        "entries": acts(request.user, url),
        "is_pinned": url in pins_of(request.user),
    }
    return render(request, "team/search.html#acts", context)


@allow(SIGNED_IN)
@require_POST
def pin_entry(request: TeamRequest) -> HttpResponse:
    """Keep an entry at the top of the palette, or no longer."""
    title = request.POST.get("title", "")
    is_pinned = pin(request.POST.get("url", ""), title, by=request.user)
    text = _("“%(title)s” is pinned.") if is_pinned else _("“%(title)s” is no longer pinned.")
    answer = toast(HttpResponse(status=204), text % {"title": title})
    return trigger(answer, "pins-changed", {})
