"""How fast messages leave here: as measured with the latest sends, or as thought before any."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import Count, Max, Min

from muster.channels.sending.models import Recipient, Send

ASSUMED_PER_CONNECTION = 5.0
"""Messages a second over one connection, where nothing was measured: a patient mail server."""
_LEAST = 200
"""Fewer messages say nothing about speed."""
_LATEST = 3


def measured() -> float | None:
    """Messages a second in the best of the latest sends; None before there were enough.

    It reads their recipients: ask it beside the pages.
    """
    over = Send.objects.filter(status=Send.Status.DONE, audience_size__gte=_LEAST)
    latest = list(over.order_by("-ended_at").values_list("pk", flat=True)[:_LATEST])
    rows = (
        Recipient.objects.filter(send__in=latest, state=Recipient.State.SENT)
        .order_by()
        .values("send")
        .annotate(count=Count("id"), first=Min("sent_at"), last=Max("sent_at"))
    )
    speeds = [
        row["count"] / max((row["last"] - row["first"]).total_seconds(), 1.0)
        for row in rows
        if row["count"] >= _LEAST
    ]
    return max(speeds, default=None)


def open_for(
    start: datetime, quiet_from: time | None, quiet_until: time | None, end: datetime
) -> timedelta:
    """How long messages may leave from `start` on, until the quiet hours begin or `end` comes.

    All moments are local. What begins in the quiet hours begins when they are over.
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return max(end - start, timedelta(0))
    if _is_quiet(start.time(), quiet_from, quiet_until):
        start = _next(start, quiet_until)
    return max(min(_next(start, quiet_from), end) - start, timedelta(0))


def _is_quiet(moment: time, quiet_from: time, quiet_until: time) -> bool:
    if quiet_from < quiet_until:
        return quiet_from <= moment < quiet_until
    return moment >= quiet_from or moment < quiet_until


def _next(after: datetime, at: time) -> datetime:
    same_day = after.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return same_day if same_day > after else same_day + timedelta(days=1)
