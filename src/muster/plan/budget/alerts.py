"""Tells the owner when a budget is used up to 80, 95 and 100 percent, once each (PL3)."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse

from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.models import BudgetAlert
from muster.plan.budget.policy import policy
from muster.plan.campaigns.models import Campaign
from muster.team.notices.actions import notify

_TEXT = _("%(percent)s%% of the budget of “%(campaign)s” is bound.")


def watch(campaign: Campaign, bound: Decimal) -> None:
    """Look whether a threshold is crossed that nobody was told of; the highest one is told."""
    reached = rules.crossed(bound, campaign.total_budget, policy().alerts)
    told = set(campaign.budget_alerts.values_list("percent", flat=True)) if reached else set()
    fresh = [percent for percent in reached if percent not in told]
    if not fresh:
        return
    alerts = [BudgetAlert.objects.create(campaign=campaign, percent=percent) for percent in fresh]
    notify(
        "budget_line_crossed",
        alerts[-1],
        [campaign.owner],
        _TEXT,
        url=reverse("plan:budget", args=[campaign.pk]),
        params={"percent": fresh[-1], "campaign": campaign.name},
        campaign=campaign.pk,
    )
