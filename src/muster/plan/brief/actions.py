"""What people do with a plan: hand it in for approval, take it back to work on it."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.approvals.actions import ask, withdraw
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.brief.fingerprint import fingerprint
from muster.plan.brief.review import KIND
from muster.plan.campaigns.actions import move
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


@transaction.atomic
def submit(campaign: Campaign, *, by: User, note: str = "") -> ApprovalRequest:
    """Ask for approval of the plan as it is now."""
    if not campaign.goals.exists():
        raise Refused(
            _("“%(name)s” has no goal, so nobody could tell what to approve. Set one first."),
            code="no_goal",
            name=campaign.name,
        )
    if campaign.status != Campaign.Status.IN_REVIEW:
        move(campaign, Campaign.Status.IN_REVIEW, by=by)
    return ask(
        KIND,
        campaign.pk,
        title=campaign.name,
        url=reverse("plan:brief", args=[campaign.pk]),
        fingerprint=fingerprint(campaign),
        campaign=campaign,
        by=by,
        note=note,
        amount=campaign.total_budget,
    )


@transaction.atomic
def rework(campaign: Campaign, *, by: User) -> None:
    """Take the plan back to work on it: an open request is closed."""
    move(campaign, Campaign.Status.PREPARING, by=by)
    withdraw(KIND, campaign.pk, by=by)
