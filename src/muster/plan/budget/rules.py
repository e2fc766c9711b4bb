"""What a sound budget looks like (PL3): it adds up, keeps a reserve, and cannot be overspent.

All sums are exact decimals in the campaign's currency. The shares are those of the planning
method: a reserve of 10–15 %, at least 60 % in core channels, about 10 % free to move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
CONTINGENCY = "contingency"
FLEXIBLE = "flexible"
VAULTS = frozenset({CONTINGENCY, FLEXIBLE})
"""Categories whose money is locked away: it is released before it can be spent."""


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
class Share:
    """One rule as data: which part of the total the money for something may be."""

    key: str
    """A `Rule`, or the workspace's own."""
    of: str
    """`core`, or a category."""
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1)
    blocks: bool = False
    """Whether a campaign that breaks it cannot be launched."""
    title: str = ""
    """What the workspace calls a rule of its own."""


SHARES = (
    Share(Rule.CONTINGENCY, CONTINGENCY, Decimal("0.10"), Decimal("0.15"), blocks=True),
    Share(Rule.CORE, "core", Decimal("0.60")),
    Share(Rule.FLEXIBLE, FLEXIBLE, Decimal("0.08"), Decimal("0.12")),
)
"""The planning method: a reserve, most money where it works, a tenth free to move."""


@dataclass(frozen=True)
class Policy:
    """The shares that are asked for, as parts of 1, and from where on two people decide."""

    shares: tuple[Share, ...] = SHARES
    move_limit: Decimal = Decimal("0.05")
    """A move of more than this part of the total needs an approval."""
    release_limit: Decimal = Decimal("0.02")
    alerts: tuple[int, ...] = (80, 95, 100)
    """Percent of the total at which somebody is told."""

    def share(self, key: str) -> Share | None:
        return next((share for share in self.shares if share.key == key), None)


@dataclass(frozen=True)
class Answer:
    """How a budget stands to one rule."""

    rule: str
    planned: Decimal
    """The sum that the rule is about."""
    share: Decimal
    """That sum as part of the total, 0 to 1 and above."""
    change: Decimal
    """What to add (or, below zero, to take away) so that the rule holds; 0 when it does."""
    asked: Share | None = None
    """What is asked for; None for the rule that the lines add up."""

    @property
    def holds(self) -> bool:
        return self.change == 0


def answers(total: Decimal, lines: Sequence[Line], policy: Policy) -> list[Answer]:
    """How the lines stand to each rule. A campaign without a budget breaks none."""
    planned = sum((line.planned for line in lines), Decimal(0))
    return [
        Answer(Rule.SUM, planned, _share(planned, total), total - planned),
        *(_within(share, _sum(lines, share.of), total) for share in policy.shares),
    ]


def released(policy: Policy) -> Policy:
    """The same after the launch: vaults are there to be emptied then, so they may be small."""
    shares = (replace(s, least=Decimal(0)) if s.of in VAULTS else s for s in policy.shares)
    return replace(policy, shares=tuple(shares))


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


def forecast(
    planned: Decimal, committed: Decimal, actual: Decimal, stated: Decimal | None, *, settled: bool
) -> Decimal:
    """What a line will have cost in the end: never less than what is bound already.

    A line whose bills are all in costs what was paid; without an estimate the plan is the estimate.
    """
    if settled:
        return actual
    return max(planned if stated is None else stated, committed, actual)


PARTS = ("core", "other", CONTINGENCY, FLEXIBLE)
"""The parts into which the rule bar divides the total."""


def part_of(category: str, core: bool) -> str:
    """In which of the PARTS a line stands."""
    if category in VAULTS:
        return category
    return "core" if core else "other"


def needs_two(amount: Decimal, total: Decimal, limit: Decimal) -> bool:
    """Whether a second person has to agree to this sum."""
    return amount > total * limit


@dataclass(frozen=True)
class Return:
    """What some money brought, or is to bring: orders or money."""

    cost: Decimal
    brought: Decimal
    revenue: Decimal | None = None
    """The money, where `brought` counts orders."""


@dataclass(frozen=True)
class Effect:
    """What a move takes away at one place and adds at the other."""

    lost: Decimal
    won: Decimal

    @property
    def change(self) -> Decimal:
        return self.won - self.lost


def effect(source: Return | None, target: Return | None, amount: Decimal) -> Effect | None:
    """What moving this sum changes if each yuan goes on bringing what it brings on average.

    None where either side cannot be told, because no money stands against it.
    """
    if source is None or target is None or source.cost <= 0 or target.cost <= 0:
        return None
    return Effect(
        amount * source.brought / source.cost,
        amount * target.brought / target.cost,
    )


def unspent(
    released: Sequence[tuple[int, int, Decimal]],
    planned: Mapping[int, Decimal],
    used: Mapping[int, Decimal],
) -> list[tuple[int, int, Decimal]]:
    """What goes back at the close: (vault, line, sum) of each release that was not used up.

    `released` holds (vault, line, sum), oldest first. A line uses its own plan first and what was
    released to it last, so the newest release goes back first; never more than was released.
    """
    left = {line: max(planned[line] - used.get(line, Decimal(0)), Decimal(0)) for line in planned}
    back = []
    for vault, line, amount in reversed(released):
        part = min(amount, left.get(line, Decimal(0)))
        if part > 0:
            left[line] -= part
            back.append((vault, line, part))
    return back


def crossed(bound: Decimal, total: Decimal, thresholds: Sequence[int]) -> list[int]:
    """The thresholds, in percent of the total, that are reached."""
    return [t for t in sorted(thresholds) if total > 0 and bound * 100 >= total * t]


def scaled(amounts: Sequence[Decimal], target: Decimal) -> list[Decimal]:
    """The amounts in the same proportions, adding up to exactly `target`.

    Rounded down to whole units; the largest takes what is left over. Equal parts where all are 0.
    """
    if not amounts:
        return []
    whole = sum(amounts, Decimal(0))
    weights = amounts if whole else [Decimal(1)] * len(amounts)
    whole = whole or Decimal(len(amounts))
    parts = [(target * weight / whole).quantize(Decimal(1), ROUND_FLOOR) for weight in weights]
    largest = max(range(len(parts)), key=lambda at: weights[at])
    parts[largest] += target - sum(parts, Decimal(0))
    return [part.quantize(CENT) for part in parts]


def _within(share: Share, planned: Decimal, total: Decimal) -> Answer:
    change = Decimal(0)
    if planned < total * share.least:
        change = (total * share.least - planned).quantize(CENT, ROUND_CEILING)
    elif planned > total * share.most:
        change = -(planned - total * share.most).quantize(CENT, ROUND_CEILING)
    return Answer(share.key, planned, _share(planned, total), change, share)


def _sum(lines: Sequence[Line], of: str) -> Decimal:
    chosen = (line for line in lines if (line.core if of == "core" else line.category == of))
    return sum((line.planned for line in chosen), Decimal(0))


def _share(part: Decimal, total: Decimal) -> Decimal:
    return part / total if total else Decimal(0)


def covered(locked: Sequence[Decimal], free: Decimal) -> list[Decimal]:
    """How much of each locked sum what is free of the total covers; the first is served first."""
    found = []
    rest = max(free, Decimal(0))
    for amount in locked:
        found.append(min(amount, rest))
        rest -= found[-1]
    return found
