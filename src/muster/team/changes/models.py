"""Who changed what, when; and what it takes to undo it."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from muster.kit import ids
from muster.team.users.models import User

SET = "set"
"""In the details: a fingerprint of the values that the change left in the fields it would undo."""
BACK, ROWS = "back", "rows"
"""Ways back that are no field of the thing: a function's own words, and whole rows."""


class Change(models.Model):
    """One thing that one person did to one object."""

    verb = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="changes", null=True)
    at = models.DateTimeField(auto_now_add=True)
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    undo = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    """Field → value before the change; empty when it cannot be undone."""
    together = models.ForeignKey("self", models.SET_NULL, related_name="parts", null=True)
    """The last change of those that were made in one go; undoing that one undoes them all."""
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "object_id", "-at"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.label}"

    @property
    def before(self) -> dict[str, Any]:
        """Field of the thing → value before, also where that alone does not take it back."""
        found: dict[str, Any] = self.by_field or self.details.get("was") or {}
        return found

    @property
    def by_field(self) -> dict[str, Any]:
        """Field → value before, where these values are all it takes to undo the change."""
        return {} if {"whole", BACK, ROWS} & self.undo.keys() else self.undo

    @property
    def public_id(self) -> str:
        return ids.public("change", self.pk)
