"""What the goals have to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.facts import main_facts
from muster.plan.goals.rules import Verdict
from muster.plan.readiness.checks import Finding, Severity, check


@check("goals", _("The main goal is SMART"))
def main_goal_is_smart(campaign: Campaign) -> Iterator[Finding]:
    place = reverse("plan:brief", args=[campaign.pk]) + "#goals"
    found = main_facts(campaign)
    if found is None:
        yield Finding(_("The campaign has no goal. Set one with a number and a date."), place)
        return
    _goal, letters = found
    for letter in letters:
        if letter.verdict is Verdict.FAIL:
            yield Finding(letter.text, place, Severity.BLOCK, letter.params)
        elif letter.verdict is Verdict.WARN and letter.letter != "T":
            yield Finding(letter.text, place, Severity.WARN, letter.params)


@check("goals", _("A guardrail is set"))
def has_a_guardrail(campaign: Campaign) -> Iterator[Finding]:
    if not any(goal.guardrails for goal in campaign.goals.all()):
        yield Finding(
            _("Nothing says what must not get worse on the way. Set a guardrail."),
            reverse("plan:brief", args=[campaign.pk]) + "#goals",
            Severity.WARN,
        )


@check("goals", _("A checkpoint is set"))
def has_a_checkpoint(campaign: Campaign) -> Iterator[Finding]:
    goal = campaign.goals.first()
    if goal and not goal.checkpoints:
        yield Finding(
            _("Nobody looks at the main goal before the end. Set at least one checkpoint."),
            reverse("plan:brief", args=[campaign.pk]) + "#goals",
            Severity.WARN,
        )
