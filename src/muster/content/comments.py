"""E-mails can be talked about."""

from __future__ import annotations

from django.urls import reverse

from muster.content.emails.models import Email
from muster.team.comments.subjects import About, commentable
from muster.team.users.models import User


@commentable("email")
def email(user: User, number: int) -> About | None:
    row = Email.objects.visible_to(user).select_related("by").filter(pk=number).first()
    if row is None:
        return None
    people = [row.by] if row.by else []
    return About(row, reverse("content:edit", args=[row.pk]), row.campaign_id, people)
