"""The checks before the launch (S09): what is missing, who answers for what, and the launch."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit.errors import NotFound
from muster.plan.campaigns.answers import said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.readiness import actions
from muster.plan.readiness.checks import Answer, asked_now, glance
from muster.plan.readiness.written import Writer
from muster.team.changes.offering import latest
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/readiness/readiness.html"
CARD = "plan/readiness/card.html"


@allow("campaigns.see")
def readiness(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Every check, as of now; the brief shows the same as a card."""
    campaign = of_page(request, campaign_id)
    shown = _shown(request, campaign)
    if request.htmx:
        template = CARD if "card" in request.GET else f"{PAGE}#checks"
        return render(request, template, {"campaign": campaign, **shown})
    return render(request, PAGE, page(campaign, request.user, "brief/readiness", **shown))


@allow("campaigns.see")
def waive(request: TeamRequest, campaign_id: int, check: str) -> HttpResponse:
    """Ask for the reason (GET), and write it down (POST)."""
    campaign = of_page(request, campaign_id)
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        waiver = actions.waive(campaign, check, reason, by=request.user)
        text = _("Waived. It stays in sight, with your name.")
        change = latest(waiver, request.user)
        return close_dialog(said(HttpResponse(status=204), text, change))
    answer = glance(campaign).answer(check)
    if answer is None:
        raise NotFound
    context = {"campaign": campaign, "answer": answer}
    return render(request, "plan/readiness/waive.html", context)


@allow("campaigns.see")
@require_POST
def confirm(request: TeamRequest, campaign_id: int, check: str) -> HttpResponse:
    """Say that it is done."""
    campaign = of_page(request, campaign_id)
    waiver = actions.confirm(campaign, check, request.POST.get("note", ""), by=request.user)
    change = latest(waiver, request.user)
    return said(HttpResponse(status=204), _("Noted, with your name."), change)


@allow("campaigns.see")
@require_POST
def revoke(request: TeamRequest, campaign_id: int, check: str) -> HttpResponse:
    """Let the check count again."""
    campaign = of_page(request, campaign_id)
    change = actions.revoke(campaign, check, by=request.user)
    return said(HttpResponse(status=204), _("The check counts again."), change)


@allow("campaigns.edit")
@require_POST
def launch(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Start a ready campaign; what blocks it is listed above the page."""
    campaign = of_page(request, campaign_id)
    change = actions.launch(campaign, by=request.user)
    text = _("“%(name)s” is running.") % {"name": campaign.name}
    return said(HttpResponse(status=204), text, change)


def _shown(request: TeamRequest, campaign: Campaign) -> dict[str, Any]:
    user = request.user
    is_open = campaign.may_be_planned
    answers_all = is_open and (user.role in {"owner", "admin"} or campaign.owner_id == user.pk)
    has_a = is_open and actions.is_accountable(campaign, user)
    found = asked_now(campaign)
    by_hand = [one.question for one in found.answers if one.question.by_hand]
    confirmable = {
        question.key
        for question in by_hand
        if is_open and actions.may_confirm(campaign, user, question, accountable=has_a)
    }

    def may_waive(answer: Answer) -> bool:
        if not (answer.question.may_be_waived and campaign.is_planned):
            return False
        return answers_all or (has_a and not answer.blocks)

    write = Writer(campaign, confirmable=confirmable, may_waive=may_waive)
    return {
        "readiness": found,
        "groups": [(title, write.answers(answers)) for title, answers in found.groups()],
        "only_open": "open" in request.GET,
        "may_waive_blocks": answers_all,
        "confirmable": confirmable,
    }
