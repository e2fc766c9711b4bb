"""Risks of a campaign, with the sign by which they show and the plan for that day."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class Risk(models.Model):
    """Something that may go wrong."""

    class Category(models.TextChoices):
        MARKET = "market", _("Market")
        SUPPLY = "supply", _("Supply chain")
        DATA = "data", _("Data security")
        LEGAL = "legal", _("Law")
        TECHNOLOGY = "technology", _("Technology")
        OPINION = "opinion", _("Public opinion")
        TEAM = "team", _("Team")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        FIRED = "fired", _("Happening")
        HANDLED = "handled", _("Handled")
        CLOSED = "closed", _("Closed")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="risks")
    title = models.CharField(_("risk"), max_length=160)
    category = models.CharField(
        _("category"), max_length=10, choices=Category.choices, default=Category.MARKET
    )
    likelihood = models.PositiveSmallIntegerField(_("likelihood"), default=3)
    """1 (hardly) to 5 (almost certain)."""
    impact = models.PositiveSmallIntegerField(_("impact"), default=3)
    """1 (a nuisance) to 5 (the campaign fails)."""
    owner = models.ForeignKey(
        User, models.SET_NULL, verbose_name=_("owner"), related_name="risks", null=True, blank=True
    )
    sign = models.CharField(_("how we would notice"), max_length=200, blank=True)
    trigger = models.JSONField(_("number that shows it"), default=dict, blank=True)
    """`{"metric": key, "op": "lt"|"gt", "value": "2"}`: fires by itself; empty: people look."""
    response = models.TextField(_("what we do against it"), blank=True, max_length=2000)
    plan = models.JSONField(_("plan for that day"), default=list, blank=True)
    """Steps of the plan for that day, as `risks.rules.Step` reads them."""
    money = models.DecimalField(
        _("contingency money"), max_digits=14, decimal_places=2, default=Decimal(0)
    )
    status = models.CharField(
        _("status"), max_length=7, choices=Status.choices, default=Status.OPEN
    )
    fired_at = models.DateTimeField(null=True, blank=True)
    plan_run_at = models.DateTimeField(null=True, blank=True)
    """When its plan was run since it came true; cleared when it comes true again."""
    plan_run_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True, blank=True)
    drilled_on = models.DateField(_("last drill"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    likelihood__gte=1, likelihood__lte=5, impact__gte=1, impact__lte=5
                ),
                name="risk_between_1_and_5",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        return ids.public("risk", self.pk)
