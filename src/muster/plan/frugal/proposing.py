"""A proposal for a small budget, from what the team's own ended campaigns cost and brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.budget.effect import returns_of
from muster.plan.budget.policy import policy
from muster.plan.budget.questions import worded
from muster.plan.budget.rules import Line
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.plan.frugal import rules

_MOST = 12
"""At most this many ended campaigns are looked at, the latest first."""


@dataclass(frozen=True)
class Known:
    """What ended campaigns tell of the channels."""

    campaigns: int
    """How many were measured."""
    records: Sequence[rules.Record]
    apart: int
    """How many count in another currency, and are left out."""

    @property
    def chosen(self) -> list[rules.Record]:
        return rules.chosen(self.records)

    @property
    def is_enough(self) -> bool:
        """Whether channels can be compared at all."""
        return len(rules.comparable(self.records)) > 1


@dataclass(frozen=True)
class Channel:
    """A channel that is proposed, with the reason and the sum."""

    record: rules.Record
    part: rules.Part

    @property
    def is_beyond(self) -> bool:
        return self.record.is_beyond(self.part.planned)


@dataclass(frozen=True)
class Proposal:
    """How a sum is split."""

    amount: Decimal
    channels: Sequence[Channel]
    kept: Sequence[rules.Part]
    """What the rules of the budget keep."""
    taken: Decimal
    """What lines that count themselves have."""

    @property
    def parts(self) -> list[rules.Part]:
        return [*(one.part for one in self.channels), *self.kept]


def known(campaign: Campaign) -> Known:
    """What the latest ended campaigns in this campaign's currency tell of their channels."""
    rows = Campaign.objects.filter(status__in=OVER, deleted_at=None).exclude(pk=campaign.pk)
    past = list(rows.order_by("-ends", "-pk")[:_MOST])
    tries: dict[str, list[rules.Try]] = {}
    measured = apart = 0
    for one in past:
        if one.currency != campaign.currency:
            apart += 1
            continue
        found = returns_of(one)
        measured += bool(found)
        for channel, brought in found.items():
            # In brackets stands what belongs to no channel, such as refunds.
            if brought.revenue is not None and channel and not channel.startswith("("):
                tries.setdefault(channel, []).append(
                    rules.Try(one.name, brought.cost, brought.revenue)
                )
    return Known(measured, rules.records(tries), apart)


def check_amount(amount: Decimal) -> None:
    """Refuse a sum that no budget can be."""
    if not 0 < amount < Decimal(10) ** 12 or amount != amount.quantize(Decimal("0.01")):
        raise Invalid.at(
            "/amount", "out_of_range", _("A sum is more than zero, with at most two decimals.")
        )


def propose(campaign: Campaign, amount: Decimal, found: Known) -> Proposal | None:
    """How this sum would be split; None where too little is known, or no channel earned its cost.

    Refused where the rules of the budget leave no room.
    """
    check_amount(amount)
    best = found.chosen
    if not best:
        return None
    own = [Line(line.category, line.planned, line.core) for line in campaign.lines.exclude(auto="")]
    taken, asked = sum((line.planned for line in own), Decimal(0)), policy()
    parts = rules.split(amount, [one.channel for one in best], asked, taken)
    if parts is None:
        raise Refused(
            _(
                "The budget rules and the lines that count themselves ask for more than this sum. "
                "Name a larger sum, or change the rules under Settings."
            ),
            code="no_room",
        )
    broken = rules.broken(amount, parts, own, asked)
    if broken:
        text, params = worded(campaign, broken[0])
        raise Refused(
            _(
                "Split among these channels, the sum would not keep the budget rules. %(rule)s "
                "Plan the lines by hand, or change the rules under Settings."
            ),
            code="breaks_rule",
            rule=gettext(text) % params,
        )
    channels = [
        Channel(record, part) for record, part in zip(best, parts[: len(best)], strict=True)
    ]
    return Proposal(amount, channels, parts[len(best) :], taken)
