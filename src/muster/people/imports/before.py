"""What the people of a file were before it (PE2), so that an import can be taken back exactly."""

from __future__ import annotations

from collections.abc import Callable

from muster.people.imports.checking import Findings, owners_of
from muster.people.imports.models import Import
from muster.warehouse.intake import Intake


def remember_before(
    imported: Import,
    found: Findings,
    intake: Intake,
    *,
    tell: Callable[[int], None] = lambda rows: None,
) -> None:
    """Count who is new, and keep what is known of the others and what the file says of them."""
    found.new = found.updated = 0
    for asked, owners in owners_of(intake):
        found.updated += sum(owner is not None for owner in owners)
        found.new += sum(owner is None for owner in owners)
        tell(asked[-1][0])
