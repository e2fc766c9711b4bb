"""What the goals have to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.goals.facts import main_facts, smart
from muster.plan.goals.models import Goal
from muster.plan.goals.rules import Verdict
from muster.plan.readiness.checks import Finding, Severity, check


@once
def _goals(campaign: Campaign) -> list[Goal]:
    return list(campaign.goals.all())


def has_goals(campaign: Campaign) -> bool:
    """Before there is a goal, the main question is enough."""
    return bool(_goals(campaign))


@check("goals", _("The main goal is SMART"))
def main_goal_is_smart(campaign: Campaign) -> Iterator[Finding]:
    place = reverse("plan:brief", args=[campaign.pk]) + "#goals"
    found = main_facts(campaign)
    if found is None:
        yield Finding(_("The campaign has no goal. Set one with a number and a date."), place)
        return
    _goal, letters = found
    for letter in letters:
        # A missing checkpoint or objective is asked about below, and only warns.
        is_asked_below = letter.letter in {"T", "R"} and letter.verdict is Verdict.WARN
        if letter.verdict is not Verdict.PASS and not is_asked_below:
            yield Finding(letter.text, place, Severity.BLOCK, letter.params)


@check("goals", _("A guardrail is set"), fits=has_goals)
def has_a_guardrail(campaign: Campaign) -> Iterator[Finding]:
    if not any(goal.guardrails for goal in _goals(campaign)):
        yield Finding(
            _("Nothing says what must not get worse on the way. Set a guardrail."),
            reverse("plan:brief", args=[campaign.pk]) + "#goals",
        )


@check("goals", _("A checkpoint is set"), fits=has_goals, severity=Severity.WARN)
def has_a_checkpoint(campaign: Campaign) -> Iterator[Finding]:
    if not _goals(campaign)[0].checkpoints:
        yield Finding(
            _("Nobody looks at the main goal before the end. Set at least one checkpoint."),
            reverse("plan:brief", args=[campaign.pk]) + "#goals",
            Severity.WARN,
        )


@check(
    "goals",
    _("It supports an aim of the company"),
    fits=has_goals,
    severity=Severity.WARN,
)
def supports_an_aim(campaign: Campaign) -> Iterator[Finding]:
    if not _goals(campaign)[0].objective:
        yield Finding(
            _("The main goal does not say which aim of the company it supports."),
            reverse("plan:brief", args=[campaign.pk]) + "#goals",
            Severity.WARN,
        )


@check(
    "tracking",
    _("Every goal has thresholds and somebody who watches them"),
    fits=has_goals,
    severity=Severity.WARN,
)
def somebody_watches(campaign: Campaign) -> Iterator[Finding]:
    place = reverse("plan:brief", args=[campaign.pk]) + "#goals"
    for goal in _goals(campaign):
        if goal.owner_id is None:
            yield Finding(
                _("Nobody watches the goal “%(goal)s”. Give it an owner."),
                place,
                Severity.WARN,
                {"goal": str(goal)},
            )
        for rail in goal.guardrails:
            if not rail.get("value"):
                yield Finding(
                    _("A guardrail of “%(goal)s” has no threshold. Say from which number on."),
                    place,
                    Severity.WARN,
                    {"goal": str(goal)},
                )


@check(
    "tracking",
    _("It is decided when results are reported"),
    fits=has_goals,
    severity=Severity.WARN,
)
def results_are_reported(campaign: Campaign) -> Iterator[Finding]:
    last = max((goal.due or campaign.ends for goal in _goals(campaign)), default=campaign.ends)
    if not any(day >= last.isoformat() for goal in _goals(campaign) for day in goal.checkpoints):
        reviews = campaign.tasks.filter(phase="review", due__gte=campaign.ends)
        if not reviews.exists():
            yield Finding(
                _(
                    "No date is set on which the results are reported. Plan a task of the phase "
                    "“Retrospective” with a date after the last day."
                ),
                reverse("plan:board", args=[campaign.pk]),
                Severity.WARN,
            )


def _has_more_goals(campaign: Campaign) -> bool:
    return len(_goals(campaign)) > 1


@check("tracking", _("The events of every goal arrive"), fits=_has_more_goals)
def events_arrive(campaign: Campaign) -> Iterator[Finding]:
    # The main goal's own events are the M of its SMART meter.
    for goal in _goals(campaign)[1:]:
        measurable = next(one for one in smart(goal) if one.letter == "M")
        if measurable.verdict is not Verdict.PASS:
            yield Finding(
                measurable.text,
                reverse("plan:brief", args=[campaign.pk]) + "#goals",
                params=measurable.params,
            )
