"""Takes back what one import brought (PE2)."""

from __future__ import annotations

from datetime import datetime

from muster.people.identity.erasing import erase
from muster.people.imports.models import Import
from muster.team import stores
from muster.warehouse.timeline import known_only_from

_LOADED_WITHIN = 1800


def remove_untouched(imported: Import, *, trait: str, now: datetime) -> tuple[int, int]:
    """Erase the people of whom nothing is known but by this import; (removed, kept).

    Those who were known before or did anything since are kept, with what the file said of them
    beside their consent.
    """
    with stores.warehouse() as db:
        alone, others = known_only_from(db, trait, imported.public_id)
    place = erase(alone, now=now)
    if place is not None:
        stores.wait_until_loaded(place, _LOADED_WITHIN)
    return len(alone), others
