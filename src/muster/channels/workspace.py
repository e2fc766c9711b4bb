"""What the channels add to a campaign's pages: the tab with its sends."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from muster.channels.sending import facts, reaching  # noqa: F401  (found through registries)
from muster.channels.sending.models import Send
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import tab
from muster.team.users.models import User


@tab("sends", _("Sends"), 55, "channels:campaign", "sends.see")
def sends(campaign: Campaign, user: User) -> int | None:
    """How many sends there are."""
    return Send.objects.filter(campaign=campaign).count() or None
