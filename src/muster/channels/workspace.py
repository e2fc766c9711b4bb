"""What the channels add to a campaign's pages: the tab with its sends."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.channels.sending.models import Recipient, Send
from muster.plan.budget.automatic import Count, counted, in_currency, price
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import tab
from muster.team.users.models import User


@tab("sends", _("Sends"), 55, "channels:campaign", "sends.see")
def sends(campaign: Campaign, user: User) -> int | None:
    """How many sends there are."""
    return Send.objects.filter(campaign=campaign).count() or None


@counted("sending")
def messages(campaign: Campaign) -> list[Count]:
    """What the messages that left cost, by channel and the workspace's price list."""
    rows = Recipient.objects.filter(send__campaign=campaign, state=Recipient.State.SENT).order_by()
    sent = rows.values_list("send__channel").annotate(many=models.Count("pk"))
    return [
        Count(channel, Decimal(many), in_currency(many * price(channel), campaign))
        for channel, many in sent.order_by("send__channel")
    ]
