"""What a sound budget looks like (PL3): it adds up, keeps a reserve, and cannot be overspent.

All sums are exact decimals in the campaign's currency. The shares are those of the planning
method: a reserve of 10–15 %, at least 60 % in core channels, about 10 % free to move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
CONTINGENCY = "contingency"
FLEXIBLE = "flexible"


class Rule(StrEnum):
    """What is asked of a budget, in the order in which it is shown."""

    SUM = "sum"
    CONTINGENCY = "contingency"
    CORE = "core"
    FLEXIBLE = "flexible"


@dataclass(frozen=True)
class Line:
    """One planned part of the total."""

    category: str
    planned: Decimal
    core: bool = False


@dataclass(frozen=True)
class Policy:
    """The shares that are asked for, as parts of 1."""

    contingency_least: Decimal = Decimal("0.10")
    contingency_most: Decimal = Decimal("0.15")
    core_least: Decimal = Decimal("0.60")
    flexible: Decimal = Decimal("0.10")
    flexible_slack: Decimal = Decimal("0.02")


@dataclass(frozen=True)
class Answer:
    """How a budget stands to one rule."""

    rule: Rule
    planned: Decimal
    """The sum that the rule is about."""
    share: Decimal
    """That sum as part of the total, 0 to 1 and above."""
    change: Decimal
    """What to add (or, below zero, to take away) so that the rule holds; 0 when it does."""

    @property
    def holds(self) -> bool:
        return self.change == 0


def answers(total: Decimal, lines: Sequence[Line], policy: Policy) -> list[Answer]:
    """How the lines stand to each rule. A campaign without a budget breaks none."""
    planned = sum((line.planned for line in lines), Decimal(0))
    reserve = _sum(lines, CONTINGENCY)
    free = _sum(lines, FLEXIBLE)
    core = sum((line.planned for line in lines if line.core), Decimal(0))
    low, high = policy.flexible - policy.flexible_slack, policy.flexible + policy.flexible_slack
    return [
        Answer(Rule.SUM, planned, _share(planned, total), total - planned),
        _within(
            Rule.CONTINGENCY, reserve, total, policy.contingency_least, policy.contingency_most
        ),
        _within(Rule.CORE, core, total, policy.core_least, Decimal(1)),
        _within(Rule.FLEXIBLE, free, total, low, high),
    ]


def over_by(total: Decimal, bound_before: Decimal, bound_after: Decimal) -> Decimal:
    """How far an entry would go beyond the total; 0 when it fits.

    An entry that binds nothing new (a payment of what was promised) is never held up.
    """
    if bound_after <= bound_before:
        return Decimal(0)
    return max(bound_after - total, Decimal(0))


SUGGESTED: tuple[tuple[str, Decimal, bool], ...] = (
    ("media", Decimal("0.60"), True),
    ("creative", Decimal("0.10"), False),
    ("tools", Decimal("0.04"), False),
    ("people", Decimal("0.04"), False),
    (CONTINGENCY, Decimal("0.12"), False),
    (FLEXIBLE, Decimal("0.10"), False),
)
"""Category, share and whether it is core: a split that keeps every rule of the default policy."""


def suggested_lines(total: Decimal) -> list[Line]:
    """The total split by the suggestion, in whole units (in cents below 100).

    Every part is rounded down and media gets the rest, so that the core never falls short.
    """
    if total <= 0:
        return []
    coin = CENT if total < 100 else Decimal(1)
    parts = [
        Line(category, (total * share).quantize(coin, ROUND_FLOOR).quantize(CENT), core)
        for category, share, core in SUGGESTED
    ]
    rest = total - sum((line.planned for line in parts), Decimal(0))
    first = parts[0]
    return [Line(first.category, first.planned + rest, first.core), *parts[1:]]


def _within(rule: Rule, planned: Decimal, total: Decimal, least: Decimal, most: Decimal) -> Answer:
    change = Decimal(0)
    if planned < total * least:
        change = (total * least - planned).quantize(CENT, ROUND_CEILING)
    elif planned > total * most:
        change = -(planned - total * most).quantize(CENT, ROUND_CEILING)
    return Answer(rule, planned, _share(planned, total), change)


def _sum(lines: Sequence[Line], category: str) -> Decimal:
    return sum((line.planned for line in lines if line.category == category), Decimal(0))


def _share(part: Decimal, total: Decimal) -> Decimal:
    return part / total if total else Decimal(0)
