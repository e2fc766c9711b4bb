"""What stands behind an objective: goals, money and people of its campaigns (PL14).

A number is only added up where every goal counts the same metric, and people are counted once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from muster.kit.money import Money
from muster.plan.budget.models import Cost
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.facts import falls
from muster.plan.goals.models import Goal
from muster.plan.goals.rules import reached
from muster.plan.goals.shown import ShownGoal, shown_goal, written
from muster.plan.objectives.models import Objective
from muster.team.users.models import Workspace
from muster.warehouse.metrics import METRICS, Metric


@dataclass(frozen=True)
class Row:
    """One objective with everything below it."""

    objective: Objective
    depth: int
    goals: tuple[ShownGoal, ...]
    """Of itself and of everything below."""
    campaigns: tuple[Campaign, ...]
    budget: tuple[Money, ...]
    """By currency, because currencies are not added."""
    spent: tuple[Money, ...]
    people: int
    """Who works on it: owners of its campaigns and goals, each once."""

    @property
    def metric(self) -> Metric | None:
        return METRICS.get(self.objective.metric)

    @property
    def counted(self) -> tuple[ShownGoal, ...]:
        """The goals that count the objective's own metric."""
        return tuple(one for one in self.goals if one.goal.metric == self.objective.metric)

    @property
    def value(self) -> Decimal | None:
        """What the goals reached together; None for rates, which cannot be added."""
        metric = self.metric
        if metric is None or metric.denominator is not None or metric.cost is not None:
            return None
        known = [one.value for one in self.counted if one.value is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def planned(self) -> Decimal | None:
        """What the goals aim at together."""
        metric = self.metric
        if metric is None or metric.denominator is not None or metric.cost is not None:
            return None
        return sum((one.goal.target for one in self.counted), Decimal(0)) if self.counted else None

    @property
    def target(self) -> Decimal | None:
        return self.objective.target

    @property
    def reached(self) -> Decimal | None:
        """The share of the objective's target that is reached, by the one formula."""
        if self.value is None or not self.target:
            return None
        return reached(self.value, self.target, falls=falls(self.metric))

    @property
    def covered(self) -> Decimal | None:
        """The share of the target that the goals below plan to bring."""
        if self.planned is None or not self.target:
            return None
        return self.planned / self.target

    @property
    def goals_reached(self) -> int:
        return sum(one.is_reached for one in self.goals)

    def write(self, value: Decimal | None) -> str:
        return written(value, self.metric, Workspace.here().currency)

    @property
    def shown_value(self) -> str:
        return self.write(self.value)

    @property
    def shown_target(self) -> str:
        return self.write(self.target)

    @property
    def shown_planned(self) -> str:
        return self.write(self.planned)


def rollup(objectives: Sequence[Objective] | None = None) -> list[Row]:
    """Every objective, parents before their parts, with what stands below."""
    known = (
        list(Objective.objects.select_related("owner", "parent"))
        if objectives is None
        else objectives
    )
    goals = [
        shown_goal(goal.campaign, goal)
        for goal in Goal.objects.filter(objective__isnull=False, campaign__deleted_at=None)
        .select_related("campaign__owner", "owner", "objective")
        .order_by("campaign__starts", "pk")
    ]
    spent = _spent({goal.goal.campaign_id for goal in goals})
    parts: dict[int | None, list[Objective]] = {}
    for one in known:
        parts.setdefault(one.parent_id, []).append(one)
    rows: list[Row] = []
    for top in parts.get(None, []):
        _add(top, 0, parts, goals, spent, rows)
    return rows


def row_of(objective: Objective) -> Row:
    """One objective with what stands below it."""
    return next(row for row in rollup() if row.objective.pk == objective.pk)


def _add(
    one: Objective,
    depth: int,
    parts: Mapping[int | None, list[Objective]],
    goals: Sequence[ShownGoal],
    spent: Mapping[int, Decimal],
    rows: list[Row],
) -> set[int]:
    place = len(rows)
    below = {one.pk}
    for part in parts.get(one.pk, []):
        below |= _add(part, depth + 1, parts, goals, spent, rows)
    mine = tuple(goal for goal in goals if goal.goal.objective_id in below)
    campaigns = tuple({goal.goal.campaign_id: goal.goal.campaign for goal in mine}.values())
    people = {campaign.owner_id for campaign in campaigns}
    people |= {goal.goal.owner_id for goal in mine if goal.goal.owner_id}
    row = Row(
        objective=one,
        depth=depth,
        goals=mine,
        campaigns=campaigns,
        budget=_by_currency((c.currency, c.total_budget) for c in campaigns),
        spent=_by_currency((c.currency, spent.get(c.pk, Decimal(0))) for c in campaigns),
        people=len(people),
    )
    rows.insert(place, row)
    return below


def _spent(campaigns: set[int]) -> dict[int, Decimal]:
    rows = (
        Cost.objects.filter(campaign__in=campaigns, kind=Cost.Kind.ACTUAL)
        .order_by()
        .values_list("campaign")
    )
    return dict(rows.annotate(total=Sum("amount")))


def _by_currency(amounts: Iterable[tuple[str, Decimal]]) -> tuple[Money, ...]:
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
