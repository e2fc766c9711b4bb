"""Where facts are said: every part names its own things, the fact sheet only asks (S08)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.facts.rules import Typed
from muster.team.users.models import User


@dataclass(frozen=True)
class Use:
    """A thing that says facts, or could say them."""

    title: str
    url: str
    keys: frozenset[str]
    """The facts whose tokens it holds."""
    approvals: tuple[tuple[str, int], ...] = ()
    """Kind and id of what is approved with it."""
    people: tuple[User, ...] = ()
    """Who works on it."""
    place: str = ""
    """Its public id, under which texts typed by hand are replaced."""
    language: str = "en"
    texts: Mapping[str, str] = field(default_factory=dict)
    """JSON pointer → text, to look for what was typed by hand."""


class Uses(Protocol):
    """What a part registers."""

    def of(self, campaign: Campaign) -> Iterable[Use]:
        """Everything in this campaign that says facts or could."""

    def replace(self, place: str, typed: Typed, fact: Fact, *, by: User) -> None:
        """Put the token where it was typed; raises Refused if the text was changed meanwhile."""


_parts: list[Uses] = []


def register(part: Uses) -> Uses:
    """Ask this part too."""
    _parts.append(part)
    return part


def uses_of(campaign: Campaign) -> list[Use]:
    """Everything in the campaign that says facts, or could."""
    return [use for part in _parts for use in part.of(campaign)]


def uses_of_fact(fact: Fact, uses: Iterable[Use] | None = None) -> list[Use]:
    """The things that hold this fact's token."""
    found = uses_of(fact.campaign) if uses is None else uses
    return [use for use in found if fact.key in use.keys]


def replace(place: str, typed: Typed, fact: Fact, *, by: User) -> bool:
    """Let the part that owns the place put the token there; False if none owns it."""
    for part in _parts:
        if any(use.place == place for use in part.of(fact.campaign)):
            part.replace(place, typed, fact, by=by)
            return True
    return False
