"""What a move of money is likely to change (S10): fewer here, more there, and what is left of it.

What the channels brought so far is asked of the part that measures, which lies above planning:
@returns
def brought(campaign: Campaign) -> Mapping[str, Return] | None: …   (channel → what it brought)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from muster.plan.budget.models import BudgetLine
from muster.plan.budget.rules import Effect, Return, effect
from muster.plan.campaigns.models import Campaign

Returns: TypeAlias = Callable[[Campaign], Mapping[str, Return] | None]
_returns: list[Returns] = []


def returns(ask: Returns) -> Returns:
    """This function knows what the channels of a campaign brought."""
    _returns.append(ask)
    return ask


def returns_of(campaign: Campaign) -> Mapping[str, Return]:
    """Channel → what it cost and brought; empty where nobody can tell."""
    return next((found for ask in _returns if (found := ask(campaign)) is not None), {})


@dataclass(frozen=True)
class Likely:
    """An effect, and where it is known from."""

    effect: Effect
    measured: bool
    """Orders that were counted; otherwise money that the lines are expected to bring."""


def likely(
    source: BudgetLine, target: BudgetLine, amount: Decimal, *, with_results: bool
) -> Likely | None:
    """The effect of a move, as the channels did so far, else as the lines are expected to do."""
    if with_results and source.channel and target.channel and source.channel != target.channel:
        brought = returns_of(source.campaign)
        found = effect(brought.get(source.channel), brought.get(target.channel), amount)
        if found is not None:
            return Likely(found, measured=True)
    found = effect(_expected(source), _expected(target), amount)
    return Likely(found, measured=False) if found is not None else None


def _expected(line: BudgetLine) -> Return | None:
    return None if line.expected_return is None else Return(line.planned, line.expected_return)
