"""What people do with one person: add, change, tag, look behind the mask, erase (PE1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import transaction

from muster.events import names, shape
from muster.events.shape import NO_IDS, OURS
from muster.events.spool import Position
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.people.consent.actions import suppress
from muster.people.consent.models import Suppression
from muster.people.identity import erasures
from muster.people.identity.erasing import addresses_of
from muster.people.identity.erasing import erase as erase_records
from muster.people.identity.merging import members_of
from muster.people.identity.records import PeopleRecords
from muster.people.profile.hashing import ADDRESS_OF_CHANNEL
from muster.people.profile.models import Person
from muster.people.profile.rules import home_region, normal_email, normal_phone
from muster.team import stores
from muster.team.changes.actions import record_change
from muster.team.users.models import User, Workspace
from muster.warehouse.records import KEYS, LEARNT, PROFILES

IDENTITIES = ("external_id", "email", "phone")
LOADED_WITHIN = 10
"""Seconds that a page waits for the warehouse; it catches up later if that is not enough."""


class AlreadyKnown(Refused):
    """There is such a person."""

    code = "already_known"
    text = _("There is a person with this id, e-mail address or phone already: %(person)s.")


def create(
    fields: Mapping[str, str], traits: Mapping[str, Any], *, by: User, now: datetime
) -> Person:
    """Add one person by hand; raises AlreadyKnown if the id or an address belongs to somebody."""
    said = _checked(fields)
    external_id = (fields.get("external_id") or "").strip() or None
    if external_id and external_id.lower() in NO_IDS:
        raise Invalid.at("/external_id", "bad_id", _("This stands for “no id”. Give another one."))
    if not external_id and not said.get("email") and not said.get("phone"):
        raise Invalid(_("Give an id, a valid e-mail address or a valid phone number."))
    _refuse_known({**said, "external_id": external_id or ""})
    keys: dict[str, list[Any]] = {"n": [1], "external_id": [external_id]}
    keys |= {field: [said.get(field) or None] for field in KEYS.names if field not in keys}
    keys |= {"source": [OURS], "at": [now.replace(tzinfo=None)]}
    with transaction.atomic():
        number = PeopleRecords().people_for(pa.table(keys, schema=KEYS))["person_id"][0].as_py()
        person = Person.objects.get(pk=number)
        place = _say(person, said, traits, now=now)
        record_change("added", person, by=by)
    stores.wait_until_loaded(place, LOADED_WITHIN)
    return person


def update(
    person: Person,
    fields: Mapping[str, str | None],
    traits: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
) -> Person:
    """Change what is known of a person; an empty value or None takes it away.

    Raises AlreadyKnown if an address that is new to the person belongs to somebody else.
    """
    said = _checked(fields)
    fresh = {field: value for field, value in said.items() if value != getattr(person, field)}
    _refuse_known(fresh, but=person)
    with transaction.atomic():
        place = _say(person, said, traits, now=now)
        record_change("changed", person, by=by, fields=sorted({*said, *traits}))
    stores.wait_until_loaded(place, LOADED_WITHIN)
    return person


def tag(person: Person, name: str, *, by: User, now: datetime) -> None:
    """Put a tag on the person."""
    name = " ".join(name.split())[:60]
    if not name:
        raise Invalid.at("/tag", "missing", _("Write the tag, for example “VIP”."))
    _tagging(names.PERSON_TAGGED, person, name, now=now)
    record_change("tagged", person, by=by, tag=name)


def untag(person: Person, name: str, *, by: User, now: datetime) -> None:
    """Take a tag off the person."""
    _tagging(names.PERSON_UNTAGGED, person, name, now=now)
    record_change("untagged", person, by=by, tag=name)


def reveal(person: Person, reason: str, *, by: User) -> None:
    """Look behind the mask; the reason is kept."""
    reason = reason.strip()
    if len(reason) < 4:
        raise Invalid.at(
            "/reason", "missing", _("Say why you need to see it, for example “calls us back”.")
        )
    record_change("revealed", person, by=by, reason=reason[:200])


def erase(person: Person, *, by: User, now: datetime, reason: str = "") -> None:
    """Take away everything that says who it was; their addresses stay on the suppression list."""
    with transaction.atomic():
        members = members_of([person.pk])
        for channel in erasures.SUPPRESSED:
            addresses = addresses_of(members, ADDRESS_OF_CHANNEL[channel])
            suppress(channel, addresses, reason=Suppression.Reason.ERASED, now=now, source="erased")
        record_change("erased", person, by=by, reason=reason[:200])
        erasures.note(members, at=now)
        place = erase_records([person.pk], now=now)
    if place is not None:
        stores.wait_until_loaded(place, LOADED_WITHIN)


def _checked(fields: Mapping[str, str | None]) -> dict[str, str]:
    """The fields in their normal form; raises Invalid with every problem at once."""
    said: dict[str, str] = {}
    problems = []
    workspace = Workspace.here()
    region = home_region(workspace.time_zone, workspace.currency)
    for field in LEARNT:
        if field not in fields:
            continue
        text = (fields[field] or "").strip()
        value: str | None = text
        if text and field == "email":
            value = normal_email(text)
        elif text and field == "phone":
            value = normal_phone(text, region)
        if value is None:
            problems.append(
                Problem(f"/{field}", "bad_email", _("This is no e-mail address."))
                if field == "email"
                else Problem(f"/{field}", "bad_phone", _("This is no valid phone number."))
            )
        else:
            said[field] = value
    if problems:
        raise Invalid(problems[0].text, code=problems[0].code, errors=problems)
    return said


def _refuse_known(said: Mapping[str, str], *, but: Person | None = None) -> None:
    """Raise AlreadyKnown if somebody, but this person, has one of these ids or addresses."""
    for field in IDENTITIES:
        if value := said.get(field):
            others = Person.objects.known_by(**{field: value})
            if but is not None:
                others = others.exclude(pk=but.pk)
            if other := others.first():
                raise AlreadyKnown(person=other.public_id)


def _say(
    person: Person, said: Mapping[str, str], traits: Mapping[str, Any], *, now: datetime
) -> Position:
    """Write it into the record store at once, and into the log for the warehouse."""
    row = {"person_id": [person.pk], "at": [now.replace(tzinfo=None)]}
    row |= {field: [said.get(field)] for field in LEARNT}
    row |= {"external_id": [person.external_id], "wecom_id": [None], "source": [OURS]}
    row |= {"email_by_id": [True], "phone_by_id": [True]}
    row |= {f"{field}_at": row["at"] for field in LEARNT}
    PeopleRecords().learn(pa.table(row, schema=PROFILES))
    known = {field: value or None for field, value in said.items()}
    line = shape.identify(
        {**traits, **known}, user_id=person.external_id, person_id=person.pk, at=now
    )
    person.refresh_from_db()
    return stores.emit([line])


def _tagging(event: str, person: Person, name: str, *, now: datetime) -> None:
    line = shape.event(event, person_id=person.pk, properties={"tag": name}, at=now)
    stores.wait_until_loaded(stores.emit([line]), LOADED_WITHIN)
