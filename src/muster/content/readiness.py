"""What content asks before a launch (PL8): is there a mail that could go out?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from muster.connect.web import Verdict
from muster.content.emails import leading
from muster.content.emails.checks import Finding as MailFinding
from muster.content.emails.checks import check as inbox_check
from muster.content.emails.models import Email
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.readiness.checks import Finding, Note, Severity, by_hand, check
from muster.plan.readiness.looking import is_seen, look, seen
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


@check("content", _("Every picture says what it shows"), fits=has_mails, severity=Severity.WARN)
def pictures_have_words(campaign: Campaign) -> Iterator[Finding]:
    for email, found in _checked(campaign):
        silent = sum(finding.code == "no_alt" for finding in found)
        if silent:
            yield Finding(
                _(
                    "%(count)s pictures of the e-mail “%(name)s” do not say what they show. Write "
                    "it for those who cannot see them."
                ),
                reverse("content:edit", args=[email.pk]),
                Severity.WARN,
                {"name": email.name, "count": silent},
            )


# What is looked at beside the pages: every address that people can follow.


def _links_are_good_for(found: dict[str, Any]) -> timedelta:
    well = all(link["verdict"] in _WELL for link in found["links"])
    return timedelta(hours=6) if well else timedelta(minutes=10)


@look("links", mark=leading.mark, good_for=_links_are_good_for)
def look_at_the_links(campaign: Campaign) -> dict[str, Any]:
    return leading.asked(campaign)


@once
def _has_links(campaign: Campaign) -> bool:
    return is_seen(campaign, "links") and bool(leading.mark(campaign))


_WELL = {Verdict.WELL, Verdict.GUARDED}
_SAID = {
    Verdict.MISSING: _("A link of “%(title)s” leads to a page that does not exist: %(url)s."),
    Verdict.BROKEN: _("A link of “%(title)s” ends in an error (%(status)s): %(url)s."),
    Verdict.SILENT: _(
        "A link of “%(title)s” did not answer: %(url)s. It is asked again every ten minutes."
    ),
    Verdict.UNKNOWN_HOST: _("A link of “%(title)s” leads to a site that does not exist: %(url)s."),
    Verdict.PRIVATE: _(
        "A link of “%(title)s” leads into a network that readers cannot reach: %(url)s."
    ),
}
_MOST_SAID = 5


@check("content", _("Every link answers"), fits=_has_links, severity=None, look="links")
def links_answer(campaign: Campaign) -> Iterator[Finding | Note]:
    found = seen(campaign, "links")
    if found is None:
        yield Finding(
            _("The links are being asked. Come back in a minute."),
            reverse("content:campaign", args=[campaign.pk]),
            Severity.WARN,
        )
        return
    # Without an answer it may also be our own way into the net that is broken.
    perhaps = {Verdict.SILENT, Verdict.UNKNOWN_HOST} if settings.INBOX else {Verdict.SILENT}
    bad = [link for link in found["links"] if link["verdict"] not in _WELL]
    for link in bad[:_MOST_SAID]:
        verdict = Verdict(link["verdict"])
        yield Finding(
            _SAID[verdict],
            link["fix_at"],
            Severity.WARN if verdict in perhaps else Severity.BLOCK,
            {"title": link["title"], "url": link["url"][:120], "status": link["status"] or "–"},
            about=link["url"],
        )
    if len(bad) > _MOST_SAID:
        yield Finding(
            _("%(count)s more links do not lead where they should."),
            reverse("content:campaign", args=[campaign.pk]),
            Severity.WARN,
            {"count": len(bad) - _MOST_SAID},
            one=_("One more link does not lead where it should."),
            count=len(bad) - _MOST_SAID,
        )
    for link in found["links"]:
        if link["verdict"] in _WELL and link["led_to"]:
            yield Note(
                _("A link of “%(title)s” leads on to %(url)s."),
                {"title": link["title"], "url": link["led_to"][:120]},
            )
    yield Note(_("Links asked: %(count)s."), {"count": len(found["links"])})


@check("content", _("The tags of every link are right"), fits=_has_links, look="links")
def links_are_tagged(campaign: Campaign) -> Iterator[Finding]:
    for tag in (seen(campaign, "links") or {}).get("tags", ())[:_MOST_SAID]:
        problem, params = tag["text"], tag["params"]
        yield Finding(
            _("A link of “%(title)s”: %(problem)s"),
            tag["fix_at"],
            params={"title": tag["title"], "problem": gettext(problem) % params},
            about=f"{problem} {sorted(params.items())}",
        )


by_hand(
    "previews_were_seen",
    "content",
    _("The e-mails were looked at in the dark and on a phone"),
    _("Open each preview on a phone and in dark mode, then say that it is done."),
    fits=mails,
)
