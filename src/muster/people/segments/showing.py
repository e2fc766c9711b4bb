"""People of a segment as lists show them (PE4): masked unless the reader may see personal data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muster.people.consent.models import ConsentState
from muster.people.masking import masked_email, masked_name, masked_phone
from muster.people.profile.models import Person


@dataclass(frozen=True)
class Shown:
    """One person in a list."""

    pk: int
    id: str
    name: str
    email: str
    phone: str
    channels: tuple[str, ...]
    """Where marketing is allowed and an address is known."""


def shown(numbers: Sequence[int], *, clear: bool) -> list[Shown]:
    """These people in this order; `clear` shows names and addresses as they are."""
    people = Person.objects.present().in_bulk(list(numbers))
    allowed: dict[int, set[str]] = {}
    granted = ConsentState.objects.granted().filter(person_id__in=people, purpose="marketing")
    for person_id, channel in granted.values_list("person_id", "channel"):
        allowed.setdefault(person_id, set()).add(channel)
    return [
        _one(people[number], allowed.get(number, ()), clear=clear)
        for number in numbers
        if number in people
    ]


def _one(person: Person, allowed: Iterable[str], *, clear: bool) -> Shown:
    has = {"email": bool(person.email), "sms": bool(person.phone)}
    return Shown(
        person.pk,
        person.public_id,
        person.name if clear else masked_name(person.name),
        person.email if clear else masked_email(person.email),
        person.phone if clear else masked_phone(person.phone),
        tuple(channel for channel in ("email", "sms") if channel in allowed and has[channel]),
    )
