"""Tools that the team noted down itself."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class Tool(models.Model):
    """Something the team works with that Muster does not see by itself."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    purpose = models.CharField(_("what for"), max_length=200, blank=True)
    owner = models.ForeignKey(
        User,
        models.SET_NULL,
        verbose_name=_("who looks after it"),
        related_name="tools",
        null=True,
        blank=True,
    )
    monthly = models.DecimalField(
        _("cost per month"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    """None where nobody said; free is zero."""
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    contract_ends = models.DateField(_("contract ends"), null=True, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(monthly__isnull=True) | models.Q(monthly__gte=0),
                name="tool_cost_not_negative",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("tool", self.pk)
