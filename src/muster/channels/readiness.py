"""What the channels ask before a launch (PL8): is there a send that could go out?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from muster.channels.sending.checks import checks
from muster.channels.sending.models import Send
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.readiness.checks import Finding, Severity, check

_FRESH = timedelta(hours=24)


@once
def _waiting(campaign: Campaign) -> list[Send]:
    sends = Send.objects.filter(campaign=campaign, frozen_at=None).select_related("segment")
    return list(sends.order_by("pk"))


@once
def _checked(campaign: Campaign) -> list[tuple[Send, list[Finding]]]:
    return [(send, checks(send, with_approval=True)) for send in _waiting(campaign)]


def sends_something(campaign: Campaign) -> bool:
    """Whether something of this campaign is still to go out."""
    return bool(_waiting(campaign))


def sends_mail(campaign: Campaign) -> bool:
    """Whether the campaign means to send e-mails."""
    return "email" in campaign.channels


@check("audience", _("Every send has people to go to"), fits=sends_something)
def audience_is_not_empty(campaign: Campaign) -> Iterator[Finding]:
    for send in _waiting(campaign):
        # What was counted last is good enough here: the review counts anew.
        if send.segment is not None and send.segment.last_count == 0:
            yield Finding(
                _("“%(name)s” goes to the segment “%(segment)s”, which has nobody in it."),
                reverse("channels:review", args=[send.pk]),
                params={"name": send.name, "segment": send.segment.name},
            )


@check("audience", _("The people of every segment were counted lately"), fits=sends_something)
def audience_is_fresh(campaign: Campaign) -> Iterator[Finding]:
    for segment in {s.segment.pk: s.segment for s in _waiting(campaign) if s.segment}.values():
        counted = segment.last_counted_at
        if not segment.is_frozen and (counted is None or timezone.now() - counted > _FRESH):
            yield Finding(
                _("The segment “%(segment)s” was not counted since yesterday. Open it once."),
                reverse("people:segment", args=[segment.pk]),
                Severity.WARN,
                {"segment": segment.name},
            )


@check("audience", _("Somebody can be reached in every channel"), fits=sends_something)
def somebody_is_reachable(campaign: Campaign) -> Iterator[Finding]:
    for send in _waiting(campaign):
        reachable = send.segment.last_reachable.get(send.channel) if send.segment else None
        if reachable == 0 and send.segment is not None and send.segment.last_count:
            yield Finding(
                _("Nobody of “%(segment)s” can be reached by “%(name)s”: consent is missing."),
                reverse("channels:review", args=[send.pk]),
                params={"name": send.name, "segment": send.segment.name},
            )


@check("audience", _("It is decided who gets nothing, to compare"), fits=sends_something)
def holdout_is_decided(campaign: Campaign) -> Iterator[Finding]:
    if campaign.holdout.strip():
        return
    for send in _waiting(campaign):
        if not send.holdout and send.holdout_rule is None:
            yield Finding(
                _(
                    "“%(name)s” has no hold-out, so nobody will know what it brought. Hold some "
                    "people out, or say in the brief how you will know."
                ),
                reverse("channels:review", args=[send.pk]),
                Severity.WARN,
                {"name": send.name},
            )


@check("channels", _("A message is prepared"), fits=sends_mail)
def something_is_sent(campaign: Campaign) -> Iterator[Finding]:
    if not _waiting(campaign) and not campaign.sends.exists():
        yield Finding(
            _("The campaign uses e-mail, but no send is prepared. Say who gets what, and when."),
            reverse("channels:new") + f"?campaign={campaign.public_id}",
            Severity.WARN,
        )


@check("channels", _("Nothing stands in the way of the sends"), fits=sends_something)
def sends_are_right(campaign: Campaign) -> Iterator[Finding]:
    seen = set()
    for send, found in _checked(campaign):
        own = reverse("channels:review", args=[send.pk])
        for finding in found:
            key = (finding.text, str(finding.params))
            # The mails themselves are asked about under content, the approval under compliance.
            if finding.fix_at.startswith("/emails/") or finding.fix_at == own or key in seen:
                continue
            seen.add(key)
            yield finding


@check(
    "compliance",
    _("Every send is approved as it is now"),
    fits=sends_something,
    may_be_waived=False,
)
def sends_are_approved(campaign: Campaign) -> Iterator[Finding]:
    for send, found in _checked(campaign):
        own = reverse("channels:review", args=[send.pk])
        yield from (finding for finding in found if finding.fix_at == own)
