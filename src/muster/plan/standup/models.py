"""What was ticked off in the morning, when the page is posted by itself, and when it was."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.team.robots.models import Robot
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


class Rhythm(models.Model):
    """When and where the page is posted on working days; there is at most one."""

    at = models.TimeField(_("at"), default=time(9, 15))
    """By the clock of the workspace."""
    robot = models.ForeignKey(
        Robot,
        models.SET_NULL,
        verbose_name=_("chat group"),
        null=True,
        blank=True,
        related_name="+",
    )
    tell = models.BooleanField(_("tell everybody in Muster"), default=True)
    mail = models.BooleanField(_("and by e-mail, as each chose to be told"), default=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """Who set it last: the group sees what this person may see."""

    def __str__(self) -> str:
        return f"{self.at:%H:%M}"

    @classmethod
    def here(cls) -> Rhythm | None:
        """The rhythm of this workspace; None when nobody chose any."""
        return cls.objects.select_related("robot", "by").first()


class Morning(models.Model):
    """The page of one day was posted: there is one row for a day, whoever is first writes it."""

    class Group(models.TextChoices):
        NONE = "none", _("No group")
        WAITING = "waiting", _("Waiting")
        TAKEN = "taken", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    day = models.DateField(unique=True)
    at = models.DateTimeField(auto_now_add=True)
    robot = models.ForeignKey(Robot, models.SET_NULL, null=True, related_name="+")
    group = models.CharField(max_length=7, choices=Group.choices, default=Group.NONE)
    """What became of the message to the chat group."""
    due_at = models.DateTimeField(null=True)
    """When the group is written to, or written to once more."""
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.day.isoformat()
