"""What the past says of a number (PL2): the parts that count register here, the plan only asks.

Without them there are no baselines, no comparable campaigns and no rates, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from django.utils.translation import gettext

from muster.plan.campaigns.models import Campaign
from muster.plan.goals.solver import Rates, Reachable


@dataclass(frozen=True)
class Baseline:
    """A metric's value in the last comparable period, and where it is from."""

    value: Decimal
    text: str
    """An English sentence marked for translation: which campaign, or which days."""
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def source(self) -> str:
        words = gettext(self.text)
        return words % self.params if self.params else words


@dataclass(frozen=True)
class Ended:
    """What a metric reached in a campaign that is over."""

    campaign: Campaign
    value: Decimal


BaselineOf: TypeAlias = Callable[[Campaign, str, date, date], Baseline | None]
AheadOf: TypeAlias = Callable[[Campaign, Sequence[str]], None]
EndedOf: TypeAlias = Callable[[Campaign, str], list[Ended]]
RatesOf: TypeAlias = Callable[[Campaign, str], Rates | None]
ReachOf: TypeAlias = Callable[[Campaign], Reachable | None]
_baselines: list[BaselineOf] = []
_ahead: list[AheadOf] = []
_ended: list[EndedOf] = []
_rates: list[RatesOf] = []
_reach: list[ReachOf] = []


def baseline(source: BaselineOf) -> BaselineOf:
    """Ask this function for the value of the period before, of (campaign, metric, first, last)."""
    _baselines.append(source)
    return source


def ahead(source: AheadOf) -> AheadOf:
    """Let this function count several metrics at once, so that asking for each is cheap then."""
    _ahead.append(source)
    return source


def ended(source: EndedOf) -> EndedOf:
    """Ask this function what campaigns that are over reached, of (campaign, metric)."""
    _ended.append(source)
    return source


def rates(source: RatesOf) -> RatesOf:
    """Ask this function for the team's own rates on the way to a metric."""
    _rates.append(source)
    return source


def reach(source: ReachOf) -> ReachOf:
    """Ask this function how many people the campaign can reach as it is planned."""
    _reach.append(source)
    return source


def baseline_of(campaign: Campaign, metric: str, starts: date, due: date) -> Baseline | None:
    """The metric's value in the last comparable period, or None when nobody can tell."""
    found = (source(campaign, metric, starts, due) for source in _baselines)
    return next((one for one in found if one is not None), None)


def baselines_of(
    campaign: Campaign, metrics: Sequence[str], starts: date, due: date
) -> dict[str, Baseline]:
    """The same of several metrics; what nobody can tell is left out."""
    for source in _ahead:
        source(campaign, metrics)
    found = {metric: baseline_of(campaign, metric, starts, due) for metric in metrics}
    return {metric: one for metric, one in found.items() if one is not None}


def ended_of(campaign: Campaign, metric: str) -> list[Ended]:
    """What the metric reached in comparable campaigns that are over, the latest first."""
    return next((one for source in _ended if (one := source(campaign, metric))), [])


def rates_of(campaign: Campaign, metric: str) -> Rates | None:
    """The team's own rates on the way to this metric."""
    return next((one for source in _rates if (one := source(campaign, metric)) is not None), None)


def reach_of(campaign: Campaign) -> Reachable | None:
    """How many people the campaign can reach as it is planned."""
    return next((one for source in _reach if (one := source(campaign)) is not None), None)
