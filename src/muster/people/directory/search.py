"""Finds people by what one has at hand (PE1): a name, an address, the end of a phone, an id."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from muster.kit import ids
from muster.people.consent.models import ConsentState
from muster.people.identity.models import Identifier
from muster.people.masking import phone_means
from muster.people.profile.models import Person
from muster.people.profile.names import split_name
from muster.people.profile.rules import normal_email
from muster.people.segments.counting import members
from muster.people.segments.models import Segment

PAGE = 50
CHIPS = ("all", "email", "phone", "allowed", "unasked")


@dataclass(frozen=True)
class Asked:
    """What the list was asked for."""

    text: str = ""
    chip: str = "all"
    before: int | None = None
    """Only people with a smaller number: the next page."""


def matching(asked: Asked, *, clear: bool) -> QuerySet[Person]:
    """The people meant; readers who see masked data find names and addresses only whole.

    Otherwise the list would tell letter by letter what the mask hides.
    """
    people = Person.objects.present()
    if asked.text:
        people = people.filter(_means(asked.text.strip(), clear=clear))
    said = ConsentState.objects.lasting().filter(person=OuterRef("pk"))
    granted = said.filter(purpose="marketing", state="granted")
    if asked.chip == "email":
        people = people.exclude(email="")
    elif asked.chip == "phone":
        people = people.exclude(phone="")
    elif asked.chip == "allowed":
        people = people.filter(Exists(granted))
    elif asked.chip == "unasked":
        people = people.exclude(Exists(said))
    return people


def in_segment(segment: Segment) -> list[int]:
    """The numbers of the people in a segment."""
    numbers: list[int] = members(segment).to_pylist()
    return numbers


def _means(text: str, *, clear: bool) -> Q:
    number = ids.number("person", text)
    if number is not None:
        return Q(pk=number)
    digits = re.sub(r"[\s()+-]", "", text)
    if "@" in text:
        address = normal_email(text)
        if address is not None or not clear:
            return Q(email=address or text.lower()) | _known(address or text.lower())
        return Q(email__startswith=text.lower())
    meant = Q(external_id=text) | _known(text)
    if digits.isdigit() and len(digits) >= 4:
        meant |= phone_means(digits, clear=clear)
        return meant | _known(f"+{digits}") | _known(f"+86{digits}")
    first, last = split_name(text)
    if last:
        meant |= Q(first_name__iexact=first, last_name__iexact=last)
    if not clear:
        return meant | Q(first_name__iexact=text) | Q(last_name__iexact=text)
    meant |= Q(first_name__istartswith=text) | Q(last_name__istartswith=text)
    if len(text) >= 3:
        meant |= Q(email__startswith=text.lower())
    return meant


def _known(value: str) -> Q:
    """Everybody who has or had this identifier, also through somebody merged into them."""
    owners = Identifier.objects.filter(value=value, person__erased_at=None)
    return Q(pk__in=owners.values(number=Coalesce("person__merged_into", "person")))
