"""Conditions on who somebody is (PE4), asked where names and addresses live."""

from __future__ import annotations

import pyarrow as pa
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.profile.models import Person
from muster.people.profile.rules import normal_email
from muster.warehouse.rules import Trait

_FIELDS = {
    "email": ("email",),
    "phone": ("phone",),
    "first_name": ("first_name",),
    "last_name": ("last_name",),
    "external_id": ("external_id",),
    "name": ("western", "eastern"),
}
"""Trait → the columns that may hold it: a whole name is written in one of two orders."""
_OF_EVERY_ROW = ("email", "phone", "external_id")
"""What merged people brought along and is not shown in the record of who they are now."""
_LOOKUPS = {
    "eq": "",
    "in": "__in",
    "contains": "__icontains",
    "starts_with": "__istartswith",
    "ends_with": "__iendswith",
}


def matching(trait: Trait) -> pa.Array:
    """The people for whom a positive condition on an identity trait holds.

    Raises Invalid for operations that make no sense on names and addresses.
    """
    fits(trait)
    people = _with_names(Person.objects.filter(erased_at=None))
    if trait.name not in _OF_EVERY_ROW:
        people = people.filter(merged_into=None)
    columns = _FIELDS[trait.name]
    condition = Q()
    if trait.op == "exists":
        for column in columns:
            condition |= ~Q(**{column: ""}) & Q(**{f"{column}__isnull": False})
        if trait.name == "name":
            condition = ~Q(first_name="") | ~Q(last_name="")
    else:
        for column in columns:
            condition |= Q(**{f"{column}{_LOOKUPS[trait.op]}": _value(trait)})
    # Whoever was merged is meant by the one they are now.
    found = people.filter(condition).values_list(Coalesce("merged_into_id", "id"), flat=True)
    return pa.array(found.distinct(), pa.int64())


def fits(trait: Trait) -> None:
    """Raise Invalid where the operation makes no sense on names and addresses."""
    if trait.op != "exists" and trait.op not in _LOOKUPS:
        raise Invalid.at(
            "",
            "unfit_operation",
            _("“%(name)s” cannot be compared by “%(op)s”. Use one of: %(known)s."),
            name=trait.name,
            op=trait.op,
            known=", ".join(("exists", *_LOOKUPS)),
        )


def _with_names(people: QuerySet[Person]) -> QuerySet[Person]:
    text = CharField()
    return people.annotate(
        western=Concat("first_name", Value(" "), "last_name", output_field=text),
        eastern=Concat("last_name", "first_name", output_field=text),
    )


def _value(trait: Trait) -> str | list[str]:
    if isinstance(trait.value, tuple):
        return [_normal(trait.name, str(value)) for value in trait.value]
    return _normal(trait.name, str(trait.value)) if trait.op == "eq" else str(trait.value)


def _normal(name: str, value: str) -> str:
    return (normal_email(value) or value.strip().lower()) if name == "email" else value.strip()
