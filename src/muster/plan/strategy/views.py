"""The strategy page under the brief (PL12): one message, for whom, through what, against whom."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid, NotFound
from muster.people.personas.models import Persona
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.answers import CHANGED, explain, said
from muster.plan.campaigns.channels import CHANNELS, channel_name
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.strategy import actions
from muster.plan.strategy.asking import links_of
from muster.plan.strategy.forms import CellForm, RivalForm, WordsForm
from muster.plan.strategy.map import touch_map
from muster.plan.strategy.models import Cell
from muster.team.changes.offering import latest
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog, trigger

PAGE = "plan/strategy/strategy.html"


@allow("campaigns.see")
def strategy(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page, or its map when htmx asks for it."""
    campaign = of_page(request, campaign_id)
    may_edit = request.user.may("campaigns.edit") and campaign.may_be_planned
    context = {"map": touch_map(campaign), "may_edit": may_edit}
    if request.htmx:
        return render(request, f"{PAGE}#map", {"campaign": campaign, **context})
    everything = page(
        campaign,
        request.user,
        "brief/strategy",
        form=WordsForm.of(campaign),
        rivals=campaign.rivals.all(),
        rival_form=RivalForm(auto_id="rival_%s"),
        **_personas(request, campaign),
    )
    return render(request, PAGE, everything | context)


def _personas(request: TeamRequest, campaign: Campaign) -> dict[str, Any]:
    meant = campaign.meant.select_related("persona__segment").filter(persona__deleted_at=None)
    chosen = [one.persona for one in meant]
    others = Persona.objects.visible_to(request.user).exclude(pk__in=[one.pk for one in chosen])
    return {"personas": chosen, "other_personas": others}


@allow("campaigns.edit")
@require_POST
def words(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Save the words as they are typed."""
    campaign = of_page(request, campaign_id)
    form = WordsForm.of(campaign, request.POST)
    if form.is_valid():
        try:
            edit_campaign(campaign, form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
    context = {"form": form, "campaign": campaign}
    if form.errors:
        return render(request, f"{PAGE}#problems", context, status=422)
    return trigger(render(request, f"{PAGE}#problems", context), CHANGED, {})


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def cell(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Open one cell of the map in a dialog, and save it."""
    campaign = of_page(request, campaign_id)
    asked = request.POST if request.method == "POST" else request.GET
    stage, channel = asked.get("stage", ""), asked.get("channel", "")[:60]
    if stage not in Cell.Stage.values or not channel:
        raise NotFound
    found = campaign.cells.filter(stage=stage, channel=channel).first()
    if request.method == "POST":
        form = CellForm(request.POST, auto_id="cell_%s")
        if form.is_valid():
            try:
                version = int(request.POST.get("version") or 0)
                change = actions.set_cell(
                    campaign, stage, channel, form.cleaned_data, by=request.user, version=version
                )
            except Invalid as invalid:
                explain(form, invalid)
            else:
                answer = close_dialog(HttpResponse(status=204))
                return said(answer, _("The map is changed."), change)
    else:
        names = ("text", "link", "owner", "status")
        initial = {name: getattr(found, name) for name in names} if found else {}
        form = CellForm(initial=initial, auto_id="cell_%s")
    context = {
        "form": form,
        "campaign": campaign,
        "cell": found,
        "stage": stage,
        "stage_name": Cell.Stage(stage).label,
        "channel": channel,
        "channel_name": channel_name(channel),
        "links": links_of(campaign),
    }
    return render(request, "plan/strategy/cell.html", context, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_POST
def task(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Have a cell made: the gap becomes a task."""
    campaign = of_page(request, campaign_id)
    made = actions.make_task(
        campaign,
        request.POST.get("stage", ""),
        request.POST.get("channel", "")[:60],
        by=request.user,
    )
    text = _("The task “%(task)s” is there.") % {"task": made.title}
    return said(close_dialog(HttpResponse(status=204)), text)


@allow("campaigns.edit")
@require_POST
def channel(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Add a channel to the campaign, and so a row to its map."""
    campaign = of_page(request, campaign_id)
    wanted = " ".join(request.POST.get("channel", "").split())[:60]
    known = {str(name): key for key, name in CHANNELS}
    key = known.get(wanted, wanted)
    if key and key not in campaign.channels:
        edit_campaign(campaign, {"channels": [*campaign.channels, key]}, by=request.user)
    return said(HttpResponse(status=204), _("The channel is added."))


@allow("campaigns.edit")
@require_POST
def personas(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """For whom it is: add or take away one persona."""
    campaign = of_page(request, campaign_id)
    chosen = Persona.objects.filter(campaigns__campaign=campaign)
    one = get_object_or_404(
        Persona.objects.visible_to(request.user), pk=request.POST.get("persona", "0")
    )
    rest = [persona for persona in chosen if persona.pk != one.pk]
    wanted = rest if "drop" in request.POST else [*rest, one]
    actions.set_personas(campaign, wanted, by=request.user)
    return _personas_part(request, campaign)


def _personas_part(request: TeamRequest, campaign: Campaign) -> HttpResponse:
    context = {"campaign": campaign, "may_edit": True, **_personas(request, campaign)}
    return said(render(request, f"{PAGE}#personas", context), _("The personas are changed."))


@allow("campaigns.edit")
@require_POST
def rival(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Add, change or drop a competitor."""
    campaign = of_page(request, campaign_id)
    number = request.POST.get("rival", "")
    if number and not re.fullmatch(r"[0-9]{1,18}", number):
        raise NotFound
    row = get_object_or_404(campaign.rivals, pk=number) if number else None
    if row is not None and "drop" in request.POST:
        change = actions.drop_competitor(row, by=request.user)
        answer = _rivals_part(request, campaign, RivalForm(auto_id="rival_%s"))
        return said(answer, _("“%(thing)s” is off the list.") % {"thing": row}, change)
    if row is not None:
        fields = {
            name: request.POST[name] for name in RivalForm.base_fields if name in request.POST
        }
        actions.set_competitor(campaign, fields, by=request.user, rival=row)
        done = latest(row, request.user)
        return said(HttpResponse(status=204), _("The competitor is changed."), done)
    form = RivalForm(request.POST, auto_id="rival_%s")
    if form.is_valid():
        try:
            added = actions.set_competitor(campaign, form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            answer = _rivals_part(request, campaign, RivalForm(auto_id="rival_%s"))
            text = _("“%(thing)s” is on the list.") % {"thing": added}
            return said(answer, text, latest(added, request.user))
    return _rivals_part(request, campaign, form)


def _rivals_part(request: TeamRequest, campaign: Campaign, form: RivalForm) -> HttpResponse:
    context = {
        "campaign": campaign,
        "may_edit": True,
        "rivals": campaign.rivals.all(),
        "rival_form": form,
    }
    answer = render(request, f"{PAGE}#rivals", context, status=422 if form.errors else 200)
    return answer if form.errors else trigger(answer, CHANGED, {})
