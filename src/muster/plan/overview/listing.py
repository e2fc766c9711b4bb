"""All campaigns in one list with their figures (S05), by a constant number of questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, F, QuerySet, Sum
from django.utils.translation import gettext

from muster.kit.money import Money
from muster.kit.words import _
from muster.plan.budget import rules as budget
from muster.plan.budget.models import Bound, BudgetLine, Cost, bound
from muster.plan.budget.policy import policy
from muster.plan.campaigns.channels import ICONS, channel_name
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign, CampaignQuerySet
from muster.plan.campaigns.page import CHIP
from muster.plan.campaigns.rules import Clock, clock
from muster.plan.goals.models import Goal
from muster.plan.goals.shown import ShownGoal, shown_with
from muster.plan.overview.figures import Figures, kept
from muster.plan.overview.reasons import Worry, worries_of
from muster.plan.tasks.models import Task
from muster.team.users.models import User

SORTS = {
    "starts": ("-starts", "-pk"),
    "-starts": ("starts", "pk"),
    "ends": ("ends", "pk"),
    "-ends": ("-ends", "-pk"),
    "name": ("name", "pk"),
    "-name": ("-name", "-pk"),
    "budget": ("-total_budget", "-pk"),
    "-budget": ("total_budget", "pk"),
    "changed": ("-updated_at", "-pk"),
}
"""Name of an order → its columns; the first is the usual one."""
COLUMNS = {
    "status": _("Status"),
    "days": _("Days"),
    "owner": _("In charge"),
    "goal": _("Main goal"),
    "budget": _("Budget"),
    "roi": _("ROI"),
    "audience": _("Audience size"),
    "ready": _("Ready"),
    "milestone": _("Next milestone"),
    "tags": _("Tags"),
}
"""Key of a column → its head, in their order; the campaign itself comes before all of them."""
USUAL = frozenset({"status", "days", "owner", "goal", "budget", "ready", "milestone", "tags"})
_NEEDS = {"budget": ("budget.see",), "roi": ("budget.see", "insights.see")}
"""Column → the rights without which it is not shown."""
GROUPS = {
    "owner": ("owner__name", "owner"),
    "quarter": ("-starts",),
    "strategy": ("strategy",),
    "status": ("status",),
}


@dataclass(frozen=True)
class Asked:
    """Which campaigns, in which order."""

    q: str = ""
    status: str = ""
    owner: int | None = None
    strategy: str = ""
    sort: str = "starts"
    group: str = ""
    tag: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.status or self.owner or self.strategy or self.tag)


@dataclass(frozen=True)
class Row:
    """One campaign of the list."""

    campaign: Campaign
    chip: str
    clock: Clock
    goal: ShownGoal | None
    bound: Bound
    broken: int
    """How many budget rules its lines break."""
    figures: Figures | None
    """None while they are not worked out."""
    milestone: tuple[str, date] | None
    worry: Worry | None
    channels: list[tuple[str, str]]
    """(icon, name)"""


def may_see(column: str, user: User) -> bool:
    """Whether this person may see the column at all."""
    return all(user.may(permission) for permission in _NEEDS.get(column, ()))


@dataclass(frozen=True)
class Group:
    """Rows that belong together, under one head."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Total:
    """Sums over the campaigns of one currency."""

    currency: str
    campaigns: int
    planned: Money
    actual: Money


def asked_for(everything: CampaignQuerySet, asked: Asked) -> QuerySet[Campaign]:
    """The campaigns that are asked for, in order."""
    rows: QuerySet[Campaign] = everything
    if asked.q:
        rows = rows.filter(name__icontains=asked.q)
    if asked.status:
        rows = rows.filter(status=asked.status)
    if asked.owner:
        rows = rows.filter(owner=asked.owner)
    if asked.strategy:
        rows = rows.filter(strategy=asked.strategy)
    if asked.tag:
        rows = rows.filter(tags__name=asked.tag)
    order = SORTS.get(asked.sort, SORTS["starts"])
    return rows.order_by(*GROUPS.get(asked.group, ()), *order)


def rows_of(campaigns: Sequence[Campaign], shows: Collection[str] = tuple(COLUMNS)) -> list[Row]:
    """The figures of these campaigns for the columns shown; owners have been fetched with them."""
    now = today()
    numbers = [one.pk for one in campaigns]
    sums = bound(numbers)
    figures = kept(campaigns, now)
    goals = _main_goals(numbers) if "goal" in shows else {}
    broken = _broken(campaigns) if "budget" in shows else {}
    milestones = _milestones(numbers) if "milestone" in shows else {}
    worries = worries_of(campaigns, sums)
    nothing = Bound()

    def row(one: Campaign) -> Row:
        goal, known = goals.get(one.pk), figures.get(one.pk)
        progress = known.progress if known else None
        return Row(
            campaign=one,
            chip=CHIP.get(Campaign.Status(one.status), ""),
            clock=clock(one.starts, one.ends, now),
            goal=shown_with(one, goal, progress, now) if goal else None,
            bound=sums.get(one.pk, nothing),
            broken=broken.get(one.pk, 0),
            figures=known,
            milestone=milestones.get(one.pk),
            worry=worries.get(one.pk),
            channels=[(ICONS.get(key, "message"), channel_name(key)) for key in one.channels],
        )

    return [row(one) for one in campaigns]


def _main_goals(campaigns: Sequence[int]) -> dict[int, Goal]:
    """The main goal of each campaign."""
    first: dict[int, Goal] = {}
    for goal in Goal.objects.filter(campaign__in=campaigns):
        first.setdefault(goal.campaign_id, goal)
    return first


def grouped(rows: Sequence[Row], by: str) -> list[Group]:
    """The rows under heads; they come in the order of the group."""
    if by not in GROUPS:
        return [Group("", list(rows))]
    return [Group(title, list(all_of)) for title, all_of in groupby(rows, lambda r: _title(r, by))]


def _title(row: Row, by: str) -> str:
    one = row.campaign
    if by == "owner":
        return str(one.owner)
    if by == "strategy":
        return str(one.get_strategy_display()) or gettext("not decided")
    if by == "status":
        return str(one.get_status_display())
    return quarter(one.starts)


def quarter(day: date) -> str:
    """2026 Q4"""
    return f"{day.year} Q{(day.month - 1) // 3 + 1}"


def totals(campaigns: QuerySet[Campaign]) -> list[Total]:
    """Budget and spending of all campaigns that are asked for, apart for each currency."""
    rows = campaigns.order_by()
    planned = {
        currency: (amount, count)
        for currency, amount, count in rows.values_list("currency").annotate(
            Sum("total_budget"), Count("pk")
        )
    }
    paid: Mapping[str, Decimal] = dict(
        Cost.objects.filter(campaign__in=rows.values("pk"), kind=Cost.Kind.ACTUAL)
        .order_by()
        .annotate(in_currency=F("campaign__currency"))
        .values_list("in_currency")
        .annotate(Sum("amount"))
    )
    return [
        Total(
            currency,
            count,
            Money(amount, currency),
            Money(paid.get(currency, Decimal(0)), currency),
        )
        for currency, (amount, count) in sorted(planned.items())
    ]


def _broken(campaigns: Sequence[Campaign]) -> dict[int, int]:
    """How many budget rules each campaign breaks, from one question for all lines."""
    lines: dict[int, list[budget.Line]] = {}
    rows = BudgetLine.objects.filter(campaign__in=[one.pk for one in campaigns]).order_by()
    for pk, category, planned, core in rows.values_list("campaign", "category", "planned", "core"):
        lines.setdefault(pk, []).append(budget.Line(category, planned, core))
    asked = policy()
    return {
        one.pk: sum(
            not answer.holds
            for answer in budget.answers(
                one.total_budget,
                lines.get(one.pk, []),
                asked if one.is_planned else budget.released(asked),
            )
        )
        for one in campaigns
        if one.total_budget
    }


def _milestones(campaigns: Iterable[int]) -> dict[int, tuple[str, date]]:
    """The next milestone of each campaign that is not reached yet."""
    rows = Task.objects.filter(campaign__in=campaigns, milestone=True, due__isnull=False)
    rows = rows.exclude(status=Task.Status.DONE).order_by("-due", "-pk")
    return {
        pk: (title, due) for pk, title, due in rows.values_list("campaign", "title", "due") if due
    }
