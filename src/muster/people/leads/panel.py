"""What the page of a person says of them as a lead (PE7)."""

from __future__ import annotations

from typing import Any

from muster.people.leads.models import Lead
from muster.people.leads.reasons import kept, summed, worded
from muster.people.profile.models import Person
from muster.people.scoring.models import ScoreModel
from muster.people.segments.counting import context
from muster.team.stores import warehouse
from muster.team.users.models import User
from muster.warehouse.scores import standings


def panel_context(person: Person, reader: User) -> dict[str, Any] | None:
    """Score, grade and reasons as of now, and the open lead; None where nothing is known."""
    model = ScoreModel.here()
    with warehouse(10) as db:
        known = standings(db, model.rule, context(), [person.pk]).get(person.pk)
    if known is None:
        return None
    why = worded(kept(known, model.scorecard))
    found = Lead.objects.filter(person=person, closed_at=None).select_related("owner").first()
    sees = found is not None and Lead.objects.visible_to(reader).filter(pk=found.pk).exists()
    return {
        "person": person,
        "grade": known.grade,
        "meets": known.meets,
        "did": summed(why, known.points, fit=False, most=4),
        "was": summed(why, known.fit, fit=True, most=4),
        "lead": found,
        "may_see_lead": sees,
        "account": getattr(person, "account_person", None),
    }
