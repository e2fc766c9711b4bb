"""How many people a campaign reaches as its sends are planned: asked when goals are set (PL2)."""

from __future__ import annotations

from django.urls import reverse

from muster.channels.sending.models import Send
from muster.channels.sending.review import review
from muster.kit.errors import Refused, Unavailable
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.history import reach
from muster.plan.goals.solver import Reachable


@reach
def of_sends(campaign: Campaign) -> Reachable | None:
    """The largest send: the waves of a campaign mostly go to the same people."""
    found: list[Reachable] = []
    for send in Send.objects.filter(campaign=campaign).select_related("segment").order_by("pk"):
        try:
            people = review(send).left
        except (Refused, Unavailable):
            continue
        place = "review" if send.is_editable else "send"
        url = reverse(f"channels:{place}", args=[send.pk])
        found.append(Reachable(people, send.name, url))
    return max(found, key=lambda one: one.people, default=None)
