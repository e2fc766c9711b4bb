"""What of the plan can be talked about: campaigns and everything in them that has a name."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.goals.models import Goal
from muster.plan.materials.models import Material
from muster.plan.objectives.models import Objective
from muster.plan.risks.models import Risk
from muster.plan.strategy.models import Cell, Competitor
from muster.plan.tasks.actions import task_url
from muster.plan.tasks.models import Task
from muster.plan.vendors.models import Delivery, Vendor
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


@commentable("goal")
def goal(user: User, number: int) -> About | None:
    row = _of_plan(Goal, user, number, "owner")
    return row and _apart(row, "plan:brief", [row.owner or row.campaign.owner])


@commentable("line")
def line(user: User, number: int) -> About | None:
    row = _of_plan(BudgetLine, user, number) if user.may("budget.see") else None
    return row and _apart(row, "plan:budget", [row.campaign.owner])


@commentable("risk")
def risk(user: User, number: int) -> About | None:
    row = _of_plan(Risk, user, number, "owner")
    return row and _apart(row, "plan:risks", [row.owner or row.campaign.owner])


@commentable("fact")
def fact(user: User, number: int) -> About | None:
    row = _of_plan(Fact, user, number, "owner")
    return row and _apart(row, "plan:facts", [row.owner or row.campaign.owner])


@commentable("cell")
def cell(user: User, number: int) -> About | None:
    row = _of_plan(Cell, user, number, "owner")
    return row and _apart(row, "plan:strategy_map", [row.owner or row.campaign.owner])


@commentable("competitor")
def competitor(user: User, number: int) -> About | None:
    row = _of_plan(Competitor, user, number)
    return row and _apart(row, "plan:strategy_map", [row.campaign.owner])


@commentable("delivery")
def delivery(user: User, number: int) -> About | None:
    row = _of_plan(Delivery, user, number)
    return row and _apart(row, "plan:resources", [row.campaign.owner])


@commentable("vendor")
def vendor(user: User, number: int) -> About | None:
    row = Vendor.objects.filter(pk=number).first() if user.may("campaigns.see") else None
    if row is None:
        return None
    return About(row, reverse("plan:vendors"), is_apart=True)


@commentable("objective")
def objective(user: User, number: int) -> About | None:
    row = Objective.objects.filter(pk=number).first() if user.may("campaigns.see") else None
    if row is None:
        return None
    people = [row.owner] if row.owner else []
    return About(row, reverse("plan:objectives"), people=people, is_apart=True)


@commentable("material")
def material(user: User, number: int) -> About | None:
    row = Material.objects.filter(pk=number).first() if user.may("materials.see") else None
    if row is None:
        return None
    people = [row.owner] if row.owner else []
    return About(row, reverse("plan:materials"), people=people, is_apart=True)


def _of_plan(model: type[models.Model], user: User, number: int, *more: str) -> Any:
    rows = model._base_manager.filter(pk=number, campaign__in=Campaign.objects.visible_to(user))
    return rows.select_related("campaign__owner", *more).first()


def _apart(row: Any, page: str, people: list[User]) -> About:
    """A thing in a campaign whose talk opens beside its page."""
    url = reverse(page, args=[row.campaign_id]) + f"#{row.public_id}"
    return About(row, url, row.campaign_id, people, is_apart=True)
