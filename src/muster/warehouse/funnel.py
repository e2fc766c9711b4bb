"""Funnels (ME1): how many people go how far, and where they fall out.

A step counts the people who took it at or after the step before, with all steps inside `within`
of the first. Any first step may be the entry: somebody who came three times and went through once
went through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ibis

from muster.events import names
from muster.kit import clock
from muster.kit.clock import Span
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse import metrics
from muster.warehouse.attribution import NOT_SET
from muster.warehouse.behaviour import property_of
from muster.warehouse.metrics import Scope, naive, scoped
from muster.warehouse.rules import Event, Where, parse
from muster.warehouse.tables import EVENTS, answer, human, surely_human, vouched, who
from muster.warehouse.values import matches
from muster.warehouse.windows import Clock, earlier

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

DEFINITION = _(
    "Each step counts people who took it at or after the step before, all of it inside the given "
    "time from the first step. People may enter more than once; their furthest way counts."
)
CAMPAIGN_DEFINITION = _(
    "Each step counts different people: those a message was sent to, and of these the people to "
    "whom it was delivered, who opened it, clicked, came by and ordered. A step does not ask for "
    "the one before: somebody may order without opening."
)
MOST_STEPS = 20
BREAKDOWNS = ("channel", "campaign", "content", "variant", "currency")
_SURE = (names.MESSAGE_OPENED, names.MESSAGE_CLICKED)


@dataclass(frozen=True)
class Step:
    """What people do at a step of the funnel."""

    event: str
    where: tuple[Where, ...] = ()
    name: str = ""
    """What the step is called; the event's name without."""


@dataclass(frozen=True)
class Reached:
    """How many people came as far as a step."""

    name: str
    people: int
    rate: float | None
    """The share of those who took the first step; None if nobody did."""
    from_previous: float | None
    """The share of those who took the step before."""


def steps_of(data: object) -> tuple[Step, ...]:
    """The steps that a JSON list says: names of events, or objects with `event`, `where`, `name`.

    Raises `Invalid`.
    """
    if not isinstance(data, Sequence) or isinstance(data, str) or not 1 <= len(data) <= MOST_STEPS:
        raise Invalid.at(
            "/steps",
            "wrong_steps",
            _("A funnel needs a list of 1 to %(limit)s steps; each names an event."),
            limit=MOST_STEPS,
        )
    steps = []
    for i, part in enumerate(data):
        part = {"event": part} if isinstance(part, str) else part
        known = {k: v for k, v in part.items() if k != "name"} if isinstance(part, Mapping) else {}
        try:
            event = parse(known) if set(known) <= {"event", "where"} else None
        except Invalid as problem:
            raise Invalid.at(
                f"/steps/{i}", problem.code, problem.errors[0].text, **problem.errors[0].params
            ) from problem
        if not isinstance(event, Event):
            raise Invalid.at(
                f"/steps/{i}",
                "wrong_step",
                _("A step needs an “event” and may have “where” and “name”, nothing else."),
            )
        steps.append(Step(event.name, event.where, str(part.get("name") or "")))
    return tuple(steps)


def funnel(
    db: Backend,
    steps: Sequence[Step],
    *,
    within: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Reached]:
    """How far people come whose first step is in [start, end)."""
    counted = _counted(db, steps, within, start, end, None)
    return _reached([step.name or step.event for step in steps], counted.get("", []))


def funnel_by(
    db: Backend,
    steps: Sequence[Step],
    by: str,
    *,
    within: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> dict[str, list[Reached]]:
    """The same for each channel, campaign, content, variant or currency of the first step.

    Somebody who enters by two of them counts in both.
    """
    if by not in BREAKDOWNS:
        raise Invalid.at(
            "/by",
            "unknown_group",
            _("Results cannot be grouped by “%(group)s”; possible are: %(groups)s."),
            group=by,
            groups=", ".join(BREAKDOWNS),
        )
    counted = _counted(db, steps, within, start, end, by)
    labels = [step.name or step.event for step in steps]
    return {key: _reached(labels, people) for key, people in sorted(counted.items())}


def campaign_funnel(db: Backend, scope: Scope, *, audience: int | None = None) -> list[Reached]:
    """From the audience of a campaign or send to its buyers; see `CAMPAIGN_DEFINITION`.

    `audience` is how many people were meant, those who got nothing included.
    """
    with scoped(db, scope) as (events, n):
        e = events
        done = {
            "sent": e.name == names.MESSAGE_SENT,
            "delivered": e.name.isin([names.MESSAGE_SENT, names.MESSAGE_DELIVERED]),
            "returned": e.name == names.MESSAGE_BOUNCED,
            "opened": (e.name == names.MESSAGE_OPENED) & surely_human(e),
            "clicked": (e.name == names.MESSAGE_CLICKED) & surely_human(e),
            "visited": e.name.isin(metrics.VISITS) & human(e),
            "ordered": (e.name == names.ORDER_COMPLETED) & human(e),
        }
        counts = e.agg(**{name: e.who.nunique(where=truth) for name, truth in done.items()})
        row = answer(db, counts).to_pylist()[0]
    row["delivered"] -= row.pop("returned")
    people = [audience if audience is not None else n, *(int(number) for number in row.values())]
    return _reached(["audience", *row], people)


def _counted(
    db: Backend,
    steps: Sequence[Step],
    within: str | None,
    start: datetime | None,
    end: datetime | None,
    by: str | None,
) -> dict[str, list[int]]:
    """Key of the entry → people at each step."""
    if within is not None and Span.parse(within) is None:
        raise Invalid.at(
            "/within",
            "bad_duration",
            _("“%(found)s” is no duration; write it like 12h, 30d, 8w, 6mo or 1y."),
            found=within,
        )
    levels = [_entries(steps[0], start, end, by)]
    for before, step in pairwise(steps):
        levels.append(_next(levels[-1], before, step, within))
    counts = [
        level.group_by("key").agg(step=ibis.literal(i), people=level.who.nunique())
        for i, level in enumerate(levels)
    ]
    found: dict[str, list[int]] = {}
    for row in answer(db, ibis.union(*counts) if len(counts) > 1 else counts[0]).to_pylist():
        people = found.setdefault(row["key"], [0] * len(steps))
        people[row["step"]] = row["people"]
    return found


def _rows(step: Step) -> ir.Table:
    """The events that are the step."""
    sure = surely_human if step.event in _SURE else human
    rows = EVENTS.filter(EVENTS.name == step.event, sure(EVENTS), who(EVENTS).notnull())
    rows = rows.filter(vouched(rows))
    # Only a property that is a date compared with today would know the moment.
    at = Clock(clock.now(), ZoneInfo("UTC"))
    for where in step.where:
        value, kind = property_of(rows, where.property)
        rows = rows.filter(matches(value, kind, where.op, where.value, at))
    return rows


def _entries(step: Step, start: datetime | None, end: datetime | None, by: str | None) -> ir.Table:
    rows = _rows(step)
    if start is not None:
        rows = rows.filter(rows.at >= naive(start))
    if end is not None:
        rows = rows.filter(rows.at < naive(end))
    key = rows[by].fill_null(NOT_SET) if by else ibis.literal("")
    return rows.select(who=who(rows), at=rows.at, began=rows.at, key=key)


def _next(level: ir.Table, before: Step, step: Step, within: str | None) -> ir.Table:
    """The events of the step that follow the level, each with the latest beginning it can have.

    The latest step before has the latest beginning, so one ASOF join finds the best way; what is
    too late for that beginning is too late for every other.
    """
    rows = _rows(step)
    mine = rows.select(who=who(rows), at=rows.at)
    theirs = level.select(their_who=level.who, their_at=level.at, began=level.began, key=level.key)
    later = (
        mine.at > theirs.their_at if step.event == before.event else (mine.at >= theirs.their_at)
    )
    pairs = mine.asof_join(theirs, later, predicates=[mine.who == theirs.their_who])
    pairs = pairs.filter(pairs.began.notnull())
    if within is not None:
        pairs = pairs.filter(pairs.began >= earlier(pairs.at, within))
    return pairs.select("who", "at", "began", "key")


def _reached(labels: Sequence[str], people: Sequence[int]) -> list[Reached]:
    people = people or [0] * len(labels)
    out = []
    for i, (label, number) in enumerate(zip(labels, people, strict=True)):
        first, before = people[0], people[i - 1] if i else number
        out.append(
            Reached(
                label,
                number,
                number / first if first else None,
                number / before if before else None,
            )
        )
    return out
