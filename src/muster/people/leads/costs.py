"""What leads cost by campaign and channel: asked of the part that measures, above people.

@counts_costs
def lead_costs(reader: User, now: datetime) -> Costs | None: …
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from muster.kit.money import Money
from muster.team.users.models import User

DAYS = 90
"""How far back the page of leads looks."""
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """One campaign or channel; its people are those who were captured, each once."""

    key: str
    label: str
    url: str
    people: int
    became: int
    """Leads for sales (MQL)."""
    opportunities: int
    won: int
    cost: Money | None
    """What was booked in that time; None for who must not see it, or where there is none."""

    @property
    def rate(self) -> float | None:
        """MQL rate."""
        return self.became / self.people if self.people else None

    @property
    def per_lead(self) -> Money | None:
        """CPL."""
        return self._per(self.people)

    @property
    def per_became(self) -> Money | None:
        """Cost per MQL."""
        return self._per(self.became)

    def _per(self, count: int) -> Money | None:
        if self.cost is None or not self.cost.amount or not count:
            return None
        return Money((self.cost.amount / count).quantize(_CENT), self.cost.currency)


@dataclass(frozen=True)
class Costs:
    """Both ways to look at them."""

    by_campaign: Sequence[Row]
    by_channel: Sequence[Row]
    with_money: bool
    apart: Sequence[str]
    """Campaigns in other currencies, whose costs no channel has."""


Count: TypeAlias = Callable[[User, datetime], Costs | None]
_counts: list[Count] = []


def counts_costs(count: Count) -> Count:
    """This function knows what leads cost."""
    _counts.append(count)
    return count


def costs(reader: User, now: datetime) -> Costs | None:
    """What this reader may know of it; None where nobody can tell."""
    return next((found for ask in _counts if (found := ask(reader, now)) is not None), None)
