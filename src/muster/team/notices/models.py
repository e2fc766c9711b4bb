"""What people were told, and whether they have seen it."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.robots.models import Robot
from muster.team.users.models import User


class Notice(models.Model):
    """Something that one person should know; news of the same thing renews the same notice."""

    to = models.ForeignKey(User, models.CASCADE, related_name="notices")
    event = models.CharField(max_length=40)
    """A key of `notices.events.EVENTS`."""
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField(null=True)
    text = models.CharField(max_length=300)
    """An English sentence marked for translation, with %(named)s places."""
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    times = models.PositiveIntegerField(default=1)
    """How often it was news since it was last read."""
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    """Nothing is left to do about it."""

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["to", "event", "kind", "object_id"], name="one_notice_per_thing"
            )
        ]
        indexes = [models.Index(fields=["to", "read_at", "-at"])]

    def __str__(self) -> str:
        words = gettext(self.text)
        return words % self.params if self.params else words.replace("%%", "%")

    @property
    def public_id(self) -> str:
        return ids.public("notice", self.pk)


def unread_of(user: User) -> int:
    """How many notices this person has not seen."""
    return Notice.objects.filter(to=user, read_at=None, closed_at=None).count()


class Preference(models.Model):
    """How one person wants to be told; who has no row is told as `notices.rules` suggests."""

    user = models.OneToOneField(User, models.CASCADE, related_name="notice_preference")
    chosen = models.JSONField(default=dict)
    """Event → channel → `on`, `off`, `at_once` or `digest`, where it differs from the default."""
    robot = models.ForeignKey(Robot, models.SET_NULL, null=True, blank=True, related_name="+")
    """The group into which this person's chat notices go."""
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    quiet_days_off = models.BooleanField(_("quiet on days off and leave"), default=True)
    digest_hour = models.PositiveSmallIntegerField(_("hour of the daily summary"), default=9)

    def __str__(self) -> str:
        return str(self.user)


class Mute(models.Model):
    """One person wants to hear nothing about a thing, or a whole campaign, until a moment."""

    user = models.ForeignKey(User, models.CASCADE, related_name="mutes")
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    until = models.DateTimeField(null=True)
    """None: for good."""

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "object_id"], name="one_mute_per_thing")
        ]

    def __str__(self) -> str:
        return self.label


class Delivery(models.Model):
    """A notice on its way to one person outside Muster; each goes out once at most."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        ROBOT = "robot", _("Group robot")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TAKEN = "taken", _("Being sent")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("No longer needed")
        FAILED = "failed", _("Failed")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    digest = models.BooleanField(default=False)
    """Goes into the summary of the day instead of a mail of its own."""
    due_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"],
                condition=models.Q(state__in=["waiting", "taken"]),
                name="one_delivery_on_its_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.notice}"
