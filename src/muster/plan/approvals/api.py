"""Approvals in the API: who asked, who decided, and deciding."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.approvals import actions
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.approvals.subjects import current_fingerprint
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import Strict, person
from muster.team.lookup import found
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class DecisionIn(Strict):
    """A verdict on a request."""

    verdict: str
    note: str = ""
    waiver: bool = False


def shown(request: ApprovalRequest) -> dict[str, Any]:
    """A request and its decisions as the API speaks of them."""
    return {
        "id": request.public_id,
        "kind": request.kind,
        "title": request.title,
        "url": request.url,
        "fingerprint": request.fingerprint,
        "is_current": current_fingerprint(request) == request.fingerprint,
        "open": request.is_open,
        "asked_by": person(request.asked_by),
        "asked_at": request.asked_at,
        "note": request.note,
        "decisions": [
            {
                "step": decision.step,
                "verdict": decision.verdict,
                "note": decision.note,
                "waiver": decision.waiver,
                "by": person(decision.by),
                "at": decision.at,
            }
            for decision in request.decisions.all()
        ],
    }


@router.get("/{campaign_id}/approvals", auth=scope("campaigns:read"), response=dict[str, Any])
def list_approvals(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Everything of this campaign for which approval was asked, newest first."""
    rows = of_call(request, campaign_id).approvals.select_related("asked_by")
    return {"items": [shown(one) for one in rows.prefetch_related("decisions__by")], "next": None}


@router.post(
    "/{campaign_id}/approvals/{approval_id}/decide",
    auth=scope("sends:approve"),
    response=dict[str, Any],
)
def decide(
    request: HttpRequest, campaign_id: str, approval_id: str, body: DecisionIn
) -> dict[str, Any]:
    """Approve, or send back with a note."""
    asked = found(of_call(request, campaign_id).approvals.all(), "approval", approval_id)
    actions.decide(asked, body.verdict, by=caller(request), note=body.note, waiver=body.waiver)
    asked.refresh_from_db()
    return shown(asked)
