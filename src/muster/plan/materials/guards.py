"""What reserved stock forbids elsewhere, and what becomes of it when a campaign ends (PL13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import after_move, before_delete
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.plan.materials.actions import release_all, take_again
from muster.plan.materials.models import Reservation
from muster.team.changes.actions import before_undo, left_out
from muster.team.changes.models import Change
from muster.team.users.models import User


@before_delete
def stock_is_given_back(campaign: Campaign) -> None:
    """Nobody could release what a campaign holds that is not to be found any more."""
    held = Reservation.objects.filter(campaign=campaign, state=Reservation.State.OPEN)
    if held.exists():
        raise Refused(
            _("“%(name)s” still holds stock. Give it back first, then put the campaign away."),
            name=campaign.name,
        )


@after_move
def give_back(campaign: Campaign, after: str, by: User | None) -> None:
    """A campaign that is over needs nothing from the shelf any more."""
    if after in OVER:
        release_all(campaign, by=by)


@before_undo("plan.campaign")
def reserve_again(change: Change, fields: Mapping[str, Any], by: User) -> None:
    """When an end is taken back, so is what it gave away, as far as it is still free."""
    campaign = Campaign.objects.get(pk=change.object_id)
    if change.verb != "moved" or not campaign.is_over or fields.get("status") in OVER:
        return
    for few in take_again(campaign, by=by):
        left_out(
            change,
            _("“%(material)s” at %(place)s is not reserved any more: only %(free)s are free."),
            {name: str(value) for name, value in few.params.items()},
        )
