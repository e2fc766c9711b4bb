"""Everything that happened to a request, in sentences, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from muster.kit.words import _
from muster.plan.approvals.models import ApprovalRequest
from muster.team.changes.models import Change

_SENTENCES = {
    "approval_asked": _("%(who)s asked for approval"),
    "approval_nudged": _("%(who)s reminded those who decide"),
    "approval_handed_on": _("%(who)s let %(to)s decide in their place"),
    "approval_overdue": _("The time to decide ran out; owners may decide too"),
    "approval_withdrawn": _("%(who)s changed the work, so the request was closed"),
    "approved": _("%(who)s approved: %(step)s"),
    "sent_back": _("%(who)s sent it back"),
}
_OWN = _("%(who)s approved their own request as owner: %(step)s")
_SECOND = _("%(who)s signed a second step as owner: %(step)s")
_BY_LINK = _("(by the signed link of a message)")


@dataclass(frozen=True)
class Said:
    """One thing that happened."""

    text: str
    note: str
    at: datetime


def history(request: ApprovalRequest) -> list[Said]:
    """What happened to this request."""
    rows = Change.objects.filter(kind="plan.approvalrequest", object_id=request.pk)
    names = {step.key: step.name or gettext("Release") for step in request.asked_steps}
    found = []
    for change in rows.select_related("by").order_by("-pk"):
        details = change.details
        text = _SENTENCES.get(change.verb)
        if details.get("waiver"):
            text = _OWN if change.by_id == request.asked_by_id else _SECOND
        if text is None:
            continue
        words = gettext(text) % {
            "who": str(change.by or "Muster"),
            "to": details.get("to", ""),
            "step": names.get(details.get("step", ""), ""),
        }
        if details.get("by_link"):
            words = f"{words} {gettext(_BY_LINK)}"
        found.append(Said(words, str(details.get("note") or ""), change.at))
    return found
