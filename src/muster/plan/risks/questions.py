"""What the risks have to say before the launch (PL8): is there a plan for the day it goes wrong?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Dial, Finding, Severity, check, dial
from muster.plan.risks.models import Risk

_SERIOUS = Dial(
    "points",
    _("Likelihood × impact from which a risk needs a plan of its own"),
    Dial.Unit.POINTS,
    Decimal(15),
    least=Decimal(1),
    most=Decimal(25),
)


@check(
    "compliance",
    _("There is a plan for the day it goes wrong"),
    severity=Severity.WARN,
    dials=(_SERIOUS,),
)
def has_a_crisis_plan(campaign: Campaign) -> Iterator[Finding]:
    risks = list(campaign.risks.exclude(status=Risk.Status.CLOSED))
    if not any(risk.plan for risk in risks):
        yield Finding(
            _("No risk of this campaign has a plan. Write down who does what when it happens."),
            reverse("plan:risks", args=[campaign.pk]),
            Severity.WARN,
        )
        return
    serious = dial(campaign, "compliance.has_a_crisis_plan", _SERIOUS.name)
    for risk in risks:
        if not risk.plan and risk.likelihood * risk.impact >= serious:
            yield Finding(
                _("“%(risk)s” is serious, and there is no plan for it."),
                reverse("plan:risks", args=[campaign.pk]),
                Severity.WARN,
                {"risk": risk.title},
            )
