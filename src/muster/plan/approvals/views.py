"""The review room (S45): what goes out, what was checked, who decides, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid, NotFound
from muster.plan.approvals import actions
from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.history import history
from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.approvals.shown import before, differences, steps_of, who
from muster.plan.approvals.subjects import Subject, current_fingerprint, subject_of
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import User

PAGE = "plan/approvals/review.html"


@allow("campaigns.see")
def review(request: TeamRequest, approval_id: int) -> HttpResponse:
    """The room: left what goes out, right what to look at and what was said."""
    asked = _request(approval_id)
    return render(request, PAGE, _context(request, asked))


@allow("campaigns.see")
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
    return _back(request, asked, _("Approved.") if approved else _("Sent back."))


@allow("campaigns.see")
@require_POST
def hand_on(request: TeamRequest, approval_id: int) -> HttpResponse:
    """Let a colleague decide in one's place."""
    asked = _request(approval_id)
    to = User.objects.filter(pk=request.POST.get("to") or 0, is_active=True).first()
    if to is None:
        raise Invalid.at("/to", "blank", _("Choose a colleague."))
    actions.hand_on(asked, to, by=request.user, note=request.POST.get("note", ""))
    return _back(request, asked, _("%(name)s may decide in your place.") % {"name": to})


@allow("campaigns.see")
@require_POST
def nudge(request: TeamRequest, approval_id: int) -> HttpResponse:
    """Remind those who decide."""
    asked = _request(approval_id)
    actions.nudge(asked, by=request.user)
    return _back(request, asked, _("They were reminded."))


def _back(request: TeamRequest, asked: ApprovalRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": asked.room})
    return redirect(asked.room)


def _request(approval_id: int) -> ApprovalRequest:
    rows = ApprovalRequest.objects.filter(campaign__deleted_at=None)
    rows = rows.select_related("campaign__owner", "asked_by")
    rows = rows.prefetch_related("decisions__by", "decisions__instead_of")
    found = rows.filter(pk=approval_id).first()
    if found is None:
        raise NotFound
    return found


def _context(request: TeamRequest, asked: ApprovalRequest) -> dict[str, Any]:
    user = request.user
    subject = subject_of(asked.kind)
    current = current_fingerprint(asked)
    is_there = subject is not None and current is not None
    deciders = Deciders([asked])
    mine = deciders.step_for(asked, user)
    own = asked.asked_by_id == user.pk or bool(mine and mine[1] == asked.asked_by_id)
    signed = any(decision.by_id == user.pk for decision in asked.decisions.all())
    earlier = ApprovalRequest.objects.filter(kind=asked.kind, object_id=asked.object_id)
    return {
        "asked": asked,
        "template": subject.template if subject and is_there else Subject.template,
        "shown": subject.context(asked.object_id, user) if subject and is_there else {},
        "checks": list(subject.checks(asked.object_id)) if subject and is_there else [],
        "is_changed": current != asked.fingerprint,
        "is_own": own,
        "is_second": signed,
        "steps": [(one, who(one.step)) for one in steps_of(asked, deciders)],
        "my_step": mine[0] if mine else None,
        "instead_of": deciders.users.get(mine[1]) if mine and mine[1] else None,
        "may_decide": asked.is_open and mine is not None,
        "may_waive": (own or signed) and user.role == "owner",
        "may_hand_on": any(user.pk in deciders.named(asked, s) for s in asked.open_now),
        "colleagues": [
            one for pk, one in deciders.users.items() if pk not in {user.pk, asked.asked_by_id}
        ],
        "before": before(asked),
        "differences": differences(asked),
        "said": history(asked),
        "last": asked.decisions.all()[::-1][0] if asked.decisions.all() else None,
        "earlier": earlier.exclude(pk=asked.pk).select_related("asked_by")[:20],
        "home": reverse("plan:overview", args=[asked.campaign_id]),
    }
