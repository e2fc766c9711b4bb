"""Launching (PL8): a campaign starts only when nothing blocks it."""

from __future__ import annotations

from django.db import transaction

from muster.kit.errors import Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import move
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import readiness
from muster.team.changes.models import Change
from muster.team.users.models import User


class NotReady(Refused):
    """Something blocks the launch; `errors` lists everything that does."""

    code = "not_ready"
    text = _("%(count)s things block the launch of “%(name)s”. Mend them first.")


@transaction.atomic
def launch(campaign: Campaign, *, by: User) -> Change:
    """Start a ready campaign."""
    blockers = readiness(campaign).blockers
    if blockers:
        raise NotReady(
            errors=[Problem(b.fix_at, "blocker", b.text, b.params) for b in blockers],
            count=len(blockers),
            name=campaign.name,
        )
    return move(campaign, Campaign.Status.RUNNING, by=by)
