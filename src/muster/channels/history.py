"""Who may take back what was changed in the channels, and what that must not bring about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from muster.channels.sending.models import Send
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import check_still_open
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import around_rows, undo_needs
from muster.team.changes.models import Change
from muster.team.users.models import User

undo_needs("sends.edit", "channels.send")


@around_rows("channels.send")
@contextmanager
def drafted(change: Change, by: User) -> Iterator[None]:
    """A send that was removed is a draft again, of a campaign that still sends."""
    yield
    for send in Send.objects.select_related("campaign").filter(pk=change.object_id):
        if not Campaign.objects.visible_to(by).filter(pk=send.campaign_id).exists():
            raise Refused(_("“%(thing)s” is gone by now."), thing=send.campaign.name)
        check_still_open(send.campaign)
        # What was asked or agreed ended with the removal.
        Send.objects.filter(pk=send.pk).update(status=Send.Status.DRAFT, approved="")
