"""What the command palette finds of measuring: reports, and the results of each campaign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.ui.palette import Entry, entries

_MOST = 200


@entries
def reports(user: Any, query: str) -> Iterable[Entry]:
    """Reports, and the results page of the latest campaigns."""
    if not user.may("insights.see"):
        return
    if user.may("budget.see"):
        yield Entry(
            "go",
            _("Return on what was spent"),
            reverse("measure:roi"),
            _("Report"),
            "chart-bar",
            ("roi",),
        )
    yield Entry("go", _("Funnel"), reverse("measure:funnel"), _("Report"), "chart-bar", ("funnel",))
    if query:
        for campaign in Campaign.objects.visible_to(user).order_by("-pk")[:_MOST]:
            url = reverse("measure:results", args=[campaign.pk])
            yield Entry("go", campaign.name, url, _("Results"), "chart-bar")
