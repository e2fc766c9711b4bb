"""Views of the list of campaigns that somebody saved, alone or for everybody."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class SavedView(models.Model):
    """Filters, order and grouping under a name."""

    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500, blank=True)
    """The query string of the list, without its page."""
    by = models.ForeignKey(User, models.CASCADE, related_name="views")
    shared = models.BooleanField(_("for the whole team"), default=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["by", "name"], name="one_view_per_name_and_person")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("view", self.pk)
