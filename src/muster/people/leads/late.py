"""Leads that nobody spoke to in time (PE7): the owner hears first, then those who lead."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from muster.kit.words import _
from muster.people.leads import rules
from muster.people.leads.becoming import leaders_of
from muster.people.leads.models import Handover, Lead
from muster.team.notices.actions import notify
from muster.team.users.models import User

_MOST = 200
"""So many are told at once; the next look tells the rest."""


def watch(now: datetime) -> tuple[int, int]:
    """Tell owners whose time is up, and later their leaders; how many of each."""
    late = Lead.objects.filter(
        state__in=rules.UNTOUCHED, contacted_at=None, contact_due__lte=now
    ).select_related("owner")
    told = raised = 0
    for lead in late.filter(late_told_at=None)[:_MOST]:
        if lead.owner:
            _say(lead, [lead.owner], _("Nobody has spoken to this lead yet: the time is up."))
        Lead.objects.filter(pk=lead.pk).update(late_told_at=now)
        told += 1
    since = now - timedelta(hours=Handover.here().raise_hours)
    for lead in late.filter(late_raised_at=None, contact_due__lte=since)[:_MOST]:
        _say(
            lead,
            leaders_of(lead.owner),
            _("%(name)s has not spoken to this lead in time. Help, or give it to a colleague."),
        )
        Lead.objects.filter(pk=lead.pk).update(late_raised_at=now)
        raised += 1
    return told, raised


def _say(lead: Lead, to: list[User], text: str) -> None:
    name = lead.owner.name if lead.owner else "–"
    url = reverse("people:lead", args=[lead.pk])
    notify("lead_late", lead, to, text, url=url, params={"name": name})
