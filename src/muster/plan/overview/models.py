"""What people put into the list of campaigns: tags, saved views, and which columns they want."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
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


class Tag(models.Model):
    """A word by which a campaign is found again."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tags")
    name = models.CharField(_("tag"), max_length=40, db_index=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="one_tag_per_campaign")
        ]

    def __str__(self) -> str:
        return self.name


class ListLook(models.Model):
    """Which columns one person sees in the list; who has no row sees the usual ones."""

    user = models.OneToOneField(User, models.CASCADE, related_name="list_look")
    columns = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.user)
