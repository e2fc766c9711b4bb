"""Which kinds of jobs there are; every part adds its own in `<subject>/jobs.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias


class Cancelled(Exception):
    """Someone asked the job to stop; what it did so far stays or is taken back by the job."""


class Run(Protocol):
    """What a job sees of itself while it runs."""

    input: dict[str, object]
    result: dict[str, object]

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is; raises Cancelled when someone asked to stop."""

    def errors_file(self, name: str) -> None:
        """Name the file in the uploads folder that lists what could not be used."""


Work: TypeAlias = Callable[[Run], None]
_kinds: dict[str, Work] = {}
ENDED: list[Callable[[Any], object]] = []
"""Called with every job that is over."""


def ended(listener: Callable[[Any], object]) -> Callable[[Any], object]:
    """Call this with every job that is over."""
    ENDED.append(listener)
    return listener


def job(kind: str) -> Callable[[Work], Work]:
    """This function does the jobs of this kind; it may be run twice and must bear it."""

    def register(work: Work) -> Work:
        _kinds[kind] = work
        return work

    return register


def work_of(kind: str) -> Work:
    """The function that does the jobs of this kind."""
    return _kinds[kind]
