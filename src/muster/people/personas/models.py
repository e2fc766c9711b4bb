"""A persona (PE6): who somebody typical is, and the segment whose numbers say whether it is so."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.people.segments.models import Segment
from muster.team.users.models import User


class PersonaQuerySet(models.QuerySet["Persona"]):
    """Which personas?"""

    def visible_to(self, user: User) -> PersonaQuerySet:
        """Those that this person may see: whoever plans or writes may know for whom."""
        return self.filter(deleted_at=None) if user.may("campaigns.see") else self.none()


class Persona(models.Model):
    """A typical person for whom something is made."""

    name = models.CharField(_("name"), max_length=80)
    who = models.TextField(_("who they are"), blank=True, max_length=1000)
    aims = models.TextField(_("what they want"), blank=True, max_length=1000)
    pains = models.TextField(_("what troubles them"), blank=True, max_length=1000)
    objections = models.TextField(_("why they hesitate"), blank=True, max_length=1000)
    words = models.TextField(_("words they use"), blank=True, max_length=1000)
    channels = models.JSONField(_("channels"), default=list, blank=True)
    """Keys of channels, the best first."""
    hours = models.CharField(_("when they are active"), max_length=120, blank=True)
    segment = models.ForeignKey(
        Segment,
        models.SET_NULL,
        verbose_name=_("segment"),
        related_name="personas",
        null=True,
        blank=True,
    )
    numbers = models.JSONField(default=dict, blank=True)
    """What was counted of the segment: `{"count", "reachable", "cities", "channels", "hours"}`."""
    counted_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    version = models.PositiveIntegerField(default=1)
    sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PersonaQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("persona", self.pk)
