"""Which channels a small budget goes to, and how it is split.

A channel counts when at least two campaigns show what it cost and brought, and is proposed when it
earned its cost. The best gets what the rules of the budget ask for the core, the reserve and the
flexible part stay, the others share the rest by their rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from muster.plan.budget.rules import CENT, FLEXIBLE, Answer, Line, Policy, Share, answers

LEAST_CAMPAIGNS = 2
MOST_CHANNELS = 3
BEYOND = 2
"""From so many times the largest cost on, the returns of the past promise nothing."""
CORE = Decimal("0.60")
"""What the best channel gets at least, where the budget's rules ask for no core."""
BY_RANK: Mapping[int, tuple[Decimal, ...]] = {
    1: (Decimal(1),),
    2: (Decimal("0.60"), Decimal("0.40")),
}
"""Number of channels after the best → their parts of what is left for them."""


@dataclass(frozen=True)
class Try:
    """What a channel cost and brought in one campaign."""

    campaign: str
    cost: Decimal
    revenue: Decimal

    @property
    def roi(self) -> Decimal:
        return (self.revenue - self.cost) / self.cost


@dataclass(frozen=True)
class Record:
    """What a channel brought in several campaigns."""

    channel: str
    tries: tuple[Try, ...]

    @property
    def n(self) -> int:
        return len(self.tries)

    @property
    def cost(self) -> Decimal:
        return sum((one.cost for one in self.tries), Decimal(0))

    @property
    def revenue(self) -> Decimal:
        return sum((one.revenue for one in self.tries), Decimal(0))

    @property
    def roi(self) -> Decimal:
        """(Revenue − cost) ÷ cost of all campaigns together, so a large one weighs more."""
        return (self.revenue - self.cost) / self.cost

    @property
    def dearest(self) -> Decimal:
        """The most that it cost in one campaign."""
        return max(one.cost for one in self.tries)

    def is_beyond(self, amount: Decimal) -> bool:
        """Whether the sum is so much more than ever before that nobody knows what it brings."""
        return amount > BEYOND * self.dearest

    @property
    def least(self) -> Decimal:
        return min(one.roi for one in self.tries)

    @property
    def most(self) -> Decimal:
        return max(one.roi for one in self.tries)


def records(tries: Mapping[str, Iterable[Try]]) -> list[Record]:
    """What is known of each channel (channel → its campaigns), the best return first.

    What cost nothing tells nothing about a return.
    """
    found = [
        Record(channel, tuple(one for one in some if one.cost > 0))
        for channel, some in tries.items()
    ]
    known = [one for one in found if one.tries]
    return sorted(known, key=lambda one: (-one.roi, -one.cost, one.channel))


def comparable(found: Sequence[Record]) -> list[Record]:
    """Those that enough campaigns tell of."""
    return [one for one in found if one.n >= LEAST_CAMPAIGNS]


def chosen(found: Sequence[Record]) -> list[Record]:
    """The channels to propose: the best of those that earned what they cost, at most three.

    None where fewer than two can be compared: the best of one is no choice.
    """
    able = comparable(found)
    if len(able) < 2:
        return []
    return [one for one in able if one.roi >= 0][:MOST_CHANNELS]


@dataclass(frozen=True)
class Part:
    """A part of the sum: a channel, or a category that the rules of the budget keep."""

    planned: Decimal
    channel: str = ""
    category: str = "media"
    core: bool = False
    title: str = ""
    """What the workspace calls a rule of its own."""


def split(
    total: Decimal, channels: Sequence[str], policy: Policy, taken: Decimal = Decimal(0)
) -> list[Part] | None:
    """The sum by channel and kept category, exact; None where the rules leave too little.

    `taken` is what lines that count themselves have already. In whole units, in cents below 100.
    Where several rules ask for the same category, what keeps them all is kept once.
    """
    coin = CENT if total < 100 else Decimal(1)
    kept = []
    asked = _asked(policy)
    core = asked.pop("core").least if "core" in asked else CORE
    for share in asked.values():
        # The middle of the band, so that a small move does not leave it at once.
        wanted = (share.least + share.most) / 2 if share.of == FLEXIBLE else share.least
        if wanted > 0:
            rounding = ROUND_FLOOR if share.of == FLEXIBLE else ROUND_CEILING
            amount = (total * wanted).quantize(coin, rounding)
            kept.append(Part(amount.quantize(CENT), "", share.of, title=share.title))
    best = (total * core).quantize(coin, ROUND_CEILING)
    rest = total - taken - best - sum((part.planned for part in kept), Decimal(0))
    if rest < 0:
        return None
    weights = BY_RANK.get(len(channels) - 1, ())
    others = [(rest * weight).quantize(coin, ROUND_FLOOR) for weight in weights]
    best += rest - sum(others, Decimal(0))
    sums = [best, *others]
    return [
        *(
            Part(amount.quantize(CENT), channel, core=place == 0)
            for place, (channel, amount) in enumerate(zip(channels, sums, strict=True))
        ),
        *kept,
    ]


def broken(
    total: Decimal, parts: Sequence[Part], taken: Sequence[Line], policy: Policy
) -> list[Answer]:
    """The rules of the budget that these parts, beside what is taken, would not keep."""
    lines = [Line(part.category, part.planned, part.core) for part in parts]
    return [one for one in answers(total, [*lines, *taken], policy) if not one.holds]


def _asked(policy: Policy) -> dict[str, Share]:
    """Category, or `core` → what all rules about it ask for together."""
    found: dict[str, Share] = {}
    for share in policy.shares:
        one = found.get(share.of, share)
        larger = share if share.least > one.least else one
        found[share.of] = replace(larger, most=min(one.most, share.most))
    return found
