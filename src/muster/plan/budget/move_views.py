"""Moves, releases and raises, and the rule bar that divides the total (S10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.actions import set_shares
from muster.plan.budget.effect import likely
from muster.plan.budget.forms import MoveForm, RaiseForm, ReleaseForm
from muster.plan.budget.models import BudgetMove
from muster.plan.budget.moves import move_money, raise_total, reverse_move
from muster.plan.budget.policy import policy
from muster.plan.budget.similar import similar_releases
from muster.plan.budget.typed import read_sum
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/budget/move.html"
_FORMS: dict[str, type[MoveForm]] = {
    "move": MoveForm,
    "release": ReleaseForm,
    "raise": RaiseForm,
}


@allow("budget.edit")
@require_http_methods(["GET", "POST"])
def move(request: TeamRequest, campaign_id: int, kind: str) -> HttpResponse:
    """The form of a move, a release or a raise; then the move itself."""
    campaign = of_page(request, campaign_id)
    if request.method == "GET" and "effect" in request.GET:
        return render(request, f"{PAGE}#effect", _effect(request, campaign))
    if request.method == "GET":
        given = {
            name: ids.number("line", request.GET.get(name, "")) for name in ("source", "target")
        }
        return _shown(request, campaign, kind, _FORMS[kind](campaign, initial=given))
    form = _FORMS[kind](campaign, request.POST)
    if form.is_valid():
        try:
            made = _make(campaign, kind, dict(form.cleaned_data), request)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            text = _said(made)
            if request.htmx:
                return said(close_dialog(HttpResponse(status=204)), text)
            messages.success(request, text)
            return redirect("plan:budget", campaign.pk)
    return _shown(request, campaign, kind, form, status=422)


def _effect(request: TeamRequest, campaign: Campaign) -> dict[str, Any]:
    """What the move that is being filled in would change."""
    form = MoveForm(campaign, request.GET)
    form.is_valid()  # the reason may be missing still
    data = form.cleaned_data
    source, target, amount = data.get("source"), data.get("target"), data.get("amount")
    is_asked = bool(source and target and amount) and source != target
    context = {"campaign": campaign, "is_asked": is_asked, "ends": (source, target)}
    if source is None or target is None or amount is None or not is_asked:
        return context
    with_results = request.user.may("insights.see")
    return {**context, "likely": likely(source, target, amount, with_results=with_results)}


def _make(
    campaign: Campaign, kind: str, fields: dict[str, Any], request: TeamRequest
) -> BudgetMove:
    if kind == "raise":
        return raise_total(campaign, **fields, by=request.user)
    return move_money(campaign, **fields, by=request.user)


def _said(made: BudgetMove) -> str:
    if made.state == BudgetMove.State.ASKED:
        return gettext("A second person is asked to agree. Nothing is moved until then.")
    return gettext("The money is moved: %(move)s") % {"move": made}


def _shown(
    request: TeamRequest, campaign: Campaign, kind: str, form: MoveForm, status: int = 200
) -> HttpResponse:
    asked = policy()
    limit = asked.release_limit if kind == "release" else asked.move_limit
    context = {
        "kind": kind,
        "form": form,
        "limit": campaign.total_budget * limit,
        "similar": similar_releases("", besides=campaign) if kind == "release" else [],
        "campaign": campaign,
    }
    if request.htmx:
        return render(request, f"{PAGE}#dialog", context, status=status)
    whole = page(campaign, request.user, "budget/lines")
    return render(request, PAGE, {**whole, **context}, status=status)


@allow("budget.edit")
@require_POST
def undo_move(request: TeamRequest, campaign_id: int, move_id: int) -> HttpResponse:
    """Undo a move by a counter pair."""
    campaign = of_page(request, campaign_id)
    found = get_object_or_404(BudgetMove, pk=move_id, campaign=campaign)
    reverse_move(found, by=request.user)
    return said(HttpResponse(status=204), gettext("The move is undone; both stay in the ledger."))


@allow("budget.edit")
@require_POST
def parts(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Divide the total as the rule bar says; everything else takes the rest."""
    campaign = of_page(request, campaign_id)
    wanted: dict[str, Decimal] = {}
    for part in rules.PARTS:
        if part == "other":
            continue
        number = read_sum(request.POST.get(part, ""))
        if number is None:
            raise Invalid.at(
                f"/{part}",
                "bad_number",
                _("“%(given)s” is no number. Write it as 500, 1.2万 or =12*800."),
                given=request.POST.get(part, "")[:40],
            )
        wanted[part] = number
    wanted["other"] = campaign.total_budget - sum(wanted.values(), Decimal(0))
    if wanted["other"] < 0:
        raise Invalid.at("/core", "over_total", _("The parts come to more than the total."))
    change = set_shares(campaign, wanted, by=request.user)
    if not request.htmx:
        return redirect("plan:budget", campaign.pk)
    return said(HttpResponse(status=204), gettext("The budget is divided."), change)
