"""What the reader of sentences has to know of the metric catalogue."""

from __future__ import annotations

from muster.plan.goals.reading.sentence import Catalogue
from muster.warehouse.metrics import METRICS, Direction, Unit


def _of(unit: Unit) -> frozenset[str]:
    return frozenset(key for key, metric in METRICS.items() if metric.unit is unit)


CATALOGUE = Catalogue(
    shares=_of(Unit.RATIO),
    money=_of(Unit.MONEY),
    people=_of(Unit.PEOPLE),
    falling=frozenset(key for key, m in METRICS.items() if m.direction is Direction.LOWER),
)
