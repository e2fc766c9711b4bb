"""Quarters, for which plans are mostly made."""

from __future__ import annotations

from datetime import date, timedelta


def quarter_of(day: date) -> tuple[date, date]:
    """The first and last day of the quarter around a day."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    year, month = divmod(first.year * 12 + first.month - 1 + 3, 12)
    return first, date(year, month + 1, 1) - timedelta(days=1)
