"""What people were told, and whether they have seen it."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext

from muster.kit import ids
from muster.team.users.models import User


class Notice(models.Model):
    """Something that one person should know; news of the same thing renews the same notice."""

    to = models.ForeignKey(User, models.CASCADE, related_name="notices")
    event = models.CharField(max_length=40)
    """A key of `notices.events.EVENTS`."""
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField(null=True)
    text = models.CharField(max_length=300)
    """An English sentence marked for translation, with %(named)s places."""
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    times = models.PositiveIntegerField(default=1)
    """How often it was news since it was last read."""
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    """Nothing is left to do about it."""

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["to", "event", "kind", "object_id"], name="one_notice_per_thing"
            )
        ]
        indexes = [models.Index(fields=["to", "read_at", "-at"])]

    def __str__(self) -> str:
        words = gettext(self.text)
        return words % self.params if self.params else words.replace("%%", "%")

    @property
    def public_id(self) -> str:
        return ids.public("notice", self.pk)
