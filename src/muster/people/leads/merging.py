"""What becomes of leads when two people become one, or two again (PE1, PE7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Max
from django.utils.translation import gettext

from muster.people.identity.merging import on_merge
from muster.people.leads import rules
from muster.people.leads.models import Lead, LeadStep
from muster.people.profile.models import Person
from muster.team.notices.actions import close
from muster.team.users.models import User


class Leads:
    """The kept one has all the leads; of two open ones that goes on which is further along."""

    def merged(self, kept: Person, other: Person, *, by: User | None, now: datetime) -> None:
        """The leads of the other one are the kept one's; at most one of them stays open."""
        theirs = Lead.objects.select_for_update().filter(person=other)
        open_ones = list(theirs.filter(closed_at=None))
        open_ones += Lead.objects.select_for_update().filter(person=kept, closed_at=None)
        if len(open_ones) > 1:
            first, second = sorted(open_ones, key=_place)
            _end(second, first, by=by, now=now)
        theirs.filter(merged_from=None).update(merged_from=F("person"))
        theirs.update(person=kept, version=F("version") + 1)

    def parted(
        self, kept: Person, gone: Person, moved: Sequence[int], *, by: User | None, now: datetime
    ) -> None:
        """Everybody has their own leads again; what ended for the other one's lead goes on."""
        theirs = Lead.objects.select_for_update().filter(person=kept, merged_from__in=moved)
        ended = _ended_for_others([kept, gone])
        theirs.update(person=gone, version=F("version") + 1)
        Lead.objects.filter(person=gone, merged_from=gone).update(merged_from=None)
        apart = _ended_for_others([kept, gone])
        for lead in Lead.objects.filter(pk__in=apart - ended).order_by("pk"):
            if not Lead.objects.filter(person=lead.person_id, closed_at=None).exists():
                _go_on(lead, by=by, now=now)


def _place(lead: Lead) -> tuple[int, datetime, int]:
    """The furthest along first, and of two equals the older one."""
    return -rules.OPEN.index(lead.state), lead.opened_at, lead.pk


def _end(lead: Lead, other: Lead, *, by: User | None, now: datetime) -> None:
    facts = _facts(lead)
    lead.state, lead.reason = rules.RECYCLED, Lead.Reason.MERGED
    lead.closed_at, lead.merged_with = now, other
    note = gettext("The person was merged with another one, whose lead goes on: %(lead)s.")
    _step(lead, by=by, now=now, note=note % {"lead": other.public_id}, facts=facts)


def _go_on(lead: Lead, *, by: User | None, now: datetime) -> None:
    """Open again at the stage where it was, which the step before the end says."""
    ended = lead.steps.filter(state=rules.RECYCLED).aggregate(last=Max("pk"))["last"]
    before = lead.steps.filter(pk__lt=ended, state__in=rules.OPEN).last()
    lead.state, lead.reason = before.state if before else rules.NEW, ""
    lead.closed_at = lead.merged_with = None
    note = gettext("The two people were told apart again.")
    _step(lead, by=by, now=now, note=note, facts=_facts(lead))


def _facts(lead: Lead) -> dict[str, Any]:
    """What tells a step that a merge made; `deal` where the lead is a deal at that stage."""
    deal = {"deal": True} if lead.state == rules.QUALIFIED else {}
    return {"reason": str(Lead.Reason.MERGED), **deal}


def _step(
    lead: Lead,
    *,
    by: User | None,
    now: datetime,
    note: str,
    facts: Mapping[str, Any],
) -> None:
    lead.version += 1
    lead.save()
    close(lead, "lead_given", "lead_late")
    LeadStep.objects.create(
        lead=lead,
        kind=LeadStep.Kind.MOVED,
        state=lead.state,
        note=note,
        facts=dict(facts),
        by=by,
        at=now,
    )


def _ended_for_others(people: Sequence[Person]) -> set[int]:
    """Leads of these people that ended for one which is somebody else's now."""
    ended = Lead.objects.filter(person__in=people, merged_with__isnull=False)
    return set(ended.exclude(merged_with__person=F("person")).values_list("pk", flat=True))


on_merge(Leads())
