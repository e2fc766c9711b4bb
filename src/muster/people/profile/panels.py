"""Parts of a person's page that other subjects and parts add (PE1).

A panel is a template, and a function that fills it; it registers itself in the part's `panels.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from muster.people.profile.models import Person
from muster.team.users.models import User

Fill: TypeAlias = Callable[[Person, User], dict[str, Any] | None]
"""(person, reader) → the names that the template uses; None leaves the panel out."""


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
