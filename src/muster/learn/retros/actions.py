"""What people do in a retrospective: write cards, judge, complete it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.learn.retros.models import SCREENS, Card, Retro
from muster.learn.retros.numbers import fill
from muster.plan.campaigns.actions import move
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User


@dataclass(frozen=True)
class NewCard:
    """A card as it is asked for."""

    kind: str
    text: str
    screen: str = ""
    condition: str = ""
    owner: User | None = None
    due: date | None = None


def open_retro(campaign: Campaign) -> Retro:
    """The retrospective of the campaign; the first look makes it."""
    return Retro.objects.get_or_create(campaign=campaign)[0]


@transaction.atomic
def add_card(retro: Retro, new: NewCard, *, by: User) -> Card:
    """Write one card; raises Invalid for an unknown kind or an empty text."""
    _must_be_open(retro)
    kind, screen, condition = new.kind, new.screen, new.condition
    if screen and screen not in SCREENS:
        raise Invalid.at(
            "/screen",
            "unknown_screen",
            _("A lesson cannot appear on “%(screen)s”. Use one of: %(known)s."),
            screen=screen,
            known=", ".join(SCREENS),
        )
    if kind not in Card.Kind.values:
        raise Invalid.at(
            "/kind",
            "unknown_kind",
            _("“%(kind)s” is no kind of card. Use keep, stop, start, lesson or action."),
            kind=kind,
        )
    _guard_length(condition, "/condition", 160)
    _guard_day(new.due)
    card = Card.objects.create(
        retro=retro,
        kind=kind,
        text=_usable(new.text),
        screen=screen,
        condition=condition.strip(),
        owner=new.owner,
        due=new.due,
        by=by,
    )
    record_change("card_added", card, by=by, campaign=retro.campaign.public_id)
    return card


@transaction.atomic
def edit_card(card: Card, *, by: User, **fields: Any) -> Change:
    """Change the text, place, condition, owner or due day of a card; can be undone."""
    _must_be_open(card.retro)
    unknown = set(fields) - {"text", "screen", "condition", "owner_id", "due"}
    if unknown:
        raise LookupError(f"A card has no {', '.join(sorted(unknown))}")
    if "text" in fields:
        fields["text"] = _usable(fields["text"])
    _guard_day(fields.get("due"))
    before = {name: getattr(card, name) for name in fields}
    for name, value in fields.items():
        setattr(card, name, value)
    card.save(update_fields=list(fields))
    return record_change("card_changed", card, by=by, undo=before)


@transaction.atomic
def remove_card(card: Card, *, by: User, now: datetime) -> Change:
    """Take a card off the wall; can be undone."""
    _must_be_open(card.retro)
    card.removed_at = now
    card.save(update_fields=["removed_at"])
    return record_change("card_removed", card, by=by, undo={"removed_at": None})


@transaction.atomic
def judge(retro: Retro, again: str, why: str, *, by: User) -> Change:
    """Answer "would we do it again?"; can be undone."""
    _must_be_open(retro)
    if again not in Retro.Again.values:
        raise Invalid.at(
            "/would_do_again",
            "unknown_answer",
            _("Answer with yes, changed or no."),
        )
    _guard_length(why, "/why", 300)
    before = {"would_do_again": retro.would_do_again, "why": retro.why}
    retro.would_do_again, retro.why = again, why.strip()
    retro.save(update_fields=["would_do_again", "why"])
    return record_change("retro_judged", retro, by=by, undo=before)


@transaction.atomic
def complete(retro: Retro, filled: dict[str, Any], *, by: User, now: datetime) -> Retro:
    """Close the retrospective with the numbers as they stand, and the campaign as reviewed."""
    retro = Retro.objects.select_for_update().select_related("campaign").get(pk=retro.pk)
    _must_be_open(retro)
    campaign = retro.campaign
    if campaign.status != Campaign.Status.ENDED:
        raise Refused(
            _(
                "“%(name)s” has not ended. End the campaign first; until then this page is a "
                "preview and keeps your cards."
            ),
            code="not_ended",
            name=campaign.name,
        )
    if not retro.would_do_again:
        raise Refused(
            _("Answer “Would we do it again?” first. It is what the library is sorted by."),
            code="not_judged",
        )
    retro.status = Retro.Status.DONE
    retro.filled = filled
    retro.completed_at = now
    retro.completed_by = by
    retro.save(update_fields=["status", "filled", "completed_at", "completed_by"])
    move(campaign, Campaign.Status.REVIEWED, by=by)
    record_change("retro_completed", retro, by=by, campaign=campaign.public_id)
    return retro


@transaction.atomic
def write(
    campaign: Campaign,
    cards: Sequence[NewCard],
    *,
    again: str | None,
    why: str,
    by: User,
    complete_at: datetime | None = None,
) -> Retro:
    """Cards, judgement and completion in one go: all of it, or nothing if a part is refused."""
    retro = open_retro(campaign)
    for card in cards:
        add_card(retro, card, by=by)
    if again:
        judge(retro, again, why, by=by)
    if complete_at is not None:
        retro = complete(retro, fill(campaign, complete_at), by=by, now=complete_at)
    return retro


def _must_be_open(retro: Retro) -> None:
    if retro.is_done:
        raise Refused(_("This retrospective is complete and stays as it is."), code="retro_is_done")


def _usable(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid.at("/text", "empty", _("Write at least a few words on the card."))
    _guard_length(text, "/text", 400)
    return text


def _guard_day(due: date | None) -> None:
    if problems := far_away({"/due": due}):
        raise Invalid.of(problems)


def _guard_length(text: str, at: str, most: int) -> None:
    if len(text.strip()) > most:
        raise Invalid.at(
            at,
            "too_long",
            _("There is room for %(most)s characters, this text has %(length)s. Shorten it."),
            most=most,
            length=len(text.strip()),
        )
