"""The strategy map of a campaign, its competitors, and the personas that it is for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.people.personas.models import Persona
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.models import Task
from muster.team.users.models import User


class Cell(models.Model):
    """What one channel says in one stage."""

    class Stage(models.TextChoices):
        AWARENESS = "awareness", _("Awareness")
        INTEREST = "interest", _("Interest")
        CONSIDERATION = "consideration", _("Consideration")
        PURCHASE = "purchase", _("Purchase")
        SERVICE = "service", _("Service")
        LOYALTY = "loyalty", _("Loyalty")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Not begun")
        MAKING = "making", _("In the making")
        READY = "ready", _("Ready")
        LEFT_OUT = "left_out", _("Left out on purpose")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="cells")
    stage = models.CharField(_("stage"), max_length=13, choices=Stage.choices)
    channel = models.CharField(_("channel"), max_length=60)
    text = models.CharField(_("what it says"), max_length=300, blank=True)
    link = models.CharField(_("link"), max_length=300, blank=True)
    """An address: of an e-mail or send of ours (`/emails/…`), or of anything outside."""
    owner = models.ForeignKey(
        User, models.SET_NULL, verbose_name=_("owner"), related_name="cells", null=True, blank=True
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.PLANNED
    )
    task = models.ForeignKey(Task, models.SET_NULL, related_name="cells", null=True, blank=True)
    """The task that makes it."""
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "stage", "channel"], name="one_cell_per_stage_and_channel"
            )
        ]

    def __str__(self) -> str:
        return self.text or f"{self.get_stage_display()} · {self.channel}"

    @property
    def public_id(self) -> str:
        return ids.public("cell", self.pk)


class Competitor(models.Model):
    """Somebody else who wants the same people, and how we differ."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rivals")
    name = models.CharField(_("name"), max_length=80)
    does = models.CharField(_("what they do"), max_length=300, blank=True)
    link = models.URLField(_("link"), max_length=300, blank=True)
    difference = models.CharField(_("how we differ"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("competitor", self.pk)


class Meant(models.Model):
    """A campaign is for a persona."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="meant")
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="campaigns")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "persona"], name="persona_once_per_campaign"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign} – {self.persona}"
