"""Temporary staff of a campaign (S13), on the page of its resources."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.peaks import actions
from muster.plan.peaks.forms import PeakForm
from muster.plan.peaks.models import Peak
from muster.team.changes.conflict import ask, settled, since_of
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/peaks/peak.html"


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def plan(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """New temporary staff: in the drawer, or as the page suggests it, in one click."""
    campaign = of_page(request, campaign_id)
    form = PeakForm(request.POST or None, initial=_initial(request, campaign))
    if request.method == "POST" and form.is_valid():
        try:
            peak, change = actions.plan_peak(campaign, form.fields_for_peak(), by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            text = _("Temporary staff is planned, %(thing)s.") % {"thing": peak}
            return said(close_dialog(HttpResponse()), text, change)
    context = {"campaign": campaign, "form": form}
    return render(request, f"{PAGE}#new", context, status=422 if form.errors else 200)


def _initial(request: TeamRequest, campaign: Any) -> dict[str, Any]:
    """What the link to the form knows already; else the days of the campaign."""
    given = request.GET
    try:
        first, last = (parse_date(given.get(name, "")) for name in ("first", "last"))
    except ValueError:
        first = last = None
    heads = given.get("heads", "")
    return {
        "skill": given.get("skill", "")[:60],
        "first": first or campaign.starts,
        "last": last or campaign.ends,
        "heads": int(heads) if heads.isdecimal() and len(heads) <= 3 else 1,
    }


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def edit(request: TeamRequest, campaign_id: int, peak_id: int) -> HttpResponse:
    """One window of temporary staff, in the drawer."""
    peak = _peak(request, campaign_id, peak_id)
    form = PeakForm.of(peak, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            typed, since = form.fields_for_peak(), since_of(request)
            with settled(peak, typed, since=since, by=request.user) as (fields, clashes):
                change = actions.edit_peak(peak, fields, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            if clashes:
                return ask(request, clashes, "peak-edit", at="#peak-clash")
            text = _("“%(thing)s” is changed.") % {"thing": peak}
            return said(close_dialog(HttpResponse()), text, change)
    opened = request.POST.get("since") or timezone.now().isoformat()
    context = {"peak": peak, "form": form, "opened": opened}
    return render(request, f"{PAGE}#edit", context, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_POST
def trained(request: TeamRequest, campaign_id: int, peak_id: int) -> HttpResponse:
    """How many have passed the training."""
    peak = _peak(request, campaign_id, peak_id)
    count = request.POST.get("trained", "")
    if not count.isdecimal() or len(count) > 4:
        raise Invalid.at("/trained", "out_of_range", _("Say how many, as a whole number."))
    change = actions.edit_peak(peak, {"trained": int(count)}, by=request.user)
    return said(HttpResponse(status=204), _("Noted."), change)


@allow("campaigns.edit")
@require_POST
def drop(request: TeamRequest, campaign_id: int, peak_id: int) -> HttpResponse:
    """They are not needed after all."""
    peak = _peak(request, campaign_id, peak_id)
    change = actions.drop_peak(peak, by=request.user)
    text = _("“%(thing)s” is dropped.") % {"thing": peak}
    return said(close_dialog(HttpResponse(status=204)), text, change)


def _peak(request: TeamRequest, campaign_id: int, peak_id: int) -> Peak:
    return get_object_or_404(
        Peak.objects.select_related("campaign", "vendor"),
        pk=peak_id,
        campaign=of_page(request, campaign_id),
    )
