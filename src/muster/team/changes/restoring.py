"""Brings older values back, long after undo: through the same action as any other edit.

What was taken away or rewritten as whole rows comes back by itself, with all that went with it.

In `<part>/history.py`:

@restorable("plan.campaign", "campaigns.edit", "edited")
def campaign(number, values, by): … edit it, return the new change
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from django.apps import apps
from django.db import models
from django.utils import timezone

from muster.kit.errors import Forbidden, Refused
from muster.kit.words import _
from muster.team.changes.actions import bring_back, may_undo
from muster.team.changes.models import ROWS, Change
from muster.team.lacking import lacking
from muster.team.users.models import User

KEPT = timedelta(days=30)
Edit: TypeAlias = Callable[[int, Mapping[str, Any], User], Change | None]


@dataclass(frozen=True)
class Restorer:
    """How one kind of thing gets its older values back."""

    permission: str
    verbs: frozenset[str]
    edit: Edit


_restorers: dict[str, Restorer] = {}


def restorable(kind: str, permission: str, *verbs: str) -> Callable[[Edit], Edit]:
    """This function edits a thing of this kind; changes with these verbs can be taken back."""

    def register(edit: Edit) -> Edit:
        _restorers[kind] = Restorer(permission, frozenset(verbs), edit)
        return edit

    return register


def is_restorable(change: Change, user: User) -> bool:
    """Whether this person may bring back what was before the change."""
    if change.undone_at is not None or timezone.now() - change.at > KEPT:
        return False
    if _comes_back(change):
        return may_undo(change, user)
    restorer = _restorers.get(change.kind)
    return bool(
        restorer
        and change.verb in restorer.verbs
        and change.before
        and user.may(restorer.permission)
    )


def restore(change: Change, *, by: User) -> Change | None:
    """Put what was before this change in place again; None if it is like that already."""
    if timezone.now() - change.at > KEPT:
        raise Refused(_("Older values are kept for thirty days. Change it by hand instead."))
    if change.undone_at is not None:
        return None
    if not is_restorable(change, by):
        raise _why_not(change, by)
    if _comes_back(change):
        return bring_back(change, by=by)
    model = apps.get_model(change.kind)
    values = {name: _value(model, name, raw) for name, raw in change.before.items()}
    return _restorers[change.kind].edit(change.object_id, values, by)


def _comes_back(change: Change) -> bool:
    """Whether it took something away, or rewrote rows: taking it back says the whole of it.

    What only made something does not come back, but goes, and that is for undo alone.
    """
    if ROWS not in change.undo:
        return set(change.undo) == {"deleted_at"}
    rows = change.undo[ROWS]
    return not rows or any(row["was"] is not None for row in rows)


def _why_not(change: Change, by: User) -> Forbidden:
    restorer = _restorers.get(change.kind)
    if restorer is not None and not by.may(restorer.permission):
        return lacking(restorer.permission)
    return Forbidden()


def _value(model: type[models.Model], name: str, raw: Any) -> Any:
    field = model._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return field.related_model._base_manager.filter(pk=raw).first()
    return field.to_python(raw)  # type: ignore[union-attr]
