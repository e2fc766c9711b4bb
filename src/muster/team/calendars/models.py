"""Days of one's own, and days on which somebody is away."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class CustomDay(models.Model):
    """A day that matters here: a brand day, a works holiday, a Saturday that is worked."""

    class Effect(models.TextChoices):
        NOTE = "note", _("Marked only")
        OFF = "off", _("Day off")
        WORK = "work", _("Working day")

    class Recurrence(models.TextChoices):
        ONCE = "once", _("Once")
        YEARLY = "yearly", _("Every year")
        LUNAR = "lunar", _("Every lunar year")
        MONTHLY = "monthly", _("Every month")

    name = models.CharField(_("name"), max_length=80)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    effect = models.CharField(
        _("effect"), max_length=4, choices=Effect.choices, default=Effect.NOTE
    )
    recurrence = models.CharField(
        _("returns"), max_length=7, choices=Recurrence.choices, default=Recurrence.ONCE
    )
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="custom_day_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("day", self.pk)


class Leave(models.Model):
    """Somebody is away from the first to the last day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="leave")
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="leave_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.first} – {self.last}"

    @property
    def public_id(self) -> str:
        return ids.public("leave", self.pk)
