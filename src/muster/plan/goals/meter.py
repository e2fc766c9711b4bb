"""The SMART meter of a goal as the brief shows it (S09)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from muster.plan.campaigns.models import Campaign
from muster.plan.goals.facts import smart
from muster.plan.goals.forms import GoalForm, typed
from muster.plan.goals.models import Goal
from muster.plan.goals.rules import Letter, Verdict, score
from muster.plan.goals.shown import ShownGoal, letter_text, shown_goal

_MARKS = {Verdict.PASS: "circle-check", Verdict.WARN: "alert-triangle", Verdict.FAIL: "circle-x"}
_KINDS = {Verdict.PASS: "good", Verdict.WARN: "warn", Verdict.FAIL: "bad"}


@dataclass(frozen=True)
class ShownLetter:
    """One letter in words."""

    letter: str
    verdict: str
    mark: str
    kind: str
    text: str
    fix: str
    """Id of the field that mends it."""
    value: str
    """What to type there so that it passes."""
    rewrites: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """A goal, its form, and its meter."""

    goal: Goal
    form: GoalForm
    shown: ShownGoal
    letters: list[ShownLetter]
    score: int


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
    )


def _letter(letter: Letter, shown: ShownGoal) -> ShownLetter:
    goal, currency = shown.goal, shown.goal.campaign.currency

    def words(of: object) -> str:
        return letter_text(of, shown.metric, currency)  # type: ignore[arg-type]

    return ShownLetter(
        letter=letter.letter,
        verdict=letter.verdict.value,
        mark=_MARKS[letter.verdict],
        kind=_KINDS[letter.verdict],
        text=words(letter),
        fix=f"id_{goal.public_id}-{_field(letter.fix)}" if letter.fix else "",
        value=typed(letter.value, goal.metric) if isinstance(letter.value, Decimal) else "",
        rewrites=tuple(words(rewrite) for rewrite in letter.rewrites),
    )


def _field(fix: str) -> str:
    return "checkpoint_0" if fix == "checkpoints" else fix
