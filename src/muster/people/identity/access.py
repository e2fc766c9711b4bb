"""Everything that is kept about one person, as one archive they can be given (PE3)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F

from muster.people.consent.models import ConsentEntry, ConsentText, Suppression
from muster.people.identity.merging import members_of
from muster.people.identity.models import Identifier
from muster.people.profile.models import Person
from muster.team import stores
from muster.team.changes.actions import record_change
from muster.team.users.models import User
from muster.warehouse.timeline import moments, tags_of, traits_of

Tell: TypeAlias = Callable[[Sequence[int]], Iterable[Mapping[str, Any]]]
"""What a part keeps of these people (they are one), as rows of plain values."""

_telling: dict[str, Tell] = {}
_FIELDS = ("external_id", "email", "phone", "first_name", "last_name", "language", "time_zone")
_PAGE = 1000


def tells(name: str) -> Callable[[Tell], Tell]:
    """Also put `name.json` into the archive."""

    def register(tell: Tell) -> Tell:
        _telling[name] = tell
        return tell

    return register


def archive_of(person: Person, *, by: User | None, now: datetime) -> bytes:
    """A ZIP with the record, consent and its proofs, all events and all messages."""
    numbers = members_of([person.pk])
    with stores.warehouse(120) as db:
        known = {"traits": traits_of(db, person.pk), "tags": tags_of(db, person.pk)}
        events = list(_events(db, person.pk))
    parts: dict[str, Any] = {
        "person": {"id": person.public_id, "told_at": now, **known, "records": _records(numbers)},
        "consents": list(
            ConsentEntry.objects.filter(person__in=numbers)
            .order_by("at", "pk")
            .values(
                "channel",
                "purpose",
                "state",
                "at",
                "expires_at",
                "source",
                "text_version",
                "proof",
                topic_name=F("topic__name"),
            )
        ),
        "consent_texts": list(
            ConsentText.objects.filter(
                code__in=ConsentEntry.objects.filter(person__in=numbers).values("text_version")
            ).values("code", "name", "language", "number", "words", "at")
        ),
        "suppressions": list(
            Suppression.objects.filter(
                address_hash__in=[
                    found
                    for row in Person.objects.filter(pk__in=numbers)
                    for found in (row.email_hash, row.phone_hash)
                    if found
                ]
            ).values("channel", "reason", "at")
        ),
        "events": events,
        **{name: list(tell(numbers)) for name, tell in _telling.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            archive.writestr(f"{person.public_id}/{name}.json", text)
    record_change("exported", person, by=by)
    return packed.getvalue()


def _records(numbers: Sequence[int]) -> list[dict[str, Any]]:
    rows = Person.objects.filter(pk__in=numbers).order_by("pk").values("pk", "created_at", *_FIELDS)
    known: dict[int, list[dict[str, Any]]] = {}
    for one in Identifier.objects.filter(person__in=numbers).order_by("pk"):
        said = ("kind", "value", "strength", "source", "first_seen", "last_seen")
        known.setdefault(one.person_id, []).append({name: getattr(one, name) for name in said})
    told = []
    for row in rows:
        mine = known.get(row.pop("pk"), [])
        shown = {row["email"], row["phone"], row["external_id"]}
        former = [one["value"] for one in mine if one["value"] not in shown]
        told.append({**row, "identifiers": mine, "former_addresses": former})
    return told


def _events(db: Any, person: int) -> Iterator[dict[str, Any]]:
    """All of them, newest first, a page at a time."""
    before = ""
    while page := moments(db, person, before=before, limit=_PAGE):
        for one in page:
            said = {
                "at": one.at,
                "name": one.name,
                "channel": one.channel,
                "campaign": one.campaign,
                "url": one.url,
                "order_id": one.order_id,
                "revenue": one.revenue,
                "currency": one.currency,
                "properties": one.properties,
            }
            yield {name: value for name, value in said.items() if value is not None}
        before = page[-1].id
