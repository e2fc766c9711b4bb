"""The review room (S45): what goes out, what was checked, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit.errors import NotFound
from muster.plan.approvals import actions
from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.approvals.subjects import Subject, current_fingerprint, subject_of
from muster.team.http import TeamRequest
from muster.team.permissions import allow


@allow("campaigns.see")
def review(request: TeamRequest, approval_id: int) -> HttpResponse:
    """The room: left what goes out, right what to look at and what was said."""
    asked = _request(approval_id)
    return render(request, "plan/approvals/review.html", _context(request, asked))


@allow("approvals.decide")
@require_POST
def decide(request: TeamRequest, approval_id: int) -> HttpResponse:
    """Approve or send back."""
    asked = _request(approval_id)
    verdict = request.POST.get("verdict", "")
    actions.decide(
        asked,
        verdict,
        by=request.user,
        note=request.POST.get("note", ""),
        waiver="waiver" in request.POST,
    )
    approved = verdict == Decision.Verdict.APPROVED
    messages.success(request, _("Approved.") if approved else _("Sent back."))
    if request.htmx:
        back = reverse("plan:review", args=[asked.pk])
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return redirect("plan:review", approval_id=asked.pk)


def _request(approval_id: int) -> ApprovalRequest:
    rows = ApprovalRequest.objects.filter(campaign__deleted_at=None)
    found = rows.select_related("campaign", "asked_by").filter(pk=approval_id).first()
    if found is None:
        raise NotFound
    return found


def _context(request: TeamRequest, asked: ApprovalRequest) -> dict[str, Any]:
    subject = subject_of(asked.kind)
    current = current_fingerprint(asked)
    is_there = subject is not None and current is not None
    own = asked.asked_by_id == request.user.pk
    history = ApprovalRequest.objects.filter(kind=asked.kind, object_id=asked.object_id)
    return {
        "asked": asked,
        "template": subject.template if subject and is_there else Subject.template,
        "shown": subject.context(asked.object_id, request.user) if subject and is_there else {},
        "checks": list(subject.checks(asked.object_id)) if subject and is_there else [],
        "is_changed": current != asked.fingerprint,
        "is_own": own,
        "may_decide": asked.is_open and request.user.may("approvals.decide"),
        "may_waive": own and request.user.role == "owner",
        "decisions": asked.decisions.select_related("by"),
        "history": history.exclude(pk=asked.pk)
        .select_related("asked_by")
        .prefetch_related("decisions__by")[:20],
    }
