"""Moves a send that has not begun to another time (S15, CH9)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from muster.channels.sending import actions
from muster.channels.sending.models import Send
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User

Status = Send.Status
_AGREED = (Status.APPROVED, Status.SCHEDULED)


def same_hour(send: Send, day: date, zone: ZoneInfo) -> datetime:
    """The hour at which the send was to begin, on another day."""
    hour = send.starts_at.astimezone(zone).time() if send.starts_at else time(10)
    return datetime.combine(day, hour, zone)


@transaction.atomic
def move(send: Send, starts_at: datetime, *, by: User) -> tuple[Change, bool]:
    """Let it begin at another time; whether an approval falls away is the second value.

    What was scheduled is a draft again. Taking the move back also brings back the approval, which
    was given for the time before.
    """
    send = Send.objects.select_for_update().get(pk=send.pk)
    if not send.is_editable and send.status != Status.SCHEDULED:
        raise Refused(_("“%(name)s” has begun and cannot be changed any more."), name=send.name)
    if starts_at <= timezone.now():
        raise Refused(_("This moment is over. Choose a later one."), code="past")
    undo: dict[str, Any] = {"starts_at": send.starts_at, "not_after": send.not_after}
    was_agreed = send.status in _AGREED
    if was_agreed:
        undo |= {"status": send.status, "approved": send.approved}
    if send.status == Status.SCHEDULED:
        actions.unschedule(send, by=by)
    send = actions.change(send, by=by, starts_at=starts_at)
    change = record_change(
        "send_moved", send, by=by, undo=undo, campaign=send.campaign_id, to=starts_at
    )
    return change, was_agreed
