"""A move of money in the review room (PL3, PL6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.approvals.subjects import Subject, subject
from muster.plan.budget.models import BudgetMove
from muster.plan.budget.moves import CLOSED, KIND, fingerprint, post, refuse
from muster.plan.budget.similar import similar_releases
from muster.plan.budget.standing import standing
from muster.plan.readiness.checks import Finding
from muster.team.notices.actions import close
from muster.team.users.models import User


@subject(KIND)
class MoveReview(Subject):
    """From where, to where, how much, and why."""

    template = "plan/budget/review.html"

    def fingerprint(self, object_id: int) -> str | None:
        move = BudgetMove.objects.filter(pk=object_id).first()
        return fingerprint(move) if move else None

    def context(self, object_id: int, user: User) -> dict[str, Any]:
        rows = BudgetMove.objects.select_related("campaign", "source", "target", "by")
        move = rows.get(pk=object_id)
        if not user.may("budget.see"):
            return {"move": None}
        release = move.kind == BudgetMove.Kind.RELEASE
        return {
            "move": move,
            "campaign": move.campaign,
            "standing": standing(move.campaign),
            "similar": similar_releases(move.reason_class, besides=move.campaign)
            if release
            else [],
        }

    def checks(self, object_id: int) -> Iterator[Finding]:
        move = BudgetMove.objects.select_related("campaign").get(pk=object_id)
        if not move.campaign.may_be_planned:
            place = reverse("plan:budget", args=[move.campaign_id])
            yield Finding(CLOSED, place, params={"campaign": move.campaign.name})

    def decided(self, request: ApprovalRequest, decision: Decision) -> None:
        move = BudgetMove.objects.select_related("campaign", "source", "target").get(
            pk=request.object_id
        )
        if decision.verdict == Decision.Verdict.APPROVED:
            post(move, agreed_by=decision.by)
            close(move, "budget_move_asked")
        else:
            refuse(move, by=decision.by)
