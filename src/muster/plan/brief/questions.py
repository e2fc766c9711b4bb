"""What the brief has to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.kit.words import _
from muster.plan.approvals.models import is_approved
from muster.plan.brief.fingerprint import fingerprint
from muster.plan.brief.review import KIND
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check


@check("content", _("The core message is written"), severity=Severity.WARN)
def has_a_message(campaign: Campaign) -> Iterator[Finding]:
    if not campaign.message.strip():
        yield Finding(
            _("The campaign has no core message. Write the one sentence that people should keep."),
            reverse("plan:brief", args=[campaign.pk]) + "#strategy",
            Severity.WARN,
        )


def _was_handed_in(campaign: Campaign) -> bool:
    return campaign.status not in {Campaign.Status.DRAFT, Campaign.Status.PREPARING}


@check(
    "compliance",
    _("The plan is approved as it is now"),
    fits=_was_handed_in,
    may_be_waived=False,
)
def is_signed(campaign: Campaign) -> Iterator[Finding]:
    if is_approved(KIND, campaign.pk, fingerprint(campaign)) is None:
        text = (
            _("The plan waits for approval.")
            if campaign.status == Campaign.Status.IN_REVIEW
            else _("The plan was changed after it was approved. Ask for approval again.")
        )
        yield Finding(text, reverse("plan:brief", args=[campaign.pk]))
