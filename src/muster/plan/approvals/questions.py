"""What open requests have to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from muster.kit.words import _
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check


def _has_open_requests(campaign: Campaign) -> bool:
    return ApprovalRequest.objects.filter(campaign=campaign, closed_at=None).exists()


@check(
    "compliance",
    _("No decision is overdue"),
    fits=_has_open_requests,
    severity=Severity.WARN,
)
def no_decision_is_overdue(campaign: Campaign) -> Iterator[Finding]:
    overdue = campaign.approvals.filter(closed_at=None, escalated_at__isnull=False)
    for request in overdue:
        yield Finding(
            _("“%(title)s” should be decided by now. Remind those who decide."),
            request.room,
            Severity.WARN,
            {"title": request.title},
        )
