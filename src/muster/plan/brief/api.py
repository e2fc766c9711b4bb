"""Handing a plan in for approval, through the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from muster.plan.approvals.api import router, shown
from muster.plan.brief import actions
from muster.plan.campaigns.found import caller, of_call
from muster.team.bodies import Strict, body_of, optional
from muster.team.tokens.auth import scope

__all__ = ["router"]


class Note(Strict):
    """A word for those who decide."""

    note: str = ""


@router.post(
    "/{campaign_id}/approvals",
    auth=scope("campaigns:write"),
    response={201: dict[str, Any]},
    openapi_extra=optional(Note),
)
def submit(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Ask for approval of the campaign's plan as it is now."""
    campaign = of_call(request, campaign_id)
    return shown(actions.submit(campaign, by=caller(request), note=body_of(request, Note).note))


@router.post("/{campaign_id}/rework", auth=scope("campaigns:write"), response=dict[str, Any])
def rework(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Take the plan back to work on it."""
    campaign = of_call(request, campaign_id)
    actions.rework(campaign, by=caller(request))
    return {"id": campaign.public_id, "status": campaign.status}
