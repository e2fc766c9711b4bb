"""The talk about a thing, on any page: `{% load comments %}`.

`{% comments campaign.public_id %}` shows it, `{% talk goal %}` is a button that opens it.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from muster.kit.errors import NotFound
from muster.team.comments.shown import comments_of, counts_beside
from muster.team.comments.subjects import about, kind_of
from muster.team.lookup import Addresses
from muster.ui.templatetags.ui import icon

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


@register.simple_tag(takes_context=True)
def talk(context: template.Context, thing: Any) -> SafeString:
    """Opens the talk about a thing that its reader sees; says how many comments are open."""
    return talk_about(context["request"], thing)


def talk_about(request: HttpRequest, thing: Any) -> SafeString:
    """The same button, for what is not written by a template."""
    kind = kind_of(thing.public_id)
    talks = request.__dict__.setdefault("_talks", {})
    if kind not in talks:  # one question for all buttons of a page, and one address
        where = Addresses("team:comments", kind)
        talks[kind] = counts_beside(kind, thing), where, gettext("Comments on “%(name)s”")
    counts, where, label = talks[kind]
    count = counts.get(thing.pk, 0)
    return format_html(
        '<button class="btn btn-quiet btn-sm" type="button" hx-get="{}?drawer" hx-target="#drawer"'
        ' hx-swap="innerHTML" aria-label="{}" title="{}">{}{}</button>',
        where.of(thing.public_id),
        label % {"name": thing},
        gettext("Comments"),
        icon("message", "icon-s"),
        format_html('<span class="num">{}</span>', count) if count else "",
    )
