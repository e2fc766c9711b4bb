"""Leave and the working days in the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.team.bodies import Strict
from muster.team.calendars import actions
from muster.team.calendars.models import Leave
from muster.team.calendars.working import work_calendar
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["team"])
_MOST_DAYS = 800


class NewLeave(Strict):
    """Who is away, from when to when; without a user: oneself."""

    first: date
    last: date
    note: str = ""
    user: str | None = None


class Span(Schema):
    """From which day to which."""

    since: date | None = None
    until: date | None = None


def shown(leave: Leave) -> dict[str, Any]:
    """A leave as the API speaks of it."""
    return {
        "id": leave.public_id,
        "user": {"id": leave.user.public_id, "name": leave.user.name},
        "first": leave.first,
        "last": leave.last,
        "note": leave.note,
    }


@router.get("/leave", auth=scope("team:read"), response=Page[dict[str, Any]])
def list_leave(request: HttpRequest, paging: Query[Paging], span: Query[Span]) -> dict[str, object]:
    """Who is away within a span."""
    rows = Leave.objects.select_related("user").filter(user__is_active=True)
    if span.since:
        rows = rows.filter(last__gte=span.since)
    if span.until:
        rows = rows.filter(first__lte=span.until)
    return page(rows, paging, shown)


@router.post("/leave", auth=scope("team:read"), response={201: dict[str, Any]})
def add_leave(request: HttpRequest, body: NewLeave) -> Status[dict[str, Any]]:
    """Be away; for a colleague only with the right to manage the team."""
    by = _user(request)
    user = found(User.objects.filter(is_active=True), "user", body.user) if body.user else by
    leave = actions.take_leave(user, body.first, body.last, body.note, by=by)
    return Status(201, shown(leave))


@router.delete("/leave/{leave_id}", auth=scope("team:read"), response={204: None})
def cancel_leave(request: HttpRequest, leave_id: str) -> Status[None]:
    """Here after all."""
    leave = found(Leave.objects.select_related("user"), "leave", leave_id)
    actions.cancel_leave(leave, by=_user(request))
    return Status(204, None)


@router.get("/working-days", auth=scope("team:read"), response=dict[str, Any])
def working_days(request: HttpRequest, span: Query[Span]) -> dict[str, Any]:
    """Every day that is worked within a span."""
    since = span.since or timezone.localdate()
    until = span.until or since + timedelta(days=365)
    if not 0 <= (until - since).days <= _MOST_DAYS:
        raise Invalid.at("/until", "out_of_range", _("A span has 1 to 800 days."))
    return {
        "worked": work_calendar(since).days(since, until),
    }


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
