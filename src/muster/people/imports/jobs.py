"""The long work of imports: checking, running, taking back (PE2). Each may be run twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone

from muster.events import names, shape
from muster.events.spool import Position
from muster.kit import ids
from muster.kit.errors import Refused, Unavailable, written_down
from muster.kit.words import _
from muster.people.consent.refusals import withdrawn_among
from muster.people.consent.rules import IMPORT
from muster.people.identity.records import Known
from muster.people.imports.actions import reading_of, table_of
from muster.people.imports.checking import ErrorFile, Findings, look_through, understood
from muster.people.imports.models import Import
from muster.people.imports.removal import remove_untouched
from muster.people.imports.rules import IDENTITIES, Flaw, Reading, Row, typed
from muster.people.profile.models import Person
from muster.team import stores
from muster.team.jobs.registry import Cancelled, Run, job
from muster.team.jobs.runner import told

BATCH = 2000
"""Rows that are put into the log together."""
TRAIT = "last_import"
"""The trait that says which import spoke of a person last; it makes a segment of every import."""
LOADED_WITHIN = 1800
"""Seconds until which the warehouse has to count what was imported."""


@job("people.check")
def check(run: Run) -> None:
    """Look through the whole file, and say what would become of each row."""
    imported = _import(run)
    with _ending(imported, Import.State.UPLOADED):
        table = table_of(imported)
        reading = reading_of(imported, table)
        found = look_through(table, reading, tell=run.progress)
        run.progress(found.rows, found.rows)
        run.result.update(found.counts())
        imported.counts = found.counts()
        imported.state = Import.State.CHECKED


@job("people.import")
def bring_in(run: Run) -> None:
    """Import the file: look through it, then put its rows into the log in batches.

    The ids of the events follow from import and row, so a second run adds nothing twice.
    """
    imported = _import(run)
    if imported.started_at is None:
        imported.started_at = timezone.now()
        last = Person.objects.order_by("-id").first()
        imported.last_person_before = last.pk if last else 0
        imported.save(update_fields=["started_at", "last_person_before"])
    with _ending(imported, Import.State.CANCELLED):
        table = table_of(imported)
        reading = reading_of(imported, table)
        name = f"errors-{imported.public_id}.csv"
        errors = ErrorFile(settings.DATA.uploads / name, table.header)
        try:
            first = not imported.counts.get("started")
            found = look_through(table, reading, errors=errors, tell=lambda rows: run.progress(0))
            if first:
                # A second run would find the people of the first one known.
                imported.counts = {**found.counts(), "started": True}
                imported.save(update_fields=["counts"])
            run.result.update(imported.counts)
            passage = _Passage(imported, run, found, reading, errors)
            try:
                passage.people(understood(table, reading))
                passage.consents(understood(table, reading))
            except Cancelled:
                passage.settle()
                raise
        finally:
            errors.close()
            told = ("imported", "consents", "refused_consents")
            imported.counts |= {name: _number(run.result.get(name)) for name in told}
            if imported.counts.get("reasons") or imported.counts["refused_consents"]:
                imported.errors_file = name
                run.errors_file(name)
        imported.state = Import.State.DONE


@job("people.undo_import")
def take_back(run: Run) -> None:
    """Remove the people whom the import made and to whom nothing has happened since."""
    imported = _import(run)
    if imported.undone_at is not None:
        return
    removed, kept = remove_untouched(imported, trait=TRAIT, now=timezone.now())
    run.result.update(removed=removed, kept=kept)
    imported.counts |= {"removed": removed, "kept": kept}
    imported.state = Import.State.UNDONE
    imported.undone_at = timezone.now()
    imported.save()


class _Passage:
    """The rows of one import on their way into the log: first who they are, then what they allowed.

    Consent follows when the people exist, because a person without an id of yours can be named in
    an event only by number.
    """

    def __init__(
        self, imported: Import, run: Run, found: Findings, reading: Reading, errors: ErrorFile
    ) -> None:
        self._import = imported
        self._run = run
        self._found = found
        self._reading = reading
        self._errors = errors
        self._source = f"{IMPORT}:{imported.public_id}"
        self._own = f"{self._source}:{imported.nonce}"
        self._position: Position | None = None
        run.result |= {"imported": 0, "consents": 0, "refused_consents": 0}

    def people(self, rows: Iterable[Row]) -> None:
        """Who they are; raises Cancelled between two batches."""
        for batch, done in self._batches(rows):
            self._position = stores.emit([self._identify(row) for row in batch])
            self._count("imported", len(batch))
            self._run.progress(done, self._found.rows)
        self.settle()

    def consents(self, rows: Iterable[Row]) -> None:
        """What they allowed and refused."""
        if not self._reading.speaks_of_consent:
            return
        for batch, _done in self._batches(rows):
            lines = list(self._consents(batch))
            if lines:
                self._position = stores.emit(lines)
                self._count("consents", len(lines))
            self._run.progress(self._found.rows, self._found.rows)
        self.settle()

    def settle(self) -> None:
        """Wait until everything that is in the log is counted."""
        if self._position is None:
            return
        if not stores.wait_until_loaded(self._position, LOADED_WITHIN):
            raise Unavailable(_("The warehouse did not load the imported rows in time."))

    def _batches(self, rows: Iterable[Row]) -> Iterator[tuple[list[Row], int]]:
        """The rows to take, in batches, and how many rows of the file were read for them."""
        batch: list[Row] = []
        done = 0
        for row in rows:
            done += 1
            if row.is_usable and row.number not in self._found.superseded:
                batch.append(row)
                if len(batch) >= BATCH:
                    yield batch, done
                    batch = []
        if batch:
            yield batch, done

    def _identify(self, row: Row) -> bytes:
        traits = typed(row.traits, self._found.numbers)
        traits.update({k: v for k, v in row.identities.items() if k != "external_id"})
        traits[TRAIT] = self._import.public_id
        user_id = row.identities.get("external_id")
        return shape.identify(traits, user_id=user_id, message_id=f"{self._own}:{row.number}")

    def _consents(self, rows: list[Row]) -> Iterator[bytes]:
        keys = [
            (row.number, *(row.identities.get(kind) for kind in IDENTITIES))
            for row in rows
            if row.consents
        ]
        known = Known(keys)
        owners = {key[0]: known.owner_of(key) for key in keys}
        refused = withdrawn_among({owner for owner in owners.values() if owner is not None})
        for row in rows:
            person = owners.get(row.number)
            if person is None:
                continue
            # A file never gives back what the person withdrew.
            lost = [
                place
                for place, state in row.consents.items()
                if state == "granted" and _is_refused(place, refused.get(person, ()))
            ]
            if lost:
                self._count("refused_consents", 1)
                self._errors.add(
                    row, [Flaw(":".join(filter(None, place)), "withdrew_before") for place in lost]
                )
            for place, state in row.consents.items():
                if place not in lost:
                    yield self._consent(row, person, place, state)

    def _consent(self, row: Row, person: int, place: tuple[str, str, str], state: str) -> bytes:
        channel, purpose, topic = place
        return shape.event(
            names.CONSENT_GIVEN if state == "granted" else names.CONSENT_WITHDRAWN,
            person_id=person,
            properties={
                "channel": channel,
                "purpose": purpose,
                "source": self._source,
                "topic": topic or None,
                "proof": str(self._import.consent.get("source") or self._import.name),
            },
            at=_said_at(self._import),
            message_id=":".join(
                filter(None, [self._own, str(row.number), channel, purpose, topic])
            ),
        )

    def _count(self, name: str, more: int) -> None:
        self._run.result[name] = _number(self._run.result.get(name)) + more


def _is_refused(place: tuple[str, str, str], refused: Collection[tuple[str, str, int]]) -> bool:
    channel, purpose, topic = place
    number = ids.number("topic", topic) if topic else 0
    return (channel, purpose, 0) in refused or (channel, purpose, number) in refused


@contextmanager
def _ending(imported: Import, when_cancelled: str) -> Iterator[None]:
    """Write down how the work on the import ended."""
    try:
        yield
    except Cancelled:
        imported.state = when_cancelled
        raise
    except Exception as failure:
        imported.state = Import.State.FAILED
        imported.error = written_down(told(failure))
        raise
    finally:
        imported.ended_at = timezone.now()
        imported.save()


def _import(run: Run) -> Import:
    found = Import.objects.select_related("by").filter(pk=_number(run.input["import"])).first()
    if found is None:
        raise Refused(_("This import is gone. Bring the file again."))
    return found


def _said_at(imported: Import) -> datetime | None:
    said = imported.consent.get("said_at")
    return datetime.fromisoformat(str(said)).replace(tzinfo=UTC) if said else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
