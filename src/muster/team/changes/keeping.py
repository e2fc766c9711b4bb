"""Whole rows as they were, so that what was taken away can be put back with all that went with it.

with kept(goal, campaign.goals.all()) as rows:
    …delete it, and change the others
record_change("goal_dropped", goal, by=by, undo=rows.undo)

Of a thing everything is kept that would go with it, and what would forget it; of a queryset what
is in it before and after. Only what really changed is written down. Columns that a model names in
`BY_MACHINE` may move on without anybody having changed the row.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, router, transaction
from django.db.models import ProtectedError, RestrictedError
from django.db.models.deletion import Collector

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.changes.models import ROWS

Key: TypeAlias = tuple[str, int]
Values: TypeAlias = dict[str, Any]
Watched: TypeAlias = "models.Model | models.QuerySet[Any]"

CHANGED = _("Someone changed it again since. Change it by hand instead.")


class _Exact(DjangoJSONEncoder):
    """Moments with all their digits, bytes as the column reads them back: nothing is lost."""

    def default(self, o: Any) -> Any:
        if isinstance(o, bytes | memoryview):
            return base64.b64encode(bytes(o)).decode("ascii")
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


_COUNTERS = {"version"}
"""Fields that grow with every change, whatever it was about."""


@dataclass
class Rows:
    """What happened to the rows while they were watched."""

    undo: dict[str, object] = field(default_factory=dict)
    """For `record_change`; empty when nothing changed."""
    found: list[dict[str, Any]] = field(default_factory=list)
    """What is in `undo`, for a change that takes back more than this."""


@contextmanager
def kept(*watched: Watched) -> Iterator[Rows]:
    """Watch these things and rows; inside one transaction with what is done to them."""
    rows = Rows()
    before: dict[Key, Values] = {}
    loose: set[Key] = set()
    for one in watched:
        if isinstance(one, models.Model):
            going, forgetting = _closure(one)
            before |= going | forgetting
            loose |= forgetting.keys()
        else:
            before |= _values(one)
    yield rows
    after = _now(before)
    for one in watched:
        if not isinstance(one, models.Model):
            after |= _values(one.all())
    rows.found = [
        _row(key, before.get(key), after.get(key), key in loose)
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]
    if rows.found:
        rows.undo = {ROWS: rows.found}


def put_back(rows: Iterable[Mapping[str, Any]], label: str) -> None:
    """Make these rows what they were; refuses politely where the world has moved on."""
    rows = list(rows)
    now = _now(((row["of"], row["pk"]) for row in rows), lock=True)
    todo = [row for row in rows if _still(row, now.get((row["of"], row["pk"])))]
    try:
        with transaction.atomic():
            _take_out([row for row in todo if row["was"] is None])
            for row in todo:
                if row["was"] is not None and row["now"] is not None:
                    model = apps.get_model(row["of"])
                    fields = _fields(model, row["was"], todo, label)
                    model._base_manager.filter(pk=row["pk"]).update(**fields)
            for row in todo:
                if row["now"] is None:
                    model = apps.get_model(row["of"])
                    # Raw: times that a model sets by itself stay what they were.
                    model(**_fields(model, row["was"], todo, label)).save_base(
                        raw=True, force_insert=True
                    )
    except IntegrityError:
        raise taken(label) from None


def taken(label: str) -> Refused:
    """What is said where a row cannot be what it was, because another is that by now."""
    return Refused(
        _(
            "Something else has taken the place of “%(thing)s” since, such as one of the "
            "same name. Change that first, or do it by hand."
        ),
        code="taken",
        thing=label,
    )


class _Everything(Collector):
    """Looks at every row that a deletion reaches, also those that need no look to be deleted."""

    def can_fast_delete(self, *args: Any, **kwargs: Any) -> bool:
        return False


def _collected(thing: models.Model) -> _Everything:
    collector = _Everything(router.db_for_write(type(thing)), origin=thing)
    collector.collect([thing])
    return collector


def _closure(thing: models.Model) -> tuple[dict[Key, Values], dict[Key, Values]]:
    """What would go with it, and what would forget it."""
    collector = _collected(thing)
    going: dict[Key, Values] = {}
    for model, gone in collector.data.items():
        going |= _values(model._base_manager.filter(pk__in=[row.pk for row in gone]))
    forgetting: dict[Key, Values] = {}
    for batches in collector.field_updates.values():
        for batch in batches:
            # One instance, or a lazy set of them.
            known = [batch] if isinstance(batch, models.Model) else list(batch)
            if known:
                rows = type(known[0])._base_manager.filter(pk__in=[row.pk for row in known])
                forgetting |= _values(rows)
    return going, {key: row for key, row in forgetting.items() if key not in going}


def _values(rows: models.QuerySet[Any]) -> dict[Key, Values]:
    return {(row._meta.label_lower, row.pk): _plain(row) for row in rows}


def fingerprint(model: type[models.Model], pk: int, names: Iterable[str]) -> str:
    """What stands in these fields of a row, short enough to be kept; "" if there is no row.

    Read from the table, not from a thing in hand, which may hold what it was given and not yet what
    came of it.
    """
    columns = sorted(
        field.attname
        for field in model._meta.concrete_fields
        if {field.name, field.attname} & set(names) and field.name not in _COUNTERS
    )
    row = model._base_manager.filter(pk=pk).values(*columns, "pk")[:1]
    found = json.dumps(list(row), cls=_Exact, sort_keys=True)
    return hashlib.sha256(found.encode()).hexdigest() if row else ""


def _plain(row: models.Model) -> Values:
    """The columns of a row as they are written down and read back."""
    columns = {one.attname: one.value_from_object(row) for one in row._meta.concrete_fields}
    plain: Values = json.loads(json.dumps(columns, cls=_Exact))
    return plain


def _now(keys: Iterable[Key], *, lock: bool = False) -> dict[Key, Values]:
    numbers: dict[str, list[int]] = {}
    for label, pk in keys:
        numbers.setdefault(label, []).append(pk)
    found: dict[Key, Values] = {}
    for label, pks in numbers.items():
        there = apps.get_model(label)._base_manager.filter(pk__in=pks)
        found |= _values(there.select_for_update() if lock else there)
    return found


def _row(key: Key, was: Values | None, now: Values | None, loose: bool) -> dict[str, Any]:
    if was is not None and now is not None:
        names = [name for name in was if was[name] != now[name]]
        was, now = ({name: one[name] for name in names} for one in (was, now))
    return {"of": key[0], "pk": key[1], "was": was, "now": now, **({"loose": 1} if loose else {})}


def _still(row: Mapping[str, Any], there: Values | None) -> bool:
    """Whether the row is as the change left it; what merely forgot the thing may have moved on."""
    expected = row["now"]
    if there is None or expected is None:
        same = (there is None) == (expected is None)
    else:
        moving: frozenset[str] = getattr(apps.get_model(row["of"]), "BY_MACHINE", frozenset())
        same = all(there.get(name) == expected[name] for name in expected.keys() - moving)
    if not same and not row.get("loose"):
        raise Refused(CHANGED)
    return same


def _take_out(rows: list[Mapping[str, Any]]) -> None:
    """What the change made goes again, unless something has come to rest upon it."""
    ours = {(row["of"], row["pk"]) for row in rows}
    for row in rows:
        there = apps.get_model(row["of"])._base_manager.filter(pk=row["pk"]).first()
        if there is None:
            continue
        try:
            reached = _collected(there).data
        except (ProtectedError, RestrictedError):
            raise Refused(CHANGED) from None
        keys = {(one._meta.label_lower, one.pk) for some in reached.values() for one in some}
        if not keys <= ours:
            raise Refused(CHANGED)
        type(there)._base_manager.filter(pk=there.pk).delete()


def _fields(
    model: type[models.Model], values: Values, coming: list[Mapping[str, Any]], label: str
) -> Values:
    known = {one.attname: one for one in model._meta.concrete_fields}
    fields: Values = {}
    for name, raw in values.items():
        column = known.get(name)
        if column is None:  # a column of an older version
            continue
        fields[name] = value_there(column, raw, label, coming)
    return fields


def value_there(column: Any, raw: Any, label: str, coming: Sequence[Mapping[str, Any]] = ()) -> Any:
    """A value as the column takes it back; what it points at may be gone, or come along."""
    if not isinstance(column, models.ForeignKey):
        return column.to_python(raw)
    if raw is None or _is_there(column.related_model, raw, coming):
        return raw
    if column.null:
        return None
    raise Refused(
        _("What “%(thing)s” belonged to is gone by now, so it cannot come back."), thing=label
    )


def _is_there(model: Any, pk: Any, coming: Sequence[Mapping[str, Any]]) -> bool:
    label = model._meta.label_lower
    if any(row["of"] == label and row["pk"] == pk and row["now"] is None for row in coming):
        return True
    found: bool = model._base_manager.filter(pk=pk).exists()
    return found
