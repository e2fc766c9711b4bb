"""What is really left in the vaults, when other lines took more of the total than was planned.

A booking that stays within the total is not refused, so it may eat into what is locked. Then the
vaults show what is left, no more than that is released, and the owner is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, gettext

from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.models import BudgetLine, bound
from muster.plan.campaigns.models import Campaign
from muster.ui import formats

REACHED = _(
    "Costs of “%(campaign)s” take %(amount)s of what is locked in its vaults; %(left)s is left "
    "there."
)


@dataclass(frozen=True)
class Vault:
    """A locked line, and what of it the rest of the total still covers."""

    line: BudgetLine
    left: Decimal

    @property
    def taken(self) -> Decimal:
        return self.line.planned - self.left


def vaults_of(campaign: Campaign) -> list[Vault]:
    """The vaults of a campaign as they really stand."""
    # The contingency first: what is left is for emergencies before it is for chances.
    lines = sorted(
        campaign.lines.filter(category__in=rules.VAULTS),
        key=lambda line: (line.category != rules.CONTINGENCY, line.pk),
    )
    if not lines:
        return []
    now = bound([campaign.pk]).get(campaign.pk)
    if now is None or not now.total:
        return [Vault(line, line.planned) for line in lines]
    free = campaign.total_budget - now.total
    left = rules.covered([line.planned for line in lines], free)
    return [Vault(line, amount) for line, amount in zip(lines, left, strict=True)]


def taken(vaults: list[Vault]) -> Decimal:
    """How much of what is locked was spent elsewhere."""
    return sum((vault.taken for vault in vaults), Decimal(0))


def told(campaign: Campaign, vaults: list[Vault]) -> dict[str, str]:
    """What fills the sentence about vaults that were reached into."""

    def short(amount: Decimal) -> str:
        return formats.money(amount, get_language() or "en", campaign.currency, short=True)

    left = sum((vault.left for vault in vaults), Decimal(0))
    return {"campaign": campaign.name, "amount": short(taken(vaults)), "left": short(left)}


def warnings(campaign: Campaign) -> list[str]:
    """What whoever books should know: that what is locked was reached into."""
    found = vaults_of(campaign)
    return [gettext(REACHED) % told(campaign, found)] if taken(found) else []
