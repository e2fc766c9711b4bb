"""What was ticked off in the morning."""

from __future__ import annotations

from django.db import models

from muster.team.users.models import User


class Tick(models.Model):
    """One line of one day's stand-up was talked about."""

    day = models.DateField()
    key = models.CharField(max_length=80)
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "key"], name="one_tick_per_line")]

    def __str__(self) -> str:
        return f"{self.day} {self.key}"
