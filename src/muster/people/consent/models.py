"""What a person allowed or refused, when, and what proves it (PE3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.people.consent.rules import CHANNELS, PURPOSES
from muster.people.profile.models import Person
from muster.team.users.models import User


class State(models.TextChoices):
    """What we know of a person's will."""

    GRANTED = "granted", _("Allowed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    UNKNOWN = "unknown", _("Unknown")
    PENDING = "pending", _("Not confirmed yet")


class ConsentEntry(models.Model):
    """One thing that a person said about one channel and purpose; never changed afterwards."""

    message_id = models.CharField(max_length=200, unique=True)
    """That of the event which says the same in the log."""
    person = models.ForeignKey(Person, models.CASCADE, related_name="consent_entries")
    channel = models.CharField(_("channel"), max_length=20, choices=list(CHANNELS.items()))
    purpose = models.CharField(_("purpose"), max_length=20, choices=list(PURPOSES.items()))
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    source = models.CharField(_("source"), max_length=120)
    at = models.DateTimeField()
    text_version = models.CharField(max_length=60, blank=True)
    """Which text the person saw."""
    proof = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "channel", "purpose", "at"])]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.state}"


class ConsentState(models.Model):
    """What holds now for a person, channel and purpose: the sum of the entries."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    channel = models.CharField(_("channel"), max_length=20, choices=list(CHANNELS.items()))
    purpose = models.CharField(_("purpose"), max_length=20, choices=list(PURPOSES.items()))
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    at = models.DateTimeField()
    entry = models.ForeignKey(ConsentEntry, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "channel", "purpose"], name="one_state_per_channel_and_purpose"
            )
        ]
        indexes = [models.Index(fields=["channel", "purpose", "state"])]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.state}"


class Suppression(models.Model):
    """An address to which nothing is sent; it outlives the person and every import."""

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", _("Address does not exist")
        COMPLAINT = "complaint", _("Complained")
        ERASED = "erased", _("Erased")
        MANUAL = "manual", _("By hand")
        UNSUBSCRIBED_ALL = "unsubscribed_all", _("Unsubscribed from everything")

    channel = models.CharField(_("channel"), max_length=20, choices=list(CHANNELS.items()))
    address_hash = models.CharField(max_length=32)
    """Keyed hash: the list says of a known address whether it is on it, and nothing else."""
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    at = models.DateTimeField()
    source = models.CharField(_("source"), max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address_hash"], name="one_suppression_per_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"
