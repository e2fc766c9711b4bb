"""Campaigns in the API: list, begin, read, change, and take the next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router
from pydantic import AliasChoices

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget.api import LineIn, line_fields
from muster.plan.campaigns import actions as campaigns
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import STEPS
from muster.plan.campaigns.schemas import MoneyIn, amount_of, colleague, money, person
from muster.plan.goals.api import GoalIn, fields_of
from muster.plan.goals.api import shown as shown_goal
from muster.plan.overview import actions
from muster.plan.starting.actions import check_start
from muster.plan.starting.api import named
from muster.team.bodies import Strict
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import demand, has_scope, scope
from muster.team.users.models import Workspace

router = Router(tags=["campaigns"])


class CampaignPatch(Strict):
    """The fields of a campaign; those that are left out stay as they are."""

    name: str = ""
    strategy: str = ""
    starts: date | None = None
    ends: date | None = None
    currency: str = ""
    total_budget: MoneyIn | Decimal = Field(
        Decimal(0), validation_alias=AliasChoices("total_budget", "budget")
    )
    owner: str = ""
    message: str = ""
    value_proposition: str = ""
    audience: str = ""
    channels: list[str] = []
    competitors: str = ""
    difference: str = ""
    not_doing: str = ""
    holdout: str = ""


class CampaignIn(CampaignPatch):
    """A new campaign, with its goals and budget lines if they are known.

    A `template` (see `/templates`) fills in the rest: tasks, duties, risks, touchpoints and what
    is left out here; the first goal is then the main one.
    """

    name: str
    starts: date
    ends: date | None = None
    template: str = ""
    goals: list[GoalIn] = []
    lines: list[LineIn] | None = None


def fields_given(request: HttpRequest, body: CampaignPatch, currency: str) -> dict[str, Any]:
    """The fields that the caller gave, as the actions take them."""
    given = body.model_fields_set & set(CampaignPatch.model_fields)
    fields = {name: getattr(body, name) for name in given}
    if fields.get("owner"):
        fields["owner"] = colleague(fields["owner"], "/owner")
    else:
        fields.pop("owner", None)
    if "total_budget" in fields:
        demand(request, "budget:write")
        fields["total_budget"] = amount_of(fields["total_budget"], currency, "/total_budget")
    return {name: value for name, value in fields.items() if value is not None}


def shown(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """A campaign as the API speaks of it."""
    may_see_money = has_scope(request, "budget:read")
    return {
        "id": campaign.public_id,
        "name": campaign.name,
        "status": campaign.status,
        "strategy": campaign.strategy,
        "starts": campaign.starts,
        "ends": campaign.ends,
        "currency": campaign.currency,
        "total_budget": money(campaign.total_budget, campaign.currency) if may_see_money else None,
        "owner": person(campaign.owner),
        "message": campaign.message,
        "value_proposition": campaign.value_proposition,
        "audience": campaign.audience,
        "channels": campaign.channels,
        "competitors": campaign.competitors,
        "difference": campaign.difference,
        "not_doing": campaign.not_doing,
        "holdout": campaign.holdout,
        "goals": [shown_goal(goal) for goal in campaign.goals.all()],
        "created_at": campaign.created_at,
    }


@router.get("", auth=scope("campaigns:read"), response=Page[dict[str, Any]])
def list_campaigns(
    request: HttpRequest, paging: Query[Paging], status: str = "", q: str = ""
) -> dict[str, object]:
    """The campaigns, newest first; `status` and a part of the name (`q`) narrow them down."""
    rows = Campaign.objects.visible_to(caller(request)).select_related("owner")
    rows = rows.prefetch_related("goals__owner")
    if status:
        rows = rows.filter(status=status)
    if q:
        rows = rows.filter(name__icontains=q)
    return page(rows, paging, lambda campaign: shown(request, campaign))


@router.post("", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def start_campaign(request: HttpRequest, body: CampaignIn) -> dict[str, Any]:
    """Begin a campaign; without `lines` the total is split as the method or template suggests."""
    template = named(body.template) if body.template else None
    ends = body.ends
    if template is not None:
        check_start(body.starts)
    if ends is None and template is not None:
        ends = body.starts + timedelta(days=template.days - 1)
    if ends is None:
        raise Invalid.at("/ends", "missing", _("Say which day is the last one."))
    currency = body.currency or Workspace.here().currency
    fields = fields_given(request, body, currency) | {"currency": currency, "ends": ends}
    lines = None
    if body.lines is not None:
        draft = Campaign(currency=currency)
        lines = [line_fields(line, draft, at=f"/lines/{at}") for at, line in enumerate(body.lines)]
    goals = [fields_of(goal, f"/goals/{at}") for at, goal in enumerate(body.goals)]
    if template is None:
        campaign = actions.start_campaign(**fields, goals=goals, lines=lines, by=caller(request))
    else:
        campaign = actions.start_from_template(
            template, fields, goals=goals, lines=lines, by=caller(request)
        )
    return shown(request, campaign)


@router.get("/{campaign_id}", auth=scope("campaigns:read"), response=dict[str, Any])
def get_campaign(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """One campaign."""
    return shown(request, of_call(request, campaign_id))


@router.patch("/{campaign_id}", auth=scope("campaigns:write"), response=dict[str, Any])
def edit_campaign(request: HttpRequest, campaign_id: str, body: CampaignPatch) -> dict[str, Any]:
    """Change some fields; all others stay exactly as they are."""
    campaign = of_call(request, campaign_id)
    fields = fields_given(request, body, body.currency or campaign.currency)
    campaigns.edit_campaign(campaign, fields, by=caller(request))
    return shown(request, campaign)


@router.delete("/{campaign_id}", auth=scope("campaigns:write"), response={204: None})
def delete_campaign(request: HttpRequest, campaign_id: str) -> None:
    """Put a campaign away."""
    campaigns.delete_campaign(of_call(request, campaign_id), by=caller(request))


def _step(name: str) -> Callable[[HttpRequest, str], dict[str, Any]]:
    def take(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
        campaign = of_call(request, campaign_id)
        campaigns.take_step(campaign, name, by=caller(request))
        return shown(request, campaign)

    take.__name__ = f"{name}_campaign"
    take.__doc__ = f"Take the step “{name}” of a campaign's life."
    return take


for _name in STEPS:
    router.post(
        f"/{{campaign_id}}/{_name}", auth=scope("campaigns:write"), response=dict[str, Any]
    )(_step(_name))
