"""Readiness in the API: what stands in the way, who answers for it, and the launch."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router

from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import person
from muster.plan.readiness import actions
from muster.plan.readiness.checks import Answer, readiness
from muster.plan.readiness.models import Waiver
from muster.team.bodies import Strict
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class Reason(Strict):
    """Why a check does not matter here."""

    reason: str = ""


class Remark(Strict):
    """A word about something that is done."""

    note: str = ""


def shown(campaign: Campaign) -> dict[str, Any]:
    """All answers about a campaign as the API speaks of them."""
    answers = readiness(campaign)
    return {
        "ready": not answers.blockers,
        "passed": answers.passed,
        "waived": len(answers.waived),
        "total": answers.total,
        "asked_at": answers.asked_at,
        "checks": [_shown(answer) for answer in answers.answers],
    }


def _shown(answer: Answer) -> dict[str, Any]:
    still_open = answer.open
    return {
        "check": answer.question.key,
        "title": gettext(answer.question.title),
        "passed": answer.passed,
        "waived": answer.waived,
        "by_hand": answer.question.by_hand,
        "seen_at": answer.seen_at,
        "waiver": _waiver(answer.waiver) if answer.waiver else None,
        "notes": [str(note) for note in answer.notes],
        "findings": [
            {
                "severity": f.severity,
                "detail": str(f),
                "fix_at": f.fix_at,
                "waived": f not in still_open,
            }
            for f in answer.findings
        ],
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return {
        "id": waiver.public_id,
        "done": waiver.done,
        "reason": waiver.reason,
        "by": person(waiver.by),
        "at": waiver.at,
    }


@router.get("/{campaign_id}/readiness", auth=scope("campaigns:read"), response=dict[str, Any])
def get_readiness(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """What stands in the way of the launch."""
    return shown(of_call(request, campaign_id))


@router.post(
    "/{campaign_id}/readiness/{check}/waive",
    auth=scope("campaigns:write"),
    response={201: dict[str, Any]},
)
def waive(request: HttpRequest, campaign_id: str, check: str, body: Reason) -> dict[str, Any]:
    """Answer for going on although this check fails; who may is decided by the campaign."""
    campaign = of_call(request, campaign_id)
    return _waiver(actions.waive(campaign, check, body.reason, by=caller(request)))


@router.delete(
    "/{campaign_id}/readiness/{check}/waive", auth=scope("campaigns:write"), response={204: None}
)
def revoke(request: HttpRequest, campaign_id: str, check: str) -> None:
    """Let the check count again."""
    actions.revoke(of_call(request, campaign_id), check, by=caller(request))


@router.post(
    "/{campaign_id}/readiness/{check}/confirm",
    auth=scope("campaigns:write"),
    response={201: dict[str, Any]},
)
def confirm(
    request: HttpRequest, campaign_id: str, check: str, body: Remark | None = None
) -> dict[str, Any]:
    """Say that something only people can answer is done."""
    campaign = of_call(request, campaign_id)
    note = body.note if body else ""
    return _waiver(actions.confirm(campaign, check, note, by=caller(request)))


@router.post("/{campaign_id}/launch", auth=scope("campaigns:write"), response=dict[str, Any])
def launch(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Start a ready campaign."""
    campaign = of_call(request, campaign_id)
    actions.launch(campaign, by=caller(request))
    return {"id": campaign.public_id, "status": campaign.status}
