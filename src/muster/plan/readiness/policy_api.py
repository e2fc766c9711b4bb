"""What a workspace decides about the checks, in the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router

from muster.plan.campaigns.found import caller
from muster.plan.campaigns.schemas import person
from muster.plan.readiness import policy
from muster.team.bodies import Strict
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class CheckPatch(Strict):
    """What a check asks here; what is left out stays. `dials` takes the place of all before."""

    off: bool = False
    severity: str = ""
    dials: dict[str, str | float] = {}
    strategies: list[str] = []
    group: str = ""
    title: str = ""
    text: str = ""
    duty: str = ""


class OwnCheckIn(Strict):
    """A check of the workspace's own, which people answer."""

    group: str
    title: str
    text: str = ""
    severity: str = "warn"
    duty: str = ""
    strategies: list[str] = []


@router.get("/checks", auth=scope("campaigns:read"), response=dict[str, Any])
def list_checks(request: HttpRequest) -> dict[str, Any]:
    """Every check that campaigns are asked here, and what is other than usual."""
    return {"items": [_shown(one) for one in policy.ruled()]}


@router.post("/checks", auth=scope("settings:manage"), response={201: dict[str, Any]})
def add_check(request: HttpRequest, body: OwnCheckIn) -> dict[str, Any]:
    """Add a check of the workspace's own."""
    rule = policy.add_check(body.dict(), by=caller(request))
    return _shown(policy.one_ruled(rule.key))


@router.patch("/checks/{check}", auth=scope("settings:manage"), response=dict[str, Any])
def change_check(request: HttpRequest, check: str, body: CheckPatch) -> dict[str, Any]:
    """Switch a check off, make it warn or block, set its numbers, or ask some campaigns only."""
    fields = {name: getattr(body, name) for name in body.model_fields_set}
    policy.set_check(check, fields, by=caller(request))
    return _shown(policy.one_ruled(check))


@router.delete("/checks/{check}", auth=scope("settings:manage"), response={204: None})
def reset_check(request: HttpRequest, check: str) -> None:
    """Back to the default; a check of the workspace's own goes."""
    policy.reset_check(check, by=caller(request))


def _shown(one: policy.Ruled) -> dict[str, Any]:
    question, rule = one.question, one.rule
    return {
        "check": question.key,
        "group": question.group,
        "title": gettext(question.title),
        "text": rule.text if rule else "",
        "own": one.is_own,
        "by_hand": question.by_hand,
        "duty": question.duty,
        "off": one.is_off,
        "severity": question.severity or policy.DEPENDS,
        "usual_severity": (one.usual.severity or policy.DEPENDS) if one.usual else None,
        "dials": {
            dial.name: {
                "words": gettext(dial.words),
                "unit": dial.unit,
                "value": f"{value:f}",
                "usual": f"{dial.usual:f}",
                "least": f"{dial.least:f}",
                "most": f"{dial.most:f}",
            }
            for dial, value in one.dials
        },
        "set_at": one.set_at,
        "strategies": one.strategies,
        "fixed": not question.may_be_waived,
        "changed": one.is_changed,
        "by": person(rule.by) if rule else None,
        "at": rule.at if rule else None,
    }
