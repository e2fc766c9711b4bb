"""Parts of the brief that change goals (S09)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns import days
from muster.plan.campaigns.answers import CHANGED, explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.goals import actions, fixes
from muster.plan.goals.draft_page import shown_draft
from muster.plan.goals.facts import metric_of
from muster.plan.goals.forms import GoalForm
from muster.plan.goals.meter import card
from muster.plan.goals.models import Goal
from muster.plan.goals.shown import written
from muster.plan.goals.solver_page import solved
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
@require_POST
def read(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """What a sentence says, and what SMART would say of it; nothing is set yet."""
    campaign = of_page(request, campaign_id)
    sentence = request.POST.get("sentence", "")[:300]
    context = {"campaign": campaign, "draft": shown_draft(campaign, sentence, days.today())}
    return render(request, "plan/brief/sentence.html#draft", context)


@allow("campaigns.edit")
@require_POST
def set_sentence(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Set a goal from a sentence."""
    campaign = of_page(request, campaign_id)
    sentence = request.POST.get("sentence", "")[:300]
    goal = actions.set_goal_from_sentence(campaign, sentence, by=request.user, today=days.today())
    place = reverse("plan:brief", args=[campaign.pk]) + f"#{goal.public_id}"
    return redirect(place)


@allow("campaigns.edit")
@require_POST
def fix(request: TeamRequest, campaign_id: int, goal_id: int) -> HttpResponse:
    """Mend one letter of a goal with one click, and show the goal as it is then."""
    campaign = of_page(request, campaign_id)
    goal = get_object_or_404(Goal, pk=goal_id, campaign=campaign)
    do, value = request.POST.get("do", ""), request.POST.get("value", "")
    change = fixes.fix(goal, do, value, by=request.user, today=days.today())
    context = {"campaign": campaign, "card": card(campaign, goal), "may_edit": True}
    return said(render(request, "plan/brief/goal.html", context), _("The goal is mended."), change)


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
    change = actions.drop_goal(goal, by=request.user)
    return said(HttpResponse(), _("The goal is gone."), change)


@allow("campaigns.see")
def solver(request: TeamRequest, campaign_id: int, goal_id: int) -> HttpResponse:
    """How many people the goal needs, and how a gap can be closed."""
    campaign = of_page(request, campaign_id)
    goal = get_object_or_404(Goal, pk=goal_id, campaign=campaign)
    target = written(goal.target, metric_of(goal), campaign.currency)
    context = {"found": solved(campaign, goal), "target": target}
    return render(request, "plan/brief/solver.html", context)
