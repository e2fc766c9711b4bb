"""Parts of the brief that change goals (S09)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import CHANGED, explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.goals import actions
from muster.plan.goals.forms import GoalForm
from muster.plan.goals.meter import card
from muster.plan.goals.models import Goal
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import trigger
from muster.warehouse.metrics import METRICS

_FIRST = "buyers"


@allow("campaigns.edit")
@require_POST
def add(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """One more goal, to be filled in on the page."""
    campaign = of_page(request, campaign_id)
    taken = set(campaign.goals.values_list("metric", flat=True))
    metric = next((key for key in (_FIRST, *METRICS) if key not in taken), _FIRST)
    checkpoints = actions.suggested_checkpoints(campaign.starts, campaign.ends)
    fields = {"metric": metric, "target": 1, "checkpoints": checkpoints}
    actions.set_goal(campaign, fields, by=request.user)
    response = redirect("plan:brief", campaign_id=campaign.pk)
    response["Location"] += "#goals"
    return response


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def edit(request: TeamRequest, campaign_id: int, goal_id: int) -> HttpResponse:
    """Save a goal as it is typed, and show what SMART says of it."""
    campaign = of_page(request, campaign_id)
    goal = get_object_or_404(Goal, pk=goal_id, campaign=campaign)
    form = GoalForm.of(goal, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_goal(goal, form.fields_for_goal(), by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
            goal.refresh_from_db()
    context = {"campaign": campaign, "card": card(campaign, goal, form), "may_edit": True}
    status = 422 if form.errors else 200
    response = render(request, "plan/brief/goal.html#meter", context, status=status)
    return response if form.errors else trigger(response, CHANGED, {})


@allow("campaigns.edit")
@require_POST
def drop(request: TeamRequest, campaign_id: int, goal_id: int) -> HttpResponse:
    """Take a goal away."""
    campaign = of_page(request, campaign_id)
    goal = get_object_or_404(Goal, pk=goal_id, campaign=campaign)
    actions.drop_goal(goal, by=request.user)
    return said(HttpResponse(), _("The goal is gone."))
