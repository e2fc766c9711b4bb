"""What the people of a file were before it (PE2), so that an import can be taken back exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection
from django.utils import timezone

from muster.events import names, shape
from muster.events.spool import Position
from muster.kit import ids
from muster.people.consent.models import ConsentEntry
from muster.people.consent.rules import IMPORT, UNDONE
from muster.people.imports.checking import Findings, owners_of
from muster.people.imports.models import UNDO_FOR, Import
from muster.people.profile.given import given
from muster.team import stores
from muster.warehouse.intake import Intake
from muster.warehouse.timeline import traits_before

FIELDS = ("email", "phone", "first_name", "last_name", "language", "time_zone")
BATCH = 5000
_SCHEMA = pa.schema(
    [
        ("person", pa.int64()),
        *((f"was_{field}", pa.string()) for field in FIELDS),
        *((f"said_{field}", pa.string()) for field in FIELDS),
    ]
)


def remember_before(
    imported: Import,
    found: Findings,
    intake: Intake,
    *,
    tell: Callable[[int], None] = lambda rows: None,
) -> None:
    """Count who is new, and keep what is known of the others and what the file says of them."""
    _forget_old()
    with pq.ParquetWriter(file_of(imported), _SCHEMA) as kept:
        for asked, owners in owners_of(found, intake):
            known = {
                owner: row[0] for row, owner in zip(asked, owners, strict=True) if owner is not None
            }
            if known:
                said, was = intake.said(list(known.values())), _records(list(known))
                rows = [(p, *was[p], *said[n]) for p, n in known.items() if p in was]
                columns = list(map(list, zip(*rows, strict=True))) or [[]] * len(_SCHEMA)
                kept.write_table(pa.table(columns, schema=_SCHEMA))
            tell(asked[-1][0])


def file_of(imported: Import) -> Path:
    """Where it is kept until the import is taken back."""
    path: Path = settings.DATA.uploads / f"before-{imported.public_id}.parquet"
    return path


def _forget_old() -> None:
    """What can no longer be taken back needs no memory of who people were."""
    over = Import.objects.filter(ended_at__lt=timezone.now() - UNDO_FOR)
    for imported in over.order_by("-pk")[:100]:
        file_of(imported).unlink(missing_ok=True)


def bring_back(imported: Import, *, trait: str) -> tuple[int, Position | None]:
    """Give those who were known before their former values back, where nobody changed them since.

    Says how many people that were, and the place in the log.
    """
    place, people = None, 0
    for batch in _kept(imported):
        with stores.warehouse(seconds=600) as db:
            traits = traits_before(db, trait, imported.public_id, [row["person"] for row in batch])
        lines = list(_lines(imported, batch, traits))
        people += len(lines)
        if lines:
            place = stores.emit(lines)
    return people, place


def _kept(imported: Import) -> Iterator[list[dict[str, Any]]]:
    path = file_of(imported)
    if path.is_file():
        with pq.ParquetFile(path) as kept:
            for batch in kept.iter_batches(BATCH):
                yield batch.to_pylist()


def _lines(
    imported: Import, rows: Sequence[dict[str, Any]], traits: dict[int, dict[str, str]]
) -> Iterator[bytes]:
    now = _records([row["person"] for row in rows])
    for row in rows:
        person = row["person"]
        if person not in now:
            continue
        back: dict[str, Any] = {
            k: msgspec.Raw(v.encode()) for k, v in traits.get(person, {}).items()
        }
        for field, value in zip(FIELDS, now[person], strict=True):
            was, said = row[f"was_{field}"], row[f"said_{field}"]
            if said and value == said and was != said:
                back[field] = was or None
        if back:
            own = f"{IMPORT}:{imported.public_id}:{imported.nonce}:undone:{person}"
            yield shape.identify(back, person_id=person, message_id=own)


def take_back_consents(imported: Import, now: datetime) -> Position | None:
    """Take back all that the file said of consent; the place in the log, if it said anything.

    Also the words behind which another one stands: what covers them may be taken back later.
    What anybody else said, before or since, counts again or still by itself: the ledger and the
    warehouse leave out what was taken back.
    """
    source = f"{IMPORT}:{imported.public_id}"
    said = ConsentEntry.objects.filter(source=source, person__erased_at=None).order_by("pk")
    place, last = None, 0
    while batch := list(said.filter(pk__gt=last)[:BATCH]):
        place = stores.emit([_taken_back(imported, entry, now) for entry in batch])
        last = batch[-1].pk
    return place


def _taken_back(imported: Import, entry: ConsentEntry, now: datetime) -> bytes:
    about = (entry.person_id, entry.channel, entry.purpose, entry.topic_id)
    own = (IMPORT, imported.public_id, imported.nonce, "undone:consent", *about)
    return shape.event(
        names.CONSENT_RETRACTED,
        person_id=entry.person_id,
        properties={
            "channel": entry.channel,
            "purpose": entry.purpose,
            "topic": ids.public("topic", entry.topic_id) if entry.topic_id else None,
            "source": f"{UNDONE}:{imported.public_id}",
            "proof": imported.name,
        },
        at=now,
        message_id=":".join(map(str, own)),
    )


def _records(people: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Person → the fields of the record as they are now."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    columns = ", ".join(f"p.{field}" for field in FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id, {columns} FROM {source} JOIN people_person p ON p.id = given.id"  # noqa: S608
            " WHERE p.erased_at IS NULL",
            parameters,
        )
        return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}
