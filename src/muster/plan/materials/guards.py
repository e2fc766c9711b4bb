"""What reserved stock forbids elsewhere (PL13)."""

from __future__ import annotations

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import before_delete
from muster.plan.campaigns.models import Campaign
from muster.plan.materials.models import Reservation


@before_delete
def stock_is_given_back(campaign: Campaign) -> None:
    """Nobody could release what a campaign holds that is not to be found any more."""
    held = Reservation.objects.filter(campaign=campaign, state=Reservation.State.OPEN)
    if held.exists():
        raise Refused(
            _("“%(name)s” still holds stock. Give it back first, then put the campaign away."),
            name=campaign.name,
        )
