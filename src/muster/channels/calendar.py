"""What the channels put on the calendar: sends, past and planned, and contact pressure (S15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.channels.pressure.forecast import audiences, forecast, who
from muster.channels.sending.models import Send
from muster.channels.sending.moving import move, same_hour
from muster.channels.sending.views import CHIPS
from muster.kit.errors import NotFound
from muster.kit.ids import number
from muster.plan.calendar.layers import Moved, Tile, Window, layer, offer
from muster.plan.calendar.pressure import Source, source
from muster.plan.campaigns.models import Campaign
from muster.team.lacking import lacking
from muster.team.users.models import User
from muster.ui.formats import when

_MOVABLE = (*Send.EDITABLE, Send.Status.SCHEDULED)


def move_send(by: User, public_id: str, to: date) -> Moved:
    """Take a send to another day, at the same hour; an approval of it falls away."""
    if not by.may("sends.edit"):
        raise lacking("sends.edit")
    rows = Send.objects.filter(campaign__in=Campaign.objects.visible_to(by))
    send = rows.filter(pk=number("send", public_id) or 0).first()
    if send is None:
        raise NotFound
    zone = ZoneInfo(timezone.get_current_timezone_name())
    moment = same_hour(send, to, zone)
    change, was_agreed = move(send, moment, by=by)
    shown = when(moment, get_language() or "en", zone, now=timezone.now())
    text = gettext("“%(name)s” is moved to %(moment)s.") % {"name": send.name, "moment": shown}
    if was_agreed:
        text += " " + gettext("It was approved for another time: ask for approval again.")
    return Moved(text, change)


def _version() -> str:
    found = Send.objects.aggregate(
        Count("id"),
        Sum("generation"),
        Max("starts_at"),
        waiting=Count("id", filter=Q(status=Send.Status.SCHEDULED)),
    )
    return " ".join(map(str, found.values()))


@layer("sends", _("Sends"), 20, "sends.see", move=move_send, version=_version)
def sends(user: User, window: Window) -> Iterator[Tile]:
    """Sends at their hour; those without one are not on the calendar yet."""
    may_move = user.may("sends.edit")
    span = (window.begins, window.ends)
    rows = (
        Send.objects.filter(campaign__in=Campaign.objects.visible_to(user))
        .filter(Q(started_at__range=span) | Q(started_at=None, starts_at__range=span))
        .select_related("campaign")
        .order_by("starts_at", "pk")
    )
    for one in rows:
        moment = one.started_at or one.starts_at
        if moment is None:
            continue
        day = window.day_of(moment)
        begun = one.is_frozen
        yield Tile(
            layer="sends",
            id=one.public_id,
            title=one.name,
            first=day,
            last=day,
            url=reverse("channels:send" if begun else "channels:review", args=[one.pk]),
            at=moment,
            campaign=one.campaign_id,
            campaign_name=one.campaign.name,
            channel=one.channel,
            state=one.get_status_display(),
            chip=CHIPS[Send.Status(one.status)][0],
            icon="mail",
            movable=may_move and not begun and one.status in _MOVABLE,
        )


@offer("send", _("Send"), "send", 20, "sends.edit")
def new_send(day: date) -> str:
    return f"{reverse('channels:new')}?at={day.isoformat()}"


source(Source("sends.see", audiences, forecast, who))
