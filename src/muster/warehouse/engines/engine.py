"""What every other engine offers to the mirror and to those who ask."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from muster.kit.words import _
from muster.warehouse.elsewhere import NoAnswer, Session

Tables: TypeAlias = Mapping[str, Mapping[str, str]]
"""Table → column → its type, as `schema` writes them; an event's id is a text there."""


class Away(NoAnswer):
    """The engine does not answer."""

    code = "warehouse_away"
    text = _(
        "The warehouse in %(engine)s does not answer: %(reason)s. Events are kept and are counted "
        "once it is back; look at MUSTER_WAREHOUSE_URL."
    )


class Held(NamedTuple):
    """What the engine has of the stage."""

    built: str
    """The name of the stage's tables."""
    number: int
    """The last change that was taken over."""
    rows: int
    """How many rows the stage's events had then."""
    shape: str
    """The columns of profiles and their types, as JSON."""


class Writer(Protocol):
    """Writes into the engine's tables."""

    def begin_anew(self, tables: Tables) -> None:
        """Empty tables of these columns."""

    def add_columns(self, table: str, columns: dict[str, str]) -> None:
        """Columns that are new."""

    def take_out(self, table: str, key: str, file: Path) -> None:
        """The rows with one of the keys in the file."""

    def put_in(self, table: str, columns: list[str], file: Path) -> None:
        """The rows of the file."""

    def remember(self, held: Held) -> None:
        """Say what the engine has now; the last thing that is written."""


class Engine(Protocol):
    """An engine that holds what the questions need."""

    name: str
    suffix: str
    """Of the files that it reads."""
    copy_options: str
    """How the stage writes them."""

    def session(self) -> AbstractContextManager[Session]:
        """A session to ask with; raises `Away`."""

    def held(self) -> Held | None:
        """What the engine says it has; raises `Away`."""

    def writing(self) -> AbstractContextManager[Writer]:
        """All that is written in the block counts from its end on; raises `Away`."""

    def close(self) -> None:
        """Let go of it."""
