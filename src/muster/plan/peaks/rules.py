"""On which days people are missing, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

HOURS = Decimal(8)
"""What one temporary head works a day."""
NOTICED = Decimal(1)
"""Fewer missing hours a day than this are within what a plan can tell."""


@dataclass(frozen=True)
class Window:
    """Days that follow each other, and how many heads are missing on the worst of them."""

    first: date
    last: date
    heads: int


def missing(need: Decimal, there: Decimal) -> int:
    """The heads that are missing on a day, whole people."""
    short = need - there
    if short < NOTICED:
        return 0
    return int((short / HOURS).to_integral_value(ROUND_CEILING))


def windows(
    days: Sequence[date], need: Sequence[Decimal], there: Sequence[Decimal]
) -> list[Window]:
    """The stretches of working days on which hours are missing; `days` follow each other."""
    found: list[Window] = []
    goes_on = False
    for day, wanted, has in zip(days, need, there, strict=True):
        heads = missing(wanted, has)
        if heads and goes_on:
            last = found[-1]
            found[-1] = Window(last.first, day, max(last.heads, heads))
        elif heads:
            found.append(Window(day, day, heads))
        goes_on = bool(heads)
    return found
