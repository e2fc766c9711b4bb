"""The way back from a goal to the people it needs, as the brief shows it (S09)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.plan.goals.history import rates_of, reach_of
from muster.plan.goals.models import Goal
from muster.plan.goals.solver import Closing, Range, Rate, Reachable, Solution, Way, solve
from muster.ui import formats

_STEPS = {
    "delivered": _("delivered"),
    "clicked": _("clicked or opened"),
    "reached_goal": _("per click"),
}
_WAYS = {
    Way.PEOPLE: _("Reach more people"),
    Way.RATE: _("Make more of the same people act"),
    Way.BUDGET: _("Buy the missing results"),
}


@dataclass(frozen=True)
class ShownStep:
    """A rate in words, with the campaigns that show it."""

    name: str
    middle: str
    span: str
    rate: Rate


@dataclass(frozen=True)
class ShownWay:
    """One way to close the gap, in words."""

    name: str
    amount: str
    cost: str
    """Empty where past campaigns do not show it."""
    warning: str


@dataclass(frozen=True)
class ShownSolution:
    """Everything the brief says about what a goal needs."""

    solution: Solution
    steps: tuple[ShownStep, ...]
    needed: str
    needed_span: str
    reachable: Reachable | None
    gap: str
    ways: tuple[ShownWay, ...]


def solved(campaign: Campaign, goal: Goal) -> ShownSolution | None:
    """What the goal needs; None where no past campaign shows the rates on the way to it."""
    rates = rates_of(campaign, goal.metric)
    if rates is None or goal.target <= 0:
        return None
    reachable = reach_of(campaign)
    found = solve(goal.target, rates, reachable.people if reachable else None)
    return ShownSolution(
        solution=found,
        steps=tuple(_step(one) for one in found.steps),
        needed=_count(found.needed.middle),
        needed_span=_span(found.needed),
        reachable=reachable,
        gap=_count(found.gap.middle) if found.gap else "",
        ways=tuple(_way(one, campaign.currency) for one in found.ways),
    )


def _step(one: Rate) -> ShownStep:
    low, high = _share(one.low), _share(one.high)
    return ShownStep(str(_STEPS[one.key]), _share(one.middle), f"{low} – {high}", one)


def _way(one: Closing, currency: str) -> ShownWay:
    language = get_language() or "en"
    if one.way is Way.RATE:
        amount = _between(_share(one.amount.best), _share(one.amount.worst))
    else:
        amount = _span(one.amount)
    cost = ""
    if one.cost is not None:
        low, high = (
            formats.money(value.quantize(Decimal(1)), language, currency, short=True)
            for value in (one.cost.best, one.cost.worst)
        )
        cost = _between(low, high)
    warning = "" if one.seen_before else gettext("No past campaign did as well.")
    return ShownWay(str(_WAYS[one.way]), amount, cost, warning)


def _share(value: Decimal) -> str:
    language = get_language() or "en"
    # Money or orders per click can be more than one: a share would only confuse.
    if value > 1:
        return formats.number(value, language, digits=2)
    return formats.percent(value, language, digits=1)


def _span(of: Range) -> str:
    return _between(_count(of.best), _count(of.worst))


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} – {high}"


def _count(value: Decimal) -> str:
    return formats.number(value, get_language() or "en", digits=0)
