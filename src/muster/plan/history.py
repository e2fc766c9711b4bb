"""What of the plan can get its older values back, through the actions that edit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.shortcuts import get_object_or_404

from muster.plan.budget.actions import edit_line
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.actions import edit_goal
from muster.plan.goals.models import Goal
from muster.team.changes.actions import undo_needs
from muster.team.changes.models import Change
from muster.team.changes.restoring import restorable
from muster.team.users.models import User

undo_needs(
    "campaigns.edit",
    "plan.campaign",
    "team.customday",
    "plan.fact",
    "plan.goal",
    "plan.objective",
    "plan.risk",
    "plan.task",
)
undo_needs("budget.edit", "plan.budgetline")
undo_needs("settings.manage", "plan.rhythm")


@restorable("plan.campaign", "campaigns.edit", "edited")
def campaign(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    row = get_object_or_404(Campaign.objects.visible_to(by), pk=number)
    return edit_campaign(row, values, by=by)


@restorable("plan.goal", "campaigns.edit", "goal_edited")
def goal(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    visible = Campaign.objects.visible_to(by)
    row = get_object_or_404(
        Goal.objects.select_related("campaign"), pk=number, campaign__in=visible
    )
    return edit_goal(row, values, by=by)


@restorable("plan.budgetline", "budget.edit", "line_edited")
def line(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    visible = Campaign.objects.visible_to(by)
    rows = BudgetLine.objects.select_related("campaign")
    return edit_line(get_object_or_404(rows, pk=number, campaign__in=visible), values, by=by)
