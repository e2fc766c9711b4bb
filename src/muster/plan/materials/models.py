"""Materials, where they lie, who reserved them, and every movement of them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class Place(models.Model):
    """Where materials lie: a warehouse, a store, a region's office."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    region = models.CharField(_("region"), max_length=80, blank=True)

    class Meta:
        ordering = ["region", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("place", self.pk)


class Material(models.Model):
    """One kind of thing that is handed out or put up."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    code = models.CharField(_("code"), max_length=40, blank=True)
    """What stands under its bar code."""
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    unit_cost = models.DecimalField(
        _("cost of one"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    low_at = models.PositiveIntegerField(_("warn below"), default=0)
    owner = models.ForeignKey(
        User, models.SET_NULL, verbose_name=_("looked after by"), related_name="+", null=True,
        blank=True,
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("material", self.pk)


class Stock(models.Model):
    """How much of one material lies at one place, and how much of that is promised."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="stock")
    place = models.ForeignKey(Place, models.PROTECT, related_name="stock")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    """Larger than `on_hand` only after a count found less than was promised."""
    counted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["place__region", "place__name"]
        constraints = [
            models.UniqueConstraint(fields=["material", "place"], name="one_stock_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.material} @ {self.place}: {self.on_hand}"

    @property
    def free(self) -> int:
        """What can still be promised; negative when promises are not covered."""
        return self.on_hand - self.reserved


class Reservation(models.Model):
    """A campaign's claim on materials at one place."""

    class State(models.TextChoices):
        OPEN = "open", _("Reserved")
        USED = "used", _("Handed out")
        RELEASED = "released", _("Given back")

    material = models.ForeignKey(Material, models.PROTECT, related_name="reservations")
    place = models.ForeignKey(Place, models.PROTECT, related_name="reservations")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reservations")
    quantity = models.PositiveIntegerField(_("quantity"))
    """What is still reserved."""
    used = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["campaign", "state"])]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.material}"

    @property
    def public_id(self) -> str:
        return ids.public("reservation", self.pk)


class Transfer(models.Model):
    """Materials on the way from one place to another."""

    class State(models.TextChoices):
        SENT = "sent", _("On the way")
        ARRIVED = "arrived", _("Arrived")
        CANCELLED = "cancelled", _("Called back")

    material = models.ForeignKey(Material, models.PROTECT, related_name="transfers")
    source = models.ForeignKey(Place, models.PROTECT, related_name="transfers_out")
    target = models.ForeignKey(Place, models.PROTECT, related_name="transfers_in")
    quantity = models.PositiveIntegerField(_("quantity"))
    arrived = models.PositiveIntegerField(null=True)
    """How many really came."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.SENT)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.material}: {self.source} → {self.target}"

    @property
    def public_id(self) -> str:
        return ids.public("transfer", self.pk)


class Movement(models.Model):
    """One entry of the stock's own ledger: added, never changed."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        COUNTED = "counted", _("Stock count")
        USED = "used", _("Handed out")
        SENT = "sent", _("Sent away")
        ARRIVED = "arrived", _("Arrived")
        CALLED_BACK = "called_back", _("Called back")

    material = models.ForeignKey(Material, models.CASCADE, related_name="movements")
    place = models.ForeignKey(Place, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    change = models.IntegerField()
    """What it does to `Stock.on_hand`; the sum of all is what lies there."""
    campaign = models.ForeignKey(Campaign, models.SET_NULL, related_name="+", null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["material", "place", "-at"])]

    def __str__(self) -> str:
        return f"{self.change:+} {self.material} @ {self.place}"
