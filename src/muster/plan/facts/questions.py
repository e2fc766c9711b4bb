"""What the fact sheet has to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.facts.sheet import typed_in
from muster.plan.readiness.checks import Finding, Severity, check


@check("content", _("Every fact is verified"))
def facts_are_verified(campaign: Campaign) -> Iterator[Finding]:
    place = reverse("plan:facts", args=[campaign.pk])
    for fact in campaign.facts.all():
        if not fact.is_verified:
            yield Finding(
                _("The fact “%(name)s” is not verified."),
                f"{place}#{fact.public_id}",
                params={"name": fact.name},
            )


def _has_prices(campaign: Campaign) -> bool:
    return campaign.facts.filter(kind=Fact.Kind.PRICE).exists()


@check("compliance", _("Every price says what it is based on"), fits=_has_prices)
def prices_have_a_basis(campaign: Campaign) -> Iterator[Finding]:
    place = reverse("plan:facts", args=[campaign.pk])
    for fact in campaign.facts.filter(kind=Fact.Kind.PRICE, evidence_url="", evidence=""):
        yield Finding(
            _(
                "The price “%(name)s” does not say what it is based on, such as the price list or "
                "the lowest price of the last thirty days. Add its proof."
            ),
            f"{place}#{fact.public_id}",
            params={"name": fact.name},
        )


@check("content", _("No fact is typed by hand"), severity=Severity.WARN)
def nothing_contradicts(campaign: Campaign) -> Iterator[Finding]:
    place = reverse("plan:facts", args=[campaign.pk]) + "#typed"
    for one in typed_in(campaign):
        if not one.typed.is_right:
            yield Finding(
                _("“%(mail)s” says “%(typed)s” where the fact “%(name)s” is meant."),
                place,
                Severity.WARN,
                {"mail": one.use.title, "typed": one.typed.text, "name": one.fact.name},
            )
