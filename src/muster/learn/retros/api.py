"""Retrospectives in the API (LE1)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from muster.kit import clock
from muster.learn.retros import actions
from muster.learn.retros.models import Card, Retro
from muster.learn.retros.numbers import fill
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import colleague
from muster.team.bodies import Strict
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope

router = Router(tags=["retrospectives"])


class CardIn(Strict):
    """One card."""

    kind: str
    text: str
    screen: str = ""
    condition: str = ""
    owner: str | None = None
    due: date | None = None


class RetroIn(Strict):
    """What the team adds; everything is optional."""

    cards: list[CardIn] = Field(default_factory=list)
    would_do_again: Literal["yes", "changed", "no"] | None = None
    why: str = ""
    complete: bool = False


@router.get("", auth=scope("reports:read"), response=Page[dict[str, Any]])
def list_retros(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The retrospectives, newest first; unfinished ones as well."""
    visible = Campaign.objects.visible_to(caller(request))
    rows = Retro.objects.filter(campaign__in=visible).select_related("campaign", "completed_by")
    return page(rows, paging, _head)


@router.get("/{campaign_id}", auth=scope("reports:read"), response=dict[str, Any])
def get_retro(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """The retrospective of a campaign: its numbers, and what the team wrote."""
    campaign = of_call(request, campaign_id)
    retro = Retro.objects.filter(campaign=campaign).first() or Retro(campaign=campaign)
    return _shown(retro, with_money=caller(request).may("budget.see"))


@router.post("/{campaign_id}", auth=scope("retros:write"), response=dict[str, Any])
def write_retro(request: HttpRequest, campaign_id: str, body: RetroIn) -> dict[str, Any]:
    """Add cards, answer whether to do it again, complete it: all of it or nothing."""
    campaign = of_call(request, campaign_id)
    user, now = caller(request), clock.now()
    cards = [
        actions.NewCard(
            card.kind,
            card.text,
            card.screen,
            card.condition,
            colleague(card.owner, f"/cards/{place}/owner") if card.owner else None,
            card.due,
        )
        for place, card in enumerate(body.cards)
    ]
    retro = actions.write(
        campaign,
        cards,
        again=body.would_do_again,
        why=body.why,
        by=user,
        complete_at=now if body.complete else None,
    )
    return _shown(retro, with_money=user.may("budget.see"))


def _head(retro: Retro) -> dict[str, Any]:
    return {
        "id": retro.public_id if retro.pk else None,
        "campaign": retro.campaign.public_id,
        "name": retro.campaign.name,
        "status": retro.status,
        "would_do_again": retro.would_do_again or None,
        "why": retro.why,
        "completed_at": retro.completed_at,
        "completed_by": str(retro.completed_by) if retro.completed_by else None,
    }


def _shown(retro: Retro, *, with_money: bool) -> dict[str, Any]:
    numbers = retro.filled if retro.is_done else fill(retro.campaign, clock.now())
    if not with_money:
        hidden = {"revenue", "cost", "roi", "channels", "budget"}
        numbers = {key: value for key, value in numbers.items() if key not in hidden}
    cards = retro.cards.shown().select_related("by", "owner") if retro.pk else []
    return {**_head(retro), "numbers": numbers, "cards": [_card(card) for card in cards]}


def _card(card: Card) -> dict[str, Any]:
    return {
        "id": card.public_id,
        "kind": card.kind,
        "text": card.text,
        "screen": card.screen or None,
        "condition": card.condition or None,
        "owner": str(card.owner) if card.owner else None,
        "due": card.due,
        "by": str(card.by),
        "at": card.at,
    }
