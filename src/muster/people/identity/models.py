"""Addresses and numbers by which a person was known before (PE1)."""

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
