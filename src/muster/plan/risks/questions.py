"""What risks have to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check
from muster.plan.risks.models import Risk
from muster.plan.risks.rules import Level, level


@check("plan", _("Grave risks have a plan"))
def has_plan_b(campaign: Campaign) -> Iterator[Finding]:
    url = reverse("plan:risks", args=[campaign.pk])
    found = list(campaign.risks.exclude(status=Risk.Status.CLOSED))
    if not found:
        yield Finding(
            _("No risk is written down yet. Note what may go wrong, and what you do then."),
            url,
            Severity.WARN,
        )
    for risk in found:
        grave = level(risk.likelihood, risk.impact) in {Level.HIGH, Level.EXTREME}
        if grave and not risk.plan:
            yield Finding(
                _("“%(risk)s” is a grave risk without a plan. Write its steps."),
                url,
                Severity.WARN,
                {"risk": risk.title},
            )
