"""What people do with approvals: ask for one, approve, send back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from muster.kit.errors import Forbidden, Invalid, Refused
from muster.kit.words import _
from muster.plan.approvals import rules
from muster.plan.approvals.models import ApprovalRequest, Decision, is_approved
from muster.plan.approvals.subjects import current_fingerprint, tell
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.users.models import User

_TEXTS = {
    rules.No.CLOSED: _("This request is decided already."),
    rules.No.CHANGED: _(
        "“%(title)s” was changed after approval was asked for. Ask again for the present version."
    ),
    rules.No.OWN_REQUEST: _(
        "Nobody approves their own request. Ask a colleague, or an owner can waive this rule."
    ),
    rules.No.WAIVER_NOT_YOURS: _("Only an owner can waive the rule of four eyes."),
    rules.No.NOTE_MISSING: _("Say what has to change, so that it can be mended."),
}


@transaction.atomic
def ask(
    kind: str,
    object_id: int,
    *,
    title: str,
    url: str,
    fingerprint: str,
    campaign: Campaign,
    by: User,
    note: str = "",
) -> ApprovalRequest:
    """Ask that this version be let out; asking twice for the same version gives the same request.

    An open request for an older version is closed. Refused when this version is approved already.
    """
    if is_approved(kind, object_id, fingerprint):
        raise Refused(_("“%(title)s” is approved already, as it is now."), title=title)
    rows = ApprovalRequest.objects.filter(kind=kind, object_id=object_id, closed_at=None)
    standing = rows.select_for_update().first()
    if standing is not None:
        if standing.fingerprint == fingerprint:
            return standing
        rows.update(closed_at=timezone.now())
    request = ApprovalRequest.objects.create(
        kind=kind,
        object_id=object_id,
        campaign=campaign,
        title=title[:200],
        url=url,
        fingerprint=fingerprint,
        asked_by=by,
        note=note,
    )
    record_change("approval_asked", request, by=by, campaign=campaign.pk)
    touch(campaign)
    return request


@transaction.atomic
def decide(
    request: ApprovalRequest, verdict: str, *, by: User, note: str = "", waiver: bool = False
) -> Decision:
    """Approve the request as it was asked, or send it back with a note.

    Nobody approves their own request; an owner may with `waiver`, which is written down.
    """
    if not by.may("approvals.decide"):
        raise Forbidden
    if verdict not in Decision.Verdict.values:
        raise Invalid.at(
            "/verdict", "unknown_verdict", _("A decision is “approved” or “sent_back”.")
        )
    request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    asked_it = request.asked_by_id == by.pk
    attempt = rules.Attempt(
        is_open=request.is_open,
        is_changed=current_fingerprint(request) != request.fingerprint,
        approves=verdict == Decision.Verdict.APPROVED,
        asked_it=asked_it,
        is_owner=by.role == "owner",
        waiver=waiver,
        has_note=bool(note.strip()),
    )
    no = rules.refusal(attempt)
    if no is rules.No.NOTE_MISSING:
        raise Invalid.at("/note", no.value, _TEXTS[no])
    if no is not None:
        raise Refused(_TEXTS[no], code=no.value, title=request.title)
    return _write(request, verdict, by=by, note=note, waiver=waiver and asked_it)


def _write(
    request: ApprovalRequest, verdict: str, *, by: User, note: str, waiver: bool
) -> Decision:
    signatures = [
        rules.Signature(decision.step, decision.fingerprint)
        for decision in request.decisions.filter(verdict=Decision.Verdict.APPROVED)
    ]
    step, *later = rules.open_steps(request.steps, signatures, request.fingerprint)
    decision = Decision.objects.create(
        request=request,
        step=step,
        verdict=verdict,
        fingerprint=request.fingerprint,
        note=note,
        waiver=waiver,
        by=by,
    )
    record_change(verdict, request, by=by, campaign=request.campaign_id, waiver=waiver, note=note)
    touch(request.campaign)
    if verdict == Decision.Verdict.SENT_BACK or not later:
        request.closed_at = timezone.now()
        request.save(update_fields=["closed_at"])
        tell(request, decision)
    return decision


def withdraw(kind: str, object_id: int, *, by: User) -> None:
    """Close an open request because the thing is changed or gone."""
    for request in ApprovalRequest.objects.filter(kind=kind, object_id=object_id, closed_at=None):
        request.closed_at = timezone.now()
        request.save(update_fields=["closed_at"])
        record_change("approval_withdrawn", request, by=by, campaign=request.campaign_id)
