"""The traits, events and properties that there are, to choose conditions from (PE4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from django.core.cache import cache

from muster.kit.errors import Unavailable
from muster.team.stores import NO_NUMBERS, stores, warehouse
from muster.warehouse.rules import IDENTITY_TRAITS
from muster.warehouse.segments import (
    MOST_EVENTS,
    event_catalogue,
    event_names,
    trait_catalogue,
)

_KEY = "segments.catalogue"
_SECONDS = 60
_LEAST_SECONDS = 5
"""New names are looked up no sooner after the last look: who sends ever new ones makes few."""


@dataclass(frozen=True)
class Catalogue:
    """What conditions can be about."""

    kinds: Mapping[str, str]
    """Trait → text, number, boolean or time; those that say who somebody is come first."""
    events: tuple[str, ...]
    """The most frequent first; never empty."""
    properties: tuple[str, ...]
    every_event: frozenset[str] | None = None
    """All that were ever recorded; None where that is not known."""
    given_traits: Mapping[str, str] | None = None
    """Trait that somebody has → its kind; None where that is not known."""


@dataclass(frozen=True)
class _Kept:
    found: Catalogue
    names: int
    """What `_names` was before the look."""
    looked: float
    """When the look ended, by the clock of this process, where the cache is too."""


def catalogue() -> Catalogue:
    """Looked up once a minute, and when new names were loaded, though not at once each time.

    While the warehouse is not at hand it is only what there always is.
    """
    names_loaded = _names()
    kept: _Kept | None = cache.get(_KEY)
    if kept and (kept.names == names_loaded or monotonic() - kept.looked < _LEAST_SECONDS):
        return kept.found
    identities = dict.fromkeys(sorted(IDENTITY_TRAITS), "text")
    try:
        with warehouse(seconds=10) as db:
            traits = trait_catalogue(db)
            events = event_catalogue(db)
            every = event_names(db)
    except NO_NUMBERS:
        return Catalogue(identities, ("Order Completed",), ())
    others = {one.name: one.kind for one in traits if one.name not in IDENTITY_TRAITS}
    names = tuple(event.name for event in events)
    found = Catalogue(
        identities | others,
        names or ("Order Completed",),
        tuple(sorted({name for event in events for name in event.properties})),
        frozenset(every) if len(every) < MOST_EVENTS else None,
        {one.name: one.kind for one in traits if one.people},
    )
    cache.set(_KEY, _Kept(found, names_loaded, monotonic()), _SECONDS)
    return found


def _names() -> int:
    """Grows when there is more to choose from."""
    try:
        loader = stores().loader
    except Unavailable:
        return 0
    return loader.names if loader else 0
