"""A segment (PE4): a rule with a name, and for a frozen one the people it meant that day."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.people.profile.models import Person
from muster.team.users.models import User


class SegmentQuerySet(models.QuerySet["Segment"]):
    """Which segments?"""

    def visible_to(self, user: User) -> SegmentQuerySet:
        """Those that this person may see."""
        return self.filter(deleted_at=None) if user.may("segments.see") else self.none()


class Segment(models.Model):
    """People who have something in common."""

    class Kind(models.TextChoices):
        LIVE = "live", _("Dynamic")
        FROZEN = "frozen", _("Frozen")

    name = models.CharField(_("name"), max_length=120)
    note = models.CharField(_("note"), max_length=500, blank=True)
    rule = models.JSONField(_("rule"), default=dict)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.LIVE)
    frozen_at = models.DateTimeField(null=True)
    last_count = models.PositiveBigIntegerField(null=True)
    last_reachable = models.JSONField(default=dict)
    """Channel → people, when it was last counted."""
    last_counted_at = models.DateTimeField(null=True)
    draft = models.JSONField(null=True)
    """A definition that is being worked on; the rule holds until it is saved."""
    refreshed_at = models.DateTimeField(null=True)
    """The moment of which the members are; None until they were worked out for the first time."""
    refreshed_to = models.CharField(max_length=80, blank=True)
    """How far the events had been looked at then."""
    refreshed_rule = models.CharField(max_length=64, blank=True)
    """The fingerprint of the rule that the members fit."""
    size = models.PositiveBigIntegerField(default=0)
    """How many members there were then."""
    checked_at = models.DateTimeField(null=True)
    wrong = models.PositiveIntegerField(default=0)
    """How many people the last check found in the wrong place."""
    failure = models.TextField(blank=True)
    """Why the members could not be worked out the last time, as `written_down`; else empty."""
    version = models.PositiveIntegerField(default=1)
    """Counts every change of name or rule."""
    sample = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="segments", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["deleted_at", "-updated_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("segment", self.pk)

    @property
    def keepers(self) -> list[User]:
        """Who hears of what is wrong with it: who made it, or else the owners of the workspace."""
        if self.by and self.by.is_active:
            return [self.by]
        return list(User.objects.filter(is_active=True, role="owner"))

    @property
    def is_frozen(self) -> bool:
        return self.kind == self.Kind.FROZEN

    @property
    def is_list(self) -> bool:
        """Whether its people were named one by one, and never meant by a rule."""
        return self.is_frozen and not self.rule

    @property
    def audience(self) -> dict[str, Any]:
        """What decides who is meant: another audience is another value."""
        return {"list": self.public_id, "version": self.version} if self.is_list else self.rule


class SegmentMember(models.Model):
    """One person in a segment: of a frozen one for good, of a live one as last worked out."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    since = models.DateTimeField(null=True)

    class Meta:
        # Millions of rows come and go: one index from each side answers all, without the rows.
        constraints = [
            models.UniqueConstraint(fields=["segment", "person"], name="person_once_per_segment")
        ]
        indexes = [models.Index(fields=["person", "segment"], name="segments_of_person")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.person_id}"


class SegmentSize(models.Model):
    """How many people were in a live segment when it was last brought up to date on a day."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="sizes", db_index=False)
    day = models.DateField()
    """By the workspace's time zone."""
    people = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "day"], name="one_size_per_segment_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.day} {self.people}"


class SegmentMove(models.Model):
    """Somebody came into a live segment or left it."""

    class Cause(models.TextChoices):
        BEHAVIOUR = "behaviour", _("what people did, or time that went by")
        RULE = "rule", _("another definition")
        CORRECTION = "correction", _("the tables were built again")

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="moves", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    entered = models.BooleanField()
    """Else left."""
    cause = models.CharField(max_length=10, choices=Cause.choices)
    at = models.DateTimeField()
    told = models.BooleanField(default=False)
    """Whether the event log has it."""

    class Meta:
        indexes = [
            models.Index(fields=["segment", "-id"], name="moves_of_segment"),
            models.Index(fields=["id"], condition=models.Q(told=False), name="moves_not_told"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.person_id} {'+' if self.entered else '-'}"
