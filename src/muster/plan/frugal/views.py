"""Small-budget mode (PL13): a sum, the channels it should go to, and one click to plan it so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.answers import said
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.fields import read_number
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.page import page
from muster.plan.frugal import actions
from muster.plan.frugal.proposing import check_amount, known, propose
from muster.plan.frugal.rules import LEAST_CAMPAIGNS
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.permissions import allow

PAGE = "plan/frugal/frugal.html"


@allow("budget.see")
def frugal(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page; what has to be measured follows it."""
    campaign = of_page(request, campaign_id)
    _check(request)
    typed = request.GET.get("amount", "").strip()
    if not request.htmx:
        asked = typed or _plain(campaign.total_budget)
        return render(request, PAGE, page(campaign, request.user, "budget/frugal", amount=asked))
    context: dict[str, Any] = {"campaign": campaign}
    if typed:
        amount = _amount(typed)
        found = known(campaign)
        proposal = propose(campaign, amount, found)
        context |= {
            "found": found,
            "proposal": proposal,
            "channels": [
                (channel_name(one.record.channel), one, one.part.planned / amount)
                for one in (proposal.channels if proposal else ())
            ],
            "kept": [
                (
                    part.title or BudgetLine.Category(part.category).label,
                    part.planned / amount,
                    part,
                )
                for part in (proposal.kept if proposal else ())
            ],
            "records": [(channel_name(one.channel), one) for one in found.records],
            "least": LEAST_CAMPAIGNS,
            "lines": campaign.lines.filter(auto="").count(),
            "may_write": request.user.may("budget.edit") and campaign.is_planned,
        }
    return render(request, f"{PAGE}#proposal", context)


@allow("budget.edit")
@require_POST
def take_over(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Write the proposal into the budget."""
    campaign = of_page(request, campaign_id)
    _check(request)
    change = actions.take_over(campaign, _amount(request.POST.get("amount", "")), by=request.user)
    text = gettext("The proposal is the budget of “%(name)s” now.") % {"name": campaign}
    return said(HttpResponse(status=204), text, change, request.user)


def _check(request: TeamRequest) -> None:
    """What campaigns brought is for those who see results."""
    if not request.user.may("insights.see"):
        raise lacking("insights.see")


def _amount(text: str) -> Decimal:
    amount = read_number(text.strip())
    if amount is None:
        raise Invalid.at(
            "/amount", "no_number", _("Write the sum as a number, such as 30,000 or 3万.")
        )
    check_amount(amount)
    return amount


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else ""
