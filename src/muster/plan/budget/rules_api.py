"""The rules of all budgets, and what other currencies are worth, in the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.budget.exchange import set_rates
from muster.plan.budget.models import ExchangeRate
from muster.plan.budget.policy import as_data, kept, policy, set_policy
from muster.plan.campaigns.found import caller
from muster.team.bodies import Strict
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["budget"])


class BudgetRuleIn(Strict):
    """A rule: which part of the total the money for something may be."""

    key: str
    of: str
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1)
    blocks: bool = False
    title: str = ""


class RulesIn(Strict):
    """What is left out stays as it is."""

    rules: list[BudgetRuleIn] = []
    move_limit: Decimal = Decimal(0)
    release_limit: Decimal = Decimal(0)
    alerts: list[int] = []
    prices: dict[str, Decimal] = {}
    rates: dict[str, Decimal] = {}


class RateIn(Strict):
    """What one unit of `currency` is in `base` on that day."""

    day: date
    currency: str
    base: str
    rate: Decimal


@router.get("/rules", auth=scope("budget:read"), response=dict[str, Any])
def read_rules(request: HttpRequest) -> dict[str, Any]:
    """The workspace's rules, limits and prices; rates of labour for those who may see them."""
    return _shown(caller(request))


@router.patch("/rules", auth=scope("settings:manage"), response=dict[str, Any])
def change_rules(request: HttpRequest, body: RulesIn) -> dict[str, Any]:
    """Change rules, limits or prices; given rules take the place of all present ones."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "rules" in changes:
        changes["shares"] = [rule.dict() for rule in changes.pop("rules")]
    set_policy(changes, by=caller(request))
    return _shown(caller(request))


@router.get("/rates", auth=scope("budget:read"), response=dict[str, Any])
def list_rates(request: HttpRequest) -> dict[str, Any]:
    """The latest 500 exchange rates."""
    rows = ExchangeRate.objects.all()[:500]
    return {
        "items": [
            {"day": r.day, "currency": r.currency, "base": r.base, "rate": str(r.rate.normalize())}
            for r in rows
        ]
    }


@router.post("/rates", auth=scope("budget:write"), response={201: dict[str, Any]})
def enter_rates(request: HttpRequest, body: list[RateIn]) -> dict[str, Any]:
    """Enter exchange rates; what was locked with an earlier one stays."""
    rows = [(one.day, one.currency.upper(), one.base.upper(), one.rate) for one in body[:5000]]
    return {"rates": set_rates(rows, by=caller(request))}


def _shown(user: User) -> dict[str, Any]:
    row, asked = kept(), policy()
    shown: dict[str, Any] = {
        "rules": [as_data(share) for share in asked.shares],
        "move_limit": str(row.move_limit.normalize()),
        "release_limit": str(row.release_limit.normalize()),
        "alerts": row.alerts,
        "prices": row.prices,
    }
    if user.may("budget.rates"):
        shown["rates"] = row.rates
    return shown
