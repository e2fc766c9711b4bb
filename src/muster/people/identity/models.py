"""By what a person was known before (PE1)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.people.profile.models import Person
from muster.team.users.models import User

STRONG = {"external_id": True, "email": True, "phone": True, "wecom_id": True, "device": False}
"""Kind of identifier → whether it says by itself who it is; a weak one never merges people."""


class Identifier(models.Model):
    """An id, address or phone by which a person is or was known, until they are erased.

    What the record shows is here too; whatever else is here is former, and still leads to them.
    """

    class Strength(models.TextChoices):
        STRONG = "strong", _("Strong")
        WEAK = "weak", _("Weak")

    person = models.ForeignKey(Person, models.CASCADE, related_name="identifiers", db_index=False)
    kind = models.CharField(max_length=12)
    """A key of `STRONG`."""
    value = models.CharField(max_length=254)
    strength = models.CharField(max_length=6, choices=Strength.choices, default=Strength.STRONG)
    source = models.CharField(max_length=60, blank=True)
    """Which door said it last: `muster`, `key:…`, `import:…`; empty if nobody knows."""
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "value"], name="one_identifier_per_person"
            )
        ]
        indexes = [models.Index(fields=["kind", "value"], name="identifier_by_value")]

    def __str__(self) -> str:
        return self.kind


class ErasedIdentity(models.Model):
    """The keyed hash of an id, address or phone of a person who was erased.

    When the warehouse is loaded again from the log, what the erased person did before finds the
    empty record instead of making the person anew.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="erased_identities")
    hash = models.CharField(max_length=32, db_index=True)

    def __str__(self) -> str:
        return self.hash


class Merge(models.Model):
    """Two people who turned out to be one; taking it back tells them apart again."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="merges")
    """Who both are now."""
    other = models.ForeignKey(Person, models.CASCADE, related_name="+")
    moved = models.JSONField(default=list)
    """Numbers of all who came along: the other one, and whom they had been merged with before."""
    joined = models.JSONField(default=list)
    """Frozen segments that the person is in because of the other one."""
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["other"],
                condition=models.Q(undone_at=None),
                name="merged_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} ← {self.other}"


class OwnRecord(models.Model):
    """What is said of a person themselves, while their row also shows what others bring along."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="own_record")
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email_hash = models.CharField(max_length=32, blank=True)
    phone_hash = models.CharField(max_length=32, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=20, blank=True)
    time_zone = models.CharField(max_length=50, blank=True)

    def __str__(self) -> str:
        return str(self.person_id)


class Likeness(models.Model):
    """Two people who may be one, until somebody decides."""

    class State(models.TextChoices):
        OPEN = "open", _("To decide")
        MERGED = "merged", _("Merged")
        APART = "apart", _("Kept apart")

    first = models.ForeignKey(Person, models.CASCADE, related_name="+")
    """The one with the smaller number."""
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    why = models.CharField(max_length=20)
    """A key of `rules.LIKENESSES`: the strongest sign that they are one."""
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="two_people_compared_once")
        ]
        indexes = [models.Index(fields=["state", "why", "id"])]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return ids.public("likeness", self.pk)
