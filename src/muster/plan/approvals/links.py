"""The address by which somebody decides from a message, without signing in (PL6)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from muster.kit.words import _
from muster.plan.approvals.actions import make_link
from muster.plan.approvals.models import ApprovalRequest, Decision, DecisionLink
from muster.team.notices.buttons import Button, buttons
from muster.team.notices.mailing import absolute
from muster.team.notices.models import Notice
from muster.team.stores import stores

_PURPOSE = "decide"


def address(link: DecisionLink) -> str:
    """The full address of a link: signed, so that it cannot be guessed or altered."""
    token = stores().signer.sign(_PURPOSE, str(link.pk))
    return settings.PUBLIC_URL.rstrip("/") + reverse("plan:decide_by_link", args=[token])


def read(token: str) -> DecisionLink | None:
    """The link behind a token, or None if it is none of ours."""
    payload = stores().signer.read(_PURPOSE, token)
    if payload is None or not payload.isdigit():
        return None
    rows = DecisionLink.objects.select_related("user", "request__campaign", "request__asked_by")
    return rows.filter(pk=int(payload), request__campaign__deleted_at=None).first()


@buttons("approval_asked", "approval_overdue")
def decide(notice: Notice, private: bool) -> list[Button]:
    """A message about a request carries the way to decide on it."""
    if notice.kind != ApprovalRequest._meta.label_lower:
        return []
    request = ApprovalRequest.objects.filter(pk=notice.object_id, closed_at=None).first()
    if request is None or request.asked_by_id == notice.to_id:
        return []
    if not private:
        # The link of one person would let the whole group decide in that name.
        return [Button(_("Approve or send back"), absolute(request.room))]
    link = address(make_link(request, notice.to))
    return [
        Button(_("Approve"), link),
        Button(_("Send back"), f"{link}?verdict={Decision.Verdict.SENT_BACK}"),
    ]
