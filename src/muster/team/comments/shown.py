"""Comments as pages show them: names stand out, what was taken back leaves a trace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from muster.team.comments.models import Comment
from muster.team.comments.subjects import About
from muster.team.users.models import User

_MOST = 200


@dataclass(frozen=True)
class Said:
    """One comment as one reader sees it."""

    comment: Comment
    text: SafeString
    is_own: bool


def comments_of(user: User, public_id: str, kind: str, number: int, about: About) -> dict[str, Any]:
    """What the component needs to show the talk about a thing."""
    rows = list(
        Comment.objects.filter(kind=kind, object_id=number)
        .select_related("by")
        .order_by("-pk")[:_MOST]
    )[::-1]
    people = {pk for row in rows for pk in row.mentions}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    said = [
        Said(row, _marked(row, names), row.by_id == user.pk)
        for row in rows
        if row.deleted_at is None
    ]
    return {
        "about": public_id,
        "open": [one for one in said if one.comment.resolved_at is None],
        "settled": [one for one in said if one.comment.resolved_at is not None],
        "thing": about.thing,
    }


def counts_beside(kind: str, thing: models.Model) -> dict[int, int]:
    """Number of a thing → open comments, of this thing and those of its kind beside it."""
    rows = Comment.objects.filter(kind=kind, deleted_at=None, resolved_at=None)
    campaign = getattr(thing, "campaign_id", None)
    if campaign is not None:
        rows = rows.filter(campaign_id=campaign)
    counted = rows.order_by().values("object_id").annotate(n=models.Count("pk"))
    return dict(counted.values_list("object_id", "n"))


def _marked(comment: Comment, names: dict[int, str]) -> SafeString:
    wanted = sorted((names[pk] for pk in comment.mentions if names.get(pk)), key=len, reverse=True)
    lines = []
    for line in comment.text.splitlines():
        if not wanted:
            lines.append(conditional_escape(line))
            continue
        parts = re.split(
            "([@＠](?:" + "|".join(re.escape(name) for name in wanted) + "))",
            line,
            flags=re.IGNORECASE,
        )
        lines.append(
            format_html_join(
                "",
                "{}",
                (
                    (format_html('<b class="at">{}</b>', part) if place % 2 else part,)
                    for place, part in enumerate(parts)
                ),
            )
        )
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))
