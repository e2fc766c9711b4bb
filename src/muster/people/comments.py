"""Segments and accounts can be talked about."""

from __future__ import annotations

from django.urls import reverse

from muster.people.accounts.models import Account
from muster.people.segments.models import Segment
from muster.team.comments.subjects import About, commentable
from muster.team.users.models import User


@commentable("segment")
def segment(user: User, number: int) -> About | None:
    row = Segment.objects.visible_to(user).select_related("by").filter(pk=number).first()
    if row is None:
        return None
    people = [row.by] if row.by else []
    return About(row, reverse("people:segment", args=[row.pk]), people=people)


@commentable("account")
def account(user: User, number: int) -> About | None:
    row = Account.objects.visible_to(user).select_related("owner").filter(pk=number).first()
    if row is None:
        return None
    people = [row.owner] if row.owner else []
    return About(row, reverse("people:account", args=[row.pk]), people=people)
