"""Takes erased people out of every file (PE3): the log, the warehouse, uploads, the journals.

The record store was emptied when they were erased (`erasing`); what is left in files is found by
the keyed hashes of their ids and addresses, so nothing has to remember who they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from django.db import connection

from muster.events.redacting import Said, addresses_in, redact
from muster.people.identity.models import ErasedIdentity
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person
from muster.people.profile.rules import home_region, normal_email, normal_phone
from muster.team import stores
from muster.team.jobs.actions import start_job
from muster.team.jobs.models import Job
from muster.team.users.models import Workspace

Clear: TypeAlias = Callable[["Gone"], int]
"""Takes these people out of the files of a part; how many places it emptied."""

_LONGEST = 400
_PHONE = re.compile(r"\+?(?:[\s().-]*\d){7,15}\s*")
_clearing: dict[str, Clear] = {}


def clears(name: str) -> Callable[[Clear], Clear]:
    """Also call this: parts above keep files in which people are named."""

    def register(clear: Clear) -> Clear:
        _clearing[name] = clear
        return clear

    return register


class Gone:
    """The people who were erased at one moment, and how to recognise them."""

    def __init__(self, erased_at: datetime, *, anew: bool = False) -> None:
        self.erased_at = erased_at
        self.anew = anew
        """Whether a backup brought them back: nothing that it holds may do so later."""
        self.people = frozenset(
            Person.objects.filter(erased_at=erased_at).values_list("pk", flat=True)
        )
        self._hashes = frozenset(
            ErasedIdentity.objects.filter(person__erased_at=erased_at).values_list(
                "hash", flat=True
            )
        )
        self._known = lru_cache(1 << 16)(self.has)
        workspace = Workspace.objects.first()
        self._region = home_region(workspace.time_zone, workspace.currency) if workspace else "CN"

    def has(self, kind: str, value: str) -> bool:
        """Whether this id or address, however it is written, was theirs."""
        if not value:
            return False
        clean: str | None = value
        if kind == "email":
            clean = normal_email(value) if "@" in value else None
        elif kind == "phone":
            clean = normal_phone(value, self._region) or value
        return bool(clean) and address_hash(kind, clean or "") in self._hashes

    def is_hash(self, of_identity: str) -> bool:
        """Whether this is the keyed hash of an id or address of theirs."""
        return of_identity in self._hashes

    def means(self, said: Said) -> bool:
        """Whether a line of the log is about one of them."""
        if said.person_id is not None:
            return said.person_id in self.people
        if said.external_id:
            return self.has("external_id", said.external_id)
        return self.has("email", said.email) or self.has("phone", said.phone)

    def is_address(self, text: str) -> bool:
        """Whether a text is nothing but an address or phone of theirs."""
        if "@" in text:
            return len(text) <= _LONGEST and self._known("email", text)
        return bool(_PHONE.fullmatch(text)) and self._known("phone", text)

    def names(self, cell: str) -> bool:
        """Whether a cell of a table names one of them."""
        return (
            self.has("external_id", cell)
            or self.has("email", cell)
            or (sum(map(str.isdigit, cell)) >= 7 and self.has("phone", cell))
        )


def forget(erased_at: datetime, *, anew: bool = False) -> dict[str, int]:
    """Empty everything that is left of the people who were erased then; file → places."""
    gone = Gone(erased_at, anew=anew)
    done = {"log": redact(stores.stores().spool.folder, erased_at, gone.means, gone.is_address)}
    for name, clear in _clearing.items():
        done[name] = clear(gone)
    warehouse = stores.stores().warehouse
    if warehouse is not None:
        done["events"] = warehouse.clear_values(
            erased_at, lambda props: addresses_in(props, gone.is_address)
        )
        warehouse.compact()
    _overwrite_database()
    return done


def forget_again(since: datetime) -> None:
    """Lines as old as that came in only now: look through them for whoever was erased since."""
    jobs = Job.objects.filter(kind="people.forget", created_at__gte=since)
    begun: dict[str, Job] = {}
    waiting: set[str] = set()
    for job in jobs.order_by("pk"):
        moment = str(job.input["erased_at"])
        begun[moment] = job
        if job.state == Job.State.QUEUED:
            waiting.add(moment)
    for moment, job in begun.items():
        if moment not in waiting:
            start_job("people.forget", {"erased_at": moment}, title=job.title, by=None)


def _overwrite_database() -> None:
    # SQLite writes zeros over what is deleted (secure_delete, in the settings), but its log keeps
    # older pages until it is cut.
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
