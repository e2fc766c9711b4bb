"""The audience of a send and its groups: who is meant, before anybody is left out (CH8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from muster.channels.decide.asking import coded
from muster.channels.sending.groups import Arm, People, assign
from muster.channels.sending.models import Send, Variant
from muster.people.segments.counting import members
from muster.people.segments.models import Segment


@dataclass(frozen=True)
class Drawn:
    """The audience with the group of each person."""

    people: People
    groups: People
    variants: tuple[Variant, ...]

    @property
    def codes(self) -> list[int]:
        return coded(self.people, self.groups)

    def only(self, person: int) -> Drawn:
        """The same, as far as one person is concerned."""
        mine = self.people == person
        return Drawn(self.people[mine], self.groups[mine], self.variants)


def draw(send: Send) -> Drawn:
    """Ask the warehouse who is meant, and draw the groups."""
    people = audience(send)
    variants = tuple(send.variants.all())
    arms = [
        Arm(float(variant.weight), None if variant.rule is None else _numbers(variant.rule))
        for variant in variants
    ]
    groups = assign(
        people,
        arms,
        seed=send.seed,
        holdout=float(send.holdout or 0),
        held_out=None if send.holdout_rule is None else _numbers(send.holdout_rule),
    )
    return Drawn(people, groups, variants)


def audience(send: Send) -> People:
    """The numbers of the people who are meant, in order, each once."""
    if send.segment is not None:
        return _numbers(send.segment)
    return _numbers(send.rule or {"any": []})


def _numbers(meant: Segment | Mapping[str, Any]) -> People:
    found = members(meant).to_numpy(zero_copy_only=False)
    return np.unique(np.asarray(found, dtype=np.int64))
