"""When time alone may first change what a rule says of a score (PE7).

Between two events of a person the points of behaviour only fade, each by its half-life h, so after
t days the score lies between two curves that are known:

    Σ gains × 2^(−t / h) − losses as they are   and   gains as they are − Σ losses × 2^(−t / h)

A rule that asks for so many points can answer otherwise only once such a curve meets a step of it.
That moment is early rather than late: whoever is asked too early is given the next one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from muster.warehouse import scoring
from muster.warehouse.compile import Context
from muster.warehouse.lending import lent
from muster.warehouse.lending import people as rows_of
from muster.warehouse.rules import Rule, Score, walk
from muster.warehouse.scorecard import Behaviour
from muster.warehouse.tables import EVENTS, answer

if TYPE_CHECKING:
    import numpy.typing as npt
    from ibis.backends.duckdb import Backend

    Numbers = npt.NDArray[np.float64]
    _Parts = Mapping[float, Numbers]
    """Half-life in days → points of each person."""

LONGEST = 3_650.0
"""Days; whoever turns later than that will have been asked before."""
_NEAR = 1e-6
_ROUNDS = 45
"""By then ten years are halved down to less than a second."""


def steps(rule: Rule) -> list[float]:
    """At which points the answer of a resolved rule changes; a score is rounded to a tenth."""
    found = {
        float(value) + side
        for leaf in walk(rule)
        if isinstance(leaf, Score) and leaf.name == "lead"
        for value in (leaf.value if isinstance(leaf.value, tuple) else (leaf.value,))
        if isinstance(value, int | float)
        for side in (-0.05, 0.05)
    }
    return sorted(found)


def turning(
    db: Backend, rules: Sequence[Rule], context: Context, among: pa.Array | None = None
) -> list[pa.Table]:
    """For each rule person_id and the days until time alone may change the answer; who never
    turns is left out. `among` asks about these alone.
    """
    card = context.scorecard
    if card is None or not card.behaviour or not any(map(steps, rules)):
        # Not made beforehand: the first array of a process brings in all of pandas.
        never = pa.schema({"person_id": pa.int64(), "days": pa.float64()}).empty_table()
        return [never for _rule in rules]
    # What gives and what takes, by half-life.
    kinds: dict[tuple[bool, float], list[Behaviour]] = {}
    for one in card.behaviour:
        kinds.setdefault((one.points > 0, one.half_life or math.inf), []).append(one)
    names = {f"sum{i}": given for i, given in enumerate(kinds.values())}
    with ExitStack() as stack:
        some = stack.enter_context(lent(db, rows_of(among))) if among is not None else None
        table = answer(db, scoring.classes(card, context.clock, some, EVENTS, names))
    people = table.column("person_id").to_numpy()
    sums = [np.abs(table.column(name).to_numpy()) for name in names]
    gains, losses = (
        {by: one for (gives, by), one in zip(kinds, sums, strict=True) if gives == wanted}
        for wanted in (True, False)
    )
    found = []
    for rule in rules:
        days = _days(gains, losses, steps(rule), len(people))
        turns = days < LONGEST
        found.append(pa.table({"person_id": people[turns], "days": days[turns]}))
    return found


def _days(gains: _Parts, losses: _Parts, steps: Sequence[float], people: int) -> Numbers:
    gained, lost = (sum(parts.values(), np.zeros(people)) for parts in (gains, losses))
    score = gained - lost
    edges = np.array([-np.inf, *steps, np.inf])
    place = np.searchsorted(edges, score)
    below, above = edges[place - 1], edges[place]
    days = np.minimum(_until(gains, below + lost), _until(losses, gained - above))
    # Who stands on a step may be on either side of it by the last digit.
    days[(score - below < _NEAR) | (above - score < _NEAR)] = 0.0
    return days


def _until(parts: _Parts, least: Numbers) -> Numbers:
    """The days until the sum of what fades is down to the least; `LONGEST` for never."""
    low, high = np.zeros(len(least)), np.full(len(least), LONGEST)
    for _round in range(_ROUNDS):
        middle = (low + high) / 2
        left = sum((one * np.exp2(-middle / by) for by, one in parts.items()), np.zeros(len(least)))
        is_over = left > least
        low, high = np.where(is_over, middle, low), np.where(is_over, high, middle)
    never = high >= LONGEST
    return np.where(never, LONGEST, low)
