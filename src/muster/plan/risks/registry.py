"""What the parts above know of signs and can do in an emergency; the plan only asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from django.utils.functional import Promise

from muster.plan.campaigns.models import Campaign
from muster.plan.risks.models import Risk
from muster.team.users.models import User

ValueOf: TypeAlias = Callable[[Campaign, str], Decimal | None]
"""Campaign and key of a metric → its value now; None where it cannot be known."""
Do: TypeAlias = Callable[[Risk, str, User | None], str]
"""Does the step and says in one sentence, in the reader's language, what was done."""


@dataclass(frozen=True)
class StepKind:
    """One kind of thing that a plan can do in one click."""

    key: str
    name: str | Promise
    hint: str | Promise
    """What to write beside it."""
    do: Do


FREE_STOCK = "free_stock"
"""The smallest number of free pieces among the materials that the campaign has reserved."""


_values: list[ValueOf] = []
_steps: dict[str, StepKind] = {}


def sign(source: ValueOf) -> ValueOf:
    """Ask this function for the numbers by which risks show."""
    _values.append(source)
    return source


def value_of(campaign: Campaign, metric: str) -> Decimal | None:
    """The number now, from whoever knows it."""
    for source in _values:
        found = source(campaign, metric)
        if found is not None:
            return found
    return None


def step(key: str, name: str | Promise, hint: str | Promise) -> Callable[[Do], Do]:
    """This function does one kind of step of an emergency plan."""

    def register(do: Do) -> Do:
        _steps[key] = StepKind(key, name, hint, do)
        return do

    return register


def step_kinds() -> list[StepKind]:
    """Every kind of step, in the order in which they were registered."""
    return list(_steps.values())


def step_kind(key: str) -> StepKind | None:
    return _steps.get(key)
