"""Pages of retrospectives (S46, S47): opened already filled, completed by the team, kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from muster.kit import clock
from muster.learn.retros import actions
from muster.learn.retros.forms import CardForm, JudgementForm
from muster.learn.retros.models import SCREENS, Card, Retro
from muster.learn.retros.numbers import fill
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.team.changes.models import Change
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.missing import Missing, missing
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS
from muster.ui.toasts import toast

PAGE = "learn/retro.html"
WALL = (Card.Kind.KEEP, Card.Kind.STOP, Card.Kind.START)
_MOMENTS = ("planned_at", "started_at", "ended_at")


@allow("library.see")
@require_GET
def retro_page(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The retrospective, filled from the numbers."""
    campaign = of_page(request, campaign_id)
    retro = Retro.objects.filter(campaign=campaign).first() or Retro(campaign=campaign)
    lacks: Missing | None = None
    try:
        numbers = retro.filled if retro.is_done else fill(campaign, clock.now())
    except NO_NUMBERS as error:
        numbers, lacks = {}, missing(error)
    context = {
        **_team_part(request, campaign, retro),
        "n": _readable(numbers),
        "missing": lacks,
        "may_see_money": request.user.may("budget.see"),
        "has_ended": campaign.is_over,
    }
    return render(request, PAGE, page(campaign, request.user, "retro", **context))


@allow("retro.edit")
@require_POST
def add_card(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Put a card on the wall."""
    campaign = of_page(request, campaign_id)
    form = CardForm(request.POST)
    if not form.is_valid():
        return _wall(request, campaign, bad=form, status=422)
    given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    given = {"text": "", **given}
    actions.add_card(actions.open_retro(campaign), actions.NewCard(**given), by=request.user)
    return _wall(request, campaign)


@allow("retro.edit")
@require_http_methods(["GET", "POST"])
def edit_card(request: TeamRequest, campaign_id: int, card_id: int) -> HttpResponse:
    """Change a card: the form in a dialog, then the wall."""
    campaign = of_page(request, campaign_id)
    card = get_object_or_404(Card.objects.shown(), pk=card_id, retro__campaign=campaign)
    form = CardForm(request.POST or None, instance=card)
    if request.method == "GET" or not form.is_valid():
        context = {"campaign": campaign, "card": card, "form": form}
        return render(request, "learn/card.html", context, status=422 if form.errors else 200)
    fields = {
        ("owner_id" if name == "owner" else name): (
            value.pk if name == "owner" and value else value
        )
        for name, value in form.cleaned_data.items()
        if name != "kind"
    }
    card.refresh_from_db()
    change = actions.edit_card(card, by=request.user, **fields)
    return _said(_wall(request, campaign), _("The card is changed."), change)


@allow("retro.edit")
@require_POST
def remove_card(request: TeamRequest, campaign_id: int, card_id: int) -> HttpResponse:
    """Take a card off the wall."""
    campaign = of_page(request, campaign_id)
    card = get_object_or_404(Card.objects.shown(), pk=card_id, retro__campaign=campaign)
    change = actions.remove_card(card, by=request.user, now=clock.now())
    return _said(_wall(request, campaign), _("The card is gone."), change)


@allow("retro.edit")
@require_POST
def judge(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Answer whether to do it again."""
    campaign = of_page(request, campaign_id)
    form = JudgementForm(request.POST)
    if not form.is_valid():
        return _wall(request, campaign, judgement=form, status=422)
    change = actions.judge(actions.open_retro(campaign), **form.cleaned_data, by=request.user)
    return _said(_wall(request, campaign), _("Your answer is kept."), change)


@allow("retro.edit")
@require_POST
def complete(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Close the retrospective; the numbers stay as they are now."""
    campaign = of_page(request, campaign_id)
    now = clock.now()
    actions.complete(actions.open_retro(campaign), fill(campaign, now), by=request.user, now=now)
    messages.success(request, _("The retrospective is complete and stands in the library."))
    url = reverse("learn:retro", args=[campaign.pk])
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


@allow("library.see")
@require_GET
def library(request: TeamRequest) -> HttpResponse:
    """Every finished retrospective with its goal, its return and its lessons."""
    asked = request.GET.get("again", "")
    visible = Campaign.objects.visible_to(request.user)
    rows = Retro.objects.filter(campaign__in=visible, status=Retro.Status.DONE)
    if asked in Retro.Again.values:
        rows = rows.filter(would_do_again=asked)
    shown = [
        {
            "retro": retro,
            "n": _readable(retro.filled),
            "goal": next(iter(retro.filled.get("goals", [])), None),
            "lessons": [c for c in retro.cards.all() if c.kind == "lesson" and not c.removed_at],
        }
        for retro in rows.select_related("campaign")
        .prefetch_related("cards")
        .order_by("-completed_at")[:100]
    ]
    context = {
        "rows": shown,
        "asked": asked,
        "answers": Retro.Again.choices,
        "may_see_money": request.user.may("budget.see"),
        "waiting": visible.filter(status=Campaign.Status.ENDED).order_by("-ends")[:10],
    }
    return render(request, "learn/library.html", context)


def _wall(
    request: TeamRequest,
    campaign: Campaign,
    *,
    bad: CardForm | None = None,
    judgement: JudgementForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The team's part alone, as htmx asks for it; without it the whole page."""
    if not request.htmx and status == 200:
        return redirect("learn:retro", campaign_id=campaign.pk)
    retro = actions.open_retro(campaign)
    context = {"campaign": campaign, **_team_part(request, campaign, retro, bad, judgement)}
    return render(request, f"{PAGE}#team", context, status=status)


def _team_part(
    request: TeamRequest,
    campaign: Campaign,
    retro: Retro,
    bad: CardForm | None = None,
    judgement: JudgementForm | None = None,
) -> dict[str, Any]:
    cards = list(retro.cards.shown().select_related("by", "owner")) if retro.pk else []
    bad_kind = str(bad.data.get("kind", "")) if bad else ""

    def column(kind: Card.Kind) -> dict[str, Any]:
        return {
            "kind": kind,
            "cards": [card for card in cards if card.kind == kind],
            "form": bad
            if bad is not None and bad_kind == kind
            else CardForm(kind=kind, auto_id=f"{kind}_%s"),
        }

    answer = {"again": retro.would_do_again, "why": retro.why}
    return {
        "retro": retro,
        "columns": [column(kind) for kind in WALL],
        "lessons": column(Card.Kind.LESSON),
        "tasks": column(Card.Kind.ACTION),
        "judgement": judgement or JudgementForm(initial=answer),
        "screens": SCREENS,
        "may_write": request.user.may("retro.edit") and not retro.is_done,
        "may_complete": campaign.status == Campaign.Status.ENDED,
    }


def _said(response: HttpResponse, text: str, change: Change) -> HttpResponse:
    return toast(response, text, undo=way_back(change))


def _readable(numbers: dict[str, Any]) -> dict[str, Any]:
    """The kept numbers with moments, money and names as templates want them."""
    if not numbers:
        return {}
    titles = dict(BudgetLine.Category.choices)
    budget = [
        {
            **{key: Decimal(row[key]) for key in ("planned", "actual", "difference")},
            "name": titles.get(row["category"], row["category"]),
        }
        for row in numbers["budget"]
    ]
    channels = [
        {**row, "cost": Decimal(row["cost"]), "revenue": Decimal(row["revenue"])}
        for row in numbers["channels"]
    ]
    sends = [{**row, **{key: _moment(row[key]) for key in _MOMENTS}} for row in numbers["sends"]]
    waived = [{**row, "at": _moment(row["at"])} for row in numbers["waived"]]
    first, last = _ends(numbers["variants"])
    return {
        **numbers,
        "as_of": _moment(numbers["as_of"]),
        "revenue": Decimal(numbers["revenue"]),
        "cost": Decimal(numbers["cost"]),
        "budget": budget,
        "channels": channels,
        "sends": sends,
        "waived": waived,
        "best": first,
        "worst": last,
    }


def _ends(variants: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The best and the worst variant; no worst where there is only one."""
    return (variants[0] if variants else None), (variants[-1] if len(variants) > 1 else None)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
