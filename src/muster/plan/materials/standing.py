"""What lies where, what is promised, and what is on the way."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from muster.plan.campaigns.models import Campaign
from muster.plan.materials.models import Material, Reservation, Stock, Transfer


@dataclass(frozen=True)
class Shelf:
    """One material over all places."""

    material: Material
    stock: list[Stock]
    on_the_way: int

    @property
    def on_hand(self) -> int:
        return sum(row.on_hand for row in self.stock)

    @property
    def reserved(self) -> int:
        return sum(row.reserved for row in self.stock)

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        return self.free < self.material.low_at

    @property
    def is_short(self) -> bool:
        """More is promised somewhere than lies there."""
        return any(row.free < 0 for row in self.stock)


def shelves() -> list[Shelf]:
    """Every material with its places, in three queries."""
    stock: dict[int, list[Stock]] = {}
    for row in Stock.objects.select_related("place"):
        stock.setdefault(row.material_id, []).append(row)
    moving = dict(
        Transfer.objects.filter(state=Transfer.State.SENT)
        .order_by()
        .values_list("material")
        .annotate(Sum("quantity"))
    )
    materials = Material.objects.select_related("owner")
    return [
        Shelf(material, stock.get(material.pk, []), moving.get(material.pk, 0))
        for material in materials
    ]


def reserved_by(campaign: Campaign) -> list[Reservation]:
    """The campaign's reservations, settled ones last."""
    rows = campaign.reservations.select_related("material", "place")
    order = {Reservation.State.OPEN: 0, Reservation.State.USED: 1, Reservation.State.RELEASED: 2}
    return sorted(rows, key=lambda one: (order[Reservation.State(one.state)], one.pk))
