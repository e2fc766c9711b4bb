"""What a campaign brought so far: asked of the part that measures, which lies above planning.

@measured
def outcome(campaign: Campaign) -> Outcome | None: …
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from muster.plan.campaigns.models import Campaign


@dataclass(frozen=True)
class Outcome:
    """What is known of a campaign's results, in its currency."""

    cost: Decimal
    """All costs, discounts among them."""
    revenue: Decimal
    leads: int | None
    buyers: int | None

    @property
    def per_lead(self) -> Decimal | None:
        """CPL."""
        return self.cost / self.leads if self.leads else None

    @property
    def per_buyer(self) -> Decimal | None:
        """CPA."""
        return self.cost / self.buyers if self.buyers else None

    @property
    def per_unit(self) -> Decimal | None:
        """Revenue for each unit of money."""
        return self.revenue / self.cost if self.cost else None


Measure: TypeAlias = Callable[[Campaign], Outcome | None]
_measures: list[Measure] = []


def measured(measure: Measure) -> Measure:
    """This function knows what a campaign brought."""
    _measures.append(measure)
    return measure


def outcome(campaign: Campaign) -> Outcome | None:
    """What the campaign brought so far; None where nobody can tell."""
    return next((found for ask in _measures if (found := ask(campaign)) is not None), None)
