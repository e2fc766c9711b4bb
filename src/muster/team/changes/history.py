"""What a change was about, field by field: the value before and the value after, in words.

A change keeps what was there before it. What was there after it is what the next change found, or
what is there now; so nothing is written twice and nothing can disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, gettext

from muster.team.changes.models import Change
from muster.team.changes.restoring import is_restorable
from muster.team.users.models import User
from muster.ui import formats

_MOST = 120
Words: TypeAlias = Callable[[Any], str]
_words: dict[str, Words] = {}


def in_words(*fields: str) -> Callable[[Words], Words]:
    """Say how values of these fields (`app.model.field`) read, where they are kept as keys."""

    def register(words: Words) -> Words:
        for name in fields:
            _words[name] = words
        return words

    return register


@dataclass(frozen=True)
class FieldChange:
    """One field before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """What a change did, and whether its reader may bring back what was before."""

    fields: list[FieldChange]
    may_restore: bool


def told(changes: Iterable[Change], user: User) -> dict[int, Told]:
    """Number of a change → what it did; `changes` come newest first and without gaps."""
    rows = [change for change in changes if change.undone_at is None]
    things = _things([change for change in rows if change.before])
    current: dict[tuple[str, int, str], Any] = {}
    names: dict[tuple[str, Any], str] = {}
    found = {}
    for change in rows:
        thing = things.get((change.kind, change.object_id))
        fields = []
        for name, raw in change.before.items():
            field = _field(thing, name) if thing is not None else None
            if thing is None or field is None or not _is_told(field):
                continue
            before, key = value_of(field, raw), (change.kind, change.object_id, name)
            after = current.get(key, getattr(thing, field.attname))
            current[key] = before
            label = gettext(str(field.verbose_name)).capitalize()
            fields.append(
                FieldChange(label, shown(field, before, names), shown(field, after, names))
            )
        if fields or change.undo:
            found[change.pk] = Told(fields, is_restorable(change, user))
    return found


def _is_told(field: models.Field[Any, Any]) -> bool:
    """Whether people gave the field a name; without one it is bookkeeping, such as a version."""
    return field._verbose_name is not None  # type: ignore[attr-defined]


def _things(changes: list[Change]) -> dict[tuple[str, int], models.Model]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        wanted[change.kind].add(change.object_id)
    found: dict[tuple[str, int], models.Model] = {}
    for kind, numbers in wanted.items():
        try:
            model = apps.get_model(kind)
        except LookupError:
            continue
        for number, thing in model._base_manager.in_bulk(list(numbers)).items():
            found[kind, number] = thing
    return found


def _field(thing: models.Model, name: str) -> models.Field[Any, Any] | None:
    return next((one for one in thing._meta.concrete_fields if one.name == name), None)


def value_of(field: models.Field[Any, Any], raw: Any) -> Any:
    try:
        if isinstance(field, models.ForeignKey):
            return field.target_field.to_python(raw)
        return field.to_python(raw)
    except ValidationError:
        return raw


def shown(field: models.Field[Any, Any], value: Any, names: dict[tuple[str, Any], str]) -> str:
    language = get_language() or "en"
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    words = _words.get(f"{field.model._meta.label_lower}.{field.name}")
    if words is not None:
        return _clipped(words(value))
    if isinstance(field, models.ForeignKey):
        key = (field.name, value)
        if key not in names:
            row = field.related_model._base_manager.filter(pk=value).first()
            names[key] = str(row) if row is not None else "–"
        return names[key]
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Decimal | int | float):
        return formats.number(Decimal(str(value)), language, digits=2)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return _clipped(
            ", ".join(f"{key}: {one}" if key else str(one) for key, one in value.items())
        )
    if isinstance(value, list):
        return _clipped(", ".join(str(one) for one in value))
    return _clipped(str(value))


def _clipped(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
