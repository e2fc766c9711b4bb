"""How grave a risk is, when it has come true, and what its plan may consist of (PL11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum


class Level(StrEnum):
    """How grave: likelihood × impact, as in the usual 5 × 5 matrix."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    EXTREME = "extreme"


def level(likelihood: int, impact: int) -> Level:
    """1–4 low, 5–9 medium, 10–14 high, 15–25 extreme."""
    score = likelihood * impact
    if score >= 15:
        return Level.EXTREME
    if score >= 10:
        return Level.HIGH
    return Level.MEDIUM if score >= 5 else Level.LOW


@dataclass(frozen=True)
class Trigger:
    """The sign by which a risk shows: a number that crosses a line."""

    metric: str
    falls: bool
    """Fires when the number is below the line, else when it is above."""
    value: Decimal

    def fires(self, now: Decimal) -> bool:
        """Whether the number has crossed the line."""
        return now < self.value if self.falls else now > self.value


def read_trigger(given: Mapping[str, object]) -> Trigger | None:
    """`{"metric": …, "op": "lt"|"gt", "value": …}`; None if it is empty or not well formed."""
    metric, op = given.get("metric"), given.get("op")
    if not isinstance(metric, str) or not metric or op not in {"lt", "gt"}:
        return None
    try:
        value = Decimal(str(given.get("value")))
    except InvalidOperation:
        return None
    return Trigger(metric, op == "lt", value) if value.is_finite() else None


@dataclass(frozen=True)
class Step:
    """One thing to do when the risk has come true."""

    kind: str
    """A key of the registry of steps, such as `task`."""
    text: str


def read_plan(given: Iterable[object]) -> list[Step]:
    """The steps of a plan as they are stored; what is no step is left out."""
    return [
        Step(str(one["kind"]), str(one.get("text", "")))
        for one in given
        if isinstance(one, Mapping) and isinstance(one.get("kind"), str)
    ]


def matrix(risks: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """How many risks lie in each field of likelihood and impact."""
    fields: dict[tuple[int, int], int] = {}
    for place in risks:
        fields[place] = fields.get(place, 0) + 1
    return fields
