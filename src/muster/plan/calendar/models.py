"""Feeds by which other calendars follow this one, and calendars that were brought in (S15)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class Feed(models.Model):
    """A secret address under which one person's calendar program reads some layers."""

    user = models.ForeignKey(User, models.CASCADE, related_name="feeds")
    name = models.CharField(_("name"), max_length=80)
    layers = models.JSONField(default=list)
    """Keys of layers."""
    countries = models.JSONField(default=list)
    """Whose official days stand in it."""
    hash = models.CharField(max_length=64, unique=True)
    """The address itself is shown once and never stored."""
    at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("feed", self.pk)


class ImportedCalendar(models.Model):
    """A calendar that somebody brought in; its events can be seen here and not be changed."""

    name = models.CharField(_("name"), max_length=80)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("calendar", self.pk)


class ImportedEvent(models.Model):
    """One event, or one return of an event, of a calendar that was brought in."""

    calendar = models.ForeignKey(ImportedCalendar, models.CASCADE, related_name="events")
    title = models.CharField(_("title"), max_length=200)
    first = models.DateField()
    last = models.DateField()
    starts_at = models.DateTimeField(null=True)
    """None for whole days."""
    ends_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["first", "pk"]
        indexes = [models.Index(fields=["first", "last"], name="imported_by_days")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="imported_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        return ids.public("calendar", self.pk)
