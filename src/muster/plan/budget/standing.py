"""Where a campaign's money stands: planned, promised, paid, free, and what the rules say (PL3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from muster.plan.budget import rules
from muster.plan.budget.models import Bound, Cost, bound
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import Workspace


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
    def keeps_rules(self) -> bool:
        return all(answer.holds for answer in self.answers)


def policy() -> rules.Policy:
    """The shares that this workspace asks for."""
    here = Workspace.here()
    return rules.Policy(
        contingency_least=here.contingency_least, contingency_most=here.contingency_most
    )


def standing(campaign: Campaign) -> Standing:
    """Where the money of this campaign stands now."""
    lines = [
        rules.Line(category, planned, core)
        for category, planned, core in campaign.lines.values_list("category", "planned", "core")
    ]
    sums = bound([campaign.pk]).get(campaign.pk) or Bound()
    found = rules.answers(campaign.total_budget, lines, policy())
    return Standing(
        total=campaign.total_budget,
        planned=found[0].planned,
        committed=sums.committed,
        actual=sums.actual,
        bound=sums.total,
        answers=tuple(found),
    )


def sums_per_line(campaign: Campaign) -> dict[int | None, dict[str, Decimal]]:
    """Line → kind of entry → sum; the key None holds what was booked on no line."""
    sums: dict[int | None, dict[str, Decimal]] = {}
    rows = Cost.objects.filter(campaign=campaign).order_by()
    for line, kind, amount in rows.values_list("line", "kind", "amount"):
        of_line = sums.setdefault(line, {kind.value: Decimal(0) for kind in Cost.Kind})
        of_line[kind] += amount
    return sums
