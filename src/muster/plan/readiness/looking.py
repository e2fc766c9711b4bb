"""Questions whose answer takes a while: the machine looks, and pages read what was seen last.

A check must cost a page next to nothing. What needs the network or every single person is a look:
a job does it when what it looks at has changed or the last sight is old, and a check reads it by
`seen(campaign, "domain")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db import transaction

from muster.kit import clock
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.readiness.models import Sighting

Found: TypeAlias = dict[str, Any]
"""What was seen, as JSON."""
BEFORE_LAUNCH = (
    Campaign.Status.PREPARING,
    Campaign.Status.DRAFT,
    Campaign.Status.IN_REVIEW,
    Campaign.Status.READY,
)


@dataclass(frozen=True)
class Look:
    """One thing to look at."""

    what: str
    mark: Callable[[Campaign], str]
    """What it looks at, in short; empty when there is nothing to see."""
    see: Callable[[Campaign], Found]
    good_for: Callable[[Found], timedelta]
    """After what time it is worth another look, whatever its mark says."""


_looks: dict[str, Look] = {}


def look(
    what: str, *, mark: Callable[[Campaign], str], good_for: Callable[[Found], timedelta]
) -> Callable[[Callable[[Campaign], Found]], Callable[[Campaign], Found]]:
    """This function looks at something of a campaign that has not begun."""

    def register(see: Callable[[Campaign], Found]) -> Callable[[Campaign], Found]:
        _looks[what] = Look(what, mark, see, good_for)
        return see

    return register


@once
def _sightings(campaign: Campaign) -> Mapping[str, Sighting]:
    return {one.what: one for one in campaign.sightings.all()}


@once
def _marks(campaign: Campaign) -> dict[str, str]:
    """The present marks that a page has asked for so far."""
    return {}


def mark_of(campaign: Campaign, what: str) -> str:
    """What there is to look at now, in short; empty when there is nothing."""
    known = _marks(campaign)
    if what not in known:
        known[what] = _looks[what].mark(campaign)
    return known[what]


def _sighting(campaign: Campaign, what: str) -> Sighting | None:
    sighting = _sightings(campaign).get(what)
    # Nobody looks after the launch: what was seen last stands.
    if sighting is None or not campaign.is_planned:
        return sighting
    return sighting if mark_of(campaign, what) in {"", sighting.mark} else None


def is_outdated(campaign: Campaign, what: str) -> bool:
    """Whether the last look saw something else than there is now."""
    return what in _sightings(campaign) and _sighting(campaign, what) is None


def seen(campaign: Campaign, what: str) -> Found | None:
    """What was seen last; None before the first look, and where that saw something else."""
    sighting = _sighting(campaign, what)
    found: Found | None = sighting.found if sighting else None
    return found


def is_seen(campaign: Campaign, what: str) -> bool:
    """Whether it was looked at, or will be soon: nobody looks after the launch."""
    return campaign.is_planned or seen(campaign, what) is not None


def seen_at(campaign: Campaign, what: str) -> datetime | None:
    """When that was."""
    sighting = _sighting(campaign, what)
    return sighting.at if sighting else None


def due(campaign: Campaign, now: datetime) -> dict[str, str]:
    """What has to be looked at now, with its present mark."""
    last = {one.what: one for one in campaign.sightings.all()}
    wanted = {}
    for one in _looks.values():
        mark, before = one.mark(campaign), last.get(one.what)
        stale = (
            before is None or before.mark != mark or now - before.at > one.good_for(before.found)
        )
        if mark and stale:
            wanted[one.what] = mark
    return wanted


def look_again(campaign: Campaign, *, now: datetime | None = None) -> int:
    """See everything that is due; open pages are told when something is new."""
    now = now or clock.now()
    wanted = due(campaign, now)
    for what, mark in wanted.items():
        found = _looks[what].see(campaign)
        with transaction.atomic():
            before = campaign.sightings.filter(what=what).values_list("found", flat=True).first()
            campaign.sightings.update_or_create(
                what=what, defaults={"mark": mark, "found": found, "at": now}
            )
            if before != found:
                touch(campaign)
    return len(wanted)
