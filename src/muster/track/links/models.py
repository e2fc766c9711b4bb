"""A short link (TR1): an address short enough for a poster, and where it leads."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
CODE_LENGTH = 7


def new_code() -> str:
    """A code that nobody can guess, of letters that nobody misreads."""
    return "".join(secrets.choice(_LETTERS) for _n in range(CODE_LENGTH))


class ShortLinkQuerySet(models.QuerySet["ShortLink"]):
    """Which short links?"""

    def visible_to(self, user: User) -> ShortLinkQuerySet:
        """Those of campaigns that this person may see, and those of none."""
        if not user.may("content.see"):
            return self.none()
        campaigns = Campaign.objects.visible_to(user)
        return self.filter(
            models.Q(campaign=None) | models.Q(campaign__in=campaigns), deleted_at=None
        )


class ShortLink(models.Model):
    """A short address that leads to one tagged address."""

    code = models.CharField(max_length=16, unique=True, default=new_code, editable=False)
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="short_links", null=True, blank=True
    )
    channel = models.CharField(_("channel"), max_length=40)
    placement = models.CharField(_("placement"), max_length=80, blank=True)
    target = models.CharField(_("address it leads to"), max_length=2000)
    """Where it leads, with its tags."""
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ShortLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.placement or self.code

    @property
    def public_id(self) -> str:
        return ids.public("link", self.pk)

    @property
    def address(self) -> str:
        """The short address itself."""
        return f"{settings.PUBLIC_URL.rstrip('/')}/s/{self.code}"
