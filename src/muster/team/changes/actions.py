"""Leaves a trace of what people do, and takes it back when they ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from muster.kit.errors import Forbidden, Refused
from muster.kit.words import _
from muster.team.changes.models import Change
from muster.team.permissions import SIGNED_IN
from muster.team.users.models import User

UNDO_FOR = timedelta(minutes=10)
WHOLE = {"whole": True}
"""The `undo` of a change that made something: taking it back takes the whole thing away."""

TakeAway: TypeAlias = Callable[[Change, User], None]
_whole: dict[str, TakeAway] = {}


def takes_away(kind: str) -> Callable[[TakeAway], TakeAway]:
    """Say how a thing of this kind, such as `plan.campaign`, is taken away with all it holds."""

    def register(take: TakeAway) -> TakeAway:
        _whole[kind] = take
        return take

    return register


Guard: TypeAlias = Callable[[Change, dict[str, Any], User], None]
_guards: dict[str, Guard] = {}


def before_undo(kind: str) -> Callable[[Guard], Guard]:
    """Call this function before things of this kind (`app.model`) are brought back.

    It gets the fields as they would be again, may adjust them, and raises to refuse.
    """

    def register(check: Guard) -> Guard:
        _guards[kind] = check
        return check

    return register


_rights: dict[str, str] = {}


def undo_needs(permission: str, *kinds: str) -> None:
    """Who takes back a change of these kinds (`app.model`) needs this right when they do so.

    Ten minutes are long enough to lose it. A single verb is written `app.model:verb`; whose right
    is merely to be SIGNED_IN loses it by leaving.
    """
    for kind in kinds:
        _rights[kind] = permission


def may_undo(change: Change, by: User) -> bool:
    """Whether this person may still do what would take the change back."""
    right = _rights.get(f"{change.kind}:{change.verb}") or _rights.get(change.kind)
    if right is None:  # deny by default: say in `<part>/history.py` what it takes
        return False
    return by.is_active and (right == SIGNED_IN or by.may(right))


def record_change(
    verb: str,
    thing: models.Model,
    *,
    by: User | None,
    undo: Mapping[str, object] | None = None,
    **details: object,
) -> Change:
    """Write down that `by` did `verb` to `thing`.

    `undo` names the fields that bring the thing back, with the values they had before.
    """
    return Change.objects.create(
        verb=verb,
        kind=thing._meta.label_lower,
        object_id=thing.pk,
        label=str(thing)[:200],
        by=by,
        details=details,
        undo=dict(undo or {}),
    )


@transaction.atomic
def undo(change: Change, *, by: User) -> Change:
    """Bring the fields of the thing back to what they were before this change."""
    change = Change.objects.select_for_update().get(pk=change.pk)
    if not change.undo or change.undone_at or change.by_id != by.pk:
        raise Refused(_("This can no longer be undone. Change it by hand instead."))
    if not may_undo(change, User.objects.get(pk=by.pk)):
        raise Forbidden(
            _(
                "You may no longer change “%(thing)s”, so you cannot take this back either. Ask a "
                "colleague who may."
            ),
            thing=change.label,
        )
    if timezone.now() - change.at > UNDO_FOR:
        raise Refused(_("Undo works for ten minutes. Change it by hand instead."))
    if change.undo == WHOLE:
        _whole[change.kind](change, by)
    else:
        _bring_back(change, by)
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    return change


def _bring_back(change: Change, by: User) -> None:
    later = Change.objects.filter(
        kind=change.kind, object_id=change.object_id, pk__gt=change.pk, undone_at=None
    )
    if later.exclude(undo={}).exists():
        raise Refused(_("Someone changed it again since. Change it by hand instead."))
    model = apps.get_model(change.kind)
    rows = model._base_manager.filter(pk=change.object_id)
    if not rows.exists():
        raise Refused(_("“%(thing)s” is gone by now."), thing=change.label)
    fields = {
        name: model._meta.get_field(name).to_python(value) for name, value in change.undo.items()
    }
    if change.kind in _guards:
        _guards[change.kind](change, fields, by)
    rows.update(**fields)
