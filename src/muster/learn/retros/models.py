"""What is remembered of a campaign when it is over (LE1)."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User

SCREENS = {
    "brief": _("Brief"),
    "budget": _("Budget"),
    "audience": _("Audience"),
    "content": _("E-mail"),
    "send": _("Send review"),
    "results": _("Results"),
}
"""Where a lesson should appear again, and what that place is called."""


class Retro(models.Model):
    """The team's look back at one campaign."""

    class Status(models.TextChoices):
        OPEN = "open", _("Being written")
        DONE = "done", _("Done")

    class Again(models.TextChoices):
        YES = "yes", _("Yes, as it was")
        CHANGED = "changed", _("Yes, with changes")
        NO = "no", _("No")

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="retro")
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.OPEN
    )
    would_do_again = models.CharField(
        _("would we do it again?"), max_length=8, choices=Again.choices, blank=True
    )
    why = models.CharField(_("why"), max_length=300, blank=True)
    filled: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder
    )
    """The numbers as they stood when the retrospective was completed; empty while it is open."""
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(User, models.PROTECT, related_name="retros", null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.campaign.name

    @property
    def public_id(self) -> str:
        return ids.public("retro", self.pk)

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE


class CardQuerySet(models.QuerySet["Card"]):
    """Which cards?"""

    def shown(self) -> CardQuerySet:
        """The cards that nobody took away, oldest first."""
        return self.filter(removed_at=None).order_by("pk")


class Card(models.Model):
    """One thing that someone of the team wrote: a judgement, a lesson, or something to do."""

    class Kind(models.TextChoices):
        KEEP = "keep", _("Keep")
        STOP = "stop", _("Stop")
        START = "start", _("Start")
        LESSON = "lesson", _("Lesson")
        ACTION = "action", _("Action")

    retro = models.ForeignKey(Retro, models.CASCADE, related_name="cards")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    text = models.CharField(_("text"), max_length=400)
    screen = models.CharField(_("where it should appear again"), max_length=20, blank=True)
    condition = models.CharField(_("and when"), max_length=160, blank=True)
    owner = models.ForeignKey(
        User,
        models.SET_NULL,
        verbose_name=_("who does it"),
        related_name="+",
        null=True,
        blank=True,
    )
    due = models.DateField(_("due"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    objects = CardQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text

    @property
    def public_id(self) -> str:
        return ids.public("card", self.pk)

    @property
    def screen_name(self) -> object:
        """What the place is called where a lesson should appear again."""
        return SCREENS.get(self.screen, "")
