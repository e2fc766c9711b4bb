"""What the last time says of a template's numbers: baselines, targets and limits (PL2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from muster.plan.campaigns.models import Campaign
from muster.plan.goals.history import Baseline, baselines_of
from muster.plan.starting import rules
from muster.warehouse.metrics import METRICS, Direction


def last_values(
    template: rules.Template, currency: str, starts: date, ends: date, main: str = ""
) -> dict[str, Baseline]:
    """Metric → its value in the last comparable campaign or days; what nobody knows is left out."""
    asked = [main, *(aim.metric for aim in template.goals), *(r.metric for r in template.rails)]
    sketch = Campaign(strategy=template.strategy, currency=currency, starts=starts, ends=ends)
    return baselines_of(sketch, [key for key in dict.fromkeys(asked) if key], starts, ends)


def number_of(last: Baseline) -> Decimal:
    """The value as a goal keeps it."""
    return last.value.quantize(Decimal("0.0001")).normalize() + 0


def aims_after(
    template: rules.Template, known: Mapping[str, Decimal], main: str = ""
) -> list[tuple[str, rules.Aim]]:
    """(take, goal) of the template's goals beside the main one, none worse than the last time.

    Without a main goal the template's own are all of them.
    """
    aims = [
        (f"goal:{n}", aim.after(known.get(aim.metric), falls=_falls(aim.metric)))
        for n, aim in enumerate(template.goals)
        if aim.metric != main and (aim.target is not None or not main)
    ]
    return [(take, aim) for take, aim in aims if aim.target is not None]


def _falls(metric: str) -> bool:
    return METRICS[metric].direction is Direction.LOWER


def limits_of(
    template: rules.Template, known: Mapping[str, Decimal], currency: str, main: str
) -> list[tuple[str, rules.Rail, Decimal]]:
    """(take, guardrail, limit) of those that have one; the main goal does not guard itself."""
    return [
        (f"rail:{n}", rail, limit)
        for n, rail in enumerate(template.rails)
        if rail.metric != main
        and (limit := rail.limit(known.get(rail.metric), currency)) is not None
    ]
