"""Return on what was spent, part by part; the parts add up to the whole (ME3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from muster.measure.results.rules import roi

DISCOUNTS = "(discounts)"
"""The part of the cost that belongs to no channel: what orders were reduced by."""
REFUNDS = "(refunds)"
"""The part of the revenue that belongs to no channel: what was paid back."""
NO_CHANNEL = "(not set)"


@dataclass(frozen=True)
class Row:
    """Cost and revenue of one part."""

    key: str
    cost: Decimal
    revenue: Decimal
    orders: float

    @property
    def roi(self) -> float | None:
        """(revenue − cost) ÷ cost; None where nothing was spent."""
        return roi(self.revenue, self.cost)


def total(rows: Iterable[Row]) -> Row:
    """All rows together."""
    cost = revenue = Decimal(0)
    orders = 0.0
    for row in rows:
        cost, revenue, orders = cost + row.cost, revenue + row.revenue, orders + row.orders
    return Row("total", cost, revenue, round(orders, 6))


def merged(rows: Iterable[Row]) -> list[Row]:
    """Rows of the same key added up, in the order in which the keys come first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    sums = {key: total(parts) for key, parts in found.items()}
    return [Row(key, s.cost, s.revenue, s.orders) for key, s in sums.items()]


def week_of(day: date) -> str:
    """The ISO week of a day, such as `2026-W45`; weeks begin on Monday."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def weeks(first: date, last: date) -> list[tuple[str, date]]:
    """Every week from the first day to the last: its name and its Monday."""
    monday = first - timedelta(days=first.weekday())
    out = []
    while monday <= last:
        out.append((week_of(monday), monday))
        monday += timedelta(days=7)
    return out
