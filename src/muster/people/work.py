"""What people ask for about their data, on the page of those who can do it (PE3)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.people.masking import face
from muster.people.requests.models import PrivacyRequest
from muster.team.users.models import User
from muster.team.work.registry import Item, lane

MOST = 20


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
    for one in due.select_related("person")[:MOST]:
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
