"""What has to be right before a send may begin (CH8): content, audience, sender, approval."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.channels.sending.fingerprint import fingerprint
from muster.channels.sending.models import Send
from muster.content.emails import checks as mails
from muster.kit.words import _
from muster.plan.approvals.models import is_approved
from muster.plan.readiness.checks import Finding, Severity
from muster.team.users.models import Workspace


def checks(send: Send, *, with_approval: bool = False) -> list[Finding]:
    """Everything that stands in the way of this send, what blocks it first."""
    found = list(_checks(send))
    if with_approval and not is_approved("send", send.pk, fingerprint(send)):
        found.append(
            Finding(
                _("“%(name)s” is not approved as it is now."),
                _page(send),
                params={"name": send.name},
            )
        )
    return sorted(found, key=lambda one: not one.blocks)


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


def _page(send: Send) -> str:
    return reverse("channels:review", args=[send.pk])
