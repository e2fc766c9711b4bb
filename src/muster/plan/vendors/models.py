"""Vendors, and what they deliver for a campaign."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.budget.models import Cost
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class Vendor(models.Model):
    """A company that works for us."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    scope = models.CharField(_("line of work"), max_length=200, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    contract = models.CharField(_("contract"), max_length=300, blank=True)
    """Its number, or a link to it."""
    critical = models.BooleanField(_("the campaign stands or falls with them"), default=False)
    backup = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("who steps in"),
        related_name="steps_in_for",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(backup=models.F("pk")), name="no_vendor_backs_itself"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("vendor", self.pk)


class Delivery(models.Model):
    """Something that a vendor delivers, with what it has to be like to be accepted."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Not ordered yet")
        ORDERED = "ordered", _("On order")
        DELIVERED = "delivered", _("Handed over")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Sent back")
        PAID = "paid", _("Paid for")

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="deliveries")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="deliveries")
    title = models.CharField(_("what"), max_length=160)
    due = models.DateField(_("due"))
    amount = models.DecimalField(_("price"), max_digits=14, decimal_places=2, default=Decimal(0))
    criteria = models.JSONField(_("accepted when"), default=list, blank=True)
    """`[{"text": "…", "met": false}]`"""
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    delivered_on = models.DateField(null=True)
    score = models.PositiveSmallIntegerField(_("mark"), null=True)
    """1 (poor) to 5 (excellent), given on acceptance."""
    note = models.CharField(_("note"), max_length=300, blank=True)
    committed = models.ForeignKey(Cost, models.SET_NULL, related_name="+", null=True)
    """The promise in the ledger that the order made."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__gte=1, score__lte=5),
                name="mark_between_1_and_5",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        return ids.public("delivery", self.pk)
