"""Open pages of a campaign learn that something about it is new (S07)."""

from __future__ import annotations

from muster.kit import ids
from muster.plan.calendar import layers
from muster.plan.campaigns.models import Campaign
from muster.ui.live import topic


@topic("campaign")
def version(public_id: str) -> str:
    """Changes with the campaign, its goals, its money and its approvals."""
    number = ids.number("campaign", public_id) or 0
    row = Campaign.objects.filter(pk=number).values_list("updated_at", "status", "deleted_at")
    return " ".join(map(str, row[0])) if row else ""


@topic("calendar")
def calendar_version(_id: str) -> str:
    """Changes with whatever lies on the calendar (S15)."""
    return layers.version()
