"""Beginning a campaign with everything that is known of it: goals and budget in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from muster.plan.budget.actions import set_lines, split_by_suggestion
from muster.plan.campaigns.actions import create_campaign
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.actions import set_goal
from muster.plan.overview.models import SavedView
from muster.plan.starting.actions import Wanted, made, start_from
from muster.plan.starting.rules import Template
from muster.team.users.models import User


@transaction.atomic
def start_campaign(
    *,
    name: str,
    starts: date,
    ends: date,
    currency: str,
    by: User,
    goals: Sequence[Mapping[str, Any]] = (),
    lines: Sequence[Mapping[str, Any]] | None = None,
    total_budget: Decimal = Decimal(0),
    **fields: Any,
) -> Campaign:
    """A new campaign with its goals and its budget, all or nothing.

    Without `lines` the total is split as the planning method suggests.
    """
    campaign = create_campaign(
        name=name,
        starts=starts,
        ends=ends,
        currency=currency,
        by=by,
        total_budget=total_budget,
        **fields,
    )
    for place, goal in enumerate(goals):
        set_goal(campaign, goal, by=by, at=f"/goals/{place}")
    if lines is not None:
        set_lines(campaign, lines, by=by)
    elif campaign.total_budget:
        split_by_suggestion(campaign, by=by)
    return campaign


@transaction.atomic
def start_from_template(
    template: Template,
    fields: Mapping[str, Any],
    *,
    by: User,
    goals: Sequence[Mapping[str, Any]] = (),
    lines: Sequence[Mapping[str, Any]] | None = None,
) -> Campaign:
    """A new campaign as a template has it; goals and lines that are given win over its own."""
    asked = {name: fields[name] for name in ("name", "starts", "ends", "currency")}
    wanted = Wanted(
        **asked,
        owner=fields.get("owner", by),
        total_budget=fields.get("total_budget", Decimal(0)),
        goal=goals[0] if goals else None,
        fields={name: value for name, value in fields.items() if name not in {*asked, *_OWN}},
    )
    campaign = made(start_from(template, wanted, by=by))
    for place, goal in enumerate(goals[1:], 1):
        set_goal(campaign, goal, by=by, at=f"/goals/{place}")
    if lines is not None:
        set_lines(campaign, lines, by=by)
    return campaign


_OWN = ("owner", "total_budget")


def keep_view(name: str, query: str, *, by: User, shared: bool = False) -> SavedView:
    """Keep a view of the list under a name; one's own of the same name is replaced."""
    view, _made = SavedView.objects.update_or_create(
        by=by, name=" ".join(name.split())[:60], defaults={"query": query, "shared": shared}
    )
    return view
