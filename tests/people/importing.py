"""Run as a process of its own on one data folder: import nine thousand people, or be killed.

Argument: after how many rows that reached the log the process kills itself; 0 to end the work.
"""

# ruff: noqa: E402, T201 - Django has to be set up first, and the caller reads what is printed.

from __future__ import annotations

import io
import json
import os
import signal
import sys

import django

django.setup()

from django.conf import settings
from django.core.management import call_command

from muster.config.data import DataFolder
from muster.events.spool import SpoolWriter, positions
from muster.kit.tokens import Signer
from muster.people.identity.records import PeopleRecords
from muster.people.imports import actions, jobs
from muster.people.imports.models import Import
from muster.people.profile.models import Person
from muster.team import stores
from muster.team.jobs import runner
from muster.team.models import Workspace
from muster.warehouse.loader import Loader
from muster.warehouse.store import Warehouse

PEOPLE = 9000


def main(until: int) -> None:
    data: DataFolder = settings.DATA
    data.make()
    if not data.database.exists():
        call_command("migrate", verbosity=0)
    warehouse = Warehouse(data.warehouse, data.key("warehouse"))
    loader = Loader(warehouse, data.spool, PeopleRecords())
    stores.use(
        stores.Stores(SpoolWriter(data.spool, "server"), Signer(b"s" * 32), warehouse, loader)
    )
    jobs.BATCH = 1000
    runner._SAY_EVERY = 0
    if not Import.objects.exists():
        Workspace.objects.create(name="Qinghe", time_zone="Asia/Shanghai", currency="CNY")
        rows = "".join(f"c{i},p{i}@example.com,138{i:08d},{i}\n" for i in range(PEOPLE))
        imported = actions.begin(io.BytesIO(f"id,email,phone,n\n{rows}".encode()), "p.csv", by=None)
        actions.match_by_name(imported, {})
        actions.start(imported, by=None)
    emit, left = stores.emit, [until]

    def emit_and_die(events: list[bytes]) -> object:
        place = emit(events)
        left[0] -= len(events)
        if until and left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return place

    stores.emit = emit_and_die  # type: ignore[assignment]
    runner.recover_jobs()
    runner.Runner().run_waiting()
    imported = Import.objects.get()
    with stores.warehouse() as db:

        def count(table: str) -> int:
            return int(db.con.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

        said = {
            "state": imported.state,
            "people": Person.objects.count(),
            "profiles": count("profiles"),
            "events": count("events"),
            "imported": imported.counts["imported"],
            "new": imported.counts["new"],
            "lines": sum(
                (data.spool / place.segment).read_bytes().count(b"\n")
                for place in positions(data.spool)
            ),
            "left": [p.name for p in data.uploads.iterdir() if ".rows" in p.name],
        }
    print(json.dumps(said))


if __name__ == "__main__":
    main(int(sys.argv[1]))
