"""A send in the review room (PL6): what is shown there, and what a decision brings about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from muster.channels.sending import actions
from muster.channels.sending.checks import checks
from muster.channels.sending.fingerprint import fingerprint
from muster.channels.sending.models import Send, Variant
from muster.channels.sending.outline import outline
from muster.channels.sending.review import review
from muster.kit.words import _
from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.approvals.subjects import Subject, subject
from muster.plan.readiness.checks import Finding
from muster.team.users.models import User
from muster.ui.middleware import worded


@subject(actions.KIND)
class SendReview(Subject):
    """Who gets a send, and what."""

    name = _("Send")
    template = "channels/sends/what_goes_out.html"

    def fingerprint(self, object_id: int) -> str | None:
        send = Send.objects.filter(pk=object_id).first()
        return fingerprint(send) if send else None

    def context(self, object_id: int, user: User) -> dict[str, Any]:
        send = Send.objects.select_related("campaign", "segment", "by").get(pk=object_id)
        found = review(send, timezone.now())
        return {
            "send": send,
            "review": found,
            "lines": [(line, worded(line.label, {})) for line in found.shown],
            "variants": list(send.variants.select_related("email")),
        }

    def checks(self, object_id: int) -> Iterable[Finding]:
        return checks(Send.objects.get(pk=object_id))

    def outline(self, object_id: int) -> list[tuple[str, str]]:
        return outline(Send.objects.select_related("segment").get(pk=object_id))

    def covers(self, object_id: int) -> Iterable[tuple[str, int]]:
        mails = Variant.objects.filter(send=object_id).values_list("email", flat=True)
        return [("email", email) for email in mails if email is not None]

    def decided(self, request: ApprovalRequest, decision: Decision) -> None:
        actions.decided(request, decision)
