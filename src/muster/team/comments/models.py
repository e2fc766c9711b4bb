"""Comments on anything."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class Comment(models.Model):
    """What somebody wrote about a thing."""

    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField(null=True)
    text = models.TextField(_("comment"), max_length=4000)
    mentions = models.JSONField(default=list, blank=True)
    """Numbers of the people whose names stand in the text."""
    by = models.ForeignKey(User, models.PROTECT, related_name="comments")
    at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["kind", "object_id", "at"])]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def public_id(self) -> str:
        return ids.public("comment", self.pk)
