"""The long work of imports: checking, running, taking back (PE2). Each may be run twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from muster.events import names, shape
from muster.events.spool import Position
from muster.kit import ids
from muster.kit.errors import Refused, Unavailable, written_down
from muster.kit.tables import Table
from muster.kit.words import _
from muster.people.consent.refusals import withdrawn_among
from muster.people.consent.rules import CHANNELS, IMPORT, PURPOSES
from muster.people.identity.records import Known
from muster.people.imports.actions import reading_of, show_distinct, table_of
from muster.people.imports.before import (
    bring_back,
    file_of,
    remember_before,
    take_back_consents,
)
from muster.people.imports.checking import (
    ErrorFile,
    Findings,
    ask_who_is_new,
    intake_for,
    take_in,
    write_report,
)
from muster.people.imports.models import Import
from muster.people.imports.removal import remove_untouched
from muster.people.imports.rules import Flaw, Place, Reading, said_of
from muster.people.imports.seeing import sight
from muster.people.profile.models import Person
from muster.team import stores
from muster.team.jobs.registry import Cancelled, Run, job
from muster.team.jobs.runner import told
from muster.team.users.models import Workspace
from muster.warehouse.intake import Identify, Intake

BATCH = 10_000
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
        with _taken_in(imported, run) as (found, intake, reading):
            ask_who_is_new(found, intake, tell=lambda rows: run.progress(found.rows, found.rows))
            _report(imported, found, reading)
        run.progress(found.rows, found.rows)
        run.result.update(found.figures())
        imported.counts = found.counts()
        show_distinct(imported, found.distinct, of_rows=0)
        imported.state = Import.State.CHECKED


@job("people.import")
def bring_in(run: Run) -> None:
    """Import the file: look through it, then put its rows into the log in batches.

    The ids of the events follow from import and row, so a second run adds nothing twice; it goes
    on behind the last row of which the first one wrote down that it is in the log.
    """
    imported = _import(run)
    if imported.started_at is None:
        imported.started_at = timezone.now()
        last = Person.objects.order_by("-id").first()
        imported.last_person_before = last.pk if last else 0
        imported.save(update_fields=["started_at", "last_person_before"])
    with _ending(imported, Import.State.CANCELLED):
        table = table_of(imported)
        name = f"errors-{imported.public_id}.csv"
        errors = ErrorFile(settings.DATA.uploads / name, table.header)
        try:
            with _taken_in(imported, run, errors) as (found, intake, reading):
                if not imported.counts.get("started"):
                    # A second run would find the people of the first one known.
                    remember_before(imported, found, intake, tell=lambda rows: run.progress(0))
                    _report(imported, found, reading)
                    imported.counts = {**found.counts(), "started": True}
                    imported.save(update_fields=["counts"])
                # Jobs are shown to programs and outlive erasures: nobody is named in them.
                run.result.update({k: imported.counts[k] for k in found.figures()})
                passage = _Passage(imported, run, found, reading, intake)
                try:
                    passage.people()
                    passage.consents()
                except Cancelled:
                    passage.settle()
                    raise
                passage.tell_lost(table, errors)
                if passage.unheard:
                    imported.counts["reasons"] |= {"nobody": passage.unheard}
                    run.result["reasons"] = imported.counts["reasons"]
        finally:
            errors.close()
            told = ("imported", "consents", "refused_consents")
            imported.counts |= {name: _number(run.result.get(name)) for name in told}
            if imported.counts.get("reasons") or imported.counts["refused_consents"]:
                imported.errors_file = name
                if _may_see_rows(imported):
                    run.errors_file(name)
        imported.state = Import.State.DONE


@job("people.undo_import")
def take_back(run: Run) -> None:
    """Remove the people whom the import made and to whom nothing has happened since.

    The others get back what they were before, as far as nobody said anything else since. Of
    nobody counts any longer what the file said of their consent.
    """
    imported = _import(run)
    if imported.undone_at is not None:
        return
    now = timezone.now()
    restored, place = bring_back(imported, trait=TRAIT)
    if place is not None:
        stores.wait_until_loaded(place, LOADED_WITHIN)
    run.progress(0)
    removed, kept = remove_untouched(imported, trait=TRAIT, now=now)
    # Only now: who was spoken of by this file alone must not be known by its being taken back.
    place = take_back_consents(imported, now)
    if place is not None:
        stores.wait_until_loaded(place, LOADED_WITHIN)
    told = {"removed": removed, "kept": kept, "restored": restored}
    run.result.update(told)
    imported.counts |= told
    file_of(imported).unlink(missing_ok=True)
    imported.state = Import.State.UNDONE
    imported.undone_at = timezone.now()
    imported.save()


_NOT_LOADED = _("The warehouse did not load the imported rows in time.")


class _Passage:
    """The rows of one import on their way into the log: first who they are, then what they allowed.

    Consent follows when the people exist, because a person without an id of yours can be named in
    an event only by number.
    """

    def __init__(
        self, imported: Import, run: Run, found: Findings, reading: Reading, intake: Intake
    ) -> None:
        self._import = imported
        self._run = run
        self._found = found
        self._reading = reading
        self._intake = intake
        self._source = f"{IMPORT}:{imported.public_id}"
        self._own = f"{self._source}:{imported.nonce}"
        self._said_at = _said_at(imported)
        self._position: Position | None = None
        self.unheard = 0
        """Rows whose word on consent nobody could be found for."""
        self._lost: dict[int, list[Flaw]] = {}
        self._through = _number(run.result.get("through"))
        run.result |= {"consents": 0, "refused_consents": 0}
        run.result["imported"] = intake.people_through(self._through)

    def people(self) -> None:
        """Who they are; raises Cancelled between two batches."""
        said = Identify(self._own, self._found.numbers, {TRAIT: self._import.public_id})
        for through, lines in self._intake.lines(said, BATCH, self._through):
            self._position = stores.emit(lines)
            self._count("imported", len(lines))
            self._run.result["through"] = through
            self._run.progress(min(through, self._found.rows), self._found.rows)
        # Lines of a run before this one may wait to be loaded too.
        if not stores.wait_until_all_loaded(LOADED_WITHIN):
            raise Unavailable(_NOT_LOADED)

    def consents(self) -> None:
        """What they allowed and refused."""
        if not self._reading.speaks_of_consent:
            return
        for batch in self._intake.rows(BATCH):
            lines = list(self._consents(batch))
            if lines:
                self._position = stores.emit(lines)
                self._count("consents", len(lines))
            self._run.progress(self._found.rows, self._found.rows)
        self.settle()

    def tell_lost(self, table: Table, errors: ErrorFile) -> None:
        """Write the rows of which a word on consent was not taken, as they stand in the file."""
        if self._lost:
            for number, cells in table.rows():
                if number in self._lost:
                    errors.add(cells, self._lost[number])

    def settle(self) -> None:
        """Wait until everything that is in the log is counted."""
        if self._position is None:
            return
        if not stores.wait_until_loaded(self._position, LOADED_WITHIN):
            raise Unavailable(_NOT_LOADED)

    def _consents(self, rows: list[tuple[int | str | None, ...]]) -> Iterator[bytes]:
        places = self._reading.places
        end = 4 + len(places)
        speaking = [row for row in rows if any(row[4:end])]
        known = Known([row[:4] for row in speaking])
        owners = {row[0]: known.owner_of(row[:4]) for row in speaking}
        refused = withdrawn_among({owner for owner in owners.values() if owner is not None})
        for row in speaking:
            number, person = cast(int, row[0]), owners[row[0]]
            if person is None:
                # Erased meanwhile; a "no" must not get lost without a word.
                self._lost[number] = [Flaw("", "nobody")]
                self.unheard += 1
                continue
            said = {place: state for place, state in zip(places, row[4:end], strict=True) if state}
            # A file never gives back what the person withdrew.
            lost = [
                place
                for place, state in said.items()
                if state == "granted" and _is_refused(place, refused.get(person, ()))
            ]
            if lost:
                self._count("refused_consents", 1)
                self._lost[number] = [Flaw(self._column_of(p), "withdrew_before") for p in lost]
            for place, state in said.items():
                if place not in lost:
                    yield self._consent(number, person, place, str(state), row[end:])

    def _consent(
        self,
        row: int,
        person: int,
        place: Place,
        state: str,
        more: tuple[int | str | None, ...],
    ) -> bytes:
        channel, purpose, topic = place
        expires_at, text = more
        return shape.event(
            names.CONSENT_GIVEN if state == "granted" else names.CONSENT_WITHDRAWN,
            person_id=person,
            properties={
                "channel": channel,
                "purpose": purpose,
                "source": self._source,
                "topic": topic or None,
                "expires_at": expires_at if state == "granted" else None,
                "text_version": text or None,
                "proof": str(self._import.consent.get("source") or self._import.name),
            },
            at=self._said_at,
            message_id=f"{self._own}:{row}:{_written(place)}",
        )

    def _column_of(self, place: Place) -> str:
        """The column that says it; where the whole file does, what it is for."""
        target = f"consent:{_written(place)}"
        if target in self._reading.targets:
            return self._reading.column_of(target)
        channel, purpose, _topic = place
        about = {"word": gettext(CHANNELS[channel]), "what": gettext(PURPOSES[purpose])}
        return gettext("Consent: %(word)s, %(what)s") % about

    def _count(self, name: str, more: int) -> None:
        self._run.result[name] = _number(self._run.result.get(name)) + more


def _written(place: Place) -> str:
    return ":".join(filter(None, place))


def _is_refused(place: Place, refused: Collection[tuple[str, str, int]]) -> bool:
    channel, purpose, topic = place
    number = ids.number("topic", topic) if topic else 0
    return (channel, purpose, 0) in refused or (channel, purpose, number) in refused


@contextmanager
def _taken_in(
    imported: Import, run: Run, errors: ErrorFile | None = None
) -> Iterator[tuple[Findings, Intake, Reading]]:
    """The rows of the file as a table that is gone when the work is over."""
    table = table_of(imported)
    reading = reading_of(imported, table)
    intake = intake_for(settings.DATA.uploads / f"{imported.path}.rows", reading)
    try:
        found = take_in(
            table,
            reading,
            intake,
            today=timezone.now().date(),
            errors=errors,
            tell=lambda rows: run.progress(0 if errors else rows),
        )
        yield found, intake, reading
    finally:
        intake.close()


def _report(imported: Import, found: Findings, reading: Reading) -> None:
    name = f"report-{imported.public_id}.csv"
    if any(noted.count for noted in found.notes.values()):
        write_report(settings.DATA.uploads / name, found, reading.repairs)
        imported.report_file = name


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


def _may_see_rows(imported: Import) -> bool:
    """Whether who started the job may have the rows of the file: they may be of somebody else."""
    by = imported.job.by if imported.job else None
    return by is None or sight(imported, by, clear=by.may("people.pii")).cells


def _import(run: Run) -> Import:
    found = (
        Import.objects.select_related("by", "job__by")
        .filter(pk=_number(run.input["import"]))
        .first()
    )
    if found is None:
        raise Refused(_("This import is gone. Bring the file again."))
    return found


def _said_at(imported: Import) -> datetime | None:
    return said_of(str(imported.consent.get("said_at") or ""), Workspace.here().zone)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
