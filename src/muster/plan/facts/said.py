"""The facts of a campaign for those who write: which there are, and what they say now (S08)."""

from __future__ import annotations

from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.facts.rules import Known


def known(fact: Fact) -> Known:
    """The fact as the rules see it."""
    return Known(
        key=fact.key,
        kind=fact.kind,
        name=fact.name,
        values=fact.values,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
        was=tuple(fact.was),
    )


def facts_of(campaign: Campaign | int) -> dict[str, Known]:
    """Key → fact of the campaign."""
    pk = campaign if isinstance(campaign, int) else campaign.pk
    return {fact.key: known(fact) for fact in Fact.objects.filter(campaign_id=pk)}
