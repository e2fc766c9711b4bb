"""Leave and the working days in the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

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
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 12, 31)


class NewLeave(Strict):
    """Who is away, from when to when; without a user: oneself."""

    first: date
    last: date
    note: str = ""
    user: str | None = None


class Span(Schema):
    """From which day to which, both included; `since` and `until` are other names of the two."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    since: date | None = None
    until: date | None = None

    @property
    def first(self) -> date | None:
        return self.from_ or self.since

    @property
    def last(self) -> date | None:
        return self.to or self.until


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
    if span.first and span.last:
        _check(span.first, span.last)
    if span.first:
        rows = rows.filter(last__gte=span.first)
    if span.last:
        rows = rows.filter(first__lte=span.last)
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
    """Every day that is worked within a span; without one, within the year from today on."""
    first = span.first or min(timezone.localdate(), span.last or date.max)
    if not _EARLIEST <= first <= _LATEST:
        raise Invalid.at("/from", "out_of_range", _("Ask for days from 1990 to 2100."))
    last = span.last or first + timedelta(days=365)
    _check(first, last)
    if (last - first).days >= _MOST_DAYS:
        raise Invalid.at(
            "/to", "too_long", _("Ask for at most %(most)s days at once."), most=_MOST_DAYS
        )
    days = work_calendar(first).days(first, last)
    return {"from": first, "to": last, "worked": days, "count": len(days)}


def _check(first: date, last: date) -> None:
    if last < first:
        raise Invalid.at("/to", "ends_before_start", _("The last day is before the first day."))


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
