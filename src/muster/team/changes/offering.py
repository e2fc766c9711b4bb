"""The way back that a page offers after a change (ux §1.9)."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from muster.team.changes.actions import may_undo
from muster.team.changes.models import Change
from muster.team.users.models import User


def way_back(change: Change | None, by: User | None = None) -> str:
    """The address that takes the change back; "" where nothing does, or where `by` may not."""
    if change is None or not change.undo:
        return ""
    if by is not None:
        every = [change, *Change.objects.filter(together=change, undone_at=None)]
        if not all(may_undo(one, by) for one in every):
            return ""
    return reverse("team:undo", args=[change.pk])


def latest(thing: models.Model, by: User) -> Change | None:
    """The last change that this person made of the thing, for an action that gives the thing."""
    rows = Change.objects.filter(kind=thing._meta.label_lower, object_id=thing.pk, by=by)
    return rows.order_by("-pk").first()
