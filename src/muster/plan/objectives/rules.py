"""What may stand under what, and which channel has which part in the journey (PL14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Protocol


class No(StrEnum):
    """Why an objective cannot serve another."""

    ROUND = "round"
    COMPANY_BELOW = "company_below"
    OUTSIDE = "outside"


class Above(Protocol):
    """What the rules have to know of an objective."""

    pk: int
    kind: str
    starts: date
    ends: date

    @property
    def parent(self) -> Above | None: ...


def refusal(one: Above, parent: Above | None) -> No | None:
    """Whether an objective may serve the other; None if it may."""
    if parent is None:
        return None
    if one.kind == "company":
        return No.COMPANY_BELOW
    above: Above | None = parent
    while above is not None:
        if one.pk is not None and above.pk == one.pk:
            return No.ROUND
        above = above.parent
    if one.starts < parent.starts or one.ends > parent.ends:
        return No.OUTSIDE
    return None


class Part(StrEnum):
    """What a channel does in the customer's journey."""

    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    DECISION = "decision"
    LOYALTY = "loyalty"


KPIS: dict[Part, tuple[str, ...]] = {
    Part.AWARENESS: ("people_reached", "new_visitors"),
    Part.CONSIDERATION: ("click_rate", "visitors", "leads"),
    Part.DECISION: ("orders", "first_time_buyers", "conversion_rate"),
    Part.LOYALTY: ("repeat_rate", "orders_per_person"),
}
"""Part in the journey → the numbers by which a channel is judged there, the first one first."""

PARTS: dict[str, Part] = {
    "ads": Part.AWARENESS,
    "social": Part.AWARENESS,
    "site": Part.CONSIDERATION,
    "email": Part.DECISION,
    "sms": Part.DECISION,
    "store": Part.DECISION,
    "wecom": Part.LOYALTY,
}
"""Channel → its usual part in the journey."""

_OF_STAGE = {
    "awareness": Part.AWARENESS,
    "interest": Part.CONSIDERATION,
    "consideration": Part.CONSIDERATION,
    "purchase": Part.DECISION,
    "service": Part.LOYALTY,
    "loyalty": Part.LOYALTY,
}
"""Stage of the touchpoint map → the part that a channel has there."""
_OF_STRATEGY = {"awareness": Part.AWARENESS, "retain": Part.LOYALTY, "launch": Part.AWARENESS}


def part_of(channel: str, strategy: str, stages: Sequence[str] = ()) -> Part:
    """The part that a channel has in a campaign: as planned in its map, else as usual.

    A campaign that wants to be known, or to keep its customers, asks this of its mails too. Of
    several parts in the map the usual one counts, else the one that comes first for a customer.
    """
    usual = PARTS.get(channel, Part.CONSIDERATION)
    if usual is Part.DECISION:
        usual = _OF_STRATEGY.get(strategy, usual)
    planned = {_OF_STAGE[stage] for stage in stages if stage in _OF_STAGE}
    if not planned or usual in planned:
        return usual
    return next(part for part in Part if part in planned)
