"""Asks the warehouse for a person's habits, in their own time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from muster.people.portrait.rules import Word, words
from muster.people.profile.models import Person
from muster.team.stores import warehouse
from muster.team.users.models import Workspace
from muster.warehouse.habits import habits

PATIENCE = 3
"""Seconds; the page stands without its portrait rather than wait longer."""


def portrait_of(person: Person, now: datetime) -> list[Word]:
    """The words that fit; raises Unavailable when the warehouse is busy."""
    with warehouse(PATIENCE) as db:
        return words(habits(db, person.pk, now, _zone(person)))


def _zone(person: Person) -> ZoneInfo:
    try:
        return ZoneInfo(person.time_zone) if person.time_zone else Workspace.here().zone
    except (KeyError, ValueError):
        return Workspace.here().zone
