"""Parts of a person's page that other subjects and parts add (PE1).

A panel is a template, and a function that fills it; what a time line mentions by its public id is
called by name. Both register themselves in the part's `panels.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from muster.people.profile.models import Person
from muster.team.users.models import User

Fill: TypeAlias = Callable[[Person, User], dict[str, Any] | None]
"""(person, reader) → the names that the template uses; None leaves the panel out."""
Call: TypeAlias = Callable[[Collection[str]], Mapping[str, str]]
"""Public ids of one kind of thing → the names of those that exist."""


@dataclass(frozen=True)
class Panel:
    """One card beside the time line."""

    key: str
    template: str
    order: int
    permission: str
    fill: Fill


@dataclass(frozen=True)
class ShownPanel:
    """A panel as one reader sees it."""

    key: str
    template: str
    context: dict[str, Any]


_panels: dict[str, Panel] = {}
_calls: dict[str, Call] = {}


def panel(key: str, template: str, *, order: int, permission: str) -> Callable[[Fill], Fill]:
    """Show this template on every person's page to those who have the permission."""

    def register(fill: Fill) -> Fill:
        _panels[key] = Panel(key, template, order, permission, fill)
        return fill

    return register


def shown_panels(person: Person, reader: User) -> list[ShownPanel]:
    """The panels of a person for a reader, in their order."""
    shown = []
    for one in sorted(_panels.values(), key=lambda one: one.order):
        context = one.fill(person, reader) if reader.may(one.permission) else None
        if context is not None:
            shown.append(ShownPanel(one.key, one.template, context))
    return shown


def called(prefix: str) -> Callable[[Call], Call]:
    """Say how things whose public ids begin with this prefix are called."""

    def register(call: Call) -> Call:
        _calls[prefix] = call
        return call

    return register


def names_of(public_ids: Collection[str]) -> dict[str, str]:
    """Public id → name, for those of the ids that belong to something with a name."""
    found: dict[str, str] = {}
    for prefix, call in _calls.items():
        mine = {one for one in public_ids if one.startswith(f"{prefix}_")}
        if mine:
            found.update(call(mine))
    return found
