"""The marketing calendar in the API (PL7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from ninja import Query, Router, Schema
from pydantic import Field

from muster.kit.days import off_calendar
from muster.kit.errors import Invalid
from muster.kit.ids import public
from muster.kit.words import _
from muster.plan.calendar.almanac import holidays_of
from muster.plan.calendar.board import language
from muster.plan.calendar.layers import Tile, Window, layers, tiles
from muster.plan.calendar.nodes import nodes_between
from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import caller
from muster.team.bodies import Strict
from muster.team.calendars import actions as calendars
from muster.team.calendars.models import CustomDay
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import has_scope, scope
from muster.team.users.models import Workspace

router = Router(tags=["calendar"])
MOST_DAYS = 366
_SCOPES = {"sends": "sends:read"}
"""Layers whose things have a scope of their own."""


class DayIn(Strict):
    """A day of one's own; without `last` it is one day."""

    name: str
    first: date
    last: date | None = None
    effect: str = CustomDay.Effect.NOTE.value
    recurrence: str = CustomDay.Recurrence.ONCE.value


class AskedDays(Schema):
    """Which days, and which layers."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    layers: str = ""


@router.get("", auth=scope("campaigns:read"), response=dict[str, Any])
def calendar(
    request: HttpRequest,
    asked: Query[AskedDays],
) -> dict[str, Any]:
    """Everything on these days: things by layer, official days, festivals and sales.

    Without `from` it begins today, without `to` it lasts 30 days; `layers` names some of them,
    separated by commas.
    """
    user, workspace = caller(request), Workspace.here()
    first = asked.from_ or today()
    if problems := off_calendar({"/from": first, "/to": asked.to}):
        raise Invalid.of(problems)
    last = asked.to or first + timedelta(days=29)
    if last < first:
        raise Invalid.at("/to", "ends_before_start", _("The last day is before the first day."))
    if (last - first).days >= MOST_DAYS:
        raise Invalid.at("/to", "too_long", _("Ask for at most a year at once."))
    known = [
        one.key
        for one in layers(user)
        if one.key not in _SCOPES or has_scope(request, _SCOPES[one.key])
    ]
    marks = ("holidays", "nodes")
    wanted = [one for one in asked.layers.split(",") if one] or [*known, *marks]
    strange = [one for one in wanted if one not in known and one not in marks]
    if strange:
        raise Invalid.at(
            "/layers",
            "unknown_layer",
            _("There is no layer “%(layer)s” for you. Use some of: %(known)s."),
            layer=strange[0],
            known=", ".join([*known, *marks]),
        )
    window = Window(first, last, workspace.zone)
    holidays = (
        holidays_of([workspace.country], first, last, language()) if "holidays" in wanted else {}
    )
    return {
        "from": first,
        "to": last,
        "items": [shown(tile) for tile in tiles(user, window, wanted)],
        "official_days": [
            {
                "day": one.day,
                "country": one.country,
                "name": one.name,
                "off": one.is_off,
                "expected": one.is_expected,
            }
            for days in holidays.values()
            for one in days
        ],
        "nodes": [
            {
                "id": node.key,
                "name": translation.gettext(node.name),
                "first": node.first,
                "last": node.last,
            }
            for node in (nodes_between(first, last) if "nodes" in wanted else ())
        ],
    }


def shown(tile: Tile) -> dict[str, Any]:
    """A tile as the API speaks of it."""
    return {
        "id": tile.id,
        "layer": tile.layer,
        "title": tile.title,
        "first": tile.first,
        "last": tile.last,
        "at": tile.at,
        "until": tile.until,
        "campaign": public("campaign", tile.campaign) if tile.campaign else None,
        "channel": tile.channel,
        "state": str(tile.state),
        "movable": tile.movable,
        "url": settings.PUBLIC_URL.rstrip("/") + tile.url,
    }


@router.get("/days", auth=scope("campaigns:read"), response=Page[dict[str, Any]])
def list_days(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The days of one's own, newest first."""
    return page(CustomDay.objects.all(), paging, shown_day)


@router.post("/days", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def add_day(request: HttpRequest, body: DayIn) -> dict[str, Any]:
    """Mark a day of one's own."""
    day = calendars.add_day(
        body.name,
        body.first,
        body.last or body.first,
        by=caller(request),
        effect=body.effect,
        recurrence=body.recurrence,
    )
    return shown_day(day)


@router.delete("/days/{day_id}", auth=scope("campaigns:write"), response={204: None})
def drop_day(request: HttpRequest, day_id: str) -> None:
    """Take a day of one's own away."""
    calendars.remove_day(found(CustomDay.objects.all(), "day", day_id), by=caller(request))


def shown_day(day: CustomDay) -> dict[str, Any]:
    """A day of one's own as the API speaks of it."""
    return {
        "id": day.public_id,
        "name": day.name,
        "first": day.first,
        "last": day.last,
        "effect": day.effect,
        "recurrence": day.recurrence,
    }
