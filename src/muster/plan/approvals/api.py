"""Approvals in the API: who asked, who decides, deciding, handing on and reminding."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.approvals import actions
from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.approvals.shown import differences, steps_of
from muster.plan.approvals.subjects import current_fingerprint
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import colleague, person
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class DecisionIn(Strict):
    """A verdict on a request."""

    verdict: str
    note: str = ""
    waiver: bool = False


class HandOnIn(Strict):
    """The colleague who decides instead."""

    to: str
    note: str = ""


def shown(request: ApprovalRequest, deciders: Deciders | None = None) -> dict[str, Any]:
    """A request and its decisions as the API speaks of them."""
    deciders = deciders or Deciders([request])
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
        "due": request.due_at if request.is_open else None,
        "overdue": request.is_open and request.escalated_at is not None,
        "steps": [
            {
                "step": one.step.key,
                "name": one.name,
                "state": one.state,
                "parallel": one.beside,
                "fell": one.fell,
                "deciders": [person(user) for user in one.deciders],
                "due": one.due,
            }
            for one in steps_of(request, deciders)
        ],
        "decisions": [
            {
                "step": decision.step,
                "verdict": decision.verdict,
                "note": decision.note,
                "waiver": decision.waiver,
                "by": person(decision.by),
                "instead_of": person(decision.instead_of),
                "by_link": decision.by_link,
                "at": decision.at,
            }
            for decision in request.decisions.all()
        ],
    }


def _of(request: HttpRequest, campaign_id: str, approval_id: str) -> ApprovalRequest:
    rows = of_call(request, campaign_id).approvals.select_related("asked_by", "campaign")
    return found(rows, "approval", approval_id)


@router.get("/{campaign_id}/approvals", auth=scope("campaigns:read"), response=dict[str, Any])
def list_approvals(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Everything of this campaign for which approval was asked, newest first."""
    rows = of_call(request, campaign_id).approvals.select_related("asked_by")
    items = list(rows.prefetch_related("decisions__by", "decisions__instead_of"))
    deciders = Deciders([one for one in items if one.is_open])
    return {"items": [shown(one, deciders) for one in items], "next": None}


@router.get(
    "/{campaign_id}/approvals/{approval_id}", auth=scope("campaigns:read"), response=dict[str, Any]
)
def get_approval(request: HttpRequest, campaign_id: str, approval_id: str) -> dict[str, Any]:
    """One request, with what differs from the version approved before."""
    asked = _of(request, campaign_id, approval_id)
    changed = [
        {"label": one.label, "before": one.before, "after": one.after} for one in differences(asked)
    ]
    return {**shown(asked), "differences": changed}


@router.post(
    "/{campaign_id}/approvals/{approval_id}/decide",
    auth=scope("sends:approve"),
    response=dict[str, Any],
)
def decide(
    request: HttpRequest, campaign_id: str, approval_id: str, body: DecisionIn
) -> dict[str, Any]:
    """Approve, or send back with a note."""
    asked = _of(request, campaign_id, approval_id)
    actions.decide(asked, body.verdict, by=caller(request), note=body.note, waiver=body.waiver)
    asked.refresh_from_db()
    return shown(asked)


@router.post(
    "/{campaign_id}/approvals/{approval_id}/delegate",
    auth=scope("sends:approve"),
    response=dict[str, Any],
)
def hand_on(
    request: HttpRequest, campaign_id: str, approval_id: str, body: HandOnIn
) -> dict[str, Any]:
    """Let a colleague decide in the caller's place."""
    asked = _of(request, campaign_id, approval_id)
    actions.hand_on(asked, colleague(body.to, "/to"), by=caller(request), note=body.note)
    return shown(asked)


@router.post(
    "/{campaign_id}/approvals/{approval_id}/nudge",
    auth=scope("campaigns:write"),
    response=dict[str, Any],
)
def nudge(request: HttpRequest, campaign_id: str, approval_id: str) -> dict[str, Any]:
    """Remind those who have to decide."""
    asked = _of(request, campaign_id, approval_id)
    actions.nudge(asked, by=caller(request))
    return shown(asked)
