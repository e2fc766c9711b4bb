"""A send, its variants and links, and one row for everybody it was meant for (CH1, CH9)."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from muster.kit import ids


def new_seed() -> int:
    """A seed for drawing the groups; kept, so that the draw can be repeated."""
    return secrets.randbelow(1 << 31)


class SendQuerySet(models.QuerySet["Send"]):
    """Questions about sends."""

    def newest(self) -> SendQuerySet:
        return self.select_related("campaign", "by", "segment").order_by("-pk")

    def at_work(self) -> SendQuerySet:
        """Sends whose messages the sender may have to do with now."""
        return self.filter(status__in=[Send.Status.SENDING, Send.Status.PAUSED])

    def waiting(self) -> SendQuerySet:
        """Sends that begin by themselves when their time has come."""
        return self.filter(status=Send.Status.SCHEDULED)


class Send(models.Model):
    """One act of sending a message to many."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("Awaits approval")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        MISSED = "missed", _("Missed")

    EDITABLE = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.MISSED)

    campaign = models.ForeignKey("plan.Campaign", models.PROTECT, related_name="sends")
    name = models.CharField(_("name"), max_length=120)
    channel = models.CharField(_("channel"), max_length=20, default="email")
    purpose = models.CharField(_("purpose"), max_length=40, default="marketing")
    topic = models.ForeignKey(
        "people.Topic", models.PROTECT, verbose_name=_("topic"), related_name="+", null=True
    )
    """What it is about; who wants nothing of this does not get it."""
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    segment = models.ForeignKey("people.Segment", models.PROTECT, related_name="sends", null=True)
    rule = models.JSONField(null=True)
    """The audience when it is no kept segment."""
    holdout = models.DecimalField(_("hold-out share"), max_digits=6, decimal_places=5, null=True)
    holdout_rule = models.JSONField(null=True)
    """Who is held out, when it is not left to chance: this is how a past experiment is rebuilt."""
    seed = models.BigIntegerField(default=new_seed)
    starts_at = models.DateTimeField(_("starts at"), null=True)
    """When it is to begin; without it, it begins as soon as someone starts it."""
    not_after = models.DateTimeField(_("not after"), null=True)
    """Later than this it does not begin by itself: a person is asked."""
    approved = models.CharField(max_length=64, blank=True)
    """The fingerprint that was approved; any edit changes the present one."""
    frozen_at = models.DateTimeField(null=True)
    audience_size = models.PositiveBigIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    """When the first message may leave: a little later than the start, to take it back."""
    ended_at = models.DateTimeField(null=True)
    generation = models.PositiveIntegerField(default=0)
    """Counts the changes of status: a page that acts on an older one is told so."""
    trouble = models.CharField(max_length=300, blank=True)
    """What the mail server said when the send paused by itself."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sends")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SendQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status"], name="send_by_status")]
        constraints = [
            models.CheckConstraint(
                name="send_has_one_audience",
                condition=Q(segment__isnull=False) | Q(rule__isnull=False),
            ),
            models.CheckConstraint(
                name="send_holdout_is_a_share",
                condition=Q(holdout__isnull=True) | Q(holdout__gte=0, holdout__lt=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("send", self.pk)

    @property
    def is_editable(self) -> bool:
        return self.status in self.EDITABLE

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def is_over(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.STOPPED}


class Variant(models.Model):
    """One of the mails that a send chooses between; often there is only one."""

    send = models.ForeignKey(Send, models.CASCADE, related_name="variants")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=60)
    email = models.ForeignKey("content.Email", models.PROTECT, related_name="variants")
    share = models.DecimalField(max_digits=6, decimal_places=5, null=True)
    """Its part of those who are not held out; without any, all variants have equal parts."""
    rule = models.JSONField(null=True)
    """Who gets it, when it is not left to chance."""
    compiled = models.JSONField(null=True)
    """The mail as it was when the send began; what is sent never changes afterwards."""

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["send", "position"], name="variant_position_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("variant", self.pk)

    @property
    def kept(self) -> dict[str, Any]:
        """The mail as it was when the send began; there is none before that."""
        if self.compiled is None:
            raise LookupError(f"variant {self.pk} was not frozen")
        kept: dict[str, Any] = self.compiled
        return kept

    @property
    def weight(self) -> Decimal:
        return Decimal(1) if self.share is None else self.share


class Link(models.Model):
    """A place that a variant leads to; a click token says its number."""

    send = models.ForeignKey(Send, models.CASCADE, related_name="links")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="links")
    number = models.PositiveSmallIntegerField()
    url = models.TextField()
    label = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "number"], name="link_number_once")
        ]

    def __str__(self) -> str:
        return self.url


class Recipient(models.Model):
    """What became of one person in one send."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("Under way")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        RETRY = "retry", _("Later")
        UNKNOWN = "unknown", _("Outcome unknown")
        SKIPPED = "skipped", _("Not sent")
        HELD_OUT = "held_out", _("Held out")
        STOPPED = "stopped", _("Stopped before sending")

    OPEN = (State.QUEUED, State.RETRY, State.CLAIMED)
    COUNTS_FOR_CAP = (State.SENT, State.CLAIMED, State.UNKNOWN)

    send = models.ForeignKey(Send, models.CASCADE, related_name="recipients", db_index=False)
    person = models.ForeignKey(
        "people.Person", models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    """A number only: whoever is erased leaves it behind, so that the counts still add up."""
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="recipients", null=True, db_index=False
    )
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    reason = models.CharField(max_length=30, blank=True)
    owner = models.CharField(max_length=60, blank=True)
    """The sender that has claimed it, or did so last."""
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    """Not before this moment (state Later)."""
    sent_at = models.DateTimeField(null=True)
    """When it was claimed, then when the answer came."""
    code = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=200, blank=True)
    """What the mail server said last."""
    key = models.CharField(max_length=32)
    """Random; names the message in its Message-ID and in events, the same in every attempt."""
    traits = models.JSONField(null=True)
    """The traits that the mail speaks of, as they were when the list was frozen."""
    announced = models.BooleanField(default=True)
    """Whether its last result is in the event log."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["send", "person"], name="recipient_once"),
            models.UniqueConstraint(
                fields=["send", "address"],
                name="recipient_address_once",
                condition=~Q(state="skipped") & ~Q(address=""),
            ),
        ]
        indexes = [
            models.Index(fields=["send", "state", "id"], name="recipient_by_state"),
            models.Index(fields=["person", "sent_at"], name="recipient_by_person"),
            models.Index(
                fields=["send"], name="recipient_to_announce", condition=Q(announced=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
