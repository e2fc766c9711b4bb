"""What the parts of one page ask of a campaign is read once (S07).

The header, the tabs, the tiles and the questions of the readiness all want the plan, the money or
the goals. While a campaign is only looked at, the first that asks reads, and the others take what
it found. It lasts as long as the campaign's object does, that is for one request, and begins only
where nothing is changed: actions always read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from muster.plan.campaigns.models import Campaign

_FOUND = "_found_once"

T = TypeVar("T")


def look(campaign: Campaign) -> None:
    """From now on this object is only looked at."""
    campaign.__dict__.setdefault(_FOUND, {})


@contextmanager
def looking(campaign: Campaign) -> Iterator[None]:
    """The same for a while."""
    if _FOUND in campaign.__dict__:
        yield
        return
    look(campaign)
    try:
        yield
    finally:
        del campaign.__dict__[_FOUND]


def once(load: Callable[[Campaign], T]) -> Callable[[Campaign], T]:
    """What several parts of a page need is fetched by the first that asks."""

    def kept(campaign: Campaign) -> T:
        known: dict[Any, Any] | None = campaign.__dict__.get(_FOUND)
        if known is None:
            return load(campaign)
        if load not in known:
            known[load] = load(campaign)
        found: T = known[load]
        return found

    return kept
