"""What Muster itself is connected to: every part says how its own wires stand.

@connection("mail", _("Mail server"), _("brings our e-mails to people"), 10)
def mail_server() -> Iterator[Wire]: …

They are found in `<part>/tools.py`. A wire is read from what is known: nothing here asks a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from django.utils.translation import gettext


class State(StrEnum):
    """How a wire stands."""

    CONNECTED = "connected"
    TROUBLE = "trouble"
    """Something is there, but it does not work as it should."""
    OFF = "off"
    """Nothing is there yet."""


@dataclass(frozen=True)
class Fix:
    """Where something is seen to, and the right that it takes."""

    url: str
    needs: str


@dataclass(frozen=True)
class Wire:
    """One thing that is connected, or could be."""

    state: State
    text: str
    """What is known, as a sentence marked for translation with %(named)s places."""
    params: Mapping[str, object] = field(default_factory=dict)
    fix: Fix | None = None
    name: str = ""
    """What it is called, where there are several of the kind."""

    def __str__(self) -> str:
        return gettext(self.text) % self.params


@dataclass(frozen=True)
class Connection:
    """A kind of wire."""

    key: str
    name: str
    purpose: str
    order: int
    ask: Callable[[], Iterable[Wire]]


Ask: TypeAlias = Callable[[], Iterable[Wire]]
_connections: dict[str, Connection] = {}


def connection(key: str, name: str, purpose: str, order: int) -> Callable[[Ask], Ask]:
    """This function tells how the wires of one kind stand; texts are marked for translation."""

    def register(ask: Ask) -> Ask:
        _connections[key] = Connection(key, name, purpose, order, ask)
        return ask

    return register


_NEEDED = "settings.manage"
"""The right to see what is set where Muster is installed, so that no page sees to it."""


@dataclass(frozen=True)
class Shown:
    """One wire with what it is for, in words, as somebody sees it."""

    key: str
    name: str
    purpose: str
    state: State
    detail: str = ""
    fix: Fix | None = None


def connections(may: Callable[[str], bool]) -> list[Shown]:
    """Every wire that the parts know of, in their order.

    Whoever may not see to a wire learns how it stands, and nothing of what its settings show.
    """
    found = []
    for one in sorted(_connections.values(), key=lambda one: one.order):
        kind, purpose = gettext(one.name), gettext(one.purpose)
        for wire in one.ask():
            if may(wire.fix.needs if wire.fix else _NEEDED):
                name = wire.name or kind
                found.append(Shown(one.key, name, purpose, wire.state, str(wire), wire.fix))
            else:
                found.append(Shown(one.key, kind, purpose, wire.state))
    return found
