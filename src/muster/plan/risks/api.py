"""Risks in the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import colleague, money, person
from muster.plan.risks import actions, rules
from muster.plan.risks.models import Risk
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import has_scope, scope

router = Router(tags=["campaigns"])


class TriggerIn(Strict):
    """A number that crosses a line."""

    metric: str
    op: Literal["lt", "gt"]
    value: Decimal


class RiskStepIn(Strict):
    """One thing to do when the risk has come true."""

    kind: str
    text: str = ""


class RiskPatch(Strict):
    """The fields of a risk; those that are left out stay as they are."""

    title: str = ""
    category: str = Risk.Category.MARKET.value
    likelihood: int = 3
    impact: int = 3
    owner: str | None = None
    sign: str = ""
    trigger: TriggerIn | None = None
    response: str = ""
    plan: list[RiskStepIn] = []
    money: Decimal = Decimal(0)


class RiskIn(RiskPatch):
    """A new risk."""

    title: str


class StatusIn(Strict):
    """What has become of a risk."""

    status: Literal["open", "fired", "handled", "closed"]


def _fields(body: RiskPatch) -> dict[str, Any]:
    fields = body.model_dump(exclude_unset=True)
    if "owner" in fields:
        fields["owner"] = colleague(fields["owner"], "/owner") if fields["owner"] else None
    if "trigger" in fields:
        given = fields["trigger"]
        fields["trigger"] = {**given, "value": str(given["value"])} if given else {}
    return fields


def shown(request: HttpRequest, risk: Risk) -> dict[str, Any]:
    """A risk as the API speaks of it."""
    return {
        "id": risk.public_id,
        "title": risk.title,
        "category": risk.category,
        "likelihood": risk.likelihood,
        "impact": risk.impact,
        "score": risk.likelihood * risk.impact,
        "level": rules.level(risk.likelihood, risk.impact),
        "owner": person(risk.owner),
        "sign": risk.sign,
        "trigger": risk.trigger or None,
        "response": risk.response,
        "plan": risk.plan,
        "money": money(risk.money, risk.campaign.currency)
        if has_scope(request, "budget:read")
        else None,
        "status": risk.status,
        "fired_at": risk.fired_at,
        "drilled_on": risk.drilled_on,
    }


def _risk(request: HttpRequest, campaign_id: str, risk_id: str) -> Risk:
    rows = of_call(request, campaign_id).risks.select_related("campaign", "owner")
    return found(rows, "risk", risk_id)


@router.get("/{campaign_id}/risks", auth=scope("campaigns:read"), response=dict[str, Any])
def list_risks(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """The risks of a campaign, the gravest first."""
    rows = of_call(request, campaign_id).risks.select_related("campaign", "owner")
    items = sorted(rows, key=lambda risk: -risk.likelihood * risk.impact)
    return {"items": [shown(request, risk) for risk in items], "next": None}


@router.post("/{campaign_id}/risks", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def add_risk(request: HttpRequest, campaign_id: str, body: RiskIn) -> dict[str, Any]:
    """Write a risk down."""
    campaign = of_call(request, campaign_id)
    return shown(request, actions.add_risk(campaign, _fields(body), by=caller(request)))


@router.patch(
    "/{campaign_id}/risks/{risk_id}", auth=scope("campaigns:write"), response=dict[str, Any]
)
def edit_risk(
    request: HttpRequest, campaign_id: str, risk_id: str, body: RiskPatch
) -> dict[str, Any]:
    """Change some fields of a risk."""
    risk = _risk(request, campaign_id, risk_id)
    actions.edit_risk(risk, _fields(body), by=caller(request))
    return shown(request, risk)


@router.delete(
    "/{campaign_id}/risks/{risk_id}", auth=scope("campaigns:write"), response={204: None}
)
def drop_risk(request: HttpRequest, campaign_id: str, risk_id: str) -> None:
    """Take a risk off the list."""
    actions.drop_risk(_risk(request, campaign_id, risk_id), by=caller(request))


@router.post(
    "/{campaign_id}/risks/{risk_id}/status", auth=scope("campaigns:write"), response=dict[str, Any]
)
def set_status(
    request: HttpRequest, campaign_id: str, risk_id: str, body: StatusIn
) -> dict[str, Any]:
    """Say what has become of a risk; `fired` tells whoever watches it."""
    risk = _risk(request, campaign_id, risk_id)
    if body.status == "fired":
        return shown(request, actions.fire(risk, by=caller(request)))
    return shown(request, actions.settle(risk, body.status, by=caller(request)))


@router.post(
    "/{campaign_id}/risks/{risk_id}/run", auth=scope("campaigns:write"), response=dict[str, Any]
)
def run_plan(request: HttpRequest, campaign_id: str, risk_id: str) -> dict[str, Any]:
    """Run the plan of a risk; says what came of each step."""
    done = actions.run_plan(_risk(request, campaign_id, risk_id), by=caller(request))
    return {"steps": [{"kind": one.step.kind, "ok": one.ok, "detail": one.said} for one in done]}
