"""The brief in the review room: what is shown, and what an approval brings about (PL6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from muster.kit.words import _
from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.approvals.subjects import Subject, subject
from muster.plan.brief.fingerprint import fingerprint
from muster.plan.brief.outline import outline, worded
from muster.plan.budget.standing import standing
from muster.plan.campaigns.actions import move
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.shown import shown_goals
from muster.plan.readiness.checks import Finding, readiness
from muster.team.users.models import User

KIND = "campaign"


@subject(KIND)
class PlanReview(Subject):
    """A campaign's plan: goals, budget and strategy on one page."""

    name = _("Plan of a campaign")
    template = "plan/brief/review.html"

    def fingerprint(self, object_id: int) -> str | None:
        campaign = Campaign.objects.filter(pk=object_id, deleted_at=None).first()
        return fingerprint(campaign) if campaign else None

    def context(self, object_id: int, user: User) -> dict[str, Any]:
        campaign = Campaign.objects.get(pk=object_id)
        return {
            "campaign": campaign,
            "goals": shown_goals(campaign),
            "standing": standing(campaign) if user.may("budget.see") else None,
            "lines": campaign.lines.all(),
        }

    def checks(self, object_id: int) -> Iterable[Finding]:
        findings = readiness(Campaign.objects.get(pk=object_id)).answers
        # Whether it is approved is what this review is about.
        return [f for a in findings if a.question.group != "compliance" for f in a.findings]

    def outline(self, object_id: int) -> list[tuple[str, str]]:
        return outline(Campaign.objects.get(pk=object_id))

    def worded(self, label: str, value: str) -> str:
        return worded(label, value)

    def decided(self, request: ApprovalRequest, decision: Decision) -> None:
        campaign = Campaign.objects.get(pk=request.object_id)
        if campaign.status != Campaign.Status.IN_REVIEW:
            return
        approved = decision.verdict == Decision.Verdict.APPROVED
        after = Campaign.Status.READY if approved else Campaign.Status.PREPARING
        move(campaign, after, by=decision.by)
