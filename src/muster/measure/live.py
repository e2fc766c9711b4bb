"""Open pages of results learn that more was counted."""

from __future__ import annotations

from django.db.models import Max

from muster.kit import ids
from muster.kit.errors import Unavailable
from muster.plan.budget.models import Cost
from muster.plan.campaigns.models import Campaign
from muster.team.stores import stores
from muster.ui.live import topic


@topic("results")
def version(public_id: str) -> str:
    """Changes when events were loaded, a cost was booked, or the campaign itself changed."""
    number = ids.number("campaign", public_id) or 0
    changed = Campaign.objects.filter(pk=number).values_list("updated_at", flat=True).first()
    if changed is None:
        return ""
    try:
        loader = stores().loader
    except Unavailable:
        loader = None
    cost = Cost.objects.filter(campaign=number).aggregate(last=Max("pk"))["last"]
    return f"{loader.loaded_bytes if loader else 0} {cost or 0} {changed.isoformat()}"
