"""From a rule to one question (PE4): every family of facts is read once, whatever the rule asks.

All conditions on events share one scan with one conditional aggregate each, likewise tags and
consent; these stand beside the known profiles, and one filter on top is the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import count
from operator import and_, or_
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from muster.events import names
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse.rules import (
    IDENTITY_TRAITS,
    NEGATIVES,
    AllOf,
    AnyOf,
    Consent,
    Event,
    Leaf,
    Message,
    Moment,
    Not,
    Random,
    Rule,
    Segment,
    Tag,
    Trait,
    Where,
    allows_zero,
    walk,
)
from muster.warehouse.rules import passes as number_passes
from muster.warehouse.tables import (
    BUILT_IN,
    CONSENTS,
    EVENTS,
    TAGS,
    human,
    json_extract_string,
    md5_number_upper,
    profiles,
    surely_human,
    trait_columns,
    vouched,
)
from muster.warehouse.values import matches, opposite, passes
from muster.warehouse.windows import Clock

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

People: TypeAlias = "Sequence[int] | pa.Array | pa.ChunkedArray"
Truth: TypeAlias = "Callable[[ir.Table], ir.BooleanValue]"
"""The condition over the joined table, once that table exists."""

MESSAGE_EVENTS = {
    "sent": names.MESSAGE_SENT,
    "delivered": names.MESSAGE_DELIVERED,
    "opened": names.MESSAGE_OPENED,
    "clicked": names.MESSAGE_CLICKED,
    "bounced": names.MESSAGE_BOUNCED,
    "complained": names.MESSAGE_COMPLAINED,
    "unsubscribed": names.UNSUBSCRIBED,
    "failed": names.MESSAGE_FAILED,
}
_LEFT_US = (names.MESSAGE_SENT, names.MESSAGE_DELIVERED, names.MESSAGE_BOUNCED)
"""Any of these shows that a message went out to the person."""

_NUMBERS = ("revenue", "discount")
"""Properties that the loader keeps as exact numbers."""
_COLUMN_FIRST = ("order_id", "url", "channel")
"""Properties whose column holds what was sent, else what the context said."""
_PROPERTY_FIRST = ("campaign", "campaign_id", "send_id", "message_id", "variant", "content")
"""What the context says; a property of that name goes before."""

UTC = ZoneInfo("UTC")
_MILLION = 1_000_000
_numbers = count()


def _nobody(leaf: Trait) -> People:
    """The answer where there is no record store to ask."""
    return []


def _no_segments(segment: str) -> Rule | People:
    raise Invalid.at("", "unknown_segment", _("There is no segment %(segment)s."), segment=segment)


@dataclass(frozen=True)
class Context:
    """What a rule means depends on the moment, the place, and what the record store knows."""

    now: datetime
    """With a time zone."""
    time_zone: ZoneInfo = UTC
    identity_matches: Callable[[Trait], People] = _nobody
    """The people who match a condition on e-mail, phone, a name or external id. It is asked
    positive questions only: the opposites are worked out here."""
    segment_rule: Callable[[str], Rule | People] = _no_segments
    """The rule of a segment by its public id, or the people in it when its list is fixed."""

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.time_zone)


@dataclass(frozen=True)
class Question:
    """Known people beside everything that the rules need to know about them."""

    table: ir.Table
    truths: tuple[Truth, ...]
    """One for each rule; nothing counts as false."""
    facts: Mapping[Leaf, Mapping[str, str]]
    """Condition → what it looked at → the column in which the answer stands."""

    def people(self) -> ir.Table:
        """The people for whom every rule holds."""
        return self.table.filter([truth(self.table) for truth in self.truths])


@contextmanager
def question(
    db: Backend, rules: Sequence[Rule], context: Context, *, person: int | None = None
) -> Iterator[Question]:
    """The rules as one question; `person` narrows it to one known person.

    Sets of people from the record store are lent to the database while the block runs.
    """
    planner = _Planner(context, in_detail=person is not None)
    truths = tuple(planner.truth(rule, ()) for rule in rules)
    needs_traits = any(trait.name not in BUILT_IN for trait in planner.traits)
    columns = trait_columns(db) if needs_traits else {}
    planner.columns.update(columns)
    lent: list[str] = []
    try:
        for name, ids in planner.sets:
            db.con.register(name, pa.table({name: ids}))
            lent.append(name)
        yield Question(planner.table(person), truths, planner.facts())
    finally:
        for name in lent:
            db.con.unregister(name)


class _Planner:
    """Collects what the conditions need while it turns them into truths over a table to come."""

    def __init__(self, context: Context, *, in_detail: bool = False) -> None:
        self.in_detail = in_detail
        self.context = context
        self.clock = context.clock
        self.columns: dict[str, tuple[str, str]] = {}
        self.traits: dict[Trait, int] = {}
        self.sets: list[tuple[str, pa.Array]] = []
        self._asked: dict[Leaf, str] = {}
        self._events: dict[Event, _EventPlan] = {}
        self._tags: dict[str, str] = {}
        self._consents: dict[tuple[str, str], str] = {}
        self._consent_leaves: dict[Consent, str] = {}
        self._messages: dict[Message, str] = {}

    def truth(self, rule: Rule, within: tuple[str, ...]) -> Truth:
        """The condition; `within` are the segments that we are inside of."""
        match rule:
            case AllOf(parts):
                truths = [self.truth(part, within) for part in parts]
                return lambda t: reduce(and_, [truth(t) for truth in truths])
            case AnyOf(parts):
                truths = [self.truth(part, within) for part in parts]
                return lambda t: reduce(or_, [truth(t) for truth in truths])
            case Not(part):
                inner = self.truth(part, within)
                return lambda t: opposite(inner(t))
            case Trait():
                return self._trait(rule)
            case Event():
                return self._event(rule)
            case Tag(name):
                column = self._tags.setdefault(name, f"g{len(self._tags)}")
                return lambda t: t[column].notnull()
            case Consent():
                return self._consent(rule)
            case Segment():
                return self._segment(rule, within)
            case Random(percent, salt):
                share = round(percent * _MILLION / 100)
                return lambda t: lot(salt, t.person_id) % _MILLION < share
            case Message():
                return self._message(rule)

    def facts(self) -> dict[Leaf, dict[str, str]]:
        """See `Question.facts`."""
        out: dict[Leaf, dict[str, str]] = {}
        for event, plan in self._events.items():
            out[event] = dict(plan.columns)
        for trait in self.traits:
            found = self._column(trait.name)
            if found is not None:
                out[trait] = {"value": found[0]}
        for name, column in self._tags.items():
            out[Tag(name)] = {"at": column}
        for consent, column in self._consent_leaves.items():
            out[consent] = {"state": column, "at": f"{column}_at"} if self.in_detail else {}
        for message, column in self._messages.items():
            out[message] = {"count": column}
        return out

    def table(self, person: int | None) -> ir.Table:
        """Known profiles with everything that was collected beside them."""
        used = {t.name: self.columns[t.name] for t in self.traits if t.name in self.columns}
        people = profiles(used)
        people = people.filter(people.known)
        if person is not None:
            people = people.filter(people.person_id == person)
        builtin = [t.name for t in self.traits if t.name in BUILT_IN]
        columns = dict.fromkeys(["person_id", *builtin, *(col for col, _ in used.values())])
        table = people.select(*columns)
        for i, family in enumerate(self._families(person)):
            key = f"key{i}"
            renamed = family.rename({key: "person_id"})
            table = table.left_join(renamed, table.person_id == renamed[key])
        for name, _ids in self.sets:
            members = ibis.table({name: "int64"}, name=name)
            table = table.left_join(members, table.person_id == members[name])
        return table

    def _families(self, person: int | None) -> Iterator[ir.Table]:
        if self._events:
            yield _event_family(list(self._events.values()), person)
        if self._tags:
            yield self._tag_family(person)
        if self._consents:
            yield self._consent_family(person)
        sends = {m: col for m, col in self._messages.items() if m.send is not None}
        if sends:
            yield _send_family(sends, person)
        lasts = {m: col for m, col in self._messages.items() if m.last is not None}
        if lasts:
            yield _last_family(lasts, person)

    def _trait(self, trait: Trait) -> Truth:
        if trait.name in IDENTITY_TRAITS:
            return self._identity(trait)
        self.traits.setdefault(trait, len(self.traits))

        def truth(t: ir.Table) -> ir.BooleanValue:
            column = self._column(trait.name)
            if column is None:
                return ibis.literal(trait.op in NEGATIVES)
            return matches(t[column[0]], column[1], trait.op, trait.value, self.clock)

        return truth

    def _column(self, name: str) -> tuple[str, str] | None:
        return (name, BUILT_IN[name]) if name in BUILT_IN else self.columns.get(name)

    def _identity(self, trait: Trait) -> Truth:
        positive = Trait(trait.name, NEGATIVES.get(trait.op, trait.op), trait.value)
        name = self._set(positive, self.context.identity_matches)
        if trait.op in NEGATIVES:
            return lambda t: t[name].isnull()
        return lambda t: t[name].notnull()

    def _set(self, leaf: Trait, ask: Callable[[Trait], People]) -> str:
        if leaf not in self._asked:
            self._asked[leaf] = self._lend(ask(leaf))
        return self._asked[leaf]

    def _lend(self, people: People) -> str:
        name = f"people_{next(_numbers)}"
        ids = people if isinstance(people, pa.Array | pa.ChunkedArray) else pa.array(people)
        self.sets.append((name, ids.cast(pa.int64()).unique()))
        return name

    def _event(self, event: Event) -> Truth:
        plan = self._events.get(event)
        if plan is None:
            plan = self._events[event] = _EventPlan(
                event, f"e{len(self._events)}", self.clock, self.in_detail
            )
        return plan.truth

    def _consent(self, consent: Consent) -> Truth:
        key = (consent.channel, consent.purpose)
        column = self._consents.setdefault(key, f"c{len(self._consents)}")
        self._consent_leaves[consent] = column
        if consent.state == "unknown":
            return lambda t: t[column].fill_null("unknown") == "unknown"
        return lambda t: t[column] == consent.state

    def _segment(self, segment: Segment, within: tuple[str, ...]) -> Truth:
        if segment.id in within:
            raise Invalid.at(
                "",
                "segment_cycle",
                _("The segments refer to each other in a circle: %(cycle)s. Take one of them out."),
                cycle=" → ".join([*within[within.index(segment.id) :], segment.id]),
            )
        meant = self.context.segment_rule(segment.id)
        if not isinstance(meant, Rule):
            if segment not in self._asked:
                self._asked[segment] = self._lend(meant)
            name = self._asked[segment]
            return lambda t: t[name].notnull()
        return self.truth(meant, (*within, segment.id))

    def _message(self, message: Message) -> Truth:
        column = self._messages.setdefault(message, f"m{len(self._messages)}")
        # Fewer messages than asked for is not "all of the last three".
        return lambda t: t[column] >= (message.last or 1)

    def _tag_family(self, person: int | None) -> ir.Table:
        rows = TAGS.filter(_about(TAGS, person), TAGS.tag.isin(list(self._tags)))
        return rows.group_by("person_id").agg(
            **{col: rows.at.max(where=rows.tag == tag) for tag, col in self._tags.items()}
        )

    def _consent_family(self, person: int | None) -> ir.Table:
        channels = sorted({channel for channel, _ in self._consents})
        rows = CONSENTS.filter(_about(CONSENTS, person), CONSENTS.channel.isin(channels))
        columns: dict[str, ir.Value] = {}
        for (channel, purpose), column in self._consents.items():
            mine = (rows.channel == channel) & (rows.purpose == purpose)
            columns[column] = rows.state.max(where=mine)
            if self.in_detail:
                columns[f"{column}_at"] = rows.at.max(where=mine)
        return rows.group_by("person_id").agg(**columns)


def lot(salt: str, person_id: ir.IntegerValue) -> ir.IntegerValue:
    """A number that is drawn once for each person and salt, and stays."""
    return md5_number_upper(ibis.literal(f"{salt}:").concat(person_id.cast("string")))


def property_of(events: ir.Table, name: str) -> tuple[ir.Value, str]:
    """The property of an event and its kind; `shipping.city` looks inside objects."""
    if name in _NUMBERS:
        return events[name], "number"
    value = json_extract_string(events.props, _pointer([name]))
    if "." in name:
        value = value.coalesce(json_extract_string(events.props, _pointer(name.split("."))))
    if name in _COLUMN_FIRST:
        value = events[name].coalesce(value)
    if name in _PROPERTY_FIRST:
        value = value.coalesce(events[name])
    return value, "text"


def exact(value: ir.Value, kind: str) -> ir.DecimalValue:
    """The value as a number whose sums are exact; nothing if it is none."""
    return value.try_cast("decimal(38, 9)") if kind == "text" else value


def _pointer(path: Sequence[str]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _about(table: ir.Table, person: int | None) -> ir.BooleanValue:
    return table.person_id.notnull() if person is None else table.person_id == person


@dataclass
class _EventPlan:
    """One condition on events: what has to hold of an event, and what is then worked out."""

    event: Event
    prefix: str
    clock: Clock
    in_detail: bool
    """Whether the first and the last moment are wanted though the rule does not ask for them."""
    parts: dict[object, Truth] = field(init=False)
    """What an event has to satisfy to count; equal keys mean equal conditions."""
    columns: dict[str, str] = field(init=False)
    bounds: tuple[datetime | None, datetime | None] = field(init=False)

    def __post_init__(self) -> None:
        event, clock = self.event, self.clock
        start = clock.moment(event.start) if event.start else None
        end = clock.moment(event.end) if event.end else None
        if event.within:
            start, end = clock.window(event.within)
        self.bounds = (start, end)
        self.parts = {("name", event.name): lambda t: t.name == event.name}
        if start is not None:
            self.parts["from", start] = lambda t: t.at >= start
        if end is not None:
            self.parts["to", end] = lambda t: t.at < end
        for where in event.where:
            self.parts[where] = self._where(where)
        self.columns = {"count": f"{self.prefix}_count"}
        asked = ("first", "last") if self.in_detail else [m.which for m in event.moments]
        self.columns.update({which: f"{self.prefix}_{which}" for which in asked})
        for i, total in enumerate(event.totals):
            self.columns[f"{total.aggregate}:{total.property}"] = f"{self.prefix}_{i}"

    def _where(self, where: Where) -> Truth:
        def truth(t: ir.Table) -> ir.BooleanValue:
            value, kind = property_of(t, where.property)
            return matches(value, kind, where.op, where.value, self.clock)

        return truth

    def aggregates(self, scan: ir.Table, known: set[object]) -> dict[str, ir.Value]:
        """The columns over a scan in which the known parts hold already."""
        left = [part(scan) for key, part in self.parts.items() if key not in known]
        condition = reduce(and_, left) if left else None
        out: dict[str, ir.Value] = {self.columns["count"]: scan.count(where=condition)}
        if "first" in self.columns:
            out[self.columns["first"]] = scan.at.min(where=condition)
        if "last" in self.columns:
            out[self.columns["last"]] = scan.at.max(where=condition)
        for i, total in enumerate(self.event.totals):
            value = exact(*property_of(scan, total.property))
            name = "mean" if total.aggregate == "avg" else total.aggregate
            out[f"{self.prefix}_{i}"] = getattr(value, name)(where=condition)
        return out

    def truth(self, t: ir.Table) -> ir.BooleanValue:
        event = self.event
        number = t[self.columns["count"]]
        # Where nothing cannot match, leaving it nothing lets the engine drop those people early.
        zero = allows_zero(event)
        truths: list[ir.BooleanValue] = []
        if zero or not self._implies_one or event.count != Event.count:
            truths.append(passes(number.fill_null(0) if zero else number, event.count))
        if not zero and number_passes(0, event.count):
            truths.append(number > 0)
        for i, total in enumerate(event.totals):
            value = t[f"{self.prefix}_{i}"]
            if total.aggregate == "sum" and number_passes(0, total.numbers):
                value = value.fill_null(0)
            truths.append(passes(value, total.numbers))
        truths += [self._moment(t, moment) for moment in event.moments]
        return reduce(and_, truths)

    @property
    def _implies_one(self) -> bool:
        """Whether a total or a moment already asks for one event at least: no need to count."""
        return bool(self.event.moments) or any(
            total.aggregate != "sum" or not number_passes(0, total.numbers)
            for total in self.event.totals
        )

    def _moment(self, t: ir.Table, moment: Moment) -> ir.BooleanValue:
        at = t[self.columns[moment.which]]
        if moment.relation == "before":
            return at < self.clock.moment(moment.value)
        if moment.relation == "after":
            return at > self.clock.moment(moment.value)
        start, end = self.clock.window(moment.value)
        return at >= start if end is None else (at >= start) & (at < end)


def _event_family(plans: Sequence[_EventPlan], person: int | None) -> ir.Table:
    """Every condition on events in one scan, grouped by person."""
    common = set.intersection(*[set(plan.parts) for plan in plans])
    scan = EVENTS
    filters = [_about(scan, person), human(scan)]
    filters += [part(scan) for key, part in plans[0].parts.items() if key in common]
    event_names = sorted({plan.event.name for plan in plans})
    if len(event_names) > 1:
        filters.append(scan.name.isin(event_names))
    starts = [plan.bounds[0] for plan in plans]
    ends = [plan.bounds[1] for plan in plans]
    if len(plans) > 1 and None not in starts:
        filters.append(scan.at >= min(start for start in starts if start))
    if len(plans) > 1 and None not in ends:
        filters.append(scan.at < max(end for end in ends if end))
    scan = scan.filter(filters)
    columns: dict[str, ir.Value] = {}
    for plan in plans:
        columns.update(plan.aggregates(scan, common))
    return scan.group_by("person_id").agg(**columns)


def _is_done(events: ir.Table, state: str) -> ir.BooleanValue:
    """Whether the event shows that a message reached the state."""
    if state == "sent":
        return events.name.isin(_LEFT_US)
    happened = events.name == MESSAGE_EVENTS[state]
    return happened & surely_human(events) if state in ("opened", "clicked") else happened


def _of_messages(states: Sequence[str]) -> list[str]:
    return sorted({*_LEFT_US, *(MESSAGE_EVENTS[state.removeprefix("not_")] for state in states)})


def _send_family(columns: Mapping[Message, str], person: int | None) -> ir.Table:
    """For each send that is asked about: 1 if the person is in the state, else 0."""
    sends = sorted({message.send or "" for message in columns})
    rows = EVENTS.filter(
        _about(EVENTS, person),
        EVENTS.send_id.isin(sends),
        EVENTS.name.isin(_of_messages([message.state for message in columns])),
        vouched(EVENTS),
    )
    out = {}
    for message, column in columns.items():
        mine = rows.send_id == message.send
        state = message.state.removeprefix("not_")
        done = (mine & _is_done(rows, state)).any()
        if state != message.state:
            done = ~done & (mine & _is_done(rows, "sent")).any()
        out[column] = done.cast("int64")
    return rows.group_by("person_id").agg(**out)


def _last_family(columns: Mapping[Message, str], person: int | None) -> ir.Table:
    """For each condition: how many of the person's last messages are in the state."""
    states = sorted({message.state.removeprefix("not_") for message in columns})
    rows = EVENTS.filter(
        _about(EVENTS, person),
        EVENTS.message_id.notnull(),
        EVENTS.name.isin(_of_messages(states)),
        vouched(EVENTS),
    )
    each = rows.group_by("person_id", "message_id").agg(
        sent_at=rows.at.min(where=_is_done(rows, "sent")),
        **{f"is_{state}": _is_done(rows, state).any() for state in states},
    )
    each = each.filter(each.sent_at.notnull())
    newest_first = ibis.window(
        group_by="person_id", order_by=[each.sent_at.desc(), each.message_id.desc()]
    )
    each = each.mutate(place=ibis.row_number().over(newest_first))
    out = {}
    for message, column in columns.items():
        done = each[f"is_{message.state.removeprefix('not_')}"]
        wanted = ~done if message.state.startswith("not_") else done
        out[column] = (wanted & (each.place < (message.last or 1))).sum()
    return each.group_by("person_id").agg(**out)


def check_segments(rule: Rule, context: Context, *, within: Sequence[str] = ()) -> None:
    """Raise `Invalid` if the rule refers to itself through other segments.

    `within` is the public id of the segment whose rule it is going to be.
    """
    for part in walk(rule):
        if isinstance(part, Segment):
            _Planner(context).truth(part, tuple(within))
