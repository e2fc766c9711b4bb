"""What each person keeps at the top of the palette."""

from __future__ import annotations

from django.db import models

from muster.team.users.models import User


class Pin(models.Model):
    """One entry that one person pinned."""

    user = models.ForeignKey(User, models.CASCADE, related_name="pins")
    url = models.CharField(max_length=300)
    title = models.CharField(max_length=120)
    """What it was called then; shown only where the palette does not find the entry itself."""

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "url"], name="one_pin_per_entry")]

    def __str__(self) -> str:
        return self.title
