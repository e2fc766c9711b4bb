"""The campaign behind an address or a public id, for those who may see it."""

from __future__ import annotations

from typing import cast

from django.db import models
from django.http import HttpRequest

from muster.kit import ids
from muster.kit.errors import NotFound
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import look
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.users.models import User


def of_page(request: TeamRequest, campaign_id: int) -> Campaign:
    """The campaign of a page."""
    rows = Campaign.objects.visible_to(request.user).select_related("owner")
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound
    if request.method in {"GET", "HEAD"}:
        look(campaign)
    return campaign


def of_call(request: HttpRequest, campaign_id: str) -> Campaign:
    """The campaign of an API call."""
    rows: models.QuerySet[Campaign] = Campaign.objects.visible_to(caller(request))
    return found(rows.select_related("owner"), "campaign", campaign_id)


def at_hand(user: User, path: str) -> Campaign | None:
    """The campaign to which a page of this path belongs, if this person may see it."""
    parts = path.split("/")
    number = ids.number("campaign", parts[2]) if path.startswith("/c/") and len(parts) > 2 else None
    return Campaign.objects.visible_to(user).filter(pk=number).first() if number else None


def caller(request: HttpRequest) -> User:
    """The person for whom an API call is made."""
    return cast(User, request.user)
