"""The fact sheet's page (S08)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.facts import actions
from muster.plan.facts.forms import FactForm
from muster.plan.facts.models import Fact
from muster.plan.facts.sheet import sheet, typed_in
from muster.plan.facts.usage import uses_of_fact
from muster.team.changes.conflict import ask, settled, since_of
from muster.team.changes.models import Change
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/facts/facts.html"


@allow("campaigns.see")
def facts(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page; htmx asks only for its tables."""
    campaign = of_page(request, campaign_id)
    context = _context(request, campaign)
    if request.headers.get("HX-Request"):
        return render(request, f"{PAGE}#sheet", {"campaign": campaign, **context})
    return render(request, PAGE, page(campaign, request.user, "brief/facts", **context))


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def fact(request: TeamRequest, campaign_id: int, fact_id: int | None = None) -> HttpResponse:
    """A fact's form in the drawer, for a new one too; what it touches stands above it."""
    campaign = of_page(request, campaign_id)
    one = get_object_or_404(Fact, pk=fact_id, campaign=campaign) if fact_id else None
    form = FactForm.of(one, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change: Change | None = None
        try:
            if one is None:
                actions.write_down(campaign, form.fields_of_fact(), by=request.user)
                text = _("The fact is written down.")
            else:
                typed, since = form.fields_of_fact(), since_of(request)
                with settled(one, typed, since=since, by=request.user) as (fields, clashes):
                    change = actions.change_fact(one, fields, by=request.user)
                if clashes:
                    return ask(request, clashes, "fact-form", at="#fact-clash")
                text = _("The fact is changed.")
            return close_dialog(said(HttpResponse(), text, change))
        except Invalid as invalid:
            explain(form, invalid)
    context = {
        "campaign": campaign,
        "fact": one,
        "form": form,
        "uses": uses_of_fact(one) if one else [],
        "opened": request.POST.get("since") or timezone.now().isoformat(),
    }
    status = 422 if form.errors else 200
    return render(request, "plan/facts/fact.html", context, status=status)


@allow("approvals.decide")
@require_POST
def verify(request: TeamRequest, campaign_id: int, fact_id: int) -> HttpResponse:
    """Say that a fact is right."""
    campaign = of_page(request, campaign_id)
    actions.verify(get_object_or_404(Fact, pk=fact_id, campaign=campaign), by=request.user)
    return said(HttpResponse(status=204), _("The fact is verified."))


@allow("campaigns.edit")
@require_POST
def drop(request: TeamRequest, campaign_id: int, fact_id: int) -> HttpResponse:
    """Take a fact away."""
    campaign = of_page(request, campaign_id)
    one = get_object_or_404(Fact, pk=fact_id, campaign=campaign)
    change = actions.drop_fact(one, by=request.user)
    return close_dialog(said(HttpResponse(), _("The fact is gone."), change))


@allow("content.edit")
@require_POST
def replace(request: TeamRequest, campaign_id: int, fact_id: int) -> HttpResponse:
    """Put the token in place of what was typed by hand."""
    campaign = of_page(request, campaign_id)
    one = get_object_or_404(Fact, pk=fact_id, campaign=campaign)
    wanted = (request.POST.get("place"), request.POST.get("at"), request.POST.get("start"))
    for found in typed_in(campaign, [one]):
        if (found.use.place, found.typed.at, str(found.typed.start)) == wanted:
            actions.replace_typed(one, found.use.place, found.typed, by=request.user)
            return said(HttpResponse(status=204), _("The mail says the fact now."))
    return said(HttpResponse(status=204), _("This text was changed meanwhile."))


def _context(request: TeamRequest, campaign: Campaign) -> dict[str, object]:
    return {
        "facts": sheet(campaign),
        "typed": typed_in(campaign),
        "may_edit": request.user.may("campaigns.edit") and campaign.may_be_planned,
        "may_verify": request.user.may("approvals.decide") and campaign.may_be_planned,
        "may_replace": request.user.may("content.edit"),
    }
