"""One campaign at a glance (S07), and the steps of its life."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.kit.errors import NotFound
from muster.kit.words import _
from muster.plan.campaigns import workspace
from muster.plan.campaigns.actions import delete_campaign, take_step
from muster.plan.campaigns.answers import said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.page import page
from muster.plan.campaigns.rules import STEPS
from muster.plan.overview.changes import changes_of
from muster.team.changes.models import Change
from muster.team.changes.restoring import restore as restore_change
from muster.team.http import TeamRequest
from muster.team.permissions import allow

OVERVIEW = "plan/overview/overview.html"
_SAID = {
    "pause": _("“%(name)s” is paused."),
    "resume": _("“%(name)s” is running again."),
    "end": _("“%(name)s” has ended."),
    "archive": _("“%(name)s” is archived."),
}


@allow("campaigns.see")
def overview(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """A ten-second answer: are we on track, what is next, who must act."""
    campaign = of_page(request, campaign_id)
    pieces = {
        "sentences": workspace.sentences(campaign, request.user),
        # A page that fetches itself anew in the background has the time to count.
        "tiles": workspace.tiles(campaign, request.user, now=bool(request.htmx)),
    }
    if request.htmx:
        return render(request, f"{OVERVIEW}#glance", {"campaign": campaign, **pieces})
    return render(request, OVERVIEW, page(campaign, request.user, "overview", **pieces))


@allow("campaigns.see")
def tile(request: TeamRequest, campaign_id: int, key: str) -> HttpResponse:
    """A tile for which the page did not wait."""
    campaign = of_page(request, campaign_id)
    piece = workspace.fetched(key, campaign, request.user)
    if piece is None:
        return HttpResponse()
    return render(request, f"{OVERVIEW}#tile", {"campaign": campaign, "piece": piece})


@allow("campaigns.see")
def head(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The header alone, for pages on which something changed."""
    campaign = of_page(request, campaign_id)
    context = page(campaign, request.user, request.GET.get("here", ""))
    return render(request, "plan/campaign.html#head", context)


@allow("campaigns.see")
def subviews(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The views under a tab with their badges, for pages on which something changed."""
    campaign = of_page(request, campaign_id)
    here, _slash, view = request.GET.get("here", "").partition("/")
    context = {
        "campaign": campaign,
        "views": workspace.views(here, campaign, request.user, view),
        "here": here,
        "here_view": view,
    }
    return render(request, "plan/campaign.html#subviews", context)


@allow("campaigns.see")
def activity(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """What happened to it, newest first."""
    campaign = of_page(request, campaign_id)
    context = page(campaign, request.user, "activity", changes=changes_of(campaign, request.user))
    return render(request, "plan/overview/activity.html", context)


@allow("campaigns.see")
@require_POST
def restore(request: TeamRequest, campaign_id: int, change_id: int) -> HttpResponse:
    """Put the values from before a change in place again."""
    campaign = of_page(request, campaign_id)
    about = Q(kind="plan.campaign", object_id=campaign.pk) | Q(details__campaign=campaign.pk)
    change = get_object_or_404(Change.objects.filter(about), pk=change_id)
    made = restore_change(change, by=request.user)
    text = gettext("“%(thing)s” is as it was then.") % {"thing": change.label}
    messages.success(request, text if made else gettext("It is like that already."))
    return redirect("plan:activity", campaign_id=campaign.pk)


@allow("campaigns.edit")
@require_POST
def step(request: TeamRequest, campaign_id: int, step: str) -> HttpResponse:
    """Pause, resume, end or archive."""
    if step not in STEPS:
        raise NotFound
    campaign = of_page(request, campaign_id)
    change = take_step(campaign, step, by=request.user)
    return said(HttpResponse(status=204), gettext(_SAID[step]) % {"name": campaign.name}, change)


@allow("campaigns.edit")
@require_POST
def delete(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Put a campaign away; the list offers to bring it back."""
    campaign = of_page(request, campaign_id)
    change = delete_campaign(campaign, by=request.user)
    address = f"{reverse('plan:campaigns')}?deleted={change.public_id}"
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
