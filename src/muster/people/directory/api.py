"""People in the API: find, read, add, change, erase one; what they did and allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from muster.kit import ids
from muster.kit.errors import Invalid, NotFound
from muster.kit.words import _
from muster.people.consent.actions import Word, record
from muster.people.consent.keeping import text_called, topic_called, words_of
from muster.people.consent.models import ConsentState, ConsentText, TopicState
from muster.people.directory import actions
from muster.people.directory.search import in_segment
from muster.people.directory.timeline import lines_of
from muster.people.identity import merging
from muster.people.identity.models import Identifier
from muster.people.masking import face, masked_email, masked_facts, masked_name, masked_phone
from muster.people.profile.models import Person
from muster.people.profile.rules import home_region, normal_email, normal_phone
from muster.people.segments.models import Segment
from muster.team.bodies import Strict, body_of, optional
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.paging import Page, Paging, number_of, page
from muster.team.stores import stores, warehouse
from muster.team.tokens.auth import has_scope, scope
from muster.team.users.models import Workspace
from muster.warehouse.timeline import devices_of, person_of_device, tags_of, traits_of

router = Router(tags=["people"])


class Sought(Paging):
    """By what people are sought; all of it has to fit."""

    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    wecom_id: str | None = None
    anonymous_id: str | None = None
    segment: str | None = None


class PersonIn(Strict):
    """What is said of a person."""

    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    language: str | None = None
    time_zone: str | None = None
    traits: dict[str, Any] = Field(default_factory=dict)
    tags: list[str] | None = None


class PersonOut(Schema):
    """One person; masked without the scope `people:pii`."""

    id: str
    external_id: str | None
    name: str
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    language: str
    time_zone: str
    created_at: datetime


class PersonInFull(PersonOut):
    """One person with what is known of them."""

    traits: dict[str, Any]
    tags: list[str]


class MergeIn(Strict):
    """Who is the same person."""

    other: str
    reason: str = ""


class UnmergeIn(Strict):
    """Whom to tell apart; without it the last merge is taken back."""

    other: str | None = None


class Parted(Schema):
    """Two people who were told apart."""

    person: PersonInFull
    other: PersonInFull


class Happened(Schema):
    """One event of a person."""

    id: str
    at: datetime
    name: str
    kind: str
    source: str
    channel: str | None
    campaign: str | None
    campaign_id: str | None
    properties: dict[str, Any]


class ConsentIn(Schema):
    """One word of the person."""

    channel: str
    purpose: str = "marketing"
    state: str
    topic: str | None = Field(None, description="Id or name of a topic that alone is meant.")
    expires_at: datetime | None = Field(None, description="Until when it holds; or the law says.")
    proof: dict[str, Any] = Field(default_factory=dict)
    text_version: str = Field("", description="Code or name of a text, or a name of your own.")


class ConsentsIn(Schema):
    """Several words, as a list of them is given."""

    items: list[ConsentIn]


class ConsentOut(Schema):
    """What holds for a channel and purpose."""

    channel: str
    purpose: str
    topic: str | None
    topic_name: str | None
    state: str
    at: datetime
    expires_at: datetime | None
    source: str
    text_version: str
    text: str | None = Field(None, description="The words, where they are kept here.")
    proof: dict[str, Any]


@router.get("", auth=scope("people:read"), response=Page[PersonOut])
def people(request: TeamRequest, sought: Query[Sought]) -> dict[str, object]:
    """People, newest first; addresses are found in any way of writing."""
    rows = Person.objects.present()
    if "" in (sought.external_id, sought.email, sought.phone, sought.wecom_id):
        rows = rows.none()
    if sought.external_id is not None:
        rows = rows & Person.objects.known_by(external_id=sought.external_id)
    if sought.email is not None:
        rows = rows & Person.objects.known_by(email=normal_email(sought.email) or sought.email)
    if sought.phone is not None:
        rows = rows & Person.objects.known_by(
            phone=normal_phone(sought.phone, _region()) or sought.phone
        )
    if sought.wecom_id is not None:
        rows = rows & Person.objects.known_by(wecom_id=sought.wecom_id)
    if sought.anonymous_id is not None:
        number = _behind_device(sought.anonymous_id)
        rows = rows.filter(pk=number) if number is not None else rows.none()
    if sought.segment is not None:
        return _of_segment(request, rows, sought)
    return page(rows, sought, lambda person: shown(request, person))


def _behind_device(anonymous_id: str) -> int | None:
    store = stores().warehouse
    with warehouse() as db:
        return person_of_device(store, db, anonymous_id) if store else None


@router.get("/{person_id}/identifiers", auth=scope("people:read"), response=dict[str, Any])
def identifiers(request: TeamRequest, person_id: str) -> dict[str, Any]:
    """Everything by which the person is or was known; masked without the scope `people:pii`."""
    person = _person(person_id)
    rows = Identifier.objects.filter(person__in=merging.members_of([person.pk])).order_by("pk")
    clear = has_scope(request, "people:pii")
    mask: dict[str, Callable[[str], str]] = {
        "email": masked_email,
        "phone": masked_phone,
        "wecom_id": lambda said: f"…{said[-4:]}",
    }
    with warehouse() as db:
        devices = devices_of(db, person.pk)
    items = [
        {
            "kind": one.kind,
            "value": one.value if clear or one.kind not in mask else mask[one.kind](one.value),
            "strength": one.strength,
            "source": one.source,
            "first_seen": one.first_seen,
            "last_seen": one.last_seen,
        }
        for one in rows
    ]
    items += [
        {
            "kind": "device",
            "value": one.code,
            "strength": "weak",
            "source": one.source,
            "first_seen": one.first_seen,
            "last_seen": one.last_seen,
        }
        for one in devices
    ]
    return {"items": items}


def _of_segment(request: TeamRequest, rows: QuerySet[Person], sought: Sought) -> dict[str, object]:
    """The people of a segment by number; only those of one page are read."""
    visible = Segment.objects.visible_to(request.user)
    named = list(visible.filter(name=sought.segment)[:2])
    if len(named) > 1:
        raise Invalid.at(
            "/segment",
            "several",
            _("Several segments are called “%(name)s”. Give the id of one, such as seg_7F3KQ2WA."),
            name=sought.segment,
        )
    segment = named[0] if named else found(visible, "segment", sought.segment or "")
    after = number_of(sought.cursor) if sought.cursor else 0
    items: list[dict[str, Any]] = []
    numbers = [number for number in in_segment(segment) if number > after]
    for start in range(0, len(numbers), 500):
        batch = rows.filter(pk__in=numbers[start : start + 500]).order_by("pk")
        for person in batch:
            if len(items) == sought.limit:
                return {"items": items, "next": str(ids.number("person", items[-1]["id"]))}
            items.append(shown(request, person))
    return {"items": items, "next": None}


@router.post("", auth=scope("people:write"), response={201: PersonInFull})
def add(request: TeamRequest, body: PersonIn) -> Status[dict[str, Any]]:
    """Add one person; refused if the id or an address belongs to somebody."""
    said = body.dict(exclude_unset=True, exclude={"traits", "tags"})
    fields = {name: value or "" for name, value in said.items()}
    now = timezone.now()
    person = actions.create(fields, body.traits, by=request.user, now=now)
    for name in body.tags or []:
        actions.tag(person, name, by=request.user, now=now)
    return Status(201, in_full(request, person))


@router.get("/{person_id}", auth=scope("people:read"), response=PersonInFull)
def one(request: TeamRequest, person_id: str) -> dict[str, Any]:
    """One person with traits and tags."""
    return in_full(request, _person(person_id))


@router.patch("/{person_id}", auth=scope("people:write"), response=PersonInFull)
def change(request: TeamRequest, person_id: str, body: PersonIn) -> dict[str, Any]:
    """Change what is said; null or an empty text takes a value away. `tags` replaces the tags."""
    person = _person(person_id)
    said = body.dict(exclude_unset=True, exclude={"traits", "tags"})
    if said.pop("external_id", person.external_id) != person.external_id:
        raise Invalid.at(
            "/external_id", "fixed", _("The id of a person cannot be changed. Import them anew.")
        )
    now = timezone.now()
    traits = body.traits
    if traits and not has_scope(request, "people:pii"):
        # What comes back as it was shown is the mask, and no new value.
        shown = in_full(request, person)["traits"]
        traits = {k: v for k, v in traits.items() if k not in shown or shown[k] != v}
    if said or traits:
        person = actions.update(person, said, traits, by=request.user, now=now)
    if body.tags is not None:
        with warehouse() as db:
            present = set(tags_of(db, person.pk))
        for name in sorted(set(body.tags) - present):
            actions.tag(person, name, by=request.user, now=now)
        for name in sorted(present - set(body.tags)):
            actions.untag(person, name, by=request.user, now=now)
    return in_full(request, person)


@router.delete("/{person_id}", auth=scope("people:write"), response={204: None})
def erase(request: TeamRequest, person_id: str) -> Status[None]:
    """Erase the person: the record is emptied, addresses stay suppressed as hashes."""
    actions.erase(_person(person_id), by=request.user, now=timezone.now(), reason="api")
    return Status(204, None)


@router.post("/{person_id}/merge", auth=scope("people:write"), response=PersonInFull)
def merge(request: TeamRequest, person_id: str, body: MergeIn) -> dict[str, Any]:
    """Make one person of two: the other one's id leads here from now on."""
    kept, number = _person(person_id), ids.number("person", body.other)
    other = Person.objects.behind(number) if number is not None else None
    if other is None:
        raise Invalid.at(
            "/other",
            "unknown_person",
            _("There is no person %(person)s. Give the id of one, such as per_7F3KQ2WA."),
            person=body.other,
        )
    merging.merge(kept, other, by=request.user, now=timezone.now(), reason=body.reason)
    return in_full(request, _person(person_id))


@router.post(
    "/{person_id}/unmerge",
    auth=scope("people:write"),
    response=Parted,
    openapi_extra=optional(UnmergeIn),
)
def unmerge(request: TeamRequest, person_id: str) -> dict[str, Any]:
    """Take a merge back: both get again what was theirs."""
    person = _row(person_id)
    body = body_of(request, UnmergeIn)
    other = _row(body.other) if body.other else None
    done = merging.unmerge(person, other, by=request.user, now=timezone.now())
    return {"person": in_full(request, done.person), "other": in_full(request, done.other)}


@router.get("/{person_id}/timeline", auth=scope("people:read"), response=dict[str, Any])
def timeline(
    request: TeamRequest, person_id: str, paging: Query[Paging], kind: str = ""
) -> dict[str, Any]:
    """What the person did, newest first; `kind` is messages, orders, behaviour, consent, system."""
    cursor = paging.cursor or ""
    lines = lines_of(
        _person(person_id).pk,
        clear=has_scope(request, "people:pii"),
        kind=kind,
        before=cursor,
        limit=paging.limit + 1,
    )
    here = lines[: paging.limit]
    items = [
        Happened(
            id=line.moment.id,
            at=line.moment.at,
            name=line.moment.name,
            kind=line.kind.key,
            source=line.moment.source,
            channel=line.moment.channel,
            campaign=line.moment.campaign,
            campaign_id=line.moment.campaign_id,
            properties=line.moment.properties,
        ).dict()
        for line in here
    ]
    return {"items": items, "next": here[-1].moment.id if len(lines) > len(here) else None}


@router.get(
    "/{person_id}/consents", auth=scope("people:read"), response=dict[str, list[ConsentOut]]
)
def consents(request: TeamRequest, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """What holds now, and what proves it."""
    person = _person(person_id)
    wholes = ConsentState.objects.filter(person=person).select_related("entry")
    topics = TopicState.objects.filter(person=person).select_related("entry", "topic")
    rows: list[ConsentState | TopicState] = [
        *wholes.order_by("channel", "purpose"),
        *topics.order_by("channel", "purpose", "topic__position", "topic"),
    ]
    words = words_of(row.entry.text_version for row in rows)
    clear = has_scope(request, "people:pii")
    return {"items": [_holding(row, words, clear=clear) for row in rows]}


def _holding(
    row: ConsentState | TopicState, words: Mapping[str, ConsentText], *, clear: bool
) -> dict[str, Any]:
    topic = row.topic if isinstance(row, TopicState) else None
    text = words.get(row.entry.text_version)
    return {
        "channel": row.channel,
        "purpose": row.purpose,
        "topic": topic.public_id if topic else None,
        "topic_name": topic.name if topic else None,
        "state": row.counts_as,
        "at": row.at,
        "expires_at": row.expires_at,
        "source": row.entry.source,
        "text_version": row.entry.text_version,
        "text": text.words if text else None,
        "proof": row.entry.proof if clear else masked_facts(row.entry.proof),
    }


@router.put(
    "/{person_id}/consents", auth=scope("consents:write"), response=dict[str, list[ConsentOut]]
)
def put_consents(
    request: TeamRequest, person_id: str, body: ConsentIn | ConsentsIn | list[ConsentIn]
) -> dict[str, list[dict[str, Any]]]:
    """Record what the person said, one word or several; it counts when this answers."""
    person = _person(person_id)
    said = body.items if isinstance(body, ConsentsIn) else body
    said = said if isinstance(said, list) else [said]
    words = [
        Word(
            person,
            one.channel,
            one.purpose,
            one.state,
            one.proof,
            text_called(one.text_version),
            topic_called(one.topic, at=f"/{place}/topic") if one.topic else None,
            one.expires_at,
        )
        for place, one in enumerate(said)
    ]
    record(words, now=timezone.now(), source="api", by=request.user)
    return consents(request, person_id)


def shown(request: TeamRequest, person: Person) -> dict[str, Any]:
    """A person as lists of the API show them."""
    clear = has_scope(request, "people:pii")
    seen = face(person, clear=clear)
    return {
        "id": person.public_id,
        "external_id": person.external_id,
        "name": seen.name,
        "first_name": person.first_name if clear else masked_name(person.first_name),
        "last_name": person.last_name if clear else masked_name(person.last_name),
        "email": seen.email or None,
        "phone": seen.phone or None,
        "language": person.language,
        "time_zone": person.time_zone,
        "created_at": person.created_at,
    }


def in_full(request: TeamRequest, person: Person) -> dict[str, Any]:
    """A person with traits and tags."""
    with warehouse() as db:
        traits, tags = traits_of(db, person.pk), tags_of(db, person.pk)
    return {
        **shown(request, person),
        "external_id": person.any_external_id,
        "traits": traits if has_scope(request, "people:pii") else masked_facts(traits),
        "tags": tags,
    }


def _row(person_id: str) -> Person:
    """The very person of this id, merged or not."""
    return found(Person.objects.filter(erased_at=None), "person", person_id)


def _person(person_id: str) -> Person:
    number = ids.number("person", person_id)
    person = Person.objects.behind(number) if number is not None else None
    if person is None:
        raise NotFound
    return person


def _region() -> str:
    workspace = Workspace.here()
    return home_region(workspace.time_zone, workspace.currency)
