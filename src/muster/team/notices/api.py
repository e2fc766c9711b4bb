"""One's own notices in the API."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import Query, Router, Schema

from muster.kit import ids
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.notices import actions
from muster.team.notices.events import EVENTS
from muster.team.notices.models import Notice
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["notices"])


class Which(Schema):
    """Which notices are asked for."""

    unread: bool = False


class Read(Strict):
    """Which notices are seen; none named: all."""

    notices: list[str] | None = None


def shown(notice: Notice) -> dict[str, Any]:
    """A notice as the API speaks of it."""
    return {
        "id": notice.public_id,
        "event": notice.event,
        "text": str(notice),
        "why": str(EVENTS[notice.event].why),
        "url": notice.url,
        "campaign": ids.public("campaign", notice.campaign_id) if notice.campaign_id else None,
        "times": notice.times,
        "at": notice.at,
        "read_at": notice.read_at,
        "closed_at": notice.closed_at,
    }


@router.get("", auth=scope("notices:read"), response=Page[dict[str, Any]])
def list_notices(
    request: HttpRequest, paging: Query[Paging], which: Query[Which]
) -> dict[str, object]:
    """What the person behind the token was told."""
    rows = Notice.objects.filter(to=_user(request))
    if which.unread:
        rows = rows.filter(read_at=None, closed_at=None)
    return page(rows, paging, shown)


@router.post("/read", auth=scope("notices:write"), response=dict[str, int])
def read(request: HttpRequest, body: Read) -> dict[str, int]:
    """Mark notices as seen."""
    user = _user(request)
    if body.notices is None:
        return {"read": actions.mark_read(user)}
    rows = Notice.objects.filter(to=user)
    return {
        "read": actions.mark_read(user, [found(rows, "notice", one).pk for one in body.notices])
    }


@router.get("/{notice_id}", auth=scope("notices:read"), response=dict[str, Any])
def get_notice(request: HttpRequest, notice_id: str) -> dict[str, Any]:
    """One notice."""
    return shown(found(Notice.objects.filter(to=_user(request)), "notice", notice_id))


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
