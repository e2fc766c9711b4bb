"""What measuring shows in a campaign's workspace: the tab, a tile, and how far its goals are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from muster.kit import clock
from muster.kit.money import Money
from muster.measure.goals import past  # noqa: F401  (says what the past reached)
from muster.measure.keeping import kept
from muster.measure.leads import costs  # noqa: F401  (says what leads cost)
from muster.measure.reports.roi import roi_of
from muster.measure.results.groups import members
from muster.measure.results.numbers import Results, as_of, goal_now, outcome_window, results
from muster.plan.budget.automatic import Count, counted
from muster.plan.budget.effect import returns
from muster.plan.budget.measured import Outcome, measured
from muster.plan.budget.models import costs_by
from muster.plan.budget.rules import Return
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import tab, tile
from muster.plan.goals.models import Goal
from muster.plan.goals.progress import Progress, progress
from muster.plan.strategy.asking import Live, Numbers, live_numbers
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import User
from muster.warehouse.funnel import Reached
from muster.warehouse.metrics import Scope, evaluate
from muster.warehouse.touchpoints import passages


@tab("results", _("Results"), 80, "measure:results", "insights.see")
def results_badge(campaign: Campaign, user: User) -> None:
    return None


@progress
def value_of(campaign: Campaign, goal: Goal) -> Progress | None:
    """The goal's number now; nothing is known before the first send."""
    people = members(campaign)
    if not people.groups:
        return None

    def count() -> Progress | None:
        now = clock.now()
        with warehouse() as db:
            found = goal_now(db, campaign, goal, people, now)
        if found is None or found.actual is None:
            return None
        trace = f"/c/{campaign.public_id}/results/trace?metric={goal.metric}&goal={goal.public_id}"
        return Progress(Decimal(str(found.actual)), as_of(now), trace)

    asked = f"{goal.pk}:{goal.metric}:{goal.starts}:{goal.due}"
    try:
        return kept(f"goal:{asked}:{_mark(campaign)}", count)
    except NO_NUMBERS:
        return None


def _mark(campaign: Campaign) -> str:
    return f"{campaign.pk}:{campaign.updated_at.timestamp()}"


@live_numbers
def people_in_cells(campaign: Campaign) -> Numbers | None:
    """How many people each channel brought into each stage of the touchpoint map."""
    now = clock.now()
    try:
        with warehouse() as db:
            found = passages(db, campaign.public_id)
    except NO_NUMBERS:
        return None
    if not found:
        return None
    return Numbers({at: Live(one.people, one.onward) for at, one in found.items()}, as_of(now))


@dataclass(frozen=True)
class InShort:
    """What the tile says of the results."""

    as_of: datetime
    funnel: tuple[Reached, ...]
    revenue: Money
    cost: Money
    roi: float | None
    orders: int


def _in_short(r: Results) -> InShort:
    revenue, cost = Money(r.revenue, r.currency), Money(r.cost.total, r.currency)
    return InShort(r.as_of, tuple(r.funnel), revenue, cost, r.roi, r.orders)


def has_sent(campaign: Campaign) -> bool:
    """Whether there is anybody whose answers could be counted."""
    return bool(members(campaign).groups)


@tile("measure/tiles/outcome.html", 35, "insights.see", "c8", later=has_sent)
def outcome(campaign: Campaign, user: User) -> dict[str, Any] | None:
    """What came back: the funnel and the return, once something was sent."""
    if not has_sent(campaign):
        return None
    try:
        r = kept(f"outcome:{_mark(campaign)}", lambda: _in_short(results(campaign, clock.now())))
    except NO_NUMBERS:
        return None
    return {
        "r": r,
        "may_see_money": user.may("budget.see"),
        "audience": r.funnel[0].people if r and r.funnel else 0,
    }


@counted("discounts")
def discounts(campaign: Campaign) -> list[Count]:
    """What the orders of the campaign's people were reduced by; the same sum as in the results."""
    found = _money(campaign, ("discounts", "orders"))
    return [Count("", found["orders"], found["discounts"])] if found else []


@measured
def brought(campaign: Campaign) -> Outcome | None:
    """What the campaign cost and brought so far; nothing is known before the first send."""
    try:
        found = _money(campaign, ("revenue", "discounts", "leads", "buyers"))
    except NO_NUMBERS:
        return None
    if not found:
        return None
    booked = sum(costs_by(campaign, "category").values(), Decimal(0))
    return Outcome(
        booked + found["discounts"], found["revenue"], int(found["leads"]), int(found["buyers"])
    )


@returns
def channel_returns(campaign: Campaign) -> dict[str, Return] | None:
    """Orders and revenue of each channel, by the last touch, beside what the channel cost."""

    def count() -> dict[str, Return] | None:
        if not members(campaign).groups:
            return None
        try:
            report = roi_of(campaign, "channel")
        except NO_NUMBERS:
            return None
        return {
            row.key: Return(row.cost, Decimal(str(row.orders)), row.revenue) for row in report.rows
        }

    # What ended campaigns brought hardly moves, and a proposal asks for many of them.
    return kept(f"returns:{_mark(campaign)}", count, 600) if campaign.is_over else count()


def _money(campaign: Campaign, names: tuple[str, ...]) -> dict[str, Decimal]:
    people = members(campaign)
    if not people.groups:
        return {}
    start, end = outcome_window(campaign)
    scope = Scope(start, end, people.treated, campaign.public_id, currency=campaign.currency)
    with warehouse() as db:
        found = evaluate(db, list(names), scope)
    return {name: Decimal(str(found[name].value or 0)) for name in names}
