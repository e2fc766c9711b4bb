"""`{% load presence %}{% presence campaign.public_id %}`: the faces of who has the page open."""

from __future__ import annotations

from typing import Any

from django import template

from muster.team.presence.here import others

register = template.Library()


@register.inclusion_tag("team/presence.html", takes_context=True)
def presence(context: template.Context, page: str) -> dict[str, Any]:
    """Nothing for somebody who looks through another's eyes: they are not there."""
    request = context["request"]
    if getattr(request, "viewer", None) is not None:
        return {"page": ""}
    return {"page": page, "people": others(page, request.user)}
