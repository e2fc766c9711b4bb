"""Who started a send, and who owns the campaign, hear when it ends or stops (ux §1.6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.urls import reverse

from muster.channels.sending.models import Send
from muster.kit.words import _
from muster.team.notices.actions import notify
from muster.team.notices.models import Notice
from muster.team.users.models import User

EVENT = "send_finished"
_RECENT = timedelta(hours=12)

DONE = _("“%(send)s” is sent.")
STOPPED = _("%(who)s stopped “%(send)s”.")
PAUSED = _("“%(send)s” paused by itself: %(why)s")


def tell_what_ended(now: datetime) -> int:
    """Tell of sends that the sender ended or paused; what was told is not told again.

    The sender only writes down how it stands: it must not be slowed by telling people.
    """
    told = 0
    done = Send.objects.filter(status=Send.Status.DONE, ended_at__gt=now - _RECENT)
    for send in _untold(done, DONE):
        tell(send, DONE)
        told += 1
    paused = Send.objects.filter(status=Send.Status.PAUSED).exclude(trouble="")
    for send in _untold(paused, PAUSED):
        tell(send, PAUSED, why=send.trouble)
        told += 1
    return told


def _untold(sends: models.QuerySet[Send], text: str) -> list[Send]:
    found = {send.pk: send for send in sends}
    if not found:
        return []
    rows = Notice.objects.filter(
        kind="channels.send", event=EVENT, text=text, object_id__in=list(found), closed_at=None
    )
    for pk in rows.values_list("object_id", flat=True):
        found.pop(pk, None)
    return list(found.values())


def tell(send: Send, text: str, *, by: User | None = None, why: str = "") -> None:
    """Tell them once per send, whatever happens to it later renews the same notice."""
    send = Send.objects.select_related("campaign__owner", "by").get(pk=send.pk)
    notify(
        EVENT,
        send,
        [send.by, send.campaign.owner],
        text,
        url=reverse("channels:send", args=[send.pk]),
        params={"send": send.name, "who": str(by or ""), "why": why[:200]},
        by=by,
        campaign=send.campaign_id,
    )
