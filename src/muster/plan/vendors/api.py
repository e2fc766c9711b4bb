"""Vendors and deliveries in the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import MoneyIn, amount_of, money
from muster.plan.vendors import actions
from muster.plan.vendors.models import Delivery, Vendor
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import demand, has_scope, scope

router = Router(tags=["vendors"])
of_campaign = Router(tags=["vendors"])


class VendorPatch(Strict):
    """The fields of a vendor; those that are left out stay as they are."""

    name: str = ""
    scope: str = ""
    contact: str = ""
    contract: str = ""
    critical: bool = False
    backup: str | None = None


class VendorIn(VendorPatch):
    """A new vendor."""

    name: str


class DeliveryIn(Strict):
    """Something that a vendor is to deliver."""

    vendor: str
    title: str
    due: date
    amount: MoneyIn | Decimal = Decimal(0)
    criteria: list[str] = []


class DeliveryStepIn(Strict):
    """The next step of a delivery."""

    step: Literal["order", "deliver", "accept", "send_back", "pay"]
    score: int = 0
    note: str = ""


class TickIn(Strict):
    """Whether a criterion is met."""

    place: int
    met: bool


def _fields(body: VendorPatch) -> dict[str, Any]:
    fields = body.model_dump(exclude_unset=True)
    if "backup" in fields:
        backup = fields["backup"]
        fields["backup"] = found(Vendor.objects.all(), "vendor", backup) if backup else None
    return fields


def shown(vendor: Vendor) -> dict[str, Any]:
    """A vendor as the API speaks of it."""
    return {
        "id": vendor.public_id,
        "name": vendor.name,
        "scope": vendor.scope,
        "contact": vendor.contact,
        "contract": vendor.contract,
        "critical": vendor.critical,
        "backup": vendor.backup.public_id if vendor.backup else None,
    }


def delivery_shown(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """A delivery as the API speaks of it."""
    return {
        "id": delivery.public_id,
        "vendor": delivery.vendor.public_id,
        "title": delivery.title,
        "due": delivery.due,
        "amount": money(delivery.amount, delivery.campaign.currency)
        if has_scope(request, "budget:read")
        else None,
        "criteria": delivery.criteria,
        "state": delivery.state,
        "delivered_on": delivery.delivered_on,
        "score": delivery.score,
        "note": delivery.note,
    }


def _delivery(request: HttpRequest, campaign_id: str, delivery_id: str) -> Delivery:
    rows = of_call(request, campaign_id).deliveries.select_related("campaign", "vendor")
    return found(rows, "delivery", delivery_id)


@router.get("", auth=scope("campaigns:read"), response=dict[str, Any])
def list_vendors(request: HttpRequest) -> dict[str, Any]:
    """Who works for us."""
    rows = Vendor.objects.select_related("backup")
    return {"items": [shown(vendor) for vendor in rows], "next": None}


@router.post("", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def add_vendor(request: HttpRequest, body: VendorIn) -> dict[str, Any]:
    """A new vendor."""
    return shown(actions.add_vendor(_fields(body), by=caller(request)))


@router.patch("/{vendor_id}", auth=scope("campaigns:write"), response=dict[str, Any])
def edit_vendor(request: HttpRequest, vendor_id: str, body: VendorPatch) -> dict[str, Any]:
    """Change some fields of a vendor."""
    vendor = found(Vendor.objects.all(), "vendor", vendor_id)
    actions.edit_vendor(vendor, _fields(body), by=caller(request))
    vendor.refresh_from_db()
    return shown(vendor)


@of_campaign.get("/{campaign_id}/deliveries", auth=scope("campaigns:read"))
def list_deliveries(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """What vendors deliver for a campaign."""
    rows = of_call(request, campaign_id).deliveries.select_related("campaign", "vendor")
    return {"items": [delivery_shown(request, one) for one in rows], "next": None}


@of_campaign.post(
    "/{campaign_id}/deliveries", auth=scope("campaigns:write"), response={201: dict[str, Any]}
)
def plan_delivery(request: HttpRequest, campaign_id: str, body: DeliveryIn) -> dict[str, Any]:
    """Plan a delivery."""
    campaign = of_call(request, campaign_id)
    delivery = actions.plan_delivery(
        campaign,
        found(Vendor.objects.all(), "vendor", body.vendor),
        body.title,
        body.due,
        amount=amount_of(body.amount, campaign.currency, "/amount"),
        criteria=body.criteria,
        by=caller(request),
    )
    return delivery_shown(request, delivery)


@of_campaign.post("/{campaign_id}/deliveries/{delivery_id}/step", auth=scope("campaigns:write"))
def step(
    request: HttpRequest, campaign_id: str, delivery_id: str, body: DeliveryStepIn
) -> dict[str, Any]:
    """Take the next step; ordering promises the price in the ledger, paying spends it."""
    delivery, by = _delivery(request, campaign_id, delivery_id), caller(request)
    if body.step in {"order", "pay"}:
        demand(request, "budget:write")
    if body.step == "order":
        return delivery_shown(request, actions.order(delivery, by=by))
    if body.step == "deliver":
        return delivery_shown(request, actions.deliver(delivery, by=by))
    if body.step == "accept":
        return delivery_shown(request, actions.accept(delivery, body.score, by=by))
    if body.step == "send_back":
        return delivery_shown(request, actions.send_back(delivery, body.note, by=by))
    return delivery_shown(request, actions.pay(delivery, by=by))


@of_campaign.post("/{campaign_id}/deliveries/{delivery_id}/criteria", auth=scope("campaigns:write"))
def tick(request: HttpRequest, campaign_id: str, delivery_id: str, body: TickIn) -> dict[str, Any]:
    """Say of one criterion whether it is met."""
    delivery = _delivery(request, campaign_id, delivery_id)
    return delivery_shown(request, actions.tick(delivery, body.place, body.met, by=caller(request)))
