"""What of a campaign's audience is found out beside the pages, as it asks everybody (PL7, PL8).

Who hears from other campaigns on the same days, in which languages they read, and on what ground
they are written to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from muster.channels.pressure import rules
from muster.channels.pressure.rules import Touch
from muster.channels.pressure.touches import MOST, PLANNED, Touches, footing, languages, planned
from muster.channels.sending.models import Send
from muster.channels.sending.speed import measured
from muster.kit import clock
from muster.kit.errors import Refused
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.team.users.models import Workspace

_NEAR = timedelta(days=1)
_MOST_TOLD = 5


def own(campaign: Campaign) -> QuerySet[Send]:
    """What of this campaign is still to go out."""
    return Send.objects.filter(campaign=campaign, status__in=PLANNED, frozen_at=None)


def others(campaign: Campaign, now: datetime, zone: ZoneInfo) -> QuerySet[Send]:
    """What other campaigns send on its days, or on the days beside them."""
    first = datetime.combine(campaign.starts - _NEAR, time.min, zone)
    after = datetime.combine(campaign.ends + 2 * _NEAR, time.min, zone)
    rows = Send.objects.filter(
        status__in=PLANNED,
        frozen_at=None,
        starts_at__gte=max(first, now),
        starts_at__lt=after,
        campaign__deleted_at=None,
    )
    return rows.exclude(campaign=campaign).exclude(campaign__status__in=OVER)


def mark(campaign: Campaign) -> str:
    """Changes when a send, its audience or its day changes; empty when nothing is to go out.

    Who comes to a live segment and leaves it changes nothing: that is every minute.
    """
    mine = _marks(own(campaign))
    if not mine:
        return ""
    zone = Workspace.here().zone
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    said = [campaign.starts, campaign.ends, mine, _marks(others(campaign, now, zone))]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _marks(sends: QuerySet[Send]) -> list[tuple[Any, ...]]:
    rows = sends.order_by("pk").values_list(
        "pk", "starts_at", "holdout", "channel", "purpose", "rule", "holdout_rule",
        "segment", "segment__version", "segment__refreshed_rule",
    )  # fmt: skip
    return list(rows[:MOST])


def meeting(campaign: Campaign) -> dict[str, Any]:
    """People per send, their languages, whom other campaigns reach too, and how fast we are."""
    now, zone = clock.now(), Workspace.here().zone
    sends = list(own(campaign).order_by("starts_at", "pk")[:MOST])
    numbers = [send.pk for send in sends]
    mine = planned(Send.objects.filter(pk__in=numbers), zone, now)
    ours = [_dated(touch, sends, campaign) for touch in mine.known]
    nearby = list(others(campaign, now, zone).order_by("starts_at").values_list("pk", flat=True))
    theirs = (
        planned(Send.objects.filter(pk__in=nearby[:MOST]), zone, now) if ours else Touches((), ())
    )
    return {
        "people": {touch.key: len(touch.people) for touch in ours},
        "languages": {f"sends:{send.public_id}": _languages(send, now) for send in sends},
        "footing": {f"sends:{send.public_id}": _footing(send, now) for send in sends},
        "overlaps": _overlaps(ours, theirs.known),
        "per_second": measured(),
    }


def _dated(touch: Touch, sends: Sequence[Send], campaign: Campaign) -> Touch:
    # What has no moment yet is thought to leave on the first day.
    has_moment = any(send.starts_at for send in sends if touch.key == f"sends:{send.public_id}")
    return touch if has_moment else replace(touch, day=max(touch.day, campaign.starts))


def _languages(send: Send, now: datetime) -> dict[str, int]:
    try:
        return languages(send, now)
    except Refused:  # its segment leans on one that is gone
        return {}


def _footing(send: Send, now: datetime) -> dict[str, int] | None:
    try:
        return asdict(footing(send, now))
    except Refused:
        return None


def _overlaps(ours: Sequence[Touch], theirs: Sequence[Touch]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one, other in product(ours, theirs):
        if abs(one.day - other.day) > _NEAR or not len(one.people):
            continue
        both, _of_the_smaller = rules.overlap(one, other, None)
        if both:
            found.append(
                {
                    "send": one.key,
                    "title": one.title,
                    "campaign": other.campaign_name,
                    "day": other.day.isoformat(),
                    "people": both,
                    "share": both / len(one.people),
                }
            )
    return sorted(found, key=lambda one: -one["share"])[:_MOST_TOLD]
