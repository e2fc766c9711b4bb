"""What the budget forbids when a campaign is changed elsewhere, and what its close brings (PL3)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.budget.actions import LOCKED, opened, replan, spoken
from muster.plan.budget.models import BudgetLine, LineMonth, bound
from muster.plan.budget.moves import give_out_again, return_unspent
from muster.plan.budget.phasing import months
from muster.plan.campaigns.actions import after_move, check_change, check_still_open, guard
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import before_undo
from muster.team.changes.keeping import CHANGED, put_back
from muster.team.changes.models import Change
from muster.team.users.models import User


@guard
def total_holds(campaign: Campaign, before: Mapping[str, Any]) -> None:
    """The total stays above what is bound, and grows after the launch by an approval only."""
    if "currency" in before and campaign.lines.exclude(currency="").exists():
        raise Invalid.at(
            "/currency",
            "lines_converted",
            _("Lines are converted into %(currency)s, so the currency has to stay."),
            currency=before["currency"],
        )
    if "total_budget" not in before:
        return
    now = bound([campaign.pk]).get(campaign.pk)
    if now is not None and now.total > campaign.total_budget:
        raise Invalid.at(
            "/total_budget",
            "under_bound",
            _("%(bound)s is promised or spent already, so the total cannot be less."),
            bound=spoken(campaign, now.total),
        )
    if not campaign.is_planned and campaign.total_budget > before["total_budget"]:
        raise Invalid.at(
            "/total_budget",
            "needs_approval",
            _(
                "After the launch the total grows by an approval only. Ask for it on the "
                "budget page."
            ),
        )


@before_undo("plan.campaign")
def total_stays(change: Change, fields: Mapping[str, Any], by: User) -> None:
    """An undo passes the same guard as an edit."""
    campaign = Campaign.objects.select_for_update().get(pk=change.object_id)
    if change.verb == "edited":
        check_still_open(campaign)
    if change.verb == "moved" and campaign.status == Campaign.Status.ENDED:
        give_out_again(campaign, by=by)
    columns = {name: Campaign._meta.get_field(name).attname for name in fields}  # type: ignore[union-attr]
    before = {name: getattr(campaign, column) for name, column in columns.items()}
    months_now = set(months(campaign.starts, campaign.ends))
    for name, column in columns.items():
        setattr(campaign, column, fields[name])
    check_change(campaign, before)
    lost = months_now - set(months(campaign.starts, campaign.ends))
    if LineMonth.objects.filter(line__campaign=campaign, month__in=lost, planned__gt=0).exists():
        raise Refused(CHANGED)


@before_undo("plan.budgetline")
def plan_balances(change: Change, fields: Mapping[str, Any], by: User) -> None:
    """An undone plan is written into the ledger like any other."""
    line = BudgetLine.objects.get(pk=change.object_id)
    campaign = opened(line.campaign)
    if not campaign.is_planned and fields.keys() & set(LOCKED):
        raise Refused(
            _("The campaign was launched since: its plan stays as it was approved."),
            code="launched",
        )
    if "planned" not in fields:
        return
    line.refresh_from_db()
    trimmed = change.details.get("months", [])
    given = list(line.months.values_list("planned", flat=True))
    # Months that were planned since would go with the undone sum, or stand in the way.
    if sum(given, Decimal(0)) > fields["planned"] or (given and trimmed):
        raise Refused(CHANGED)
    replan(line, Decimal(fields["planned"]), by=by)
    put_back(trimmed, change.label)


@after_move
def give_back(campaign: Campaign, after: str, by: User | None) -> None:
    """When a campaign ends, unspent releases go back to their vault."""
    if after == Campaign.Status.ENDED:
        return_unspent(campaign, by=by)
