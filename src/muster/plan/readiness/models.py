"""What people said about a check, and what the workspace decided about all of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class Waiver(models.Model):
    """Somebody answers for going on although a check fails; it is kept for ever."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="waivers")
    check_key = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    """What the check asked, in English: it is still readable when the check is gone."""
    done = models.BooleanField(default=False)
    """A check that only people can answer was answered, instead of set aside."""
    blocking = models.BooleanField(default=False)
    covers = models.JSONField(default=list)
    """What was found then; anything else that the check finds later is open again."""
    reason = models.TextField(_("reason"), max_length=500, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="waivers")
    at = models.DateTimeField(auto_now_add=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "check_key"],
                condition=models.Q(revoked_at=None),
                name="one_waiver_per_check",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        return ids.public("waiver", self.pk)


class Sighting(models.Model):
    """What the machine found out about a campaign beside the pages, because it takes a while."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sightings")
    what = models.CharField(max_length=60)
    """The key of a `looking.Look`."""
    mark = models.CharField(max_length=64)
    """What was looked at: another mark means that it has to be looked at anew."""
    found = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "what"], name="one_sighting_per_look")
        ]

    def __str__(self) -> str:
        return self.what


class CheckRule(models.Model):
    """What this workspace decided about a check, over what the code says; or a check of its own."""

    key = models.CharField(max_length=80, unique=True)
    off = models.BooleanField(default=False)
    severity = models.CharField(max_length=5, blank=True)
    """A `checks.Severity`; empty: as the check itself says."""
    dials = models.JSONField(default=dict)
    """Name of a number of the check → what it is here."""
    strategies = models.JSONField(default=list)
    """The kinds of campaigns that are asked; empty: all."""
    group = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=120, blank=True)
    """What a check of the workspace's own is called; empty for those of the code."""
    text = models.CharField(max_length=300, blank=True)
    duty = models.CharField(max_length=20, blank=True)
    """Who says that it is done: a `rules.Duty` or a role; empty: whoever plans the campaign."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title or self.key

    @property
    def is_own(self) -> bool:
        return bool(self.title)
