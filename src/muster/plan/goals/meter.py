"""The SMART meter of a goal as the brief shows it (S09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext

from muster.plan.campaigns.models import Campaign
from muster.plan.goals.cascade import CHANNELS
from muster.plan.goals.facts import smart
from muster.plan.goals.forms import GoalForm
from muster.plan.goals.history import baseline_of
from muster.plan.goals.models import Goal, Look
from muster.plan.goals.rules import Letter, Verdict, score
from muster.plan.goals.shown import ShownGoal, letter_text, shown_goal, written
from muster.plan.goals.watching import rails_of
from muster.plan.objectives.models import Objective
from muster.warehouse.metrics import METRICS

MARKS = {Verdict.PASS: "circle-check", Verdict.WARN: "alert-triangle", Verdict.FAIL: "circle-x"}
_PLACES = {"S": "statement", "M": "metric", "A": "target", "R": "objective", "T": "due"}
KINDS = {Verdict.PASS: "good", Verdict.WARN: "warn", Verdict.FAIL: "bad"}


@dataclass(frozen=True)
class Offer:
    """Something that mends a letter with one click."""

    do: str
    """A key of `fixes.FIXES`."""
    value: str
    label: str


@dataclass(frozen=True)
class ShownLetter:
    """One letter in words."""

    letter: str
    verdict: str
    mark: str
    kind: str
    text: str
    fix: str
    """Id of the field that mends it; empty where there is nothing to mend."""
    place: str
    """Id of the field to which its key leads."""
    offers: tuple[Offer, ...]
    """What mends it with one click."""


@dataclass(frozen=True)
class ShownRail:
    """A guardrail in words, and whether it holds."""

    name: str
    limit: str
    value: str
    holds: bool | None


@dataclass(frozen=True)
class ShownLook:
    """What was expected and what was there on a checkpoint."""

    day: date
    expected: str
    actual: str
    is_held: bool


@dataclass(frozen=True)
class Card:
    """A goal, its form, and its meter."""

    goal: Goal
    form: GoalForm
    shown: ShownGoal
    letters: list[ShownLetter]
    score: int
    rails: list[ShownRail]
    looks: list[ShownLook]


def card(campaign: Campaign, goal: Goal, form: GoalForm | None = None) -> Card:
    """Everything the brief shows of one goal."""
    shown = shown_goal(campaign, goal)
    letters = smart(goal)
    return Card(
        goal=goal,
        form=form or GoalForm.of(goal),
        shown=shown,
        letters=[_letter(letter, shown) for letter in letters],
        score=score(letters),
        rails=list(_rails(campaign, goal)) if campaign.is_live or campaign.is_over else [],
        looks=[
            ShownLook(
                date.fromisoformat(look.what),
                shown.write(look.expected),
                shown.write(look.actual),
                look.state == Look.State.HELD,
            )
            for look in goal.looks.filter(kind=Look.Kind.CHECKPOINT)
        ],
    )


def _rails(campaign: Campaign, goal: Goal) -> Iterator[ShownRail]:
    for rail in rails_of(campaign, goal):
        metric = METRICS.get(rail.metric)
        sign = "≥" if rail.op == "gte" else "≤"
        yield ShownRail(
            gettext(metric.name) if metric else rail.metric,
            f"{sign} {written(rail.limit, metric, campaign.currency)}",
            written(rail.value, metric, campaign.currency),
            rail.holds,
        )


def _letter(letter: Letter, shown: ShownGoal) -> ShownLetter:
    goal, currency = shown.goal, shown.goal.campaign.currency
    return ShownLetter(
        letter=letter.letter,
        verdict=letter.verdict.value,
        mark=MARKS[letter.verdict],
        kind=KINDS[letter.verdict],
        text=letter_text(letter, shown.metric, currency),
        fix=f"id_{goal.public_id}-{_field(letter.fix)}" if letter.fix else "",
        place=f"id_{goal.public_id}-{_field(letter.fix or _PLACES[letter.letter])}",
        offers=tuple(_offers(letter, shown)),
    )


def _offers(letter: Letter, shown: ShownGoal) -> Iterator[Offer]:
    """The values that would mend a letter, where they are known."""
    goal = shown.goal
    for rewrite in letter.rewrites:
        sentence = letter_text(rewrite, shown.metric, goal.campaign.currency)
        yield Offer("sentence", sentence, sentence)
    if letter.fix in ("target", "reason") and isinstance(letter.value, Decimal):
        value = shown.write(letter.value)
        yield Offer("target", str(letter.value), gettext("Take %(value)s") % {"value": value})
    elif letter.fix == "baseline":
        found = baseline_of(goal.campaign, goal.metric, *_days(goal))
        if found is not None:
            params = {"value": shown.write(found.value), "source": found.source}
            label = gettext("Start from %(value)s: %(source)s") % params
            yield Offer("baseline", "", label)
    elif letter.fix == "objective":
        if isinstance(letter.value, str):
            yield Offer("objective", letter.value, gettext("Make it an objective"))
        first, last = _days(goal)
        for one in Objective.objects.filter(ends__gte=first, starts__lte=last)[:3]:
            label = gettext("Link it to “%(name)s”") % {"name": one.name}
            yield Offer("link", one.public_id, label)
    elif letter.fix == "checkpoints":
        yield Offer("checkpoints", "", gettext("Set three checkpoints"))
    elif letter.fix in ("due", "starts"):
        yield Offer("days", "", gettext("Take the days of the campaign"))
    elif letter.fix == "channel":
        for key in goal.campaign.channels[:3]:
            yield Offer(
                "channel", key, gettext("Through %(channel)s") % {"channel": CHANNELS.get(key, key)}
            )
    elif letter.fix == "population" and goal.campaign.audience.strip():
        audience = goal.campaign.audience.strip()[:60]
        yield Offer("population", audience, gettext("Take “%(words)s”") % {"words": audience})


def _days(goal: Goal) -> tuple[date, date]:
    return goal.starts or goal.campaign.starts, goal.due or goal.campaign.ends


def _field(fix: str) -> str:
    return "checkpoint_0" if fix == "checkpoints" else fix
