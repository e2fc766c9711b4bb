"""What learning shows in a campaign's workspace: the tab of the retrospective, and old lessons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from muster.learn.retros.models import Card, Retro
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import tab, tile
from muster.team.users.models import User

_MOST_LESSONS = 3


@tab("retro", _("Retrospective"), 90, "learn:retro", "library.see")
def retro_badge(campaign: Campaign, user: User) -> int | None:
    """How many cards hang on an open wall."""
    return (
        Card.objects.shown().filter(retro__campaign=campaign, retro__status="open").count() or None
    )


@tile("learn/tiles/lessons.html", 80, "library.see", "c4")
def lessons(campaign: Campaign, user: User) -> dict[str, Any] | None:
    """What finished campaigns of the same kind taught, the latest first."""
    if campaign.is_over:
        return None
    rows = (
        Card.objects.shown()
        .filter(kind=Card.Kind.LESSON, retro__status=Retro.Status.DONE)
        .exclude(retro__campaign=campaign)
        .filter(retro__campaign__in=Campaign.objects.visible_to(user))
        .select_related("retro__campaign")
        .order_by("-retro__completed_at", "pk")
    )
    same = [card for card in rows[:50] if card.retro.campaign.strategy == campaign.strategy]
    found = (same or list(rows[:_MOST_LESSONS]))[:_MOST_LESSONS]
    return {"lessons": found} if found else None
