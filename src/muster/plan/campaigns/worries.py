"""What gives reason to worry about a campaign, in words: asked for many campaigns at once.

Higher parts and other subjects register sources, each one question for all campaigns of a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from muster.plan.campaigns.models import Campaign


@dataclass(frozen=True)
class Worry:
    """One reason, in the reader's words, and where to look."""

    text: str
    url: str
    is_bad: bool = False
    """It harms the campaign now; else it is worth a look."""


WorriesOf: TypeAlias = Callable[[Sequence[Campaign]], Mapping[int, Worry]]
_sources: list[WorriesOf] = []


def worries(source: WorriesOf) -> WorriesOf:
    """Ask this function about every list of campaigns: number of the campaign → its worry."""
    _sources.append(source)
    return source


def worries_of(campaigns: Sequence[Campaign]) -> dict[int, list[Worry]]:
    """Campaign → its worries, the bad ones first."""
    found: dict[int, list[Worry]] = {}
    for source in _sources:
        for pk, worry in source(campaigns).items():
            found.setdefault(pk, []).append(worry)
    return {pk: sorted(all_of, key=lambda one: not one.is_bad) for pk, all_of in found.items()}
