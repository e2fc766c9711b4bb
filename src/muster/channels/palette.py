"""What the command palette finds of sends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.channels.sending.models import Send
from muster.plan.campaigns.models import Campaign
from muster.ui.palette import Entry, entries


@entries
def sends(user: Any, query: str) -> Iterable[Entry]:
    """The newest sends, and a new one."""
    if user.may("sends.edit"):
        yield Entry("do", _("New send"), reverse("channels:new"), _("Who, what, when"), "send")
    if not user.may("sends.see"):
        return
    yield Entry("go", _("Sends"), reverse("channels:sends"), _("Page"), "send")
    rows = Send.objects.filter(campaign__in=Campaign.objects.visible_to(user))
    for send in rows.select_related("campaign").order_by("-pk")[:100]:
        url = reverse("channels:send", args=[send.pk])
        yield Entry("go", send.name, url, send.campaign.name, "send")
