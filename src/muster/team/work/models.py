"""What somebody put off: it comes back to My work by itself."""

from __future__ import annotations

from django.db import models

from muster.team.users.models import User


class Snooze(models.Model):
    """One thing of one person's list, out of sight until a moment."""

    user = models.ForeignKey(User, models.CASCADE, related_name="snoozes")
    key = models.CharField(max_length=240)
    """Lane and thing, as `work.registry.Item` names it."""
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_snooze_per_thing")]

    def __str__(self) -> str:
        return f"{self.key} until {self.until:%Y-%m-%d %H:%M}"
