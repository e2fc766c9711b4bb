"""From a target back to the people that have to be reached (S09), with the team's own rates.

    500 orders ÷ 4.2 % conversion ÷ 9.1 % clicks ÷ 97 % delivered = 134,900 people

Every rate is the middle of past campaigns, with what four of five of them lay between; so every
answer is a range. Nothing here knows the database or the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from muster.plan.goals.percentiles import percentile

_LOW, _MIDDLE, _HIGH = Decimal("0.2"), Decimal("0.5"), Decimal("0.8")


@dataclass(frozen=True)
class Seen:
    """One past campaign that shows a rate: so many of so many."""

    name: str
    url: str
    part: Decimal
    whole: Decimal

    @property
    def share(self) -> Decimal:
        return self.part / self.whole


@dataclass(frozen=True)
class Rate:
    """A step on the way: which share went on, in the middle and between P20 and P80."""

    key: str
    """`delivered`, `clicked` or `reached_goal`."""
    low: Decimal
    middle: Decimal
    high: Decimal
    seen: tuple[Seen, ...]

    @property
    def n(self) -> int:
        """In how many campaigns it was seen."""
        return len(self.seen)


@dataclass(frozen=True)
class Rates:
    """The steps from a person who is sent something to the goal, and what past results cost."""

    steps: tuple[Rate, ...]
    cost_per_result: Rate | None = None
    """Money spent per unit of the metric in past campaigns."""
    cost_per_person: Rate | None = None
    """Money spent per person to whom something was sent."""


@dataclass(frozen=True)
class Reachable:
    """How many people the campaign can reach, and by what."""

    people: int
    name: str
    """Of the send or segment that says so."""
    url: str = ""


@dataclass(frozen=True)
class Range:
    """An answer that is not a point: best case, middle, worst case."""

    best: Decimal
    middle: Decimal
    worst: Decimal


class Way(StrEnum):
    """How a gap can be closed."""

    PEOPLE = "people"
    RATE = "rate"
    BUDGET = "budget"


@dataclass(frozen=True)
class Closing:
    """One way to close the gap, with what it needs and what it costs."""

    way: Way
    amount: Range
    """People to add; the rate that is needed; or results to buy."""
    cost: Range | None
    """In the campaign's currency; None where past campaigns do not show it."""
    seen_before: bool = True
    """Whether the needed rate lies within what past campaigns reached."""


@dataclass(frozen=True)
class Solution:
    """What a target needs."""

    steps: tuple[Rate, ...]
    needed: Range
    """People to whom something has to be sent."""
    reachable: int | None
    gap: Range | None
    """People who are missing; zero where there are enough."""
    ways: tuple[Closing, ...]

    @property
    def is_short(self) -> bool:
        """Whether people are missing with the middle rates."""
        return self.gap is not None and self.gap.middle > 0


def rate(key: str, seen: Sequence[Seen]) -> Rate | None:
    """The rate that past campaigns show; None without any."""
    usable = tuple(one for one in seen if one.whole > 0 and one.part > 0)
    if not usable:
        return None
    shares = [one.share for one in usable]
    low, middle, high = (percentile(shares, share) for share in (_LOW, _MIDDLE, _HIGH))
    return Rate(key, low, middle, high, usable)


def solve(target: Decimal, rates: Rates, reachable: int | None) -> Solution:
    """How many people a target needs, how many are missing, and three ways to close the gap."""
    needed = Range(
        _people(target, [one.high for one in rates.steps]),
        _people(target, [one.middle for one in rates.steps]),
        _people(target, [one.low for one in rates.steps]),
    )
    gap = None
    if reachable is not None:
        gap = Range(*(max(need - reachable, Decimal(0)) for need in _of(needed)))
    ways: tuple[Closing, ...] = ()
    if gap is not None and gap.worst > 0 and reachable is not None:
        ways = _ways(target, rates, gap, reachable)
    return Solution(rates.steps, needed, reachable, gap, ways)


def _people(target: Decimal, shares: Sequence[Decimal]) -> Decimal:
    needed = target
    for share in shares:
        needed /= share
    return needed.to_integral_value(ROUND_CEILING)


def _of(one: Range) -> tuple[Decimal, Decimal, Decimal]:
    return one.best, one.middle, one.worst


def _ways(target: Decimal, rates: Rates, gap: Range, reachable: int) -> tuple[Closing, ...]:
    per_person = rates.cost_per_person
    more_people = Closing(Way.PEOPLE, gap, _times(gap, per_person) if per_person else None)
    found = [more_people]
    if reachable:
        found.append(_better_rate(target, rates, reachable))
    if rates.cost_per_result is not None:
        found.append(_more_budget(target, rates, rates.cost_per_result, reachable))
    return tuple(found)


def _better_rate(target: Decimal, rates: Rates, reachable: int) -> Closing:
    """The last step's rate that would be enough for the people at hand; it costs no money."""
    *before, last = rates.steps
    needs = [Decimal(reachable)] * 3
    for step in before:
        needs = [
            need * share
            for need, share in zip(needs, (step.high, step.middle, step.low), strict=True)
        ]
    wanted = Range(*(target / need for need in needs))
    best_seen = max(one.share for one in last.seen)
    return Closing(Way.RATE, wanted, None, seen_before=wanted.middle <= best_seen)


def _more_budget(target: Decimal, rates: Rates, per_result: Rate, reachable: int) -> Closing:
    """Results that the people at hand do not bring, bought at what results have cost so far."""
    missing = []
    for place in ("high", "middle", "low"):
        brought = Decimal(reachable)
        for step in rates.steps:
            brought *= getattr(step, place)
        missing.append(max(target - brought, Decimal(0)).to_integral_value(ROUND_CEILING))
    amount = Range(*missing)
    return Closing(Way.BUDGET, amount, _times(amount, per_result))


def _times(amount: Range, price: Rate) -> Range:
    """Few things at a low price are the best case, many at a high one the worst."""
    cent = Decimal("0.01")
    pairs = zip(_of(amount), (price.low, price.middle, price.high), strict=True)
    return Range(*((count * each).quantize(cent) for count, each in pairs))
