"""What is typical of some people (PE6): their traits against everybody's, their channels and hours.

Values that fewer than five of them share are left out: they would point at persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from muster.events import names
from muster.warehouse.clocks import shown
from muster.warehouse.metrics import chosen_people
from muster.warehouse.tables import EVENTS, answer, profiles, surely_human, trait_columns, vouched

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

FEWEST = 5
_VALUES = 4
_SPREAD = 60
"""A text with more different values than this describes persons, not groups."""
_DAYS_PARTS = ((0, 6), (6, 9), (9, 12), (12, 14), (14, 18), (18, 21), (21, 24))


@dataclass(frozen=True)
class Typical:
    """One value of a trait: how many have it, as share of these people and of everybody."""

    trait: str
    value: str
    people: int
    share: float
    everyone: float

    @property
    def lift(self) -> float:
        """How many times as common as among everybody."""
        return self.share / self.everyone if self.everyone else 0.0


@dataclass(frozen=True)
class Portrait:
    """What some people have in common."""

    count: int
    traits: tuple[Typical, ...]
    """By trait, the most common values first."""
    channels: tuple[tuple[str, int], ...]
    """(channel, people who opened or clicked there), the most used first."""
    hours: tuple[tuple[int, int, float], ...]
    """(from, until, share of what they did), the busiest first."""


def portrait(
    db: Backend, people: Sequence[int] | pa.Array, zone: ZoneInfo, hidden: frozenset[str]
) -> Portrait:
    """The portrait of these people; traits named in `hidden` are never shown."""
    columns = {
        name: col
        for name, (col, kind) in trait_columns(db).items()
        if kind == "text" and name not in hidden
    }
    with chosen_people(db, people) as chosen:
        return Portrait(
            len(people),
            _traits(db, chosen, columns, len(people)),
            _channels(db, chosen),
            _hours(db, chosen, zone),
        )


def _traits(
    db: Backend, chosen: ir.Table, columns: dict[str, str], count: int
) -> tuple[Typical, ...]:
    everybody = profiles({name: (col, "text") for name, col in columns.items()})
    everybody = everybody.filter(everybody.known)
    found: list[Typical] = []
    total = answer(db, everybody.agg(n=everybody.count())).column(0)[0].as_py() or 1
    for name, col in columns.items():
        rows = everybody.filter(everybody[col].notnull())
        rows = rows.left_join(
            chosen.mutate(mine=ibis.literal(1)), rows.person_id == chosen.person_id
        )
        sums = rows.group_by(value=rows[col]).agg(
            everyone=rows.count(), people=rows.mine.fill_null(0).sum()
        )
        # Of values that equally many share, the same are shown every time, on every engine.
        best = sums.order_by(ibis.desc("people"), "value").limit(_SPREAD + 1)
        values = answer(db, best).to_pylist()
        if len(values) > _SPREAD:
            continue
        found += [
            Typical(
                name,
                str(row["value"]),
                int(row["people"]),
                int(row["people"]) / count if count else 0.0,
                int(row["everyone"]) / total,
            )
            for row in values[:_VALUES]
            if row["people"] >= FEWEST
        ]
    return tuple(found)


def _channels(db: Backend, chosen: ir.Table) -> tuple[tuple[str, int], ...]:
    rows = EVENTS.semi_join(chosen, "person_id")
    rows = rows.filter(
        rows.name.isin([names.MESSAGE_OPENED, names.MESSAGE_CLICKED]),
        rows.channel.notnull(),
        surely_human(rows),
        vouched(rows),
    )
    sums = rows.group_by("channel").agg(people=rows.person_id.nunique())
    found = answer(db, sums.order_by(ibis.desc("people"), "channel")).to_pylist()
    return tuple((row["channel"], int(row["people"])) for row in found)


def _hours(db: Backend, chosen: ir.Table, zone: ZoneInfo) -> tuple[tuple[int, int, float], ...]:
    rows = EVENTS.semi_join(chosen, "person_id")
    rows = rows.filter(rows.name.notin(names.SAID_BY_US), surely_human(rows))
    hour = shown(zone.key, rows.at).hour()
    sums = rows.group_by(hour=hour).agg(n=rows.count())
    counts = {row["hour"]: int(row["n"]) for row in answer(db, sums).to_pylist()}
    total = sum(counts.values())
    if not total:
        return ()
    parts = [
        (first, after, sum(counts.get(hour, 0) for hour in range(first, after)) / total)
        for first, after in _DAYS_PARTS
    ]
    return tuple(sorted(parts, key=lambda part: -part[2] / (part[1] - part[0]))[:3])
