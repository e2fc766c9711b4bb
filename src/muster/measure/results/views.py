"""The results of a campaign as pages (S37, S38): what came of it, and why each number is so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from muster.kit import clock, ids
from muster.kit.errors import NotFound
from muster.kit.money import Money
from muster.measure.results import rules
from muster.measure.results.climb import climb
from muster.measure.results.groups import members
from muster.measure.results.numbers import Figure, Group, Results, Trial, results
from muster.measure.results.trace import FUNNEL, trace
from muster.measure.results.words import metric_name, step_name
from muster.people.profile.models import Person
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.goals.models import Goal
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.missing import missing
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS
from muster.ui import charts, formats
from muster.warehouse.metrics import METRICS

PAGE = "measure/results.html"


@allow("insights.see")
@require_safe
def results_page(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """What came of the campaign."""
    campaign = of_page(request, campaign_id)
    may_see_money = request.user.may("budget.see")
    try:
        context = _context(results(campaign, clock.now()), may_see_money=may_see_money)
    except NO_NUMBERS as error:
        context = {"missing": missing(error)}
    if request.htmx:
        return render(request, f"{PAGE}#results", {"campaign": campaign, **context})
    return render(request, PAGE, page(campaign, request.user, "results", **context))


@allow("insights.see")
@require_safe
def trace_page(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Where one number comes from."""
    campaign = of_page(request, campaign_id)
    metric = request.GET.get("metric", "")
    if METRICS.get(metric) is not None and METRICS[metric].cost is not None:
        _must_see_money(request)
    goal = _goal(campaign, request.GET.get("goal", ""))
    try:
        found = trace(campaign, metric, clock.now(), group=request.GET.get("group", ""), goal=goal)
    except NO_NUMBERS as error:
        context = {"metric": metric, "missing": missing(error)}
        return render(
            request, "measure/trace.html", page(campaign, request.user, "results", **context)
        )
    people = Person.objects.in_bulk({row.person_id for row in found.behind.rows if row.person_id})
    may_see_people = request.user.may("people.see")
    shown = [
        (row, _who(people.get(row.person_id or 0), request) if may_see_people else "")
        for row in found.behind.rows
    ]
    group = next((g for g in members(campaign).groups if g.key == found.group), None)
    context = {
        "metric": metric,
        "t": found,
        "rows": shown,
        "group": group,
        "goal": goal,
        "last_day": found.end - timedelta(seconds=1),
        "may_see_people": may_see_people,
    }
    return render(request, "measure/trace.html", page(campaign, request.user, "results", **context))


def _must_see_money(request: TeamRequest) -> None:
    if not request.user.may("budget.see"):
        raise lacking("budget.see")


def _goal(campaign: Campaign, public_id: str) -> Goal | None:
    if not public_id:
        return None
    found = Goal.objects.filter(campaign=campaign, pk=ids.number("goal", public_id) or 0).first()
    if found is None:
        raise NotFound
    return found


def _who(person: Person | None, request: TeamRequest) -> str:
    """The name where the reader may see it; else the number that stands for the person."""
    if person is None:
        return ""
    clear = person.name or person.email or person.external_id
    return clear if request.user.may("people.pii") and clear else person.public_id


@dataclass(frozen=True)
class Part:
    """One line of what the campaign cost."""

    name: str
    amount: Decimal


@dataclass(frozen=True)
class Best:
    """The clearest gain of one variant."""

    group: Group
    figure: Figure


@dataclass(frozen=True)
class CreditRow:
    """Orders credited to one channel by each model."""

    key: str
    first: float
    last: float
    linear: float

    @property
    def disagreement(self) -> rules.Disagreement:
        return rules.disagreement(self.first, self.last)


def _context(r: Results, *, may_see_money: bool) -> dict[str, Any]:
    funnel = r.funnel
    bottleneck = r.bottleneck
    points = climb(r.campaign, r.primary, members(r.campaign), r.as_of) if r.primary else ()
    return {
        "r": r,
        "last_day": r.end - timedelta(seconds=1),
        "revenue": Money(r.revenue, r.currency),
        "cost": Money(r.cost.total, r.currency),
        "may_see_money": may_see_money,
        "cost_parts": cost_parts(r),
        "cost_missing": ""
        if r.cost.booked
        else _("No cost is booked yet, so the return is too good."),
        "best_lifts": best_lifts(r),
        "goal_chart": _chart(r, points),
        "goal_chart_label": _("How the main goal climbed, and its plan"),
        "funnel": [
            {
                "step": step,
                "name": step_name(step.name),
                "metric": FUNNEL.get(step.name, ""),
                "is_narrowest": bottleneck is not None and step.name == bottleneck.name,
            }
            for step in funnel
        ],
        "audience": funnel[0].people if funnel else 0,
        "credits": credits_of(r),
        "extra": [(trial, _extra(trial, r.currency)) for trial in r.trials],
        "goals_url": _address("plan:brief", r.campaign),
        "budget_url": _address("plan:budget", r.campaign),
        "sends_url": _address("channels:campaign_sends", r.campaign),
    }


def cost_parts(r: Results) -> list[Part]:
    """The parts of the cost: categories of the ledger, then the discounts given on orders."""
    titles = dict(BudgetLine.Category.choices)
    parts = [
        Part(str(titles.get(category, category)), amount)
        for category, amount in sorted(r.cost.by_category.items(), key=lambda part: -part[1])
    ]
    return [*parts, Part(_("Discounts given on orders"), r.cost.discounts)]


def best_lifts(r: Results) -> list[Best]:
    """For each send with a hold-out the variant whose visits or orders rose most clearly."""
    found = []
    for trial in r.trials:
        certain = [
            Best(group, group.figures[key])
            for key in ("conversion_rate", "visit_rate")
            for group in trial.variants
            if (lift := group.figures[key].lift) and lift.is_significant and lift.relative
        ]
        if certain:
            key = certain[0].figure.key
            same = [best for best in certain if best.figure.key == key]
            found.append(max(same, key=lambda b: b.figure.lift.relative or 0))  # type: ignore[union-attr]
    return found


def credits_of(r: Results) -> list[CreditRow]:
    """Channel by channel what first, last and linear touch say."""
    by_key: dict[str, dict[str, float]] = {}
    for model, credits in r.attribution.models.items():
        for credit in credits:
            by_key.setdefault(credit.key, {})[model] = credit.conversions
    rows = [
        CreditRow(key, part.get("first", 0), part.get("last", 0), part.get("linear", 0))
        for key, part in by_key.items()
    ]
    return sorted(rows, key=lambda row: -row.linear)


def _extra(trial: Trial, currency: str) -> Money | None:
    value = trial.extra_revenue
    return Money(Decimal(str(value)), currency) if value is not None else None


def _chart(r: Results, points: Any) -> dict[str, Any] | None:
    goal = r.primary
    if goal is None or not points:
        return None
    language = get_language() or "en"
    today = r.as_of.date()
    name = metric_name(goal.goal.metric)
    return charts.line(
        [formats.day(point.day, language, today=today) for point in points],
        {name: [point.actual for point in points]},
        plan=[round(point.planned, 4) for point in points],
        plan_name=_("Plan"),
        unit=r.currency if goal.metric.unit.value == "money" else "",
    )


def _address(name: str, campaign: Campaign) -> str:
    try:
        return reverse(name, args=[campaign.pk])
    except NoReverseMatch:
        return ""
