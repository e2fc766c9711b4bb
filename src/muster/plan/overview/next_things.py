"""The next things to do on a campaign that is still being planned (S07)."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import glance


@dataclass(frozen=True)
class Thing:
    """One thing to do, and where."""

    text: str
    url: str
    blocks: bool


def next_things(campaign: Campaign) -> list[Thing]:
    """What blocks the launch first, then what is worth a look, then the next step of its life."""
    found = [Thing(str(f), f.fix_at, f.blocks) for f in glance(campaign).findings]
    url = reverse("plan:brief", args=[campaign.pk])
    status = Campaign.Status(campaign.status)
    step = {
        Campaign.Status.DRAFT: gettext("Submit the plan for approval."),
        Campaign.Status.PREPARING: gettext("Submit the plan for approval."),
        Campaign.Status.READY: gettext("Launch the campaign."),
    }.get(status)
    return [*found, Thing(step, url, blocks=False)] if step else found
