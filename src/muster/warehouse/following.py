"""Whose place in a segment may have changed (PE4): who did something, and for whom time went by.

Between two looks a person can come or leave only if something new is known of them, or if one of
the windows of a rule moved over something old. Both are found without reading the rest: what is
new stands at the end of the events, and what a window passed lies between its old and new bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa

from muster.events.names import MERGE_EVENTS
from muster.events.shape import OURS
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse.behaviour import has
from muster.warehouse.compile import Context
from muster.warehouse.consents import Lapsing
from muster.warehouse.elsewhere import Elsewhere
from muster.warehouse.rules import (
    AllOf,
    AnyOf,
    Consent,
    Event,
    InOrder,
    Not,
    Rule,
    Score,
    Segment,
    Trait,
    Where,
    walk,
)
from muster.warehouse.schema import MOVING
from muster.warehouse.tables import BUILT_IN, EVENTS, answer, profiles, trait_columns
from muster.warehouse.values import matches
from muster.warehouse.windows import Clock

if TYPE_CHECKING:
    from datetime import datetime

    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

IN_TIME = ("within_last", "not_within_last", "anniversary_within")
"""Operations whose answer changes by the mere passing of time."""


_NAME = 32
"""Signs of the name of the tables; what follows in `built` of an engine names what it follows."""


@dataclass(frozen=True)
class Place:
    """How far the events were looked at."""

    built: str
    """Names the tables: after a rebuild their rows stand in another order."""
    rows: int


def place(db: Backend, before: Iterable[Place] = ()) -> Place:
    """The end of the events as they are now; it is found sooner from places known `before`.

    While the numbers of their rows may change, it is one at which nobody will have looked.
    """
    last = max(before, key=lambda one: one.rows, default=Place("", 0))
    built, rows = _end(db, last.rows)
    if last.rows and built != last.built:
        # Only rows of the same tables are known to be there still.
        built, rows = _end(db, 0)
    if isinstance(db, Elsewhere):
        # What was counted then belongs to the name that the tables had then.
        built, rows = db.built[:_NAME] or built, db.rows
    return Place(uuid4().hex if built.startswith(MOVING) else str(built), int(rows))


def _end(db: Backend, least: int) -> tuple[str, int]:
    """The name of the tables, and the end of the events if there are so many rows at least."""
    found: tuple[str, int] = db.con.execute(
        "SELECT (SELECT max(id) FROM built),"
        " (SELECT coalesce(max(rowid) + 1, $least) FROM events WHERE rowid >= $least)",
        {"least": least},
    ).fetchall()[0]
    return found


def resolved(rule: Rule, context: Context, within: tuple[str, ...] = ()) -> Rule:
    """The rule with the rules of other segments in their place; fixed lists stay mentioned."""
    match rule:
        case AllOf(parts) | AnyOf(parts):
            return replace(rule, rules=tuple(resolved(part, context, within) for part in parts))
        case Not(part):
            return Not(resolved(part, context, within))
        case Segment(id_):
            if id_ in within:
                raise Invalid.at(
                    "",
                    "segment_cycle",
                    _(
                        "The segments refer to each other in a circle: %(cycle)s. Take one of"
                        " them out."
                    ),
                    cycle=" → ".join([*within[within.index(id_) :], id_]),
                )
            meant = context.segment_rule(id_)
            return resolved(meant, context, (*within, id_)) if isinstance(meant, Rule) else rule
        case _:
            return rule


def affected(
    db: Backend,
    rules: Sequence[Rule],
    since: Place,
    then: Context,
    now: Context,
    turned: pa.Array | None = None,
) -> pa.Array:
    """The people for whom a rule may answer otherwise `now` than it did `then`.

    The rules are resolved; `since` is how far the events had been looked at. `turned` are those
    whose points fade over a step of a rule by `now` (`turning`); where nobody kept that, everybody
    is asked about scores.
    """
    # The rows of a table that only grows keep their numbers, and the engine skips to the last.
    fresh = db.con.execute(
        "SELECT DISTINCT person_id FROM events WHERE rowid >= ? AND person_id IS NOT NULL",
        [since.rows],
    ).to_arrow_table()
    # Who was merged or parted is meant otherwise now, though nothing new was said by them.
    merged = db.con.execute(
        "SELECT DISTINCT unnest([json_extract(move, '$[0]'), json_extract(move, '$[1]')])::BIGINT"
        " AS person_id FROM (SELECT unnest(json_extract(props, '$.moves[*]')) AS move FROM events"
        " WHERE rowid >= ? AND source = ? AND name IN (SELECT unnest(?)))",
        [since.rows, OURS, list(MERGE_EVENTS)],
    ).to_arrow_table()
    found = [
        fresh.column("person_id"),
        merged.column("person_id"),
        *_due(db, rules, now, then.clock, turned),
    ]
    chunks = [chunk for column in found for chunk in column.chunks]
    return pa.chunked_array(chunks, pa.int64()).unique()


def _due(
    db: Backend, rules: Sequence[Rule], asked: Context, then: Clock, turned: pa.Array | None
) -> Iterator[pa.ChunkedArray]:
    now = asked.clock
    leaves = list(dict.fromkeys(leaf for rule in rules for leaf in walk(rule)))
    events = [leaf for leaf in leaves if isinstance(leaf, Event)]
    events += [step for leaf in leaves if isinstance(leaf, InOrder) for step in leaf.steps]
    traits = [leaf for leaf in leaves if isinstance(leaf, Trait)]
    passed = _passed(events, then, now)
    if asked.scorecard is not None and any(isinstance(leaf, Score) for leaf in leaves):
        if turned is None:
            people = profiles({})
            yield answer(db, people.filter(people.known).select("person_id")).column("person_id")
        else:
            yield pa.chunked_array([turned.cast(pa.int64())])
        traits += [one.trait for one in asked.scorecard.fit]
        counting = [one.event for one in asked.scorecard.behaviour]
        events += counting
        # What was to come when they were asked last counts from its moment on.
        passed.setdefault((then.utc_now, now.utc_now), set()).update(one.name for one in counting)
    # One small question a stretch of time: the events stand in its order, so each reads little.
    # They are many and all alike, and to compile them would take longer than to answer them.
    for (start, end), names in passed.items():
        places = ", ".join("?" * len(names))
        rows = db.con.execute(
            'SELECT DISTINCT person_id FROM events WHERE "at" >= ? AND "at" <= ?'  # noqa: S608
            f" AND name IN ({places}) AND person_id IS NOT NULL",
            [start, end, *sorted(names)],
        )
        yield rows.to_arrow_table().column("person_id")
    dated = {
        (event.name, where) for event in events for where in event.where if where.op in IN_TIME
    }
    if dated:
        rows = EVENTS.filter(
            EVENTS.person_id.notnull(),
            reduce(or_, [(EVENTS.name == name) & _turned(w, then, now) for name, w in dated]),
        )
        yield answer(db, rows.select("person_id").distinct()).column("person_id")
    if any(isinstance(leaf, Consent) for leaf in leaves):
        yield from _due_by_consents(db, asked.lapsing, then, now)
    yield from _due_by_traits(db, [one for one in traits if one.op in IN_TIME], then, now)


def _due_by_consents(
    db: Backend, lapsing: Lapsing, then: Clock, now: Clock
) -> Iterator[pa.ChunkedArray]:
    """Whose yes lapsed in between."""
    start, end = (one.now.astimezone(UTC).replace(tzinfo=None) for one in (then, now))
    ends = ["expires_at", *(f'"at" + INTERVAL {months} MONTH' for months in lapsing.longest)]
    passed = " OR ".join(f"({moment} > $start AND {moment} <= $end)" for moment in ends)
    rows = db.con.execute(
        f"SELECT DISTINCT person_id FROM consents WHERE {passed}",  # noqa: S608
        {"start": start, "end": end},
    )
    yield rows.to_arrow_table().column("person_id")


def _passed(
    events: Sequence[Event], then: Clock, now: Clock
) -> dict[tuple[datetime, datetime], set[str]]:
    """The stretches of time that a window of the events covers only at one of the moments."""
    found: dict[tuple[datetime, datetime], set[str]] = {}
    for event in events:
        windows = [moment.value for moment in event.moments if moment.relation == "within"]
        windows += [event.within] if event.within else []
        for window in windows:
            (start, end), (later_start, later_end) = then.window(window), now.window(window)
            stretches = [(start, later_start)]
            if end is not None and later_end is not None:
                stretches.append((end, later_end))
            for one, other in stretches:
                if one != other:
                    found.setdefault((min(one, other), max(one, other)), set()).add(event.name)
    return found


def _turned(where: Where, then: Clock, now: Clock) -> ir.BooleanValue:
    was, is_ = (has(where, clock)(EVENTS).fill_null(False) for clock in (then, now))
    return was != is_


def _due_by_traits(
    db: Backend, traits: Sequence[Trait], then: Clock, now: Clock
) -> Iterator[pa.ChunkedArray]:
    if not traits:
        return
    columns = trait_columns(db)
    used = {trait.name: columns[trait.name] for trait in traits if trait.name in columns}
    people = profiles(used)
    turned = []
    for trait in traits:
        if trait.name in BUILT_IN:
            column, kind = trait.name, BUILT_IN[trait.name]
        elif trait.name in used:
            column, kind = used[trait.name]
        else:
            continue
        was, is_ = (
            matches(people[column], kind, trait.op, trait.value, clock).fill_null(False)
            for clock in (then, now)
        )
        turned.append(was != is_)
    if turned:
        rows = people.filter(people.known, reduce(or_, turned)).select("person_id")
        yield answer(db, rows).column("person_id")
