"""An objective by its public id or its name."""

from __future__ import annotations

from muster.kit import ids
from muster.plan.objectives.models import Objective


def objective_named(given: str) -> Objective | None:
    """The objective with this id or name, the latest of several; None if there is none."""
    given = given.strip()
    number = ids.number("objective", given)
    if number is not None:
        return Objective.objects.filter(pk=number).first()
    return Objective.objects.filter(name__iexact=given).order_by("-starts").first()
