"""Draws the groups of a send (EX, CH8): who is held out, and who gets which variant.

The lot of a person depends on the seed and on nothing else, so the draw can be repeated, and a
person keeps the group when others come or go. Groups by rule rebuild an experiment of the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from muster.channels.decide.rules import HELD_OUT_GROUP, NO_GROUP

People: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
_HOLDOUT, _VARIANT = 1, 2


@dataclass(frozen=True)
class Arm:
    """One variant: a weight for the lot, or the people whom its rule means."""

    weight: float = 1.0
    members: People | None = None


def assign(
    people: People,
    arms: Sequence[Arm],
    *,
    seed: int,
    holdout: float = 0.0,
    held_out: People | None = None,
) -> People:
    """The group of each person: 0 held out, 1 … the variants in order, 63 fits no variant.

    The hold-out comes first. A person goes to the first variant whose rule means them; those left
    are drawn among the variants without a rule, by weight.
    """
    groups = np.full(len(people), NO_GROUP, dtype=np.int64)
    free = np.ones(len(people), dtype=bool)
    for number, arm in enumerate(arms, start=1):
        if arm.members is not None:
            mine = free & np.isin(people, arm.members)
            groups[mine] = number
            free &= ~mine
    drawn = [(number, arm.weight) for number, arm in enumerate(arms, 1) if arm.members is None]
    if drawn:
        limits = np.cumsum([weight for _number, weight in drawn])
        places = np.searchsorted(limits / limits[-1], lots(people, seed, _VARIANT), side="right")
        numbers = np.array([number for number, _weight in drawn], dtype=np.int64)
        groups[free] = numbers[np.minimum(places, len(drawn) - 1)][free]
    if held_out is not None:
        groups[np.isin(people, held_out)] = HELD_OUT_GROUP
    if holdout:
        groups[lots(people, seed, _HOLDOUT) < holdout] = HELD_OUT_GROUP
    return groups


def lots(people: People, seed: int, draw: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A number from 0 up to 1 for each person: the same for the same seed and draw (splitmix64)."""
    with np.errstate(over="ignore"):
        start = np.uint64((seed * 4 + draw) & 0xFFFFFFFFFFFFFFFF) * np.uint64(0xD1342543DE82EF95)
        x = people.astype(np.uint64) + start
        x = x * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(11)).astype(np.float64) / float(1 << 53)
