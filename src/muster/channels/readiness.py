"""What the channels ask before a launch (PL8): is there a send that could go out?"""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.channels.sending.checks import checks
from muster.channels.sending.models import Send
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check


def _waiting(campaign: Campaign) -> list[Send]:
    sends = Send.objects.filter(campaign=campaign, frozen_at=None).select_related("segment")
    return list(sends.order_by("pk"))


@check("audience", _("Every send has people to go to"))
def audience_is_not_empty(campaign: Campaign) -> Iterator[Finding]:
    for send in _waiting(campaign):
        # What was counted last is good enough here: the review counts anew.
        if send.segment is not None and send.segment.last_count == 0:
            yield Finding(
                _("“%(name)s” goes to the segment “%(segment)s”, which has nobody in it."),
                reverse("channels:review", args=[send.pk]),
                params={"name": send.name, "segment": send.segment.name},
            )


@check("channels", _("A message is prepared"))
def something_is_sent(campaign: Campaign) -> Iterator[Finding]:
    if "email" in campaign.channels and not campaign.sends.exists():
        yield Finding(
            _("The campaign uses e-mail, but no send is prepared. Say who gets what, and when."),
            reverse("channels:new") + f"?campaign={campaign.public_id}",
            Severity.WARN,
        )


@check("channels", _("Nothing stands in the way of the sends"))
def sends_are_right(campaign: Campaign) -> Iterator[Finding]:
    seen = set()
    for send in _waiting(campaign):
        for finding in checks(send):
            key = (finding.text, str(finding.params))
            # The mails themselves are asked about under content.
            if finding.fix_at.startswith("/emails/") or key in seen:
                continue
            seen.add(key)
            yield finding


@check("compliance", _("Every send is approved as it is now"))
def sends_are_approved(campaign: Campaign) -> Iterator[Finding]:
    for send in _waiting(campaign):
        for finding in checks(send, with_approval=True)[-1:]:
            if finding.fix_at == reverse("channels:review", args=[send.pk]):
                yield Finding(finding.text, finding.fix_at, Severity.WARN, finding.params)
