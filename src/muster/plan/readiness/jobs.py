"""What repeats for readiness: campaigns before their launch are looked at beside the pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.actions import ask_for_a_look
from muster.plan.readiness.looking import BEFORE_LAUNCH, due, look_again
from muster.team.jobs.registry import Run, job
from muster.team.jobs.repeating import repeated


@repeated(every=timedelta(minutes=1))
def look_around(now: datetime) -> None:
    """Ask for a look at what changed since the last one."""
    for campaign in Campaign.objects.filter(status__in=BEFORE_LAUNCH, deleted_at=None):
        if due(campaign, now):
            ask_for_a_look(campaign)


@job("readiness_look")
def look_at(run: Run) -> None:
    """See what is due for one campaign."""
    campaign = Campaign.objects.filter(pk=str(run.input["campaign"]), deleted_at=None).first()
    if campaign is not None:
        run.result["looks"] = look_again(campaign)
