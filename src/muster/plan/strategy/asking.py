"""What the map asks higher parts: how many people are in its cells, and what a cell may link to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from muster.plan.campaigns.models import Campaign


@dataclass(frozen=True)
class Live:
    """People whom a channel brought into a stage, and how many of them went on."""

    people: int
    onward: int | None

    @property
    def rate(self) -> float | None:
        """The share that went on to the next stage."""
        return self.onward / self.people if self.people and self.onward is not None else None


@dataclass(frozen=True)
class Numbers:
    """(stage, channel) → people, as of a moment."""

    cells: Mapping[tuple[str, str], Live]
    as_of: datetime


NumbersOf: TypeAlias = Callable[[Campaign], Numbers | None]
LinksOf: TypeAlias = Callable[[Campaign], Iterable[tuple[str, str]]]
_numbers: list[NumbersOf] = []
_links: list[LinksOf] = []


def live_numbers(source: NumbersOf) -> NumbersOf:
    """Ask this function for the people in the cells; None where it knows nothing yet."""
    _numbers.append(source)
    return source


def linkable(source: LinksOf) -> LinksOf:
    """Offer these (address, name) as what a cell may link to."""
    _links.append(source)
    return source


def numbers_of(campaign: Campaign) -> Numbers | None:
    """What is known of the people in the cells, None before anything happened."""
    return next((found for source in _numbers if (found := source(campaign))), None)


def links_of(campaign: Campaign) -> list[tuple[str, str]]:
    """(address, name) of everything of this campaign that a cell may link to."""
    return [link for source in _links for link in source(campaign)]
