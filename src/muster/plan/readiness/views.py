"""The launch, as the campaign's page offers it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.plan.campaigns.answers import said
from muster.plan.campaigns.found import of_page
from muster.plan.readiness import actions
from muster.team.http import TeamRequest
from muster.team.permissions import allow


@allow("campaigns.edit")
@require_POST
def launch(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Start a ready campaign; what blocks it is listed above the page."""
    campaign = of_page(request, campaign_id)
    change = actions.launch(campaign, by=request.user)
    text = _("“%(name)s” is running.") % {"name": campaign.name}
    return said(HttpResponse(status=204), text, change)
