"""What people bring to My work (S02): leads that want a word, and requests about their data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.kit import clock
from muster.people.leads.actions import move
from muster.people.leads.models import Lead
from muster.people.leads.reasons import worded
from muster.people.leads.shown import clock_of
from muster.people.masking import face
from muster.people.requests.models import PrivacyRequest
from muster.team.changes.models import Change
from muster.team.users.models import User
from muster.team.work.registry import Act, Item, lane

_MOST = 30


@lane("leads", _("My leads"), 25)
def my_leads(user: User) -> Iterator[Item]:
    """Leads of one's own that nobody has spoken to yet, and next steps that are due."""
    if not user.may("leads.work"):
        return
    now = clock.now()
    rows = Lead.objects.open().filter(owner=user).select_related("person")
    for lead in rows.filter(state__in=("new", "accepted")).order_by("contact_due")[:_MOST]:
        left = clock_of(lead, now)
        why = worded(lead.why)[:1]
        yield Item(
            title=face(lead.person, clear=True).title,
            line=why[0].text if why else gettext("A new lead"),
            url=reverse("people:lead", args=[lead.pk]),
            icon="alert-triangle" if left and left.tone == "bad" else "user-check",
            at=lead.contact_due,
            rank=12 if left and left.tone == "bad" else 30,
            key=lead.public_id,
            due=lead.contact_due,
            acts=(_spoken(lead),),
        )
    today = now.date()
    for lead in rows.exclude(next_step="").filter(next_on__lte=today).order_by("next_on")[:_MOST]:
        yield Item(
            title=face(lead.person, clear=True).title,
            line=lead.next_step,
            url=reverse("people:lead", args=[lead.pk]),
            icon="calendar-event",
            rank=40,
            key=f"{lead.public_id}-next",
        )


def _spoken(lead: Lead) -> Act:
    def do(user: User, data: Mapping[str, str]) -> Change:
        return move(lead, "working", by=user, now=clock.now(), note=data.get("note", ""))

    return Act("done", _("I have spoken to them"), do)


@lane("requests", _("Requests about personal data"), 25)
def requests(user: User) -> Iterator[Item]:
    """Access for those who may give it, erasure for those who may erase; what is due first."""
    may_give = user.may("people.export") and user.may("people.pii")
    kinds = [
        kind
        for kind, may in (("access", may_give), ("erasure", may_give and user.may("people.import")))
        if may
    ]
    now = timezone.now()
    due = PrivacyRequest.objects.filter(state=PrivacyRequest.State.OPEN, kind__in=kinds)
    for one in due.select_related("person")[:_MOST]:
        who = face(one.person, clear=user.may("people.pii"))
        yield Item(
            title=f"{one.get_kind_display()}: {who.title}",
            line=gettext("Overdue") if one.is_late(now) else gettext("Due by law"),
            url=reverse("people:requests"),
            icon="alert-triangle" if one.is_late(now) else "shield-check",
            due=one.due_at,
            rank=5 if one.is_late(now) else 30,
            key=one.public_id,
        )
