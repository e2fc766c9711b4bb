"""Temporary staff of a campaign."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.plan.vendors.models import Vendor
from muster.team.users.models import User


class Peak(models.Model):
    """So many people with a skill, from one day to another; who passed the training counts."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="peaks")
    skill = models.CharField(_("skill"), max_length=60)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    heads = models.PositiveSmallIntegerField(_("number of people"), default=1)
    trained = models.PositiveSmallIntegerField(_("passed the training"), default=0)
    items = models.JSONField(_("training checklist"), default=list, blank=True)
    """A list of texts: what everybody has to pass before the first day."""
    vendor = models.ForeignKey(
        Vendor,
        models.SET_NULL,
        verbose_name=_("vendor"),
        related_name="peaks",
        null=True,
        blank=True,
    )
    source = models.CharField(_("where they come from"), max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="peak_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=models.Q(trained__lte=models.F("heads"), heads__gte=1),
                name="no_more_trained_than_heads",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} × {self.heads}"

    @property
    def public_id(self) -> str:
        return ids.public("peak", self.pk)

    @property
    def is_ready(self) -> bool:
        """Whether everybody has passed the training."""
        return self.trained == self.heads

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last
