"""The results of one campaign in the API (ME1, ME3)."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import Router

from muster.kit import clock
from muster.measure.results.answer import as_json
from muster.measure.results.numbers import results
from muster.plan.campaigns.models import Campaign
from muster.team.lookup import found
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["campaigns"])


@router.get("/{campaign_id}/results", auth=scope("reports:read"), response=dict[str, Any])
def campaign_results(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Goals, cost, revenue, return, funnel, groups with lift, and attribution, as of now."""
    user = cast(User, request.user)
    campaign = found(Campaign.objects.visible_to(user), "campaign", campaign_id)
    return as_json(results(campaign, clock.now()), with_money=user.may("budget.see"))
