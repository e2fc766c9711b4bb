"""Reports in the API (ME1, ME2, ME3, PE5): attribution, return, funnel, RFM."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal, cast

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from muster.events import names
from muster.kit import clock
from muster.kit.money import Money
from muster.measure.reports.asked import currency, day, listed, period
from muster.measure.reports.roi import Report, roi_of, roi_of_all
from muster.measure.reports.rules import Row
from muster.people.segments.counting import members
from muster.people.segments.models import Segment
from muster.plan.campaigns.models import Campaign
from muster.team.bodies import Strict
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.lookup import found
from muster.team.stores import warehouse
from muster.team.tokens.auth import scope
from muster.team.users.models import User, Workspace
from muster.warehouse import heat as heats
from muster.warehouse import web
from muster.warehouse.attribution import attribution
from muster.warehouse.funnel import Reached, funnel, funnel_by, steps_of
from muster.warehouse.metrics import Scope
from muster.warehouse.rfm import rfm

router = Router(tags=["reports"])
_USUAL_DAYS = 28
_PATIENCE = 60.0
"""Seconds that a question over all events may take."""


class AttributionAsked(Schema):
    """Which conversions, which touches, which models."""

    conversion: str = names.ORDER_COMPLETED
    from_: str | None = Field(None, alias="from")
    to: str | None = None
    window: str | None = None
    reset: bool = False
    models: str | None = None
    group_by: str = "channel"
    currency: str | None = None


class FunnelAsked(Strict):
    """The steps, how long the way may take, and what to split by."""

    steps: Any
    within: str | None = None
    by: str | None = None
    from_: str | None = Field(None, alias="from")
    to: str | None = None


class RfmAsked(Schema):
    """As of which day, and in which currency."""

    as_of: str | None = None
    currency: str | None = None


@router.get("/attribution", auth=scope("reports:read"), response=dict[str, Any])
def attribution_report(request: HttpRequest, asked: Query[AttributionAsked]) -> dict[str, Any]:
    """Who gets the credit for conversions, by each model; without days all time."""
    start, end = period(asked.from_, asked.to)
    with warehouse(_PATIENCE) as db:
        answer = attribution(
            db,
            asked.conversion,
            start=start,
            end=end,
            window=asked.window or None,
            reset=asked.reset,
            models=listed(asked.models, ("first", "last", "linear")),
            group_by=asked.group_by,
            currency=currency(asked.currency),
        )
    apart = {code: float(amount) for code, amount in answer.apart.items()}
    return {**answer.as_json(), "currency": answer.currency, "apart": apart}


@router.get("/roi", auth=scope("reports:read"), response=dict[str, Any])
def roi_report(
    request: HttpRequest, campaign: str | None = None, by: str = "channel"
) -> dict[str, Any]:
    """Cost, revenue and return of one campaign or of all, by channel, week or phase."""
    user = cast(User, request.user)
    if not user.may("budget.see"):
        raise lacking("budget.see")
    rows = Campaign.objects.visible_to(user)
    if campaign:
        return _report(roi_of(found(rows, "campaign", campaign), by))
    return _report(roi_of_all(rows.order_by("starts"), by))


@router.post("/funnel", auth=scope("reports:read"), response=dict[str, Any])
def funnel_report(request: HttpRequest, asked: FunnelAsked) -> dict[str, Any]:
    """How many people go how far through the steps; with `by` also for each of its values."""
    steps = steps_of(asked.steps)
    start, end = period(asked.from_, asked.to)
    with warehouse(_PATIENCE) as db:
        whole = funnel(db, steps, within=asked.within or None, start=start, end=end)
        answer: dict[str, Any] = {"steps": [_reached(step) for step in whole]}
        if asked.by:
            parts = funnel_by(
                db, steps, asked.by, within=asked.within or None, start=start, end=end
            )
            answer["by"] = {
                key: [_reached(step) for step in reached] for key, reached in parts.items()
            }
    return answer


@router.get("/rfm", auth=scope("reports:read"), response=dict[str, Any])
def rfm_report(request: HttpRequest, asked: Query[RfmAsked]) -> dict[str, Any]:
    """Buyers by how lately, how often and for how much they bought, in fifths."""
    here = Workspace.here()
    today = clock.now().astimezone(here.zone).date()
    as_of = day(asked.as_of, "/as_of", today)
    counted = currency(asked.currency) or here.currency
    with warehouse(_PATIENCE) as db:
        answer = rfm(db, as_of, here.zone, counted)
    return {
        "as_of": as_of,
        "currency": counted,
        "people": answer.people,
        "value": float(answer.value),
        "quintiles": {measure: list(edges) for measure, edges in answer.edges.items()},
        "cells": [
            {
                "recency": cell.recency,
                "frequency": cell.frequency,
                "monetary": cell.monetary,
                "people": cell.people,
                "value": float(cell.value),
            }
            for cell in answer.cells
        ],
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "by": report.by,
        "currency": report.currency,
        "rows": [_row(row, report.currency) for row in report.rows],
        "total": _row(report.total, report.currency),
        "left_out": [campaign.public_id for campaign in report.apart],
    }


def _row(row: Row, currency: str) -> dict[str, Any]:
    return {
        "key": row.key,
        "cost": Money(row.cost, currency).as_json(),
        "revenue": Money(row.revenue, currency).as_json(),
        "roi": row.roi,
        "orders": int(row.orders) if row.orders == int(row.orders) else row.orders,
    }


def _reached(step: Reached) -> dict[str, Any]:
    return {
        "name": step.name,
        "people": step.people,
        "rate": step.rate,
        "from_previous": step.from_previous,
    }


class WebAsked(Schema):
    """The days of a report on the site; without `from` the last 28."""

    from_: str | None = Field(None, alias="from")
    to: str | None = None


class HeatmapAsked(WebAsked):
    """Which page, on which device, in which version, by which channel group, source and visits.

    `visits` is `first` (people who had never come by before) or `later`.
    """

    page: str
    device: str = "phone"
    version: str | None = None
    group: str | None = None
    source: str | None = None
    visits: Literal["first", "later"] | None = None
    segment: str | None = None
    """Only what the people of this segment did; nothing is told of too few of them."""


@router.get("/web", auth=scope("reports:read"), response=dict[str, Any])
def web_report(request: HttpRequest, asked: Query[WebAsked]) -> dict[str, Any]:
    """Visitors, visits, sources, pages and devices of the site."""
    with warehouse(_PATIENCE) as db:
        found = web.overview(db, _days(asked), Workspace.here().time_zone)
    return {
        "figures": {
            key: None if value.value is None else float(value.value)
            for key, value in found.figures.items()
        },
        "days": [
            {"day": day.isoformat(), "visitors": visitors, "page_views": views}
            for day, visitors, views in found.days
        ],
        **{
            name: [{"key": part.key, **part.numbers} for part in parts]
            for name, parts in found.parts.items()
        },
        "terms": [{"key": term, "visits": visits} for term, visits in found.terms],
        "looks_by_programs": found.by_programs,
    }


@router.get("/heatmap", auth=scope("reports:read"), response=dict[str, Any])
def heatmap_report(request: TeamRequest, asked: Query[HeatmapAsked]) -> dict[str, Any]:
    """What was pressed on a page, how far people scrolled, and what they looked at."""
    people = None
    if asked.segment is not None:
        segments = Segment.objects.visible_to(request.user)
        people = members(found(segments, "segment", asked.segment))
    with warehouse(_PATIENCE) as db:
        host, path = heats.page_of(asked.page)
        wanted = heats.Wanted(asked.device, asked.version, asked.group, asked.source, asked.visits)
        heat = heats.heat(db, host, path, _days(asked), wanted, people)
    elements = [
        {**asdict(one), "unseen": heat.unseen(one), "is_live": one.is_live} for one in heat.elements
    ]
    return {**asdict(heat), "elements": elements, "is_enough": heat.is_enough}


def _days(asked: WebAsked) -> Scope:
    start, end = period(asked.from_, asked.to)
    return Scope(start or clock.now() - timedelta(days=_USUAL_DAYS), end)
