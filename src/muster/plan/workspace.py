"""What the plan itself shows in the header, tabs and overview of a campaign (S07)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.kit.money import Money
from muster.plan.approvals.models import waiting_for
from muster.plan.budget.models import spent
from muster.plan.budget.standing import standing
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import figure, summary, tab, tile, view
from muster.plan.goals.shown import shown_goal, shown_goals
from muster.plan.overview.changes import changes_of
from muster.plan.overview.next_things import next_things
from muster.plan.readiness.checks import readiness
from muster.plan.starting.actions import begun_by
from muster.team.changes.actions import UNDO_FOR
from muster.team.users.models import User


@tab("overview", _("Overview"), 10, "plan:overview", "campaigns.see")
def overview_badge(campaign: Campaign, user: User) -> None:
    return None


@tab("brief", _("Brief"), 20, "plan:brief", "campaigns.see")
def brief_badge(campaign: Campaign, user: User) -> int | None:
    return len(readiness(campaign).blockers) or None if campaign.is_planned else None


@view("brief", "goals", _("Goals and readiness"), 10, "plan:brief", "campaigns.see")
def goals_badge(campaign: Campaign, user: User) -> None:
    return None


@view("brief", "strategy", _("Strategy"), 20, "plan:strategy_map", "campaigns.see")
def strategy_badge(campaign: Campaign, user: User) -> None:
    return None


@tab("budget", _("Budget"), 30, "plan:budget", "budget.see")
def budget_badge(campaign: Campaign, user: User) -> None:
    return None


@figure("plan/figures/goal.html", 10)
def goal(campaign: Campaign, user: User) -> dict[str, Any] | None:
    main = campaign.goals.first()
    return {"main": shown_goal(campaign, main)} if main else None


@figure("plan/figures/budget.html", 20, "budget.see")
def budget(campaign: Campaign, user: User) -> dict[str, Any] | None:
    return {"standing": standing(campaign)} if campaign.total_budget else None


@figure("plan/figures/ready.html", 30)
def ready(campaign: Campaign, user: User) -> dict[str, Any] | None:
    return None if campaign.is_over else {"readiness": readiness(campaign)}


@summary("plan/overview/sentence.html", 10)
def where_it_stands(campaign: Campaign, user: User) -> dict[str, Any]:
    first = campaign.goals.first()
    main = shown_goal(campaign, first) if first else None
    clock = campaign.clock()
    may_see_money = user.may("budget.see") and campaign.total_budget
    return {
        "main": main,
        "behind": -main.ahead if main and main.ahead is not None else None,
        "day": clock.day if campaign.is_live else 0,
        "brief_url": reverse("plan:brief", args=[campaign.pk]),
        "budget_url": reverse("plan:budget", args=[campaign.pk]),
        "spent": Money(spent(campaign), campaign.currency) if may_see_money else None,
        "blockers": len(readiness(campaign).blockers) if campaign.is_planned else 0,
    }


@tile("plan/tiles/begun.html", 5, size="c12")
def begun(campaign: Campaign, user: User) -> dict[str, Any] | None:
    """For ten minutes, who began it from a template may take all of it back."""
    change = begun_by(campaign, user)
    return {"change": change, "until": change.at + UNDO_FOR} if change else None


@tile("plan/tiles/next.html", 10, size="c8")
def next_steps(campaign: Campaign, user: User) -> dict[str, Any] | None:
    if not campaign.is_planned or not user.may("campaigns.edit"):
        return None
    return {"things": next_things(campaign)[:5]}


@tile("plan/tiles/goals.html", 20, size="c8")
def goals(campaign: Campaign, user: User) -> dict[str, Any] | None:
    if campaign.is_planned:
        return None
    found = shown_goals(campaign)
    return {"goals": found} if found else None


@tile("plan/tiles/approvals.html", 30)
def decisions_waiting(campaign: Campaign, user: User) -> dict[str, Any] | None:
    mine = {request.pk for request in waiting_for(user)}
    waiting = campaign.approvals.filter(closed_at=None).select_related("asked_by")
    if not waiting and campaign.is_over:
        return None
    return {"waiting": [(request, request.pk in mine) for request in waiting]}


@tile("plan/tiles/readiness.html", 40)
def what_is_missing(campaign: Campaign, user: User) -> dict[str, Any] | None:
    if not campaign.is_planned:
        return None
    return {"readiness": readiness(campaign)}


@tile("plan/tiles/budget.html", 50, "budget.see")
def money(campaign: Campaign, user: User) -> dict[str, Any] | None:
    if not campaign.total_budget:
        return None
    return {"standing": standing(campaign)}


@tile("plan/tiles/activity.html", 60)
def activity(campaign: Campaign, user: User) -> dict[str, Any]:
    return {"changes": changes_of(campaign)[:5]}
