"""The results of a campaign as the API tells them; pages show the same numbers (ME1, ME3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from muster.experiment.significance import Lift
from muster.kit.money import Money
from muster.measure.results.numbers import Cost, Figure, GoalNow, Group, Results


def as_json(results: Results, *, with_money: bool = True) -> dict[str, Any]:
    """The answer of `GET /campaigns/{id}/results`; without the right to see budgets no cost."""
    currency = results.currency
    return {
        "campaign": results.campaign.public_id,
        "from": results.start,
        "to": results.end,
        "goals": [_goal(goal) for goal in results.goals],
        "cost": _money(results.cost.total, currency) if with_money else None,
        "cost_parts": _parts(results.cost, currency) if with_money else None,
        "revenue": _money(results.revenue, currency),
        "revenue_apart": {
            code: Money(amount, code).as_json() for code, amount in results.apart.items()
        },
        "orders": results.orders,
        "buyers": results.buyers,
        "roi": results.roi if with_money else None,
        "funnel": [{"step": step.name, "people": step.people} for step in results.funnel],
        "groups": [_group(group) for group in results.groups],
        "attribution": results.attribution.as_json(),
        "as_of": results.as_of,
    }


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return Money(amount, currency).as_json()


def _parts(cost: Cost, currency: str) -> dict[str, dict[str, str]]:
    parts = {category: _money(amount, currency) for category, amount in cost.by_category.items()}
    return {**parts, "discounts_given": _money(cost.discounts, currency)}


def _goal(now: GoalNow) -> dict[str, Any]:
    pace = now.pace
    return {
        "id": now.goal.public_id,
        "metric": now.goal.metric,
        "unit": now.metric.unit.value,
        "baseline": now.aim.baseline,
        "target": now.aim.target,
        "actual": float(now.actual) if now.actual is not None else None,
        "due": now.goal.due,
        "progress": pace.progress,
        "expected": pace.expected,
        "forecast": pace.forecast,
        "reached_at": pace.reached_at,
        "state": pace.course.value,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name or "holdout",
        "role": group.role,
        "send": group.send.public_id,
        "people": group.people,
        "orders": group.orders,
        "revenue": group.revenue,
        "metrics": {key: _figure(figure) for key, figure in group.figures.items()},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, **(_lift(figure.lift) if figure.lift else {})}


def _lift(lift: Lift) -> dict[str, Any]:
    """`lift` and `interval` are shares of the hold-out's value, `difference` is in its unit."""
    return {
        "lift": lift.relative,
        "interval": list(lift.interval) if lift.interval else None,
        "difference": lift.absolute,
        "difference_interval": list(lift.absolute_interval) if lift.absolute_interval else None,
        "p_value": lift.p_value,
    }
