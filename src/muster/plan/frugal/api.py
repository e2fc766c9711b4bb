"""Small-budget mode in the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.budget.api import shown_budget
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import MoneyIn, amount_of, money, plain
from muster.plan.frugal import actions
from muster.plan.frugal.proposing import known, propose
from muster.plan.frugal.rules import Part, Record
from muster.team.bodies import Strict
from muster.team.tokens.auth import demand, scope

router = Router(tags=["campaigns"])


class SmallBudgetIn(Strict):
    """The sum that there is."""

    amount: MoneyIn | Decimal


def _record(one: Record, currency: str) -> dict[str, Any]:
    return {
        "channel": one.channel,
        "campaigns": one.n,
        "cost": money(one.cost, currency),
        "revenue": money(one.revenue, currency),
        "roi": plain(round(one.roi, 4)),
        "roi_least": plain(round(one.least, 4)),
        "roi_most": plain(round(one.most, 4)),
    }


def _part(part: Part, currency: str) -> dict[str, Any]:
    return {
        "category": part.category,
        "channel": part.channel or None,
        "core": part.core,
        "planned": money(part.planned, currency),
    }


@router.get("/{campaign_id}/budget/small", auth=scope("budget:read"), response=dict[str, Any])
def propose_small(request: HttpRequest, campaign_id: str, amount: Decimal) -> dict[str, Any]:
    """The two or three channels that brought most, and how the sum is split.

    `lines` is null where fewer than two channels have numbers of two ended campaigns each.
    """
    demand(request, "reports:read")
    campaign = of_call(request, campaign_id)
    found = known(campaign)
    proposal = propose(campaign, amount, found)
    return {
        "campaigns": found.campaigns,
        "other_currencies": found.apart,
        "channels": [_record(one, campaign.currency) for one in found.records],
        "lines": [_part(part, campaign.currency) for part in proposal.parts] if proposal else None,
    }


@router.post("/{campaign_id}/budget/small", auth=scope("budget:write"), response=dict[str, Any])
def take_over_small(request: HttpRequest, campaign_id: str, body: SmallBudgetIn) -> dict[str, Any]:
    """Make the sum the total and the proposal its lines; answers with the budget."""
    demand(request, "reports:read")
    campaign = of_call(request, campaign_id)
    amount = amount_of(body.amount, campaign.currency, "/amount")
    actions.take_over(campaign, amount, by=caller(request))
    return shown_budget(of_call(request, campaign_id))
