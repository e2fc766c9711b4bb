"""What is counted of how one person buys and reads; nothing here asks anybody (S17)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Habits:
    """What a person did in the last two years, counted."""

    orders: int = 0
    at: dict[tuple[str, str], int] = field(default_factory=dict)
    """(weekend or weekday, morning day evening night) → orders, in the person's time zone."""
    items: int = 0
    categories: dict[str, int] = field(default_factory=dict)
    """Category of the products bought (or else their name) → items."""
    reduced: int = 0
    """Orders with a coupon or a discount."""
    gaps: tuple[int, ...] = ()
    """Days between one order and the next."""
    clicks: dict[str, int] = field(default_factory=dict)
    """Channel → clicks by the person's own hand."""
    lately: int = 0
    before: int = 0
    """What they did in the last thirty days, and in the thirty before."""
