"""Who was last seen on which page."""

from __future__ import annotations

from django.db import models

from muster.team.users.models import User


class Presence(models.Model):
    """Somebody has this page open; the row is renewed while that is so."""

    user = models.ForeignKey(User, models.CASCADE, related_name="presence")
    page = models.CharField(max_length=120)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "user"], name="one_presence_per_page")
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.page}"
