"""The stores of this process: the event log, and the warehouse where this process owns it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muster.events.spool import Position, SpoolWriter
from muster.kit.errors import Unavailable
from muster.kit.tokens import Signer
from muster.warehouse.elsewhere import NoAnswer
from muster.warehouse.loader import Loader
from muster.warehouse.store import Warehouse

if TYPE_CHECKING:
    from muster.events.far.receiver import Receiver
    from muster.warehouse.store import Backend


@dataclass(frozen=True)
class Stores:
    """What this process writes events to and asks questions of."""

    spool: SpoolWriter
    signer: Signer
    warehouse: Warehouse | None = None
    loader: Loader | None = None
    receiver: Receiver | None = None
    """Takes in what other machines wrote."""


NO_NUMBERS = (Unavailable, NoAnswer)
"""What is raised where the numbers cannot be had now; a page shows all else without them."""

_current: Stores | None = None


def use(current: Stores | None) -> None:
    """Say at the start of the process which stores it has."""
    global _current
    _current = current


def stores() -> Stores:
    """The stores of this process."""
    if _current is None:
        raise Unavailable("This process has no stores.")
    return _current


def emit(events: Sequence[bytes]) -> Position:
    """Put our own events into the log; returns when they are on disk."""
    return stores().spool.append("muster", events)


def wait_until_loaded(position: Position, timeout: float = 60) -> bool:
    """Wait until the warehouse counts everything up to this position."""
    loader = stores().loader
    return loader.wait_for(position, timeout) if loader else False


def wait_until_all_loaded(timeout: float = 60) -> bool:
    """Wait until the warehouse counts everything that is in the log now, whoever wrote it."""
    loader = stores().loader
    return loader.wait_for_all(timeout) if loader else False


@contextmanager
def warehouse(seconds: float = 30, asker: str = "") -> Iterator[Backend]:
    """The warehouse, to ask; at most `seconds` a question.

    A newer question of the same `asker` stops this one: it raises Superseded.
    """
    store = stores().warehouse
    if store is None:
        raise Unavailable("The warehouse belongs to another process.")
    with store.read(seconds=seconds, asker=asker) as db:
        yield db
