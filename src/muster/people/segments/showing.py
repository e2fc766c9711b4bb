"""People of a segment as lists show them (PE4): masked unless the reader may see personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muster.people.consent.reaching import reachable
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
    """Where marketing is allowed, and an address is known and not on the suppression list."""


def shown(numbers: Sequence[int], *, clear: bool) -> list[Shown]:
    """These people in this order; `clear` shows names and addresses as they are."""
    people = Person.objects.present().in_bulk(list(numbers))
    channels = reachable(list(people.values()))
    return [
        _one(people[number], channels[number], clear=clear)
        for number in numbers
        if number in people
    ]


def _one(person: Person, channels: tuple[str, ...], *, clear: bool) -> Shown:
    return Shown(
        person.pk,
        person.public_id,
        person.name if clear else masked_name(person.name),
        person.email if clear else masked_email(person.email),
        person.phone if clear else masked_phone(person.phone),
        channels,
    )
