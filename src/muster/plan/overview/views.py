"""The list of campaigns (S05), a new one (S06), and one at a glance (S07)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid, NotFound
from muster.kit.ids import number
from muster.kit.words import _
from muster.plan.budget import rules as budget_rules
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns import workspace
from muster.plan.campaigns.actions import delete_campaign, take_step
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.campaigns.rules import STEPS
from muster.plan.goals.actions import suggested_checkpoints
from muster.plan.goals.rules import even_checkpoints
from muster.plan.goals.shown import written
from muster.plan.overview import actions
from muster.plan.overview.changes import changes_of
from muster.plan.overview.forms import FindForm, NewForm
from muster.plan.overview.listing import rows_of, totals
from muster.team.changes.models import Change
from muster.team.changes.restoring import restore as restore_change
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import Workspace
from muster.warehouse.metrics import METRICS

LIST, NEW, OVERVIEW = (f"plan/overview/{name}.html" for name in ("campaigns", "new", "overview"))
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


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def new(request: TeamRequest) -> HttpResponse:
    """Six inputs, a preview, and the campaign is there."""
    day = today() + timedelta(days=14)
    starts = _day(request, "starts") or day
    initial = {
        "name": request.GET.get("name", "")[:120],
        "starts": starts,
        "ends": max(_day(request, "ends") or starts + timedelta(days=13), starts),
        "currency": Workspace.here().currency,
        "owner": request.user,
    }
    form = NewForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = _start(form.cleaned_data, request)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            messages.success(request, gettext("“%(name)s” is there.") % {"name": campaign.name})
            return redirect("plan:overview", campaign_id=campaign.pk)
    context = {"form": form, **_preview(form)}
    return render(request, NEW, context, status=422 if form.errors else 200)


def _day(request: TeamRequest, name: str) -> date | None:
    """A day that the calendar has chosen already."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


@allow("campaigns.edit")
@require_POST
def preview(request: TeamRequest) -> HttpResponse:
    """Everything that would be created, while it is typed."""
    form = NewForm(request.POST)
    form.is_valid()
    return render(request, f"{NEW}#preview", {"form": form, **_preview(form)})


def _start(data: dict[str, Any], request: TeamRequest) -> Campaign:
    checkpoints = suggested_checkpoints(data["starts"], data["ends"])
    goal = {name: data[name] for name in ("metric", "target", "baseline")}
    return actions.start_campaign(
        **{name: data[name] for name in ("name", "starts", "ends", "currency", "owner")},
        total_budget=data["total_budget"] or Decimal(0),
        goals=[{**goal, "checkpoints": checkpoints}],
        by=request.user,
    )


def _preview(form: NewForm) -> dict[str, Any]:
    data = form.cleaned_data if form.is_bound else form.initial
    starts, ends = data.get("starts"), data.get("ends")
    total = data.get("total_budget") or Decimal(0)
    currency = data.get("currency") or Workspace.here().currency
    metric = METRICS.get(data.get("metric", ""))
    target = data.get("target")
    lines = budget_rules.suggested_lines(total) if total > 0 else []
    return {
        "data": data,
        "days": (ends - starts).days + 1 if starts and ends and ends >= starts else None,
        "checkpoints": even_checkpoints(starts, ends) if starts and ends and ends > starts else [],
        "metric_name": gettext(metric.name) if metric else "",
        "target": written(target, metric, currency) if target is not None else "",
        "currency": currency,
        "lines": [
            (
                BudgetLine.Category(line.category).label,
                line.planned,
                line.planned / total,
                line.core,
            )
            for line in lines
        ],
        "total": total,
    }


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
