"""Parts of a persona's page that higher parts add, such as the touchpoints of its campaigns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from muster.people.personas.models import Persona
from muster.team.users.models import User

Fill: TypeAlias = Callable[[Persona, User], dict[str, Any] | None]
_panels: dict[str, Fill] = {}


@dataclass(frozen=True)
class ShownPanel:
    """A panel that has something to say."""

    template: str
    context: dict[str, Any]


def persona_panel(template: str) -> Callable[[Fill], Fill]:
    """Show this template on every persona's page; the function fills it, None leaves it out."""

    def register(fill: Fill) -> Fill:
        _panels[template] = fill
        return fill

    return register


def shown_panels(persona: Persona, user: User) -> list[ShownPanel]:
    """The panels of a persona for a reader."""
    filled = [(template, fill(persona, user)) for template, fill in _panels.items()]
    return [ShownPanel(template, context) for template, context in filled if context is not None]
