"""A sentence as a goal that is not yet set: what was read, and what SMART would say (S09)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from muster.plan.goals import rules
from muster.plan.goals.reading.catalogue import CATALOGUE
from muster.plan.goals.reading.sentence import Reading, read


def reading_of(
    statement: str, today: date, days: tuple[date, date] | None = None
) -> Reading | None:
    """What a statement says; None for an empty one.

    `days` are the first and last day of its campaign: a day without a year is meant in it.
    """
    if not statement.strip():
        return None
    return read(statement, today, CATALOGUE, _near(today, *days) if days else today)


def _near(today: date, starts: date, ends: date) -> date:
    """From which day on a day without a year is looked for."""
    is_long = (ends - starts).days > 366
    return max(starts, today) if is_long and ends >= today else starts


def target_of(said: Reading, baseline: Decimal | None) -> Decimal | None:
    """The target in the metric's unit, where the sentence and the baseline give one."""
    if said.target is not None or baseline is None:
        return said.target
    if said.change is not None:
        return (baseline * (1 + said.change)).quantize(Decimal("0.0001"))
    return baseline + said.more if said.more is not None else None


def fields_of(said: Reading, starts: date, baseline: Decimal | None = None) -> dict[str, Any]:
    """What the sentence fills in of a goal: only what it says, the rest stays as it is."""
    baseline = said.baseline if said.baseline is not None else baseline
    target = target_of(said, baseline)
    fields: dict[str, Any] = {"statement": said.sentence.strip()}
    if said.metric:
        fields["metric"] = said.metric
    if target is not None:
        fields["target"] = target
    if baseline is not None:
        fields["baseline"] = baseline
    if said.population:
        fields["population"] = said.population
    if said.channel:
        fields["channel"] = said.channel
    if said.window is not None:
        fields["starts"], fields["due"] = said.window.on(starts)
        days = rules.even_checkpoints(fields["starts"], fields["due"])
        fields["checkpoints"] = [day.isoformat() for day in days]
    if said.rails:
        fields["guardrails"] = [
            {"metric": rail.metric, "op": rail.op, "value": str(rail.value)} for rail in said.rails
        ]
    if said.objective:
        fields["objective"] = said.objective
    return fields


def facts_of_draft(
    said: Reading, fields: dict[str, Any], names: dict[str, str], **more: Any
) -> rules.GoalFacts:
    """The draft as the rules see a goal; `more` is what only the installation knows."""
    metric = said.metric
    return rules.GoalFacts(
        metric=metric,
        metric_name=names.get(metric, ""),
        target=fields.get("target"),
        baseline=fields.get("baseline"),
        change=said.change if "target" not in fields else None,
        more=said.more if "target" not in fields else None,
        statement=said.sentence,
        said=said,
        population=said.population,
        channel=said.channel,
        supports=said.objective,
        starts=fields.get("starts"),
        due=fields.get("due"),
        checkpoints=[date.fromisoformat(day) for day in fields.get("checkpoints", ())],
        falls=metric in CATALOGUE.falling,
        names=names,
        **more,
    )


def is_vague(statement: str) -> bool:
    """Whether a sentence wishes for "more" or "better" without saying how much."""
    said = reading_of(statement, date(2000, 1, 1))
    return said is not None and said.is_vague
