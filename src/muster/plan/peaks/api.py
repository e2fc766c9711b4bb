"""Temporary staff in the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.campaigns.found import caller, of_call
from muster.plan.peaks import actions
from muster.plan.peaks.models import Peak
from muster.plan.peaks.shortage import demands, suggestions
from muster.plan.tasks.planning import plan_of
from muster.plan.tasks.shown import days_ahead
from muster.plan.vendors.models import Vendor
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import scope
from muster.team.users.models import User

of_campaign = Router(tags=["peaks"])


class PeakPatch(Strict):
    """The fields of temporary staff; those that are left out stay as they are."""

    skill: str = ""
    first: date | None = None
    last: date | None = None
    heads: int = 1
    trained: int = 0
    items: list[str] = []
    vendor: str | None = None
    source: str = ""


class PeakIn(PeakPatch):
    """New temporary staff."""

    skill: str
    first: date
    last: date


def _fields(body: PeakPatch) -> dict[str, Any]:
    fields = body.model_dump(exclude_unset=True)
    if fields.get("vendor"):
        fields["vendor"] = found(Vendor.objects.all(), "vendor", fields["vendor"])
    return {name: value for name, value in fields.items() if value is not None or name == "vendor"}


def shown(peak: Peak) -> dict[str, Any]:
    """Temporary staff as the API speaks of it."""
    return {
        "id": peak.public_id,
        "skill": peak.skill,
        "first": peak.first,
        "last": peak.last,
        "heads": peak.heads,
        "trained": peak.trained,
        "items": peak.items,
        "vendor": peak.vendor.public_id if peak.vendor else None,
        "source": peak.source,
    }


def _peak(request: HttpRequest, campaign_id: str, peak_id: str) -> Peak:
    rows = of_call(request, campaign_id).peaks.select_related("campaign", "vendor")
    return found(rows, "peak", peak_id)


@of_campaign.get("/{campaign_id}/peaks", auth=scope("campaigns:read"), response=dict[str, Any])
def list_peaks(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Temporary staff of the campaign, and where the plan seems to need more."""
    campaign = of_call(request, campaign_id)
    rows = list(campaign.peaks.select_related("vendor"))
    plan = plan_of(campaign)
    wanted = demands(plan, days_ahead(plan))
    missing = suggestions(plan, wanted, User.objects.filter(is_active=True), rows)
    return {
        "items": [shown(peak) for peak in rows],
        "suggestions": [
            {"skill": one.skill, "first": one.first, "last": one.last, "heads": one.heads}
            for one in missing
        ],
        "next": None,
    }


@of_campaign.post(
    "/{campaign_id}/peaks", auth=scope("campaigns:write"), response={201: dict[str, Any]}
)
def plan_peak(request: HttpRequest, campaign_id: str, body: PeakIn) -> dict[str, Any]:
    """Plan temporary staff."""
    campaign = of_call(request, campaign_id)
    peak, _change = actions.plan_peak(campaign, _fields(body), by=caller(request))
    return shown(peak)


@of_campaign.patch(
    "/{campaign_id}/peaks/{peak_id}", auth=scope("campaigns:write"), response=dict[str, Any]
)
def edit_peak(
    request: HttpRequest, campaign_id: str, peak_id: str, body: PeakPatch
) -> dict[str, Any]:
    """Change some fields, such as how many have passed the training."""
    peak = _peak(request, campaign_id, peak_id)
    actions.edit_peak(peak, _fields(body), by=caller(request))
    return shown(_peak(request, campaign_id, peak_id))


@of_campaign.delete(
    "/{campaign_id}/peaks/{peak_id}", auth=scope("campaigns:write"), response={204: None}
)
def drop_peak(request: HttpRequest, campaign_id: str, peak_id: str) -> None:
    """Drop temporary staff."""
    actions.drop_peak(_peak(request, campaign_id, peak_id), by=caller(request))
