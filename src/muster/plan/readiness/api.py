"""Readiness in the API: what stands in the way, and the launch."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness import actions
from muster.plan.readiness.checks import readiness
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


def shown(campaign: Campaign) -> dict[str, Any]:
    """All answers about a campaign as the API speaks of them."""
    answers = readiness(campaign)
    return {
        "ready": not answers.blockers,
        "passed": answers.passed,
        "total": answers.total,
        "checks": [
            {
                "check": answer.question.key,
                "passed": answer.passed,
                "findings": [
                    {"severity": f.severity, "detail": str(f), "fix_at": f.fix_at}
                    for f in answer.findings
                ],
            }
            for answer in answers.answers
        ],
    }


@router.get("/{campaign_id}/readiness", auth=scope("campaigns:read"), response=dict[str, Any])
def get_readiness(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """What stands in the way of the launch."""
    return shown(of_call(request, campaign_id))


@router.post("/{campaign_id}/launch", auth=scope("campaigns:write"), response=dict[str, Any])
def launch(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Start a ready campaign."""
    campaign = of_call(request, campaign_id)
    actions.launch(campaign, by=caller(request))
    return {"id": campaign.public_id, "status": campaign.status}
