"""What a person allowed or refused, when, and what proves it (PE3)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.events.names import PAUSE
from muster.kit import ids
from muster.people.consent.rules import CHANNELS, LAWS, PURPOSES, WISHES
from muster.people.profile.models import Person
from muster.team.users.models import User


class State(models.TextChoices):
    """What we know of a person's will."""

    GRANTED = "granted", _("Allowed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    UNKNOWN = "unknown", _("Unknown")
    PENDING = "pending", _("Not confirmed yet")


_SAID_OF = [*PURPOSES.items(), *WISHES.items()]


class Topic(models.Model):
    """Something that people can want or not want messages about, such as new products."""

    name = models.CharField(_("name"), max_length=60)
    says = models.CharField(_("what it is about"), max_length=200, blank=True)
    """One line for the page on which people choose."""
    position = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True)
    """Offered no more; what people said about it stays."""

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), condition=models.Q(removed_at=None), name="one_topic_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("topic", self.pk)


OF_CONFIRMING = "double opt-in"
"""The name of the texts that our question for a confirmation was asked with."""
OF_PREFERENCES = "preferences"
"""The name of the texts with which people ask for a pause and for fewer messages."""


class ConsentText(models.Model):
    """The words that people agree to, in one version and language; never changed afterwards."""

    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=20)
    number = models.PositiveSmallIntegerField()
    """Counts the versions of a name in a language."""
    words = models.TextField(_("words"))
    code = models.CharField(max_length=16, unique=True)
    """What entries keep as their `text_version`: it follows from name, language and words."""
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)

    class Meta:
        ordering = ["name", "language", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language", "number"], name="one_text_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.language} · {self.number}"

    @property
    def title(self) -> str:
        """The name as people read it: texts of our own are named in their language."""
        if self.name == OF_PREFERENCES:
            return gettext("The page of preferences")
        return gettext("Confirmation by e-mail") if self.name == OF_CONFIRMING else self.name


class ConsentTerms(models.Model):
    """Which law holds here, and where the workspace is stricter; one row, or the defaults."""

    law = models.CharField(_("law"), max_length=20, choices=list(LAWS.items()), default="pipl")
    by_country = models.BooleanField(_("by country"), default=False)
    months = models.PositiveSmallIntegerField(_("months"), default=0)
    double_opt_in = models.BooleanField(_("double opt-in"), default=False)

    keep_events = models.PositiveSmallIntegerField(_("months that events are kept"), default=0)
    """0 keeps them."""

    def __str__(self) -> str:
        return self.law


class ConsentEntry(models.Model):
    """One thing that a person said about one channel and purpose; never changed afterwards."""

    message_id = models.CharField(max_length=200, unique=True)
    """That of the event which says the same in the log."""
    person = models.ForeignKey(
        Person, models.CASCADE, related_name="consent_entries", db_index=False
    )
    channel = models.CharField(_("channel"), max_length=20, choices=list(CHANNELS.items()))
    purpose = models.CharField(_("purpose"), max_length=20, choices=_SAID_OF)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    source = models.CharField(_("source"), max_length=120)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", null=True)
    """What alone it is about; without it the channel and purpose as a whole are meant."""
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    """Until when it was said to hold; the law may end it earlier."""
    text_version = models.CharField(max_length=60, blank=True)
    """Which text the person saw: the code of a `ConsentText`, or a name of somebody else's."""
    proof = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "channel", "purpose", "at"])]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.state}"


class StateQuerySet(models.QuerySet["ConsentState"]):
    """Questions about what holds."""

    def consents(self) -> StateQuerySet:
        """What is allowed and refused, without the wishes."""
        return self.filter(purpose__in=PURPOSES)

    def lasting(self, now: datetime | None = None) -> StateQuerySet:
        """Consents without what has lapsed: that counts as if nothing had been said."""
        return self.consents().filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now or timezone.now())
        )

    def pauses(self, now: datetime | None = None) -> StateQuerySet:
        """Every pause that holds now."""
        return self.filter(purpose=PAUSE, state=State.GRANTED, expires_at__gt=now or timezone.now())

    def granted(self, now: datetime | None = None) -> StateQuerySet:
        """Every yes that holds now."""
        return self.lasting(now).filter(state=State.GRANTED)


class Holding(models.Model):
    """What holds now: the sum of the entries."""

    channel = models.CharField(_("channel"), max_length=20, choices=list(CHANNELS.items()))
    purpose = models.CharField(_("purpose"), max_length=20, choices=_SAID_OF)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    """From when on a yes counts no more: what was said of it, or the law, whichever is earlier."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.state}"

    @property
    def has_lapsed(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def counts_as(self) -> str:
        """The state, in which what has lapsed is unknown again."""
        return State.UNKNOWN if self.has_lapsed else self.state


class ConsentState(Holding):
    """What holds now for a person, channel and purpose."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents", db_index=False)
    entry = models.ForeignKey(ConsentEntry, models.CASCADE, related_name="+")

    objects = StateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "channel", "purpose"], name="one_state_per_channel_and_purpose"
            )
        ]
        indexes = [models.Index(fields=["channel", "purpose", "state"])]


class TopicState(Holding):
    """What holds now for a person, channel, purpose and topic."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="topic_states", db_index=False)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="states", db_index=False)
    entry = models.ForeignKey(ConsentEntry, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "channel", "purpose", "topic"], name="one_state_per_topic"
            )
        ]
        indexes = [models.Index(fields=["topic", "channel", "purpose", "state"])]


class Suppression(models.Model):
    """An address to which nothing is sent; it outlives the person and every import."""

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", _("Address does not exist")
        COMPLAINT = "complaint", _("Complained")
        ERASED = "erased", _("Erased")
        MANUAL = "manual", _("By hand")
        UNSUBSCRIBED_ALL = "unsubscribed_all", _("Unsubscribed from everything")

    channel = models.CharField(_("channel"), max_length=20, choices=list(CHANNELS.items()))
    address_hash = models.CharField(max_length=32)
    """Keyed hash: the list says of a known address whether it is on it, and nothing else."""
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    at = models.DateTimeField()
    source = models.CharField(_("source"), max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address_hash"], name="one_suppression_per_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"
