"""By what a person was known before (PE1)."""

from __future__ import annotations

from django.db import models

from muster.people.profile.models import Person


class FormerIdentity(models.Model):
    """An address or phone that a person had and gave up: old events still find their person."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="former_identities")
    kind = models.CharField(max_length=12)
    """`email` or `phone`."""
    value = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="one_person_per_former_identity")
        ]

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
