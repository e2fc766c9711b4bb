"""The brief (S09): goals with their SMART meter, strategy, and what is missing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid
from muster.plan.approvals.models import open_request
from muster.plan.brief import actions
from muster.plan.brief.forms import BriefForm
from muster.plan.brief.review import KIND
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.answers import CHANGED, explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.page import page
from muster.plan.goals.actions import MOST
from muster.plan.goals.cascade import channel_kpis
from muster.plan.goals.meter import card
from muster.plan.readiness import checks
from muster.team.changes.conflict import Clash, ask, settled, since_of
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import trigger

PAGE = "plan/brief/brief.html"


@allow("campaigns.see")
def brief(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page."""
    campaign = of_page(request, campaign_id)
    goals = [
        card(campaign, goal) for goal in campaign.goals.select_related("campaign", "objective")
    ]
    context = page(
        campaign,
        request.user,
        "brief/goals",
        goals=goals,
        may_add=len(goals) < MOST and campaign.may_be_planned,
        form=BriefForm.of(campaign),
        kpis=channel_kpis(campaign),
        readiness=checks.glance(campaign),
        opened=timezone.now(),
    )
    context["may_edit"] = context["may_edit"] and campaign.may_be_planned
    return render(request, PAGE, context)


@allow("campaigns.edit")
@require_POST
def strategy(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Save the brief as it is typed."""
    campaign = of_page(request, campaign_id)
    form = BriefForm.of(campaign, request.POST)
    clashes: list[Clash] = []
    if form.is_valid():
        since = since_of(request)
        try:
            typed = form.cleaned_data
            with settled(campaign, typed, since=since, by=request.user) as (fields, clashes):
                edit_campaign(campaign, fields, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
    if clashes:
        return ask(request, clashes, "brief-form")
    context = {"form": form, "campaign": campaign}
    if form.errors:
        return render(request, f"{PAGE}#problems", context, status=422)
    return trigger(render(request, f"{PAGE}#problems", context), CHANGED, {})


@allow("campaigns.edit")
@require_POST
def submit(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Ask for approval of the plan."""
    campaign = of_page(request, campaign_id)
    actions.submit(campaign, by=request.user, note=request.POST.get("note", ""))
    return said(HttpResponse(status=204), _("Approval is asked for."))


@allow("campaigns.edit")
@require_POST
def rework(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Take the plan back to work on it."""
    campaign = of_page(request, campaign_id)
    actions.rework(campaign, by=request.user)
    return said(HttpResponse(status=204), _("The plan is open for work again."))


@allow("campaigns.see")
def open_review(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """To the review of this plan, if there is one."""
    campaign = of_page(request, campaign_id)
    asked = open_request(KIND, campaign.pk)
    if asked is None:
        return redirect("plan:brief", campaign_id=campaign.pk)
    return redirect("plan:review", approval_id=asked.pk)
