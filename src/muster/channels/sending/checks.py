"""What has to be right before a send may begin (CH8): content, audience, sender, approval."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.channels.sending.fingerprint import fingerprint
from muster.channels.sending.models import Send
from muster.content.emails import checks as mails
from muster.content.emails.rich import spoken
from muster.kit.words import _
from muster.people.consent.terms import terms
from muster.plan.approvals.models import is_approved
from muster.plan.readiness.checks import Finding, Severity, glance
from muster.team.users.models import Workspace


def checks(send: Send, *, with_approval: bool = False) -> list[Finding]:
    """Everything that stands in the way of this send, what blocks it first.

    With its approval it is one of the questions whether the campaign may start, which is therefore
    not asked here again.
    """
    found = list(_checks(send))
    if not with_approval:
        found += _unlaunched(send)
    elif not is_approved("send", send.pk, fingerprint(send)):
        found.append(
            Finding(
                _("“%(name)s” is not approved as it is now."),
                _page(send),
                params={"name": send.name},
            )
        )
    return sorted(found, key=lambda one: not one.blocks)


def _unlaunched(send: Send) -> Iterator[Finding]:
    """A send may go ahead of its campaign, as one that announces it does: it is only said."""
    campaign = send.campaign
    if send.is_frozen or not campaign.is_planned:
        return
    blocking = sum(answer.blocks for answer in glance(campaign).opened)
    text = _("“%(campaign)s” is not launched yet; nothing blocks its launch.")
    if blocking:
        text = _("“%(campaign)s” is not launched yet; checks that block its launch: %(count)s.")
    yield Finding(
        text,
        reverse("plan:readiness", args=[campaign.pk]),
        Severity.WARN,
        {"campaign": campaign.name, "count": blocking},
    )


def _checks(send: Send) -> Iterator[Finding]:
    if not send.is_frozen:
        for variant in send.variants.select_related("email"):
            for finding in mails.check(variant.email):
                yield Finding(
                    finding.text,
                    reverse("content:edit", args=[variant.email_id]),
                    Severity.BLOCK if finding.blocks else Severity.WARN,
                    finding.params,
                )
        if send.segment is not None and send.segment.draft is not None:
            yield Finding(
                _("“%(name)s” has changes that are not saved. This send goes by what is saved."),
                reverse("people:segment", args=[send.segment_id]),
                Severity.WARN,
                {"name": send.segment.name},
            )
    workspace = Workspace.here()
    if send.purpose == "marketing" and not send.is_frozen:
        yield from _by_law(send, workspace)
    if workspace.sender_address.endswith((".example", "@localhost")) and not workspace.demo:
        yield Finding(
            _("The sender address %(address)s is only an example. Set your own in the settings."),
            "/settings/general",
            Severity.WARN,
            {"address": workspace.sender_address},
        )
    if workspace.halted:
        yield Finding(
            _("All sending is halted. An owner can end that in the settings."), "/settings"
        )


def _by_law(send: Send, workspace: Workspace) -> Iterator[Finding]:
    """What an advertisement has to carry by the laws that may bind its readers."""
    for law in terms().in_force:
        params = {"source": law.carries_source}
        if "ad_mark" in law.carries:
            for variant in send.variants.select_related("email"):
                subject = spoken(variant.email.subject).strip(" [【(（")
                if not subject.upper().startswith(("广告", "廣告", "AD")):
                    yield Finding(
                        _(
                            "The subject of “%(name)s” does not begin with “广告” or “AD”, as an"
                            " advertisement must here (%(source)s)."
                        ),
                        reverse("content:edit", args=[variant.email_id]),
                        Severity.WARN,
                        {**params, "name": variant.email.name},
                    )
        if "postal_address" in law.carries and not workspace.postal_address.strip():
            yield Finding(
                _(
                    "There is no postal address, which an advertisement must carry (%(source)s)."
                    " Add it in the settings."
                ),
                "/settings/general",
                Severity.BLOCK if law.key == terms().law else Severity.WARN,
                params,
            )
        if "sender" in law.carries and not (workspace.sender_name or workspace.name):
            yield Finding(
                _("Nobody can see who sends it (%(source)s). Add a sender’s name in the settings."),
                "/settings/general",
                Severity.BLOCK,
                params,
            )


def _page(send: Send) -> str:
    return reverse("channels:review", args=[send.pk])
