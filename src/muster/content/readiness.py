"""What content asks before a launch (PL8): is there a mail that could go out?"""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.content.emails.checks import check as inbox_check
from muster.content.emails.models import Email
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, check


@check("content", _("Every e-mail can be sent as it is"))
def emails_are_ready(campaign: Campaign) -> Iterator[Finding]:
    emails = list(Email.objects.filter(campaign=campaign, deleted_at=None).order_by("pk"))
    if not emails and "email" in campaign.channels:
        yield Finding(
            _(
                "The campaign uses e-mail, but none has been written. Start with one of the "
                "beginnings."
            ),
            fix_at=reverse("content:campaign", args=[campaign.pk]),
        )
    for email in emails:
        stops = [finding for finding in inbox_check(email) if finding.blocks]
        if stops:
            yield Finding(
                _(
                    "The e-mail “%(name)s” cannot be sent yet: %(count)s problems, see its inbox "
                    "check."
                ),
                fix_at=reverse("content:edit", args=[email.pk]),
                params={"name": email.name, "count": len(stops)},
            )
