"""Materials in the API: what lies where, and moving it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import money, plain
from muster.plan.materials import actions
from muster.plan.materials.models import Material, Place, Reservation, Stock, Transfer
from muster.plan.materials.standing import Shelf, reserved_by, shelves
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import scope
from muster.team.users.models import Workspace

router = Router(tags=["materials"])
of_campaign = Router(tags=["materials"])


class PlaceIn(Strict):
    """A new place."""

    name: str
    region: str = ""


class MaterialIn(Strict):
    """A new kind of material."""

    name: str
    code: str = ""
    unit: str = ""
    unit_cost: Decimal = Decimal(0)
    currency: str | None = None
    low_at: int = 0


class QuantityIn(Strict):
    """How many at which place."""

    place: str
    quantity: int
    note: str = ""


class CountIn(Strict):
    """What was found at a place."""

    place: str
    found: int
    note: str = ""


class TransferIn(Strict):
    """From one place to another."""

    source: str
    target: str
    quantity: int


class ReserveIn(Strict):
    """Materials for a campaign."""

    material: str
    place: str
    quantity: int


class HandOutIn(Strict):
    """How many leave the shelf."""

    quantity: int


class ArriveIn(Strict):
    """How many came; all, if nothing is said."""

    arrived: int | None = None


def _place(given: str, at: str) -> Place:
    """The place of this id or name."""
    pk = ids.number("place", given)
    place = Place.objects.filter(pk=pk or 0).first() or Place.objects.filter(name=given).first()
    if place is None:
        known = ", ".join(Place.objects.values_list("name", flat=True)[:20])
        raise Invalid.at(
            at,
            "unknown_place",
            _("There is no place “%(given)s”. Use one of: %(known)s."),
            given=given,
            known=known or "–",
        )
    return place


def _stock(stock: Stock) -> dict[str, Any]:
    return {
        "place": stock.place.name,
        "region": stock.place.region,
        "on_hand": stock.on_hand,
        "reserved": stock.reserved,
        "free": stock.free,
        "counted_at": stock.counted_at,
    }


def shown(shelf: Shelf) -> dict[str, Any]:
    """A material as the API speaks of it."""
    material = shelf.material
    return {
        "id": material.public_id,
        "name": material.name,
        "code": material.code,
        "unit": material.unit,
        "unit_cost": money(material.unit_cost, material.currency),
        "low_at": material.low_at,
        "on_hand": shelf.on_hand,
        "reserved": shelf.reserved,
        "free": shelf.free,
        "on_the_way": shelf.on_the_way,
        "places": [_stock(row) for row in shelf.stock],
    }


def reservation(held: Reservation) -> dict[str, Any]:
    """A reservation as the API speaks of it."""
    return {
        "id": held.public_id,
        "material": held.material.public_id,
        "place": held.place.name,
        "quantity": held.quantity,
        "used": held.used,
        "state": held.state,
    }


def _transfer(sent: Transfer) -> dict[str, Any]:
    return {
        "id": sent.public_id,
        "material": sent.material.public_id,
        "source": sent.source.name,
        "target": sent.target.name,
        "quantity": plain(Decimal(sent.quantity)),
        "arrived": sent.arrived,
        "state": sent.state,
    }


@router.get("", auth=scope("materials:read"), response=dict[str, Any])
def list_materials(request: HttpRequest) -> dict[str, Any]:
    """Every material with what lies where."""
    return {"items": [shown(shelf) for shelf in shelves()], "next": None}


@router.post("", auth=scope("materials:write"), response={201: dict[str, Any]})
def add_material(request: HttpRequest, body: MaterialIn) -> dict[str, Any]:
    """A new kind of material."""
    fields = body.model_dump()
    fields["currency"] = fields["currency"] or Workspace.here().currency
    return shown(Shelf(actions.add_material(**fields, by=caller(request)), [], 0))


@router.get("/places", auth=scope("materials:read"), response=dict[str, Any])
def list_places(request: HttpRequest) -> dict[str, Any]:
    """Where materials can lie."""
    items = [{"id": p.public_id, "name": p.name, "region": p.region} for p in Place.objects.all()]
    return {"items": items, "next": None}


@router.post("/places", auth=scope("materials:write"), response={201: dict[str, Any]})
def add_place(request: HttpRequest, body: PlaceIn) -> dict[str, Any]:
    """A new place."""
    place = actions.add_place(body.name, body.region, by=caller(request))
    return {"id": place.public_id, "name": place.name, "region": place.region}


@router.post("/transfers/{transfer_id}/arrive", auth=scope("materials:write"))
def arrive(request: HttpRequest, transfer_id: str, body: ArriveIn) -> dict[str, Any]:
    """The materials came."""
    sent = found(Transfer.objects.all(), "transfer", transfer_id)
    return _transfer(actions.arrive(sent, body.arrived, by=caller(request)))


@router.post("/transfers/{transfer_id}/cancel", auth=scope("materials:write"))
def call_back(request: HttpRequest, transfer_id: str) -> dict[str, Any]:
    """What is on the way turns round."""
    sent = found(Transfer.objects.all(), "transfer", transfer_id)
    return _transfer(actions.call_back(sent, by=caller(request)))


@router.post("/{material_id}/receive", auth=scope("materials:write"), response=dict[str, Any])
def receive(request: HttpRequest, material_id: str, body: QuantityIn) -> dict[str, Any]:
    """Materials came in."""
    material = found(Material.objects.all(), "material", material_id)
    place = _place(body.place, "/place")
    stock = actions.receive(material, place, body.quantity, by=caller(request), note=body.note)
    return _stock(stock)


@router.post("/{material_id}/count", auth=scope("materials:write"), response=dict[str, Any])
def count(request: HttpRequest, material_id: str, body: CountIn) -> dict[str, Any]:
    """Somebody counted."""
    material = found(Material.objects.all(), "material", material_id)
    place = _place(body.place, "/place")
    stock = actions.count(material, place, body.found, by=caller(request), note=body.note)
    return _stock(stock)


@router.post(
    "/{material_id}/transfer", auth=scope("materials:write"), response={201: dict[str, Any]}
)
def transfer(request: HttpRequest, material_id: str, body: TransferIn) -> dict[str, Any]:
    """Send free materials to another place."""
    material = found(Material.objects.all(), "material", material_id)
    source, target = _place(body.source, "/source"), _place(body.target, "/target")
    return _transfer(actions.send(material, source, target, body.quantity, by=caller(request)))


@of_campaign.get("/{campaign_id}/reservations", auth=scope("materials:read"))
def list_reservations(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """What a campaign has reserved."""
    campaign = of_call(request, campaign_id)
    return {"items": [reservation(held) for held in reserved_by(campaign)], "next": None}


@of_campaign.post(
    "/{campaign_id}/reservations",
    auth=scope("materials:write"),
    response={201: dict[str, Any]},
)
def reserve(request: HttpRequest, campaign_id: str, body: ReserveIn) -> dict[str, Any]:
    """Promise materials to a campaign; refused with what is free when they are not there."""
    campaign = of_call(request, campaign_id)
    material = found(Material.objects.all(), "material", body.material)
    place = _place(body.place, "/place")
    held = actions.reserve(campaign, material, place, body.quantity, by=caller(request))
    return reservation(held)


@of_campaign.post(
    "/{campaign_id}/reservations/{reservation_id}/release", auth=scope("materials:write")
)
def release(request: HttpRequest, campaign_id: str, reservation_id: str) -> dict[str, Any]:
    """Give back what is still reserved."""
    rows = of_call(request, campaign_id).reservations.all()
    held = found(rows, "reservation", reservation_id)
    return reservation(actions.release(held, by=caller(request)))


@of_campaign.post(
    "/{campaign_id}/reservations/{reservation_id}/hand-out", auth=scope("materials:write")
)
def hand_out(
    request: HttpRequest, campaign_id: str, reservation_id: str, body: HandOutIn
) -> dict[str, Any]:
    """Reserved materials leave the shelf; their cost is booked."""
    rows = of_call(request, campaign_id).reservations.all()
    held = found(rows, "reservation", reservation_id)
    return reservation(actions.hand_out(held, body.quantity, by=caller(request)))
