"""Where most of a handful of numbers lie."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def percentile(values: Sequence[Decimal], share: Decimal) -> Decimal:
    """The value below which this share lies, interpolated between neighbours (Hyndman–Fan 7)."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
