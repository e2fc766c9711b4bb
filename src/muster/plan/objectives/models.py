"""What stands above campaigns: objectives of the company, and plans of a quarter or half-year."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class Objective(models.Model):
    """A number that the company wants, or a plan of some months that serves one."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company objective")
        PLAN = "plan", _("Plan")

    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("serves"),
        related_name="parts",
        null=True,
        blank=True,
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.COMPANY)
    name = models.CharField(_("name"), max_length=200)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))
    metric = models.CharField(_("metric"), max_length=60, blank=True)
    """A key of the metric catalogue; empty for an objective that is only a direction."""
    target = models.DecimalField(
        _("target"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    owner = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("owner"), related_name="objectives"
    )
    sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")), name="objective_ends_after_start"
            ),
            models.UniqueConstraint(fields=["name", "starts"], name="one_objective_per_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("objective", self.pk)
