"""The talk about a thing, on any page: `{% load comments %}`.

`{% comments campaign.public_id %}` shows it, `{% talk goal %}` is a button that opens it.
"""

from __future__ import annotations

from typing import Any

from django import template

from muster.kit.errors import NotFound
from muster.team.comments.shown import comments_of, counts_beside
from muster.team.comments.subjects import about, kind_of

register = template.Library()


@register.inclusion_tag("team/comments_here.html", takes_context=True)
def comments(context: template.Context, public_id: str) -> dict[str, Any]:
    """Nothing, where the reader may not see the thing or no part knows its kind."""
    request = context["request"]
    try:
        kind, number, found = about(request.user, public_id)
    except NotFound:
        return {"about": ""}
    shown = comments_of(request.user, public_id, kind, number, found)
    return {**shown, "request": request, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("team/talk_button.html", takes_context=True)
def talk(context: template.Context, thing: Any) -> dict[str, Any]:
    """Opens the talk about a thing that its reader sees; says how many comments are open."""
    kind = kind_of(thing.public_id)
    known = context["request"].__dict__.setdefault("_talks", {})
    if kind not in known:  # one question for all buttons of a page
        known[kind] = counts_beside(kind, thing)
    return {"about": thing.public_id, "name": str(thing), "count": known[kind].get(thing.pk, 0)}
