"""Moves, releases and raises in the API, and how a budget stands to the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router
from pydantic import AliasChoices

from muster.plan.budget.api import shown_budget
from muster.plan.budget.models import BudgetMove
from muster.plan.budget.moves import move_money, raise_total, request_of, reverse_move
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import MoneyIn, amount_of, money, person
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class BudgetMoveIn(Strict):
    """Money from one line (`from`) to another (`to`)."""

    source: str = Field(validation_alias=AliasChoices("from", "source"))
    target: str = Field(validation_alias=AliasChoices("to", "target"))
    amount: MoneyIn | Decimal
    reason: str


class ReleaseIn(BudgetMoveIn):
    """Money out of a vault."""

    reason_class: str


class RaiseIn(Strict):
    """More money than the total."""

    target: str = Field(validation_alias=AliasChoices("to", "target"))
    amount: MoneyIn | Decimal
    reason: str


def shown_move(move: BudgetMove) -> dict[str, Any]:
    """A move as the API speaks of it."""
    request = request_of(move) if move.state == BudgetMove.State.ASKED else None
    return {
        "id": move.public_id,
        "kind": move.kind,
        "from": move.source.public_id if move.source else None,
        "to": move.target.public_id,
        "amount": money(move.amount, move.campaign.currency),
        "reason": move.reason,
        "reason_class": move.reason_class or None,
        "state": move.state,
        "approval": request.public_id if request else None,
        "by": person(move.by),
        "agreed_by": person(move.agreed_by),
        "at": move.at,
        "posted_at": move.posted_at,
        "reverses": move.reverses.public_id if move.reverses else None,
        "reversed_by": move.reversed_by.public_id if move.is_reversed else None,
    }


def _moves(campaign: Campaign) -> QuerySet[BudgetMove]:
    return campaign.budget_moves.select_related(
        "campaign", "source", "target", "by", "agreed_by", "reverses", "reversed_by"
    )


@router.get("/{campaign_id}/budget/moves", auth=scope("budget:read"), response=Page[dict[str, Any]])
def list_moves(request: HttpRequest, campaign_id: str, paging: Query[Paging]) -> dict[str, object]:
    """All moves, releases, returns and raises, newest first."""
    return page(_moves(of_call(request, campaign_id)), paging, shown_move)


@router.post(
    "/{campaign_id}/budget/moves", auth=scope("budget:write"), response={201: dict[str, Any]}
)
def make_move(request: HttpRequest, campaign_id: str, body: BudgetMoveIn) -> dict[str, Any]:
    """Move planned money; above the workspace's limit it waits for an approval (`state` asked)."""
    return _moved(request, campaign_id, body, "")


@router.get(
    "/{campaign_id}/budget/releases", auth=scope("budget:read"), response=Page[dict[str, Any]]
)
def list_releases(
    request: HttpRequest, campaign_id: str, paging: Query[Paging]
) -> dict[str, object]:
    """What left the vaults and what went back, newest first."""
    kinds = (BudgetMove.Kind.RELEASE, BudgetMove.Kind.RETURN)
    return page(_moves(of_call(request, campaign_id)).filter(kind__in=kinds), paging, shown_move)


@router.post(
    "/{campaign_id}/budget/releases", auth=scope("budget:write"), response={201: dict[str, Any]}
)
def make_release(request: HttpRequest, campaign_id: str, body: ReleaseIn) -> dict[str, Any]:
    """Release money from a vault, for an `emergency` or an `opportunity`."""
    return _moved(request, campaign_id, body, body.reason_class)


@router.post(
    "/{campaign_id}/budget/raises", auth=scope("budget:write"), response={201: dict[str, Any]}
)
def ask_raise(request: HttpRequest, campaign_id: str, body: RaiseIn) -> dict[str, Any]:
    """Ask for more than the total; it always waits for an approval."""
    campaign = of_call(request, campaign_id)
    target = found(campaign.lines.all(), "line", body.target)
    amount = amount_of(body.amount, campaign.currency, "/amount")
    made = raise_total(campaign, target, amount, by=caller(request), reason=body.reason)
    return shown_move(made)


@router.post(
    "/{campaign_id}/budget/moves/{move_id}/reverse",
    auth=scope("budget:write"),
    response={201: dict[str, Any]},
)
def undo_move(request: HttpRequest, campaign_id: str, move_id: str) -> dict[str, Any]:
    """Undo a move by a counter pair."""
    move = found(_moves(of_call(request, campaign_id)), "move", move_id)
    return shown_move(reverse_move(move, by=caller(request)))


@router.get("/{campaign_id}/budget/rules", auth=scope("budget:read"), response=dict[str, Any])
def list_rules(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """How this budget stands to each rule, with the exact sum that is needed."""
    return {"rules": shown_budget(of_call(request, campaign_id))["rules"]}


def _moved(
    request: HttpRequest, campaign_id: str, body: BudgetMoveIn, reason_class: str
) -> dict[str, Any]:
    campaign = of_call(request, campaign_id)
    made = move_money(
        campaign,
        found(campaign.lines.all(), "line", body.source),
        found(campaign.lines.all(), "line", body.target),
        amount_of(body.amount, campaign.currency, "/amount"),
        by=caller(request),
        reason=body.reason,
        reason_class=reason_class,
    )
    return shown_move(made)
