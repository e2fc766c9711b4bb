"""Campaigns, their tasks and the requests for approval can be talked about."""

from __future__ import annotations

from django.urls import reverse

from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.actions import task_url
from muster.plan.tasks.models import Task
from muster.team.comments.subjects import About, commentable
from muster.team.users.models import User


@commentable("campaign")
def campaign(user: User, number: int) -> About | None:
    row = Campaign.objects.visible_to(user).select_related("owner").filter(pk=number).first()
    if row is None:
        return None
    return About(row, reverse("plan:activity", args=[row.pk]), row.pk, [row.owner])


@commentable("task")
def task(user: User, number: int) -> About | None:
    rows = Task.objects.visible_to(user).filter(pk=number)
    row = rows.select_related("campaign__owner").first()
    if row is None:
        return None
    people = [duty.user for duty in row.duties.select_related("user") if duty.user]
    return About(row, task_url(row), row.campaign_id, people or [row.campaign.owner])


@commentable("approval")
def approval(user: User, number: int) -> About | None:
    rows = ApprovalRequest.objects.filter(pk=number, campaign__in=Campaign.objects.visible_to(user))
    row = rows.select_related("campaign", "asked_by").first()
    if row is None:
        return None
    deciding = Deciders([row]).waiting(row) if row.is_open else []
    people = [row.asked_by, *deciding]
    return About(row, reverse("plan:review", args=[row.pk]), row.campaign_id, people)
