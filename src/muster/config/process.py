"""What runs inside one process: the stores, and the threads that keep them busy."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import IO

from django.conf import settings
from django.core.management import call_command

from muster.config import far, restored
from muster.events.spool import SpoolWriter
from muster.kit.errors import Refused
from muster.kit.memory import unsearched
from muster.kit.tokens import Signer
from muster.kit.words import _
from muster.people.identity.records import PeopleRecords
from muster.team import stores
from muster.team.jobs.runner import Runner, recover_jobs
from muster.warehouse.address import lake_and_engine
from muster.warehouse.engines.engine import Away
from muster.warehouse.loader import Loader
from muster.warehouse.store import Warehouse


@contextmanager
def sole_owner(wait: float = 5) -> Iterator[None]:
    """Hold the data folder: only one process may own its warehouse."""
    settings.DATA.make()
    file = settings.DATA.lock.open("a+")
    _lock(file, wait)
    try:
        yield
    finally:
        file.close()


def _lock(file: IO[str], wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Refused(
                    _(
                        "Another Muster uses the data folder %(folder)s. "
                        "Stop it, or choose another with --data."
                    ),
                    folder=settings.DATA.root,
                ) from None
            time.sleep(0.1)


def is_owned() -> bool:
    """Whether some process holds the data folder now."""
    if not settings.DATA.lock.exists():
        return False
    with settings.DATA.lock.open("a+") as file:
        try:
            # Shared, so that two who look at once do not take each other for the owner.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def migrate() -> None:
    """Bring the record store up to date."""
    with unsearched():
        call_command("migrate", verbosity=0, interactive=False)


def warehouse() -> Warehouse:
    """The warehouse that the settings mean, opened."""
    data = settings.DATA
    lake, engine = lake_and_engine(settings.WAREHOUSE_URL)
    file = None if lake else data.warehouse
    return Warehouse(file, data.key("warehouse"), lake=lake, engine=engine)


@contextmanager
def owning_stores(writer: str, *, receives: bool = False) -> Iterator[stores.Stores]:
    """Bring all stores up to date and keep them busy: loader and jobs run until the end.

    With `receives` also what other machines wrote is taken in.
    """
    data = settings.DATA
    far.log_address()
    with sole_owner():
        migrate()
        is_due = restored.is_due()
        if is_due:
            # A restore that was killed: nobody is answered before it has ended.
            with writing_stores("restore"):
                restored.finish()
        opened = warehouse()
        # While rebuilding, people who were erased do not come back from the log.
        loader = Loader(
            opened, data.spool, PeopleRecords(), rebuilding=PeopleRecords(rebuilding=True)
        )
        # An engine that is away keeps nobody from starting.
        with suppress(Away):
            if is_due:
                loader.rebuild()
                restored.over()
            elif opened.needs_rebuild and not receives:
                # A command wants its answer; servers take events meanwhile, and say so.
                loader.run_once()
        spool = SpoolWriter(data.spool, writer)
        current = stores.Stores(spool, Signer(data.key("links")), opened, loader)
        stores.use(current)
        recover_jobs()
        runner = Runner()
        loader.start()
        runner.start()
        try:
            with far.receiving() if receives else nullcontext() as receiver:
                if receiver is not None:
                    current = replace(current, receiver=receiver)
                    stores.use(current)
                yield current
        finally:
            runner.stop()
            spool.close()
            loader.stop()
            opened.close()
            stores.use(None)


@contextmanager
def writing_stores(writer: str, *, carries: bool = False) -> Iterator[stores.Stores]:
    """Only the event log: for processes that ask the warehouse nothing.

    With `carries` what the folder keeps is brought to the owner on another machine.
    """
    data = settings.DATA
    data.make()
    spool = SpoolWriter(data.spool, f"{writer}{os.getpid()}")
    current = stores.Stores(spool, Signer(data.key("links")))
    stores.use(current)
    try:
        with far.carrying(spool, is_owned) if carries else nullcontext():
            yield current
    finally:
        spool.close()
        stores.use(None)
