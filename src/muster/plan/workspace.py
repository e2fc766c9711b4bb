"""What the plan itself shows in the header, tabs and overview of a campaign (S07)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.kit.money import Money
from muster.plan.approvals.deciders import waiting_for
from muster.plan.budget.standing import standing
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import figure, summary, tab, tile, view
from muster.plan.goals.shown import shown_goal, shown_goals
from muster.plan.overview.changes import changes_of
from muster.plan.overview.next_things import next_things
from muster.plan.readiness.checks import glance, waivers_of
from muster.plan.starting.actions import begun_by
from muster.plan.tasks.models import Task
from muster.plan.tasks.planning import plan_of
from muster.plan.tasks.shown import rows_of
from muster.team.changes.actions import UNDO_FOR
from muster.team.users.models import User


@tab("overview", _("Overview"), 10, "plan:overview", "campaigns.see")
def overview_badge(campaign: Campaign, user: User) -> None:
    return None


@tab("brief", _("Brief"), 20, "plan:brief", "campaigns.see")
def brief_badge(campaign: Campaign, user: User) -> int | None:
    return len(glance(campaign).blockers) or None if campaign.is_planned else None


@view("brief", "readiness", _("Readiness"), 40, "plan:readiness", "campaigns.see")
def readiness_badge(campaign: Campaign, user: User) -> int | None:
    return len(glance(campaign).blockers) or None if campaign.is_planned else None


@view("plan", "raci", _("RACI"), 40, "plan:raci", "campaigns.see")
def raci_badge(campaign: Campaign, user: User) -> None:
    return None


@tab("plan", _("Plan"), 25, "plan:board", "campaigns.see")
def plan_badge(campaign: Campaign, user: User) -> int | None:
    """How many tasks are overdue."""
    if campaign.is_over:
        return None
    return Task.objects.filter(campaign=campaign).overdue(today()).count() or None


@view("plan", "board", _("Board"), 10, "plan:board", "campaigns.see")
@view("plan", "list", _("As a list"), 20, "plan:tasks", "campaigns.see")
@view("plan", "gantt", _("Gantt chart"), 30, "plan:gantt", "campaigns.see")
def plan_view_badge(campaign: Campaign, user: User) -> None:
    return None


@view("brief", "goals", _("Goals"), 10, "plan:brief", "campaigns.see")
def goals_badge(campaign: Campaign, user: User) -> None:
    return None


@view("brief", "facts", _("Fact sheet"), 30, "plan:facts", "campaigns.see")
def facts_badge(campaign: Campaign, user: User) -> int | None:
    return campaign.facts.exclude(status="verified").count() or None


@view("brief", "strategy", _("Strategy"), 20, "plan:strategy_map", "campaigns.see")
def strategy_badge(campaign: Campaign, user: User) -> None:
    return None


@tab("budget", _("Budget"), 30, "plan:budget", "budget.see")
def budget_badge(campaign: Campaign, user: User) -> None:
    return None


@view("plan", "resources", _("Resources"), 50, "plan:resources", "campaigns.see")
def resources_badge(campaign: Campaign, user: User) -> None:
    return None


@view("plan", "risks", _("Risks"), 60, "plan:risks", "campaigns.see")
def risks_badge(campaign: Campaign, user: User) -> int | None:
    return campaign.risks.filter(status="fired").count() or None


@view("budget", "lines", _("All lines"), 10, "plan:budget", "budget.see")
@view("budget", "months", _("Months"), 20, "plan:months", "budget.see")
@view("budget", "curve", _("Burn-up"), 30, "plan:curve", "budget.see")
@view("budget", "ledger", _("Ledger"), 40, "plan:ledger", "budget.see")
@view("budget", "frugal", _("Small budget"), 50, "plan:frugal", "insights.see")
def budget_view(campaign: Campaign, user: User) -> None:
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
    waived = [waiver for waiver in waivers_of(campaign).values() if not waiver.done]
    if campaign.is_over:
        return {"waived": waived} if waived else None
    return {"readiness": glance(campaign), "waived": waived}


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
        "ready_url": reverse("plan:readiness", args=[campaign.pk]),
        "budget_url": reverse("plan:budget", args=[campaign.pk]),
        "spent": Money(standing(campaign).actual, campaign.currency) if may_see_money else None,
        "blockers": len(glance(campaign).blockers) if campaign.is_planned else 0,
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


@tile("plan/tiles/week.html", 35)
def next_seven_days(campaign: Campaign, user: User) -> dict[str, Any] | None:
    if campaign.is_over:
        return None
    plan = plan_of(campaign)
    until = plan.today + timedelta(days=7)
    rows = [row for row in rows_of(plan) if not row.task.is_done and not row.parts]
    near = sorted((row for row in rows if row.due <= until), key=lambda row: row.due)
    if not plan.tasks:
        return None
    return {"rows": near[:6], "more": max(len(near) - 6, 0)}


@tile("plan/tiles/readiness.html", 40)
def what_is_missing(campaign: Campaign, user: User) -> dict[str, Any] | None:
    if not campaign.is_planned:
        return None
    return {"readiness": glance(campaign)}


@tile("plan/tiles/budget.html", 50, "budget.see")
def money(campaign: Campaign, user: User) -> dict[str, Any] | None:
    if not campaign.total_budget:
        return None
    return {"standing": standing(campaign)}


@tile("plan/tiles/activity.html", 60)
def activity(campaign: Campaign, user: User) -> dict[str, Any]:
    return {"changes": changes_of(campaign)[:5]}
