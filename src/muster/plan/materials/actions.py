"""What people do with materials: take them in, count, reserve, hand out, send elsewhere.

A promise is one conditional UPDATE, so that two people who reserve at once cannot both get the
last box, whatever the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.money import is_currency
from muster.kit.words import _
from muster.plan.budget.actions import book_cost
from muster.plan.budget.models import BudgetLine, Cost
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.materials.models import (
    Material,
    Movement,
    Place,
    Reservation,
    Stock,
    Transfer,
)
from muster.team.changes.actions import record_change, takes_back
from muster.team.changes.keeping import CHANGED
from muster.team.changes.models import Change
from muster.team.notices.actions import amend, close, is_known, notify
from muster.team.users.models import User

_MOST = 10**9


class TooFew(Refused):
    """There is not as much free as was asked for."""

    code = "too_few"
    text = _(
        "Only %(free)s of “%(material)s” are free at %(place)s. Reserve fewer, or have some sent "
        "there."
    )


@transaction.atomic
def add_place(name: str, region: str = "", *, by: User) -> Place:
    """A new place."""
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid.at("/name", "blank", _("Give the place a name of at most 80 characters."))
    if Place.objects.filter(name=name).exists():
        raise Invalid.at("/name", "taken", _("There is a place “%(name)s” already."), name=name)
    place = Place.objects.create(name=name, region=region.strip()[:80])
    record_change("created", place, by=by)
    return place


@transaction.atomic
def add_material(
    name: str,
    *,
    by: User,
    code: str = "",
    unit: str = "",
    unit_cost: Decimal = Decimal(0),
    currency: str = "CNY",
    low_at: int = 0,
    owner: User | None = None,
) -> Material:
    """A new kind of material; whoever adds it looks after it unless another is named."""
    name = name.strip()
    problems = []
    if not name or len(name) > 120:
        problems.append(Problem("/name", "blank", _("Give it a name of at most 120 characters.")))
    elif Material.objects.filter(name=name).exists():
        problems.append(
            Problem("/name", "taken", _("There is “%(name)s” already."), {"name": name})
        )
    if not 0 <= unit_cost < Decimal(10) ** 10 or unit_cost != unit_cost.quantize(Decimal("0.01")):
        problems.append(
            Problem(
                "/unit_cost",
                "out_of_range",
                _("The cost of one is zero or more, with at most two decimals."),
            )
        )
    if not is_currency(currency):
        problems.append(
            Problem(
                "/currency",
                "unknown_currency",
                _("“%(currency)s” is no currency. Use a code such as CNY, TWD, HKD or USD."),
                {"currency": currency},
            )
        )
    if not 0 <= low_at <= _MOST:
        problems.append(Problem("/low_at", "out_of_range", _("Warn below a number from 0.")))
    if problems:
        raise Invalid.of(problems)
    material = Material.objects.create(
        name=name,
        code=code.strip()[:40],
        unit=unit.strip()[:20],
        unit_cost=unit_cost,
        currency=currency,
        low_at=low_at,
        owner=owner or by,
    )
    record_change("created", material, by=by)
    return material


@transaction.atomic
def receive(material: Material, place: Place, quantity: int, *, by: User, note: str = "") -> Stock:
    """Materials came in."""
    _positive(quantity)
    stock = _stock(material, place)
    Stock.objects.filter(pk=stock.pk).update(on_hand=F("on_hand") + quantity)
    _move(material, place, Movement.Kind.RECEIVED, quantity, by=by, note=note)
    _look_at(material)
    return _fresh(stock)


@transaction.atomic
def count(material: Material, place: Place, found: int, *, by: User, note: str = "") -> Stock:
    """Somebody counted: that is what lies there now, and the ledger keeps the difference."""
    if not 0 <= found <= _MOST:
        raise Invalid.at("/found", "out_of_range", _("A count is a whole number from 0."))
    stock = Stock.objects.select_for_update().get(pk=_stock(material, place).pk)
    change = found - stock.on_hand
    Stock.objects.filter(pk=stock.pk).update(on_hand=found, counted_at=timezone.now())
    _move(material, place, Movement.Kind.COUNTED, change, by=by, note=note)
    _look_at(material)
    return _fresh(stock)


@transaction.atomic
def reserve(
    campaign: Campaign, material: Material, place: Place, quantity: int, *, by: User
) -> Reservation:
    """Promise materials to a campaign; refused, with what is free, when they are not there."""
    _positive(quantity)
    if not campaign.may_be_planned:
        raise Refused(_("The campaign is closed, so nothing more is reserved for it."))
    _take_free(material, place, quantity)
    reservation = Reservation.objects.create(
        material=material, place=place, campaign=campaign, quantity=quantity, by=by
    )
    record_change("reserved", reservation, by=by, campaign=campaign.pk, quantity=quantity)
    _look_at(material)
    touch(campaign)
    return reservation


@transaction.atomic
def release(reservation: Reservation, *, by: User | None, with_close: bool = False) -> Reservation:
    """Give back what is still reserved; `with_close`: because its campaign came to an end."""
    held = _open(reservation)
    Stock.objects.filter(material=held.material, place=held.place).update(
        reserved=F("reserved") - held.quantity
    )
    record_change(
        "released",
        held,
        by=by,
        undo={"back": {"quantity": held.quantity}},
        campaign=held.campaign_id,
        quantity=held.quantity,
        close=with_close,
    )
    held.quantity, held.state = 0, Reservation.State.RELEASED
    held.save(update_fields=["quantity", "state"])
    _look_at(held.material)
    touch(held.campaign)
    return held


@takes_back("released")
def promise_again(change: Change, back: Mapping[str, Any], by: User) -> None:
    """What was given back is reserved again, if it is still free."""
    rows = Reservation.objects.select_for_update(of=("self",))
    held = rows.select_related("material", "place", "campaign").filter(pk=change.object_id).first()
    if held is None or held.state != Reservation.State.RELEASED:
        raise Refused(CHANGED)
    if not held.campaign.may_be_planned:
        raise Refused(_("The campaign is closed, so nothing more is reserved for it."))
    _take_free(held.material, held.place, back["quantity"])
    held.quantity, held.state = back["quantity"], Reservation.State.OPEN
    held.save(update_fields=["quantity", "state"])
    _look_at(held.material)
    touch(held.campaign)


@transaction.atomic
def release_all(campaign: Campaign, *, by: User | None) -> None:
    """What a campaign still holds when it comes to an end is free for others."""
    for held in campaign.reservations.filter(state=Reservation.State.OPEN):
        release(held, by=by, with_close=True)


@transaction.atomic
def take_again(campaign: Campaign, *, by: User) -> list[TooFew]:
    """Reserve anew what the close gave back; answers with what is not free any more."""
    given_back = Change.objects.filter(
        kind=Reservation._meta.label_lower, verb="released", undone_at=None,
        details__campaign=campaign.pk, details__close=True,
    )  # fmt: skip
    short = []
    for change in given_back.order_by("pk"):
        held = Reservation.objects.select_for_update(of=("self",)).get(pk=change.object_id)
        quantity = change.details["quantity"]
        change.undone_at = timezone.now()
        change.save(update_fields=["undone_at"])
        try:
            _take_free(held.material, held.place, quantity)
        except TooFew as few:
            short.append(few)
            continue
        held.quantity, held.state = quantity, Reservation.State.OPEN
        held.save(update_fields=["quantity", "state"])
        record_change("reserved", held, by=by, campaign=campaign.pk, quantity=quantity)
        _look_at(held.material)
    return short


@transaction.atomic
def hand_out(reservation: Reservation, quantity: int, *, by: User) -> Reservation:
    """Reserved materials leave the shelf; what they cost is booked on the campaign."""
    _positive(quantity)
    held = _open(reservation)
    if quantity > held.quantity:
        raise Refused(
            _("Only %(left)s are still reserved. Reserve more before you hand them out."),
            code="too_few",
            left=held.quantity,
        )
    changed = Stock.objects.filter(
        material=held.material, place=held.place, on_hand__gte=quantity
    ).update(on_hand=F("on_hand") - quantity, reserved=F("reserved") - quantity)
    if not changed:
        stock = _stock(held.material, held.place)
        raise Refused(
            _("Only %(there)s lie at %(place)s by the last count. Count again, or receive more."),
            code="too_few",
            there=stock.on_hand,
            place=held.place,
        )
    _move(held.material, held.place, Movement.Kind.USED, -quantity, by=by, campaign=held.campaign)
    held.quantity -= quantity
    held.used += quantity
    if not held.quantity:
        held.state = Reservation.State.USED
    held.save(update_fields=["quantity", "used", "state"])
    _book(held, quantity, by=by)
    record_change("handed_out", held, by=by, campaign=held.campaign_id, quantity=quantity)
    touch(held.campaign)
    return held


@transaction.atomic
def send(material: Material, source: Place, target: Place, quantity: int, *, by: User) -> Transfer:
    """Send free materials to another place; they count nowhere until they arrive."""
    _positive(quantity)
    if source == target:
        raise Invalid.at("/target", "same_place", _("Choose another place than where it lies."))
    changed = Stock.objects.filter(
        material=material, place=source, on_hand__gte=F("reserved") + quantity
    ).update(on_hand=F("on_hand") - quantity)
    if not changed:
        raise _too_few(material, source)
    _move(material, source, Movement.Kind.SENT, -quantity, by=by, note=str(target))
    transfer = Transfer.objects.create(
        material=material, source=source, target=target, quantity=quantity, by=by
    )
    record_change("sent", transfer, by=by, quantity=quantity)
    _look_at(material)
    return transfer


@transaction.atomic
def arrive(transfer: Transfer, arrived: int | None = None, *, by: User) -> Transfer:
    """The materials came; what is missing on arrival stays visible in the transfer."""
    sent = _on_the_way(transfer)
    arrived = sent.quantity if arrived is None else arrived
    if not 0 <= arrived <= sent.quantity:
        raise Invalid.at(
            "/arrived",
            "out_of_range",
            _("Between 0 and %(sent)s came."),
            sent=sent.quantity,
        )
    stock = _stock(sent.material, sent.target)
    Stock.objects.filter(pk=stock.pk).update(on_hand=F("on_hand") + arrived)
    _move(sent.material, sent.target, Movement.Kind.ARRIVED, arrived, by=by, note=str(sent.source))
    sent.state, sent.arrived = Transfer.State.ARRIVED, arrived
    sent.save(update_fields=["state", "arrived"])
    record_change("arrived", sent, by=by, quantity=arrived)
    _look_at(sent.material)
    return sent


@transaction.atomic
def call_back(transfer: Transfer, *, by: User) -> Transfer:
    """Materials on the way turn round: they lie where they came from again."""
    sent = _on_the_way(transfer)
    stock = _stock(sent.material, sent.source)
    Stock.objects.filter(pk=stock.pk).update(on_hand=F("on_hand") + sent.quantity)
    _move(sent.material, sent.source, Movement.Kind.CALLED_BACK, sent.quantity, by=by)
    sent.state = Transfer.State.CANCELLED
    sent.save(update_fields=["state"])
    record_change("called_back", sent, by=by, quantity=sent.quantity)
    _look_at(sent.material)
    return sent


def _take_free(material: Material, place: Place, quantity: int) -> None:
    changed = Stock.objects.filter(
        material=material, place=place, on_hand__gte=F("reserved") + quantity
    ).update(reserved=F("reserved") + quantity)
    if not changed:
        raise _too_few(material, place)


def _too_few(material: Material, place: Place) -> TooFew:
    stock = Stock.objects.filter(material=material, place=place).first()
    return TooFew(free=max(stock.free, 0) if stock else 0, material=material, place=place)


def _stock(material: Material, place: Place) -> Stock:
    return Stock.objects.get_or_create(material=material, place=place)[0]


def _fresh(stock: Stock) -> Stock:
    stock.refresh_from_db()
    return stock


def _positive(quantity: int) -> None:
    if not 0 < quantity <= _MOST:
        raise Invalid.at("/quantity", "out_of_range", _("A quantity is a whole number from 1."))


def _open(reservation: Reservation) -> Reservation:
    held = (
        Reservation.objects.select_for_update(of=("self",))
        .select_related("material", "place", "campaign")
        .get(pk=reservation.pk)
    )
    if held.state != Reservation.State.OPEN:
        raise Refused(_("This reservation is settled already."))
    return held


def _on_the_way(transfer: Transfer) -> Transfer:
    sent = (
        Transfer.objects.select_for_update(of=("self",))
        .select_related("material", "source", "target")
        .get(pk=transfer.pk)
    )
    if sent.state != Transfer.State.SENT:
        raise Refused(_("These materials are not on the way any more."))
    return sent


def _move(
    material: Material,
    place: Place,
    kind: Movement.Kind,
    change: int,
    *,
    by: User | None,
    campaign: Campaign | None = None,
    note: str = "",
) -> None:
    Movement.objects.create(
        material=material, place=place, kind=kind, change=change, campaign=campaign,
        note=note[:200], by=by,
    )  # fmt: skip


def _book(held: Reservation, quantity: int, *, by: User) -> None:
    material = held.material
    if not material.unit_cost:
        return
    lines = held.campaign.lines.filter(category=BudgetLine.Category.MATERIALS)
    book_cost(
        held.campaign,
        kind=Cost.Kind.ACTUAL,
        amount=material.unit_cost * quantity,
        at=today(),
        by=by,
        line=lines.first(),
        category=BudgetLine.Category.MATERIALS,
        note=f"{material} × {quantity}",
        source=Cost.Source.AUTO,
        currency=material.currency,
    )


def _look_at(material: Material) -> None:
    """Tell whoever looks after it when little is left, and forget it when there is enough again."""
    if not material.low_at or material.owner is None:
        return
    free = sum(stock.free for stock in Stock.objects.filter(material=material))
    if free >= material.low_at:
        close(material, "stock_low")
        return
    params: dict[str, object] = {"free": free, "material": str(material), "low": material.low_at}
    if is_known(material, "stock_low") and free > 0:
        amend(material, "stock_low", params)
        return
    notify(
        "stock_low",
        material,
        [material.owner],
        _("Only %(free)s of “%(material)s” are free; you asked to be told below %(low)s."),
        url=reverse("plan:materials"),
        params=params,
    )
