"""What the channels add to a campaign's pages: the tab with its sends."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.channels.sending.models import Send
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import tab
from muster.plan.strategy.asking import linkable
from muster.team.users.models import User


@tab("sends", _("Sends"), 55, "channels:campaign", "sends.see")
def sends(campaign: Campaign, user: User) -> int | None:
    """How many sends there are."""
    return Send.objects.filter(campaign=campaign).count() or None


@linkable
def sends_of(campaign: Campaign) -> list[tuple[str, str]]:
    """Sends that a cell of the touchpoint map may lead to."""
    rows = Send.objects.filter(campaign=campaign).order_by("name")
    return [(reverse("channels:send", args=[one.pk]), one.name) for one in rows[:100]]
