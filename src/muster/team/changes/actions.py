"""Leaves a trace of what people do, and takes it back when they ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext

from muster.kit.errors import Forbidden, Refused
from muster.kit.words import _
from muster.team.changes.keeping import CHANGED, fingerprint, kept, put_back, taken, value_there
from muster.team.changes.models import BACK, ROWS, SET, Change
from muster.team.permissions import SIGNED_IN
from muster.team.users.models import User

Of = TypeVar("Of")
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


TakeBack: TypeAlias = Callable[[Change, Any, User], None]
_backs: dict[str, TakeBack] = {}


def takes_back(verb: str) -> Callable[[TakeBack], TakeBack]:
    """Say how a change with this verb is taken back when fields of its thing are not enough.

    The function gets what the change was recorded with, as `undo={"back": …}`.
    """

    def register(take: TakeBack) -> TakeBack:
        _backs[verb] = take
        return take

    return register


Guard: TypeAlias = Callable[[Change, dict[str, Any], User], None]
_guards: dict[str, list[Guard]] = {}


def before_undo(kind: str) -> Callable[[Guard], Guard]:
    """Call this function before things of this kind (`app.model`) are brought back.

    It gets the fields as they would be again, may adjust them, and raises to refuse. What could
    not be brought back along it says by `left_out`.
    """

    def register(check: Guard) -> Guard:
        _guards.setdefault(kind, []).append(check)
        return check

    return register


Around: TypeAlias = Callable[[Change, User], AbstractContextManager[None]]
_arounds: dict[str, Around] = {}


def around_rows(*kinds: str) -> Callable[[Around], Around]:
    """Put whole rows of changes of these kinds (`app.model` or `app.model:verb`) back inside this.

    It raises before to refuse, and lets follow afterwards what any edit has following.
    """

    def register(around: Around) -> Around:
        for kind in kinds:
            _arounds[kind] = around
        return around

    return register


_LEFT_OUT = "left_out"


def left_out(change: Change, text: str, params: Mapping[str, object]) -> None:
    """Say in a sentence marked for translation what undoing this change could not bring back."""
    change.details.setdefault(_LEFT_OUT, []).append({"text": text, "params": dict(params)})


def what_was_left_out(change: Change) -> list[str]:
    """The sentences of `left_out`, in the reader's language."""
    said = [(one["text"], one["params"]) for one in change.details.get(_LEFT_OUT, ())]
    return [gettext(text) % params for text, params in said]


_rights: dict[str, str] = {}


def undo_needs(permission: str, *kinds: str) -> None:
    """Who takes back a change of these kinds (`app.model`) needs this right when they do so.

    Ten minutes are long enough to lose it. A single verb is written `app.model:verb`; whose right
    is merely to be SIGNED_IN loses it by leaving.
    """
    for kind in kinds:
        _rights[kind] = permission


MayUndo: TypeAlias = Callable[[Change, User], bool]
_also: dict[str, MayUndo] = {}


def undo_also_for(kind: str) -> Callable[[MayUndo], MayUndo]:
    """Ask this function whether somebody without the right of `undo_needs` may take a change of
    this kind back all the same: what one may do, one may undo.
    """

    def register(may: MayUndo) -> MayUndo:
        _also[kind] = may
        return may

    return register


def may_undo(change: Change, by: User) -> bool:
    """Whether this person may still do what would take the change back."""
    right = _of_verb(_rights, change)
    # Deny by default: say in `<part>/history.py` what it takes.
    if right is None or not by.is_active:
        return False
    also = _also.get(change.kind)
    return right == SIGNED_IN or by.may(right) or (also is not None and also(change, by))


def _of_verb(known: Mapping[str, Of], change: Change) -> Of | None:
    return known.get(f"{change.kind}:{change.verb}") or known.get(change.kind)


def record_change(
    verb: str,
    thing: models.Model,
    *,
    by: User | None,
    undo: Mapping[str, object] | None = None,
    **details: object,
) -> Change:
    """Write down that `by` did `verb` to `thing`.

    `undo` names the fields that bring the thing back, with the values they had before; the thing is
    saved by now, for undo asks whether the fields still are what this change left in them.
    Raises LookupError if nobody said whose right it takes.
    """
    kind = thing._meta.label_lower
    if undo and not _rights.keys() & {kind, f"{kind}:{verb}"}:
        raise LookupError(f"Say with undo_needs who may take back {verb!r} of {kind!r}.")
    change = Change(
        verb=verb,
        kind=kind,
        object_id=thing.pk,
        label=str(thing)[:200],
        by=by,
        details=details,
        undo=dict(undo or {}),
    )
    if change.by_field:
        change.details[SET] = fingerprint(type(thing), thing.pk, change.by_field)
    change.save()
    return change


@transaction.atomic
def take_away(verb: str, thing: models.Model, *, by: User | None, **details: object) -> Change:
    """Delete a thing so that it can be put back, with everything that went with it."""
    with kept(thing) as rows:
        # By its number, so that whoever holds the thing can still name it.
        type(thing)._base_manager.filter(pk=thing.pk).delete()
    return record_change(verb, thing, by=by, undo=rows.undo, **details)


def as_one(changes: Iterable[Change | None]) -> Change | None:
    """These were done in one go, so they are taken back in one go: by undoing what this gives."""
    done = [change for change in changes if change is not None and change.undo]
    if not done:
        return None
    last = max(done, key=lambda change: change.pk)
    rest = [change.pk for change in done if change != last]
    # What was done in one go before goes along with it.
    with_them = models.Q(pk__in=rest) | models.Q(together__in=rest)
    Change.objects.filter(with_them).update(together=last)
    return last


@transaction.atomic
def undo(change: Change, *, by: User) -> list[Change]:
    """Bring everything back to what it was before this change, and those made with it."""
    change = Change.objects.select_for_update().get(pk=change.pk)
    if not change.undo or change.undone_at or change.together_id or change.by_id != by.pk:
        raise Refused(_("This can no longer be undone. Change it by hand instead."))
    others = Change.objects.select_for_update().filter(together=change, undone_at=None)
    # The latest first: what one change built upon another comes off before it.
    every = [change, *others.order_by("-pk")]
    _check_right(every, by)
    if timezone.now() - change.at > UNDO_FOR:
        raise Refused(_("Undo works for ten minutes. Change it by hand instead."))
    for one in every:
        _undo(one, by)
        one.undone_at = timezone.now()
        one.save(update_fields=["undone_at", "details"])
    return every


@transaction.atomic
def bring_back(change: Change, *, by: User) -> Change:
    """Take a change back long after, also a colleague's; it is written down as a new change."""
    change = Change.objects.select_for_update().get(pk=change.pk)
    if not change.undo or change.undone_at:
        raise Refused(_("This is taken back already."))
    _check_right([change], by)
    _undo(change, by)
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at", "details"])
    about = {name: change.details[name] for name in ("campaign",) if name in change.details}
    return Change.objects.create(
        verb="brought_back",
        kind=change.kind,
        object_id=change.object_id,
        label=change.label,
        by=by,
        details=about,
    )


def _check_right(every: list[Change], by: User) -> None:
    now = User.objects.get(pk=by.pk)
    if not all(may_undo(one, now) for one in every):
        raise Forbidden(
            _(
                "You may no longer change “%(thing)s”, so you cannot take this back either. Ask a "
                "colleague who may."
            ),
            thing=every[0].label,
        )


def _undo(change: Change, by: User) -> None:
    if change.undo == WHOLE:
        _whole[change.kind](change, by)
    elif BACK in change.undo:
        _backs[change.verb](change, change.undo[BACK], by)
    elif ROWS in change.undo:
        around = _of_verb(_arounds, change)
        with around(change, by) if around else nullcontext():
            put_back(change.undo[ROWS], change.label)
    else:
        _bring_back(change, by)


def _lock(rows: models.QuerySet[Any]) -> None:
    """First what it belongs to, in the order of those who change it: nobody waits in a circle."""
    campaign = next((one for one in rows.model._meta.fields if one.name == "campaign"), None)
    if campaign is not None:
        whole = campaign.related_model._base_manager.filter(pk__in=rows.values("campaign"))
        list(whole.select_for_update())
    list(rows.select_for_update())


def _bring_back(change: Change, by: User) -> None:
    later = Change.objects.filter(
        kind=change.kind, object_id=change.object_id, pk__gt=change.pk, undone_at=None
    )
    # What has a way back of its own, such as duties, is no field that could have changed again.
    by_field = later.exclude(undo={}).exclude(undo__has_any_keys=[BACK, ROWS])
    if by_field.exists():
        raise Refused(CHANGED)
    model = apps.get_model(change.kind)
    rows = model._base_manager.filter(pk=change.object_id)
    _lock(rows)
    if not rows.exists():
        raise Refused(_("“%(thing)s” is gone by now."), thing=change.label)
    # Not every way to another value leaves a change of this thing: money moves, shares are set.
    if change.details.get(SET) not in (None, fingerprint(model, change.object_id, change.undo)):
        raise Refused(CHANGED)
    fields = {
        name: value_there(model._meta.get_field(name), value, change.label)
        for name, value in change.undo.items()
    }
    for check in _guards.get(change.kind, ()):
        check(change, fields, by)
    try:
        with transaction.atomic():
            rows.update(**fields)
    except IntegrityError:
        raise taken(change.label) from None
