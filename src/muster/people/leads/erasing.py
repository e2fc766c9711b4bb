"""What is kept of an erased person's leads (PE3): that there were some, without the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from muster.people.identity.access import tells
from muster.people.identity.erasing import on_erasure
from muster.people.leads import rules
from muster.people.leads.models import Lead, LeadStep, Qualified, ScoreMove

_BATCH = 500


@tells("leads")
def leads(people: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    """What sales wrote down about them, and how they were scored."""
    return Lead.objects.filter(person_id__in=people).order_by("pk").values(
        "state", "score", "fit", "grade", "why", "opened_at", "closed_at", "reason", "amount",
        "currency", "next_step", "steps__kind", "steps__state", "steps__note", "steps__at",
    )  # fmt: skip


@on_erasure
def forget(people: Sequence[int]) -> None:
    """Close what is open, and empty what was written about them."""
    for start in range(0, len(people), _BATCH):
        some = people[start : start + _BATCH]
        rows = Lead.objects.filter(person_id__in=some)
        LeadStep.objects.filter(lead__in=rows).update(note="")
        rows.filter(closed_at=None).update(
            state=rules.RECYCLED, reason=Lead.Reason.OTHER, closed_at=timezone.now()
        )
        rows.update(why=[], next_step="", next_on=None)
        Qualified.objects.filter(person_id__in=some).delete()
        ScoreMove.objects.filter(person_id__in=some).delete()
