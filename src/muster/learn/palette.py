"""What the command palette finds of learning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.ui.palette import Entry, entries


@entries
def retrospectives(user: Any, query: str) -> Iterable[Entry]:
    """Retrospectives that wait to be written, then those that are finished."""
    if not user.may("library.see"):
        return
    visible = Campaign.objects.visible_to(user)
    if user.may("retro.edit"):
        for campaign in visible.filter(status=Campaign.Status.ENDED).order_by("-ends")[:20]:
            url = reverse("learn:retro", args=[campaign.pk])
            yield Entry("do", _("Look back together"), url, campaign.name, "notebook")
    if query:
        for campaign in visible.filter(retro__status="done").order_by("-ends")[:100]:
            url = reverse("learn:retro", args=[campaign.pk])
            yield Entry("go", campaign.name, url, _("Retrospective"), "notebook")
