"""`{% load comments %}{% comments campaign.public_id %}`: the talk about a thing, on any page."""

from __future__ import annotations

from typing import Any

from django import template

from muster.kit.errors import NotFound
from muster.team.comments.shown import comments_of
from muster.team.comments.subjects import about

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
