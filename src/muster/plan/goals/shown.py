"""Goals as pages show them: the number, its unit, how far it is, and what an even pace gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, gettext

from muster.plan.campaigns import days
from muster.plan.campaigns.models import Campaign
from muster.plan.goals import rules
from muster.plan.goals.facts import falls, metric_of
from muster.plan.goals.models import Goal
from muster.plan.goals.progress import Progress, progress_of
from muster.plan.goals.rewrites import Rewrite
from muster.ui import formats
from muster.warehouse.metrics import Metric, Unit


@dataclass(frozen=True)
class ShownGoal:
    """A goal and how far it is today."""

    goal: Goal
    metric: Metric | None
    progress: Progress | None
    expected: Decimal | None
    """What an even pace would have reached by today, for numbers that add up; else None."""

    @property
    def name(self) -> str:
        """The metric in the reader's words."""
        return gettext(self.metric.name) if self.metric else self.goal.metric

    @property
    def value(self) -> Decimal | None:
        return self.progress.value if self.progress else None

    @property
    def reached(self) -> Decimal:
        """The share of the target that is reached, 0 and up."""
        if self.value is None:
            return Decimal(0)
        return rules.reached(self.value, self.goal.target, falls=falls(self.metric))

    @property
    def is_reached(self) -> bool:
        if self.value is None:
            return False
        if falls(self.metric):
            return self.value <= self.goal.target
        return self.value >= self.goal.target

    @property
    def expected_share(self) -> Decimal | None:
        if self.expected is None or not self.goal.target:
            return None
        return self.expected / self.goal.target

    @property
    def ahead(self) -> Decimal | None:
        """How far ahead of an even pace, as part of it; below zero: behind."""
        if self.value is None or not self.expected:
            return None
        return self.value / self.expected - 1

    @property
    def shown_value(self) -> str:
        return self.write(self.value)

    @property
    def shown_target(self) -> str:
        return self.write(self.goal.target)

    @property
    def shown_baseline(self) -> str:
        return self.write(self.goal.baseline)

    @property
    def shown_expected(self) -> str:
        return self.write(self.expected)

    @property
    def change(self) -> Decimal | None:
        """The target against the baseline, as part of it."""
        return self.goal.target / self.goal.baseline - 1 if self.goal.baseline else None

    @property
    def shown_change(self) -> str:
        """The same as `+112%`."""
        text = formats.percent(self.change, get_language() or "en", digits=0)
        return f"+{text}" if self.change is not None and self.change > 0 else text

    def write(self, value: Decimal | None) -> str:
        """A value of this goal's metric in the reader's way, with its unit where it has one."""
        return written(value, self.metric, self.goal.campaign.currency)


def written(value: Decimal | None, metric: Metric | None, currency: str) -> str:
    """A value of a metric: a plain number, a share in percent, or money."""
    language = get_language() or "en"
    unit = metric.unit if metric else Unit.COUNT
    if unit is Unit.RATIO:
        return formats.percent(value, language)
    if unit is Unit.MONEY:
        return formats.money(value, language, currency, short=True)
    return formats.number(value, language, digits=2)


def shown_goal(campaign: Campaign, goal: Goal, today: date | None = None) -> ShownGoal:
    """One goal with its progress."""
    return shown_with(campaign, goal, progress_of(campaign, goal), today or days.today())


def shown_with(campaign: Campaign, goal: Goal, progress: Progress | None, today: date) -> ShownGoal:
    """One goal with a progress that is known already."""
    goal.campaign = campaign
    metric = metric_of(goal)
    has_begun = goal.starts is not None and today >= goal.starts
    counts_up = metric is not None and metric.denominator is None and metric.cost is None
    expected = None
    if goal.starts and goal.due and has_begun and counts_up and not falls(metric):
        expected = goal.target * rules.pace(goal.starts, goal.due, today)
    return ShownGoal(goal, metric, progress, expected)


def shown_goals(campaign: Campaign, today: date | None = None) -> list[ShownGoal]:
    """All goals with their progress, the main goal first."""
    return [shown_goal(campaign, goal, today) for goal in campaign.goals.all()]


def letter_text(letter: rules.Letter | Rewrite, metric: Metric | None, currency: str) -> str:
    """What a letter of SMART says, with its numbers in the reader's way."""
    words = gettext(letter.text)
    return words % letter_params(letter, metric, currency) if letter.params else words


def letter_params(
    letter: rules.Letter | Rewrite, metric: Metric | None, currency: str
) -> dict[str, object]:
    """The values of a letter's sentence, numbers written with the metric's unit."""
    return {
        name: written(value, metric, currency)
        if isinstance(value, Decimal) and name != "change"
        else value
        for name, value in letter.params.items()
    }
