"""Who started a send, and who owns the campaign, hear when it ends or stops (ux §1.6)."""

from __future__ import annotations

from django.urls import reverse

from muster.channels.sending.models import Send
from muster.kit.words import _
from muster.team.notices.actions import notify
from muster.team.users.models import User

DONE = _("“%(send)s” is sent.")
STOPPED = _("%(who)s stopped “%(send)s”.")
PAUSED = _("“%(send)s” paused by itself: %(why)s")


def tell(send: Send, text: str, *, by: User | None = None, why: str = "") -> None:
    """Tell them once per send, whatever happens to it later renews the same notice."""
    send = Send.objects.select_related("campaign__owner", "by").get(pk=send.pk)
    notify(
        "send_finished",
        send,
        [send.by, send.campaign.owner],
        text,
        url=reverse("channels:send", args=[send.pk]),
        params={"send": send.name, "who": str(by or ""), "why": why[:200]},
        by=by,
        campaign=send.campaign_id,
    )
