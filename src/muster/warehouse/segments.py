"""Segments (PE4): how many people a rule means, who they are, and whom of them we can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from muster.warehouse.compile import Context, lot, question
from muster.warehouse.consents import may_be_reached, pauses, silence_is_enough, words
from muster.warehouse.functions import json_keys
from muster.warehouse.lending import lent
from muster.warehouse.lending import people as rows_of
from muster.warehouse.rules import AllOf, Rule
from muster.warehouse.tables import BUILT_IN, EVENTS, answer, profiles, trait_columns

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


MOST_EVENTS = 500
"""So many kinds of events can be chosen from."""


@dataclass(frozen=True)
class Step:
    """What one condition of a rule does to those whom the conditions before it left."""

    rule: Rule
    removed: int
    left: int


@dataclass(frozen=True)
class Waterfall:
    """From everyone we know, condition by condition, to those whom the rule means."""

    everyone: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class TraitEntry:
    """A trait that people have, for choosing from."""

    name: str
    kind: str
    """text, number, boolean or time"""
    people: int


@dataclass(frozen=True)
class EventEntry:
    """A kind of event that has happened, for choosing from."""

    name: str
    events: int
    last: datetime
    properties: tuple[str, ...]


def count(db: Backend, rule: Rule, context: Context) -> int:
    """How many known people the rule means."""
    with question(db, [rule], context) as asked:
        return int(_number(db, asked.people().count()))


def known(db: Backend) -> int:
    """How many people are known."""
    people = profiles({})
    return int(_number(db, people.filter(people.known).count()))


def people(db: Backend, rule: Rule, context: Context) -> pa.Array:
    """The known people whom the rule means: their numbers, in order."""
    with question(db, [rule], context) as asked:
        rows = asked.people().select("person_id").order_by("person_id")
        return _column(answer(db, rows), "person_id")


def memberships(
    db: Backend, rules: Sequence[Rule], context: Context, among: pa.Array | None = None
) -> list[pa.Array]:
    """The people whom each rule means, all rules in one pass; `among` asks about these alone."""
    if not rules:
        return []
    with ExitStack() as stack:
        some = stack.enter_context(lent(db, rows_of(among))) if among is not None else None
        asked = stack.enter_context(question(db, rules, context, among=some))
        truths = {f"ok{i}": truth(asked.table) for i, truth in enumerate(asked.truths)}
        rows = answer(db, asked.table.select("person_id", **truths))
    numbers = rows.column("person_id")
    return [numbers.filter(rows.column(name)).combine_chunks() for name in truths]


def sample(db: Backend, rule: Rule, context: Context, n: int, *, seed: str = "") -> pa.Array:
    """At most n of the people, drawn by lot; another seed draws others."""
    with question(db, [rule], context) as asked:
        rows = asked.people().select("person_id")
        drawn = rows.order_by(lot(f"sample {seed}", rows.person_id)).limit(n)
        return _column(answer(db, drawn), "person_id")


def reachable(
    db: Backend,
    rule: Rule,
    context: Context,
    *,
    purpose: str = "marketing",
    closed: Mapping[str, pa.Array] = MappingProxyType({}),
) -> dict[str, int]:
    """Channel → how many of the people allowed it for the purpose and have an address there.

    `closed` names, by channel, people to whose address nothing is sent: they do not count.
    """
    with ExitStack() as stack:
        asked = stack.enter_context(question(db, [rule], context))
        listed = {
            channel: stack.enter_context(lent(db, rows_of(people)))
            for channel, people in closed.items()
            if len(people)
        }
        meant = asked.people().select("person_id")
        known = profiles({}).select("person_id", "email_hash", "phone_region")
        said = words(purpose, context.lapsing, context.now)
        said = said.group_by("person_id").agg(
            email=said.state.arbitrary(where=said.channel == "email"),
            sms=said.state.arbitrary(where=said.channel == "sms"),
        )
        paused = pauses(context.now)
        paused = paused.group_by("person_id").agg(
            email_paused=(paused.channel == "email").any(),
            sms_paused=(paused.channel == "sms").any(),
        )
        rows = meant.join(known, "person_id").left_join(said, "person_id")
        rows = rows.left_join(paused, "person_id", rname="{name}_of_pause")
        silence = silence_is_enough(rows.phone_region, purpose, context.lapsing)
        email = may_be_reached(rows.email, silence) & ~rows.email_paused.fill_null(False)
        sms = may_be_reached(rows.sms, silence) & ~rows.sms_paused.fill_null(False)
        there = {
            "email": email & rows.email_hash.notnull(),
            "sms": sms & rows.phone_region.notnull(),
        }
        for channel, people in listed.items():
            there[channel] = there[channel] & rows.person_id.notin(people.person_id)
        counts = rows.agg(**{channel: each.sum() for channel, each in there.items()})
        found: dict[str, int | None] = answer(db, counts).to_pylist()[0]
        return {channel: int(number or 0) for channel, number in found.items()}


def waterfall(db: Backend, rule: Rule, context: Context) -> Waterfall:
    """What each top-level condition removes, in the order of the rule."""
    rules: Sequence[Rule] = (rule,)
    places = [""]
    if isinstance(rule, AllOf):
        rules, places = rule.rules, [f"/all/{i}" for i in range(len(rule.rules))]
    with question(db, rules, context, places=places) as asked:
        # Each person is counted where they drop out: to ask at every step who is left would write
        # every condition down once for each that follows.
        out = [(~truth(asked.table).fill_null(False), i) for i, truth in enumerate(asked.truths)]
        marked = asked.table.select(step=ibis.cases(*out, else_=len(out)))
        rows = answer(db, marked.group_by("step").agg(people=marked.count())).to_pylist()
    removed = {row["step"]: int(row["people"]) for row in rows}
    left = everyone = sum(removed.values())
    steps = []
    for i, part in enumerate(rules):
        left -= removed.get(i, 0)
        steps.append(Step(part, removed.get(i, 0), left))
    return Waterfall(everyone, tuple(steps))


def as_of(db: Backend) -> datetime | None:
    """When the newest event arrived that is counted, in UTC; None while there is none."""
    moment = _number(db, EVENTS.received_at.max())
    return moment.replace(tzinfo=UTC) if moment is not None else None


def trait_catalogue(db: Backend) -> list[TraitEntry]:
    """The traits that known people have, with the number of people who have each."""
    columns = trait_columns(db)
    known = profiles(columns)
    known = known.filter(known.known)
    kinds = {**BUILT_IN, **{name: kind for name, (_, kind) in columns.items()}}
    places = {**{name: name for name in BUILT_IN}, **{n: col for n, (col, _) in columns.items()}}
    # Names of traits come from outside and are no names of columns.
    counts = {f"n{i}": known[col].count() for i, col in enumerate(places.values())}
    found = dict(zip(places, answer(db, known.agg(**counts)).to_pylist()[0].values(), strict=True))
    return [TraitEntry(name, kind, int(found[name])) for name, kind in sorted(kinds.items())]


def event_catalogue(db: Backend, *, limit: int = MOST_EVENTS) -> list[EventEntry]:
    """The events that happened, the most frequent first, with properties seen lately."""
    rows = EVENTS.filter(EVENTS.person_id.notnull())
    names = rows.group_by("name").agg(events=rows.count(), last=rows.at.max())
    names = names.order_by(names.events.desc(), names.name).limit(limit)
    found = answer(db, names).to_pylist()
    seen = _properties(db)
    return [
        EventEntry(
            row["name"],
            row["events"],
            row["last"].replace(tzinfo=UTC),
            tuple(sorted(seen.get(row["name"], ()))),
        )
        for row in found
    ]


def event_names(db: Backend, *, limit: int = MOST_EVENTS) -> list[str]:
    """The names of all events that were ever recorded, those of unknown visitors too."""
    names = EVENTS.select("name").distinct().order_by("name").limit(limit)
    return [row["name"] for row in answer(db, names).to_pylist()]


def trait_values(db: Backend, name: str, n: int) -> list[tuple[Any, int]]:
    """The n most frequent values of a trait with their numbers of people."""
    columns = trait_columns(db)
    column = name if name in BUILT_IN else columns.get(name, ("", ""))[0]
    if not column:
        return []
    known = profiles(columns)
    known = known.filter(known.known, known[column].notnull())
    values = known.group_by(value=known[column]).agg(people=known.count())
    values = values.order_by(values.people.desc(), values.value).limit(n)
    return [(row["value"], row["people"]) for row in answer(db, values).to_pylist()]


def _properties(db: Backend) -> dict[str, list[str]]:
    """Event → the properties of its newest examples."""
    rows = EVENTS.filter(EVENTS.person_id.notnull(), EVENTS.props.notnull())
    newest = rows.group_by("name").agg(props=rows.props.argmax(rows.at))
    keys = newest.mutate(key=json_keys(newest.props).unnest())
    found: dict[str, list[str]] = {}
    for row in answer(db, keys.select("name", "key").distinct()).to_pylist():
        found.setdefault(row["name"], []).append(row["key"])
    return found


def _number(db: Backend, question_: Any) -> Any:
    return answer(db, question_.name("n").as_table()).column(0)[0].as_py()


def _column(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).combine_chunks()
