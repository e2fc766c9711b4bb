"""Sends can be talked about."""

from __future__ import annotations

from django.urls import reverse

from muster.channels.sending.models import Send
from muster.plan.campaigns.models import Campaign
from muster.team.comments.subjects import About, commentable
from muster.team.users.models import User


@commentable("send")
def send(user: User, number: int) -> About | None:
    if not user.may("sends.see"):
        return None
    rows = Send.objects.filter(pk=number, campaign__in=Campaign.objects.visible_to(user))
    row = rows.select_related("by").first()
    if row is None:
        return None
    return About(row, reverse("channels:send", args=[row.pk]), row.campaign_id, [row.by])
