"""Tells owner and finance when a budget is used up to 80, 95 and 100 percent (PL3).

It is one message per budget: it becomes news again with each threshold that is reached, and goes
away when the budget is no longer used up.
"""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse

from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.models import BudgetAlert
from muster.plan.budget.policy import policy
from muster.plan.budget.vaults import REACHED, taken, told, vaults_of
from muster.plan.campaigns.models import Campaign
from muster.team.notices.actions import amend, close, notify
from muster.team.roles import keeps_the_books
from muster.team.users.models import User

_EVENT = "budget_line_crossed"
_VAULTS = "vault_reached"
_TEXT = _("%(percent)s%% of the budget of “%(campaign)s” is bound.")


def _whom(campaign: Campaign) -> list[User]:
    """The campaign's owner, and those who keep the books."""
    # Rights are worked out in Python, and only roles of one's own can hold these together.
    others = User.objects.filter(is_active=True, own_role__isnull=False).select_related("own_role")
    return [campaign.owner, *(one for one in others if keeps_the_books(one.permissions))]


def watch(campaign: Campaign, bound: Decimal) -> None:
    """Look whether a threshold is crossed that nobody was told of; the highest one is told."""
    reached = rules.crossed(bound, campaign.total_budget, policy().alerts)
    known = set(campaign.budget_alerts.values_list("percent", flat=True))
    if known - set(reached):
        campaign.budget_alerts.exclude(percent__in=reached).delete()
    if not reached:
        if known:
            close(campaign, _EVENT)
        return
    fresh = [percent for percent in reached if percent not in known]
    params: dict[str, object] = {"percent": reached[-1], "campaign": campaign.name}
    if not fresh:
        if known != set(reached):
            amend(campaign, _EVENT, params)
        return
    BudgetAlert.objects.bulk_create(
        BudgetAlert(campaign=campaign, percent=percent) for percent in fresh
    )
    notify(
        _EVENT,
        campaign,
        _whom(campaign),
        _TEXT,
        url=reverse("plan:budget", args=[campaign.pk]),
        params=params,
        campaign=campaign.pk,
    )


def watch_vaults(campaign: Campaign, before: Decimal) -> None:
    """Tell them when more is taken of what is locked than `before`; else how it is now."""
    found = vaults_of(campaign)
    now = taken(found)
    if not now:
        close(campaign, _VAULTS)
    elif now > before:
        notify(
            _VAULTS,
            campaign,
            _whom(campaign),
            REACHED,
            url=reverse("plan:budget", args=[campaign.pk]),
            params=dict(told(campaign, found)),
            campaign=campaign.pk,
        )
    else:
        amend(campaign, _VAULTS, told(campaign, found))
