"""Where a campaign's money stands: planned, promised, paid, free, and what the rules say (PL3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from muster.plan.budget import rules
from muster.plan.budget.models import Bound, BudgetLine, Cost
from muster.plan.budget.policy import policy
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once


@dataclass(frozen=True)
class Standing:
    """The sums of one budget, in the campaign's currency."""

    total: Decimal
    planned: Decimal
    committed: Decimal
    """Promised, whether paid by now or not."""
    actual: Decimal
    bound: Decimal
    """No longer free: of each line the larger of promised and paid."""
    answers: tuple[rules.Answer, ...]
    forecast: Decimal = Decimal(0)
    """What it will have cost in the end."""

    @property
    def free(self) -> Decimal:
        return self.total - self.bound

    @property
    def spent_share(self) -> Decimal:
        return self.actual / self.total if self.total else Decimal(0)

    @property
    def bound_share(self) -> Decimal:
        return self.bound / self.total if self.total else Decimal(0)

    @property
    def variance(self) -> Decimal:
        return self.forecast - self.planned

    @property
    def keeps_rules(self) -> bool:
        return all(answer.holds for answer in self.answers)


@dataclass(frozen=True)
class Position:
    """One line, and the five sums of it."""

    line: BudgetLine
    committed: Decimal
    actual: Decimal
    covered: Decimal | None = None
    """Of a vault that other lines reached into: what of it is really left."""

    @property
    def planned(self) -> Decimal:
        return self.line.planned

    @property
    def bound(self) -> Decimal:
        return max(self.committed, self.actual)

    @property
    def forecast(self) -> Decimal:
        line = self.line
        settled = line.status == BudgetLine.Status.INVOICED
        return rules.forecast(
            line.planned, self.committed, self.actual, line.estimate, settled=settled
        )

    @property
    def variance(self) -> Decimal:
        """How far the forecast is from the plan; above zero: dearer."""
        return self.forecast - self.line.planned

    @property
    def left(self) -> Decimal:
        return self.line.planned - self.bound


def positions(
    campaign: Campaign,
    sums: Mapping[int | None, Mapping[str, Decimal]] | None = None,
    *,
    rows: Iterable[BudgetLine] | None = None,
) -> list[Position]:
    """All lines with their sums, in two queries; `rows` are lines read with more about them."""
    sums = sums_per_line(campaign) if sums is None else sums
    rows = campaign.lines.all() if rows is None else rows
    return [position(line, sums.get(line.pk, {})) for line in rows]


def position(line: BudgetLine, sums: Mapping[str, Decimal]) -> Position:
    """One line with its sums."""
    return Position(
        line,
        sums.get(Cost.Kind.COMMITTED, Decimal(0)),
        sums.get(Cost.Kind.ACTUAL, Decimal(0)) + line.unbooked,
    )


@once
def standing(campaign: Campaign) -> Standing:
    """Where the money of this campaign stands now."""
    sums = sums_per_line(campaign)
    return stands(campaign, positions(campaign, sums), sums.get(None, {}), policy())


def stands(
    campaign: Campaign,
    lines: Sequence[Position],
    beside: Mapping[str, Decimal],
    asked: rules.Policy,
) -> Standing:
    """The same, from what was read already; `beside` holds what was booked on no line."""
    sums = Bound()
    for one in lines:
        sums.add(one.committed, one.actual)
    sums.add(beside.get(Cost.Kind.COMMITTED, Decimal(0)), beside.get(Cost.Kind.ACTUAL, Decimal(0)))
    found = rules.answers(
        campaign.total_budget,
        [rules.Line(one.line.category, one.planned, one.line.core) for one in lines],
        asked if campaign.is_planned else rules.released(asked),
    )
    return Standing(
        total=campaign.total_budget,
        planned=found[0].planned,
        committed=sums.committed,
        actual=sums.actual,
        bound=sums.total,
        answers=tuple(found),
        forecast=sum((one.forecast for one in lines), max(beside.values(), default=Decimal(0))),
    )


def sums_per_line(campaign: Campaign) -> dict[int | None, dict[str, Decimal]]:
    """Line → kind of entry → sum; the key None holds what was booked on no line."""
    sums: dict[int | None, dict[str, Decimal]] = {}
    rows = Cost.objects.filter(campaign=campaign).order_by().values("line", "kind")
    for row in rows.annotate(sum=Sum("amount")):
        of_line = sums.setdefault(row["line"], {kind.value: Decimal(0) for kind in Cost.Kind})
        of_line[row["kind"]] += row["sum"].quantize(rules.CENT)
    return sums
