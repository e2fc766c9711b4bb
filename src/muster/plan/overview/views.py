"""The list of campaigns (S05), and one at a glance (S07)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.kit.errors import NotFound
from muster.kit.ids import number
from muster.kit.words import _
from muster.plan.campaigns import workspace
from muster.plan.campaigns.actions import delete_campaign, take_step
from muster.plan.campaigns.answers import said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.campaigns.rules import STEPS
from muster.plan.overview.changes import changes_of
from muster.plan.overview.forms import FindForm
from muster.plan.overview.listing import rows_of, totals
from muster.team.changes.models import Change
from muster.team.http import TeamRequest
from muster.team.permissions import allow

LIST, OVERVIEW = (f"plan/overview/{name}.html" for name in ("campaigns", "overview"))
_PER_PAGE = 50
_SAID = {
    "pause": _("“%(name)s” is paused."),
    "resume": _("“%(name)s” is running again."),
    "end": _("“%(name)s” has ended."),
    "archive": _("“%(name)s” is archived."),
}


@allow("campaigns.see")
def campaigns(request: TeamRequest) -> HttpResponse:
    """The list; its rows alone when htmx asks for them."""
    everything = Campaign.objects.visible_to(request.user)
    form = FindForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = everything.select_related("owner").prefetch_related("goals")
    if wanted.get("status"):
        rows = rows.filter(status=wanted["status"])
    if wanted.get("q"):
        rows = rows.filter(name__icontains=wanted["q"])
    first = _page_number(request.GET.get("page", "")) * _PER_PAGE
    found = list(rows.order_by("-starts", "-pk")[first : first + _PER_PAGE + 1])
    listed = rows_of(found[:_PER_PAGE])
    context = {
        "form": form,
        "rows": listed,
        "totals": totals(listed),
        "is_filtered": any(wanted.values()),
        "is_empty": not everything.exists(),
        "page_after": first // _PER_PAGE + 1 if len(found) > _PER_PAGE else None,
        "page_before": first // _PER_PAGE - 1 if first else None,
        "may_edit": request.user.may("campaigns.edit"),
        "may_see_money": request.user.may("budget.see"),
        "put_away": _put_away(request),
    }
    return render(request, f"{LIST}#rows" if request.htmx else LIST, context)


def _page_number(text: str) -> int:
    return min(int(text), 10_000) if text.isdecimal() else 0


def _put_away(request: TeamRequest) -> Change | None:
    """The change by which the reader has just put a campaign away, if it can be undone."""
    change = number("change", request.GET.get("deleted", "")) or 0
    rows = Change.objects.filter(pk=change, by=request.user, verb="deleted", undone_at=None)
    return rows.first()


@allow("campaigns.see")
def overview(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """A ten-second answer: are we on track, what is next, who must act."""
    campaign = of_page(request, campaign_id)
    pieces = {
        "sentences": workspace.sentences(campaign, request.user),
        "tiles": workspace.tiles(campaign, request.user),
    }
    if request.htmx:
        return render(request, f"{OVERVIEW}#glance", {"campaign": campaign, **pieces})
    return render(request, OVERVIEW, page(campaign, request.user, "overview", **pieces))


@allow("campaigns.see")
def head(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The header alone, for pages on which something changed."""
    campaign = of_page(request, campaign_id)
    context = page(campaign, request.user, request.GET.get("here", ""))
    return render(request, "plan/campaign.html#head", context)


@allow("campaigns.see")
def activity(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """What happened to it, newest first."""
    campaign = of_page(request, campaign_id)
    context = page(campaign, request.user, "activity", changes=changes_of(campaign))
    return render(request, "plan/overview/activity.html", context)


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
