"""Questions over all campaigns as pages (S37, S38): return, and funnels over any events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from muster.events import names
from muster.kit import clock
from muster.kit.errors import Invalid
from muster.measure.reports.asked import period
from muster.measure.reports.roi import Report, roi_of
from muster.measure.reports.rules import Row
from muster.measure.results.numbers import as_of
from muster.plan.campaigns.models import Campaign
from muster.team.http import TeamRequest
from muster.team.missing import missing
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS, warehouse
from muster.warehouse.funnel import Reached, funnel, funnel_by, steps_of

_MOST_CAMPAIGNS = 60
_MOST_STEPS = 6
_PATIENCE = 60.0
EVENTS = (
    names.MESSAGE_DELIVERED,
    names.MESSAGE_OPENED,
    names.MESSAGE_CLICKED,
    names.PAGE_VIEWED,
    names.PRODUCT_VIEWED,
    names.PRODUCT_ADDED,
    names.CHECKOUT_STARTED,
    names.ORDER_COMPLETED,
)
"""What is offered as a step; any other event may be typed."""
TEMPLATES: dict[str, tuple[str, ...]] = {
    "mail": (names.MESSAGE_SENT, names.MESSAGE_CLICKED, names.ORDER_COMPLETED),
    "shop": (
        names.PAGE_VIEWED,
        names.PRODUCT_VIEWED,
        names.PRODUCT_ADDED,
        names.CHECKOUT_STARTED,
        names.ORDER_COMPLETED,
    ),
}


@allow("insights.see")
@require_safe
def insights(request: TeamRequest) -> HttpResponse:
    """The report that this reader may see first."""
    return redirect("measure:roi" if request.user.may("budget.see") else "measure:funnel")


@dataclass(frozen=True)
class CampaignRow:
    """One campaign and its return, with one cell for each channel."""

    campaign: Campaign
    total: Row
    cells: Sequence[Row | None]


@allow("budget.see")
@require_safe
def roi_page(request: TeamRequest) -> HttpResponse:
    """Which campaign and which channel brought its money back."""
    campaigns = list(
        Campaign.objects.visible_to(request.user).order_by("-starts", "-pk")[:_MOST_CAMPAIGNS]
    )
    try:
        found = [(campaign, roi_of(campaign, "channel")) for campaign in campaigns]
    except NO_NUMBERS as error:
        return render(request, "measure/roi.html", {"missing": missing(error)})
    shown = [(campaign, report) for campaign, report in found if report.rows]
    channels = _channels(report for _campaign, report in shown)
    rows = [
        CampaignRow(campaign, report.total, _cells(report, channels)) for campaign, report in shown
    ]
    context = {
        "rows": rows,
        "channels": channels,
        "without": [campaign for campaign, report in found if not report.rows],
        "no_cost": [row.campaign for row in rows if not row.total.cost],
        "best": max(
            (row for row in rows if row.total.roi is not None),
            key=lambda row: row.total.roi or 0,
            default=None,
        ),
        "as_of": as_of(clock.now()),
    }
    return render(request, "measure/roi.html", context)


def _channels(reports: Any) -> list[str]:
    found: dict[str, None] = {}
    for report in reports:
        found.update(dict.fromkeys(row.key for row in report.rows))
    # What belongs to no channel stands on the right.
    return sorted(found, key=lambda key: (key.startswith("("), key))


def _cells(report: Report, channels: Sequence[str]) -> list[Row | None]:
    rows = {row.key: row for row in report.rows}
    return [rows.get(channel) for channel in channels]


@allow("insights.see")
@require_safe
def funnel_page(request: TeamRequest) -> HttpResponse:
    """How far people come through steps that the reader picks."""
    asked = request.GET
    template = asked.get("template", "")
    chosen = [step.strip() for step in asked.getlist("step") if step.strip()][:_MOST_STEPS]
    if not chosen and template in TEMPLATES:
        chosen = list(TEMPLATES[template])
    within = asked.get("within", "7d").strip()
    by = asked.get("by", "")
    context: dict[str, Any] = {
        "chosen": chosen,
        "fields": [*chosen, *[""] * (_MOST_STEPS - len(chosen))][:_MOST_STEPS],
        "events": EVENTS,
        "within": within,
        "by": by,
        "from": asked.get("from", ""),
        "to": asked.get("to", ""),
        "as_of": as_of(clock.now()),
        "may_see_money": request.user.may("budget.see"),
    }
    status = 200
    if chosen:
        try:
            context |= _answer(chosen, within, by, asked.get("from"), asked.get("to"))
        except Invalid as invalid:
            status = 422
            problem = invalid.errors[0]
            context["problem"] = _(problem.text) % problem.params
        except NO_NUMBERS as error:
            context["missing"] = missing(error)
    return render(request, "measure/funnel.html", context, status=status)


def _answer(
    chosen: Sequence[str], within: str, by: str, start: str | None, end: str | None
) -> dict[str, Any]:
    steps = steps_of(list(chosen))
    first, last = period(start, end)
    with warehouse(_PATIENCE) as db:
        reached = funnel(db, steps, within=within or None, start=first, end=last)
        parts: dict[str, list[Reached]] = {}
        if by:
            parts = funnel_by(db, steps, by, within=within or None, start=first, end=last)
    missing = [step.name for step in reached if not step.people]
    return {"reached": reached, "parts": parts, "missing": missing, "top": reached[0].people}
