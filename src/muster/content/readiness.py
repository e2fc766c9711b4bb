"""What content asks before a launch (PL8): is there a mail that could go out?"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from muster.content.emails.checks import Finding as MailFinding
from muster.content.emails.checks import check as inbox_check
from muster.content.emails.models import Email
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.readiness.checks import Finding, Note, Severity, by_hand, check
from muster.team.changes.models import Change


@once
def _checked(campaign: Campaign) -> list[tuple[Email, list[MailFinding]]]:
    """Every e-mail with what its inbox check says."""
    emails = Email.objects.filter(campaign=campaign, deleted_at=None).order_by("pk")
    return [(email, inbox_check(email)) for email in emails]


def mails(campaign: Campaign) -> bool:
    """Whether the campaign writes e-mails, or means to."""
    return "email" in campaign.channels or bool(_checked(campaign))


@check("content", _("Every e-mail can be sent as it is"), fits=mails)
def emails_are_ready(campaign: Campaign) -> Iterator[Finding]:
    checked = _checked(campaign)
    if not checked:
        yield Finding(
            _(
                "The campaign uses e-mail, but none has been written. Start with one of the "
                "beginnings."
            ),
            fix_at=reverse("content:campaign", args=[campaign.pk]),
        )
    for email, found in checked:
        stops = [finding for finding in found if finding.blocks]
        if stops:
            yield Finding(
                _(
                    "The e-mail “%(name)s” cannot be sent yet: %(count)s problems, see its inbox "
                    "check."
                ),
                fix_at=reverse("content:edit", args=[email.pk]),
                params={"name": email.name, "count": len(stops)},
            )


@check(
    "tracking",
    _("Every e-mail leads somewhere that can be counted"),
    fits=mails,
    severity=Severity.WARN,
)
def emails_have_links(campaign: Campaign) -> Iterator[Finding]:
    for email, found in _checked(campaign):
        if any(finding.code == "no_link" for finding in found):
            yield Finding(
                _("The e-mail “%(name)s” has no link, so nobody can follow it. Add a button."),
                reverse("content:edit", args=[email.pk]),
                Severity.WARN,
                {"name": email.name},
            )


def has_mails(campaign: Campaign) -> bool:
    """Whether there is an e-mail at all."""
    return bool(_checked(campaign))


@check("channels", _("Every e-mail was tried as it is now"), fits=has_mails, severity=None)
def emails_were_tried(campaign: Campaign) -> Iterator[Finding | Note]:
    emails = [email for email, _found in _checked(campaign)]
    tests = Change.objects.filter(
        kind=Email._meta.label_lower, verb="tested", object_id__in=[email.pk for email in emails]
    )
    latest = {test.object_id: test for test in tests.select_related("by").order_by("pk")}
    # Into the built-in inbox nothing is lost by an untried mail; out in the world it is.
    severity = Severity.WARN if settings.INBOX else Severity.BLOCK
    for email in emails:
        test, place = latest.get(email.pk), reverse("content:edit", args=[email.pk])
        if test is None:
            yield Finding(
                _("The e-mail “%(name)s” was never tried. Send yourself a test."),
                place,
                severity,
                {"name": email.name},
            )
        elif test.details.get("version") != email.version:
            yield Finding(
                _(
                    "The e-mail “%(name)s” was changed after %(who)s tried it. Send yourself a "
                    "new test."
                ),
                place,
                severity,
                {"name": email.name, "who": str(test.by or "–")},
            )
        else:
            yield Note(
                _("%(who)s has tried “%(name)s” as it is now."),
                {"name": email.name, "who": str(test.by or "–")},
            )


by_hand(
    "previews_were_seen",
    "content",
    _("The e-mails were looked at in the dark and on a phone"),
    _("Open each preview on a phone and in dark mode, then say that it is done."),
    fits=mails,
)
