"""Writes a proposal into a campaign's budget, in one step that can be taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.budget.actions import set_lines
from muster.plan.budget.models import BudgetLine
from muster.plan.budget.rules import CENT
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.models import Campaign
from muster.plan.frugal.proposing import Channel, Proposal, known, propose
from muster.team.changes.actions import as_one
from muster.team.changes.models import Change
from muster.team.users.models import User


@transaction.atomic
def take_over(campaign: Campaign, amount: Decimal, *, by: User) -> Change:
    """The sum becomes the total, and the proposal its lines; the present lines give way.

    Lines that count themselves stay. Refused after the launch, where money is booked on a line, and
    where too little is known.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    past = known(campaign)
    found = propose(campaign, amount, past)
    if found is None and past.is_enough:
        raise Refused(
            _("No channel earned back what it cost, so there is nothing to propose."),
            code="no_return",
        )
    if found is None:
        raise Refused(
            _(
                "Fewer than two channels have brought back numbers in two ended campaigns each, so "
                "there is nothing to propose yet."
            ),
            code="not_enough",
        )
    total = edit_campaign(campaign, {"total_budget": amount}, by=by)
    campaign.refresh_from_db()
    split = set_lines(campaign, _lines(found), by=by)
    return as_one([total, split]) or split


def _expected(one: Channel) -> Decimal | None:
    """What it brings if each unit goes on bringing what it brought, where that can be said."""
    if one.is_beyond:
        return None
    return (one.part.planned * (1 + one.record.roi)).quantize(CENT)


def _lines(found: Proposal) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [
        {
            "category": one.part.category,
            "label": channel_name(one.part.channel),
            "channel": one.part.channel,
            "planned": one.part.planned,
            "core": one.part.core,
            "expected_return": _expected(one),
        }
        for one in found.channels
    ]
    lines += [
        {
            "category": part.category,
            "label": part.title or str(BudgetLine.Category(part.category).label),
            "planned": part.planned,
        }
        for part in found.kept
    ]
    # The smallest sums leave nothing for a channel.
    return [line for line in lines if line["planned"]]
