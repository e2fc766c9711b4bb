"""From a rule to one question (PE4): every family of facts is read once, whatever the rule asks.

All conditions on events share one scan with one conditional aggregate each, likewise tags and
consent; these stand beside the known profiles, and one filter on top is the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial, reduce
from operator import and_, or_
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from muster.events import names
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse import schema, scoring
from muster.warehouse.behaviour import (
    About,
    Behaviour,
    Scan,
    Truth,
    about,
    in_order,
    pointers,
    said_column,
    scan_of,
    scanned,
)
from muster.warehouse.consents import ALWAYS, Lapsing, counted
from muster.warehouse.elsewhere import Elsewhere
from muster.warehouse.functions import md5_number_upper
from muster.warehouse.lending import fresh, lent
from muster.warehouse.rules import (
    IDENTITY_TRAITS,
    NEGATIVES,
    AllOf,
    AnyOf,
    Consent,
    Event,
    InOrder,
    Leaf,
    Message,
    Not,
    Numbers,
    Random,
    Rule,
    Score,
    Segment,
    Tag,
    Trait,
)
from muster.warehouse.scorecard import Scorecard
from muster.warehouse.tables import (
    BUILT_IN,
    CONSENTS,
    EVENTS,
    TAGS,
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

UTC = ZoneInfo("UTC")
_MILLION = 1_000_000
_NOWHERE: frozenset[str] = frozenset()


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
    scorecard: Scorecard | None = None
    """What conditions on a score go by."""
    topic_id: Callable[[str], str] = str
    """The id of a topic that a rule names by id or name."""
    known_send: Callable[[str], object] = str
    """Raises Invalid where there is no send of the id that a rule names."""
    lapsing: Lapsing = ALWAYS
    """Which words count, by the law that holds."""

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
    fit: tuple[Truth, ...] = ()
    """Whether each rule of the scorecard about fit holds, if it was asked for."""

    def people(self) -> ir.Table:
        """The people for whom every rule holds."""
        return self.table.filter([truth(self.table) for truth in self.truths])


@contextmanager
def question(
    db: Backend,
    rules: Sequence[Rule],
    context: Context,
    *,
    person: int | None = None,
    among: ir.Table | None = None,
    scored: bool = False,
    places: Sequence[str] = (),
) -> Iterator[Question]:
    """The rules as one question; `person` narrows it to one known person, told in detail, and
    `among` to the people of a table with `person_id`. With `scored` the columns of the scores
    stand beside it whether a rule asks for them or not. Where the rules are parts of one, `places`
    says where in it each stands, for what is wrong with it.

    Sets of people from the record store are lent to the database while the block runs.
    """
    planner = _Planner(context, in_detail=person is not None)
    truths = planner.parts(rules, places or [""] * len(rules), ())
    if scored:
        planner.scores()
    needs_traits = any(trait.name not in BUILT_IN for trait in planner.traits)
    columns = trait_columns(db) if needs_traits else {}
    planner.columns.update(columns)
    with ExitStack() as stack:
        for name, ids in planner.sets:
            stack.enter_context(lent(db, pa.table({name: ids}), name))
        whom = person if person is not None else among
        # Another engine finds the rows of a few people within the question.
        if among is None or isinstance(db, Elsewhere):
            yield Question(planner.table(whom), truths, planner.facts(), planner.fit)
            return
        looks = planner.looks()
        said = {said_column(each): "string" for look in looks.values() for each in look.in_props}
        theirs = ibis.table({**EVENTS.schema(), **said}, name=fresh("events_of_some"))
        table = planner.table(whom, theirs)
        with _copied(db, theirs, among, table, looks):
            yield Question(table, truths, planner.facts(), planner.fit)


@dataclass(frozen=True)
class _Look:
    """How far back events of a name are looked at, and how closely."""

    since: datetime | None
    """None for all of them."""
    in_props: frozenset[str]
    """Where in their properties, as JSON pointers."""

    def __or__(self, other: _Look) -> _Look:
        ever = self.since is None or other.since is None
        since = None if ever else min(self.since, other.since)  # type: ignore[type-var]
        return _Look(since, self.in_props | other.in_props)


@contextmanager
def _copied(
    db: Backend,
    theirs: ir.Table,
    among: ir.Table,
    table: ir.Table,
    looks: Mapping[str, _Look],
) -> Iterator[None]:
    """What a few people did, as far as the table looks at it, copied aside while the block runs.

    Finding the rows of some people means to read every row, and each condition would do it anew.
    """
    if not looks:
        yield
        return
    fields = _fields_of(theirs, table)
    wanted = [column for column in theirs.columns if column in fields]
    copy = partial(_copy, among.get_name(), wanted)
    first = _earliest(looks.values())
    # Properties are much of what there is to read: before the first that matters they stay unread.
    close = _earliest([look for look in looks.values() if look.in_props])
    far = {
        name: look
        for name, look in looks.items()
        if close is not None and (look.since is None or look.since < close)
    }
    if far:
        parts = [copy(looks, close, None), copy(far, first, close)]
    else:
        parts = [copy(looks, first, None)]
    statements, values = zip(*parts, strict=True)
    db.con.execute(
        f"CREATE TEMP TABLE {theirs.get_name()} AS {' UNION ALL '.join(statements)}",
        [value for given in values for value in given],
    )
    try:
        yield
    finally:
        db.con.execute(f"DROP TABLE {theirs.get_name()}")


def _earliest(looks: Iterable[_Look]) -> datetime | None:
    """The beginning of what is looked at, None if there is none."""
    sinces = [look.since for look in looks]
    known = [since for since in sinces if since is not None]
    return min(known) if known and len(known) == len(sinces) else None


def _copy(
    among: str,
    wanted: Sequence[str],
    looks: Mapping[str, _Look],
    start: datetime | None,
    end: datetime | None,
) -> tuple[str, list[str | datetime]]:
    """The question for the events of some people in a stretch of time, and its parameters.

    What none of the looks is for in the properties stays unread.
    """
    columns = {name: f"e.{schema.quoted(name)}" for name in EVENTS.columns}
    columns |= {
        said_column(pointer): _said(pointer, looks)
        for look in looks.values()
        for pointer in look.in_props
    }
    matters: list[str] = []
    values: list[str | datetime] = []
    for name, look in looks.items():
        matters.append("e.name = ?" if look.since is None else '(e.name = ? AND e."at" >= ?)')
        values += [name] if look.since is None else [name, look.since]
    bounds = {'e."at" >= ?': start, 'e."at" < ?': end}
    held = [bound for bound, moment in bounds.items() if moment is not None]
    values += [moment for moment in bounds.values() if moment is not None]
    # Nobody is without a number: to ask it of both makes the engine find the people first, by one
    # column, and compare the names of their events alone.
    shown = ", ".join(
        f"{columns.get(name, 'NULL::VARCHAR')} AS {schema.quoted(name)}" for name in wanted
    )
    return (
        f"SELECT {shown} FROM events e"  # noqa: S608 - names of ours
        f" JOIN (SELECT DISTINCT person_id FROM {among}) AS p"
        f" ON e.person_id = p.person_id AND (p.person_id IS NULL OR {' OR '.join(matters)})"
        f" {'WHERE ' + ' AND '.join(held) if held else ''}",
        values,
    )


def _said(pointer: str, looks: Mapping[str, _Look]) -> str:
    """What stands there in the properties of events that are looked at so, read once for all."""
    names = ", ".join(
        schema.literal(name) for name, look in looks.items() if pointer in look.in_props
    )
    found = f"json_extract_string(e.props, {schema.literal(pointer)})"
    return f"CASE WHEN e.name IN ({names}) THEN {found} END"


def _fields_of(source: ir.Table, table: ir.Table) -> set[str]:
    """The columns of the source that the table looks at; others may have columns of that name."""

    def is_of_source(rows: ops.Relation) -> bool:
        while isinstance(rows, ops.Filter):
            rows = rows.parent
        return bool(rows == source.op())

    return {field.name for field in table.op().find(ops.Field) if is_of_source(field.rel)}


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
        self._scans: dict[Event, Scan] = {}
        self._events: dict[Event, Behaviour] = {}
        self._orders: dict[InOrder, str] = {}
        self._tags: dict[str, str] = {}
        self._consents: dict[tuple[str, str, str], str] = {}
        self._consent_leaves: dict[Consent, str] = {}
        self._messages: dict[Message, str] = {}
        self._scores: dict[Score, str] = {}
        self._card: Scorecard | None = None
        self.fit: tuple[Truth, ...] = ()

    def truth(self, rule: Rule, within: tuple[str, ...]) -> Truth:
        """The condition; `within` are the segments that we are inside of."""
        match rule:
            case AllOf(parts):
                truths = self.parts(parts, [f"/all/{i}" for i in range(len(parts))], within)
                return lambda t: reduce(and_, [truth(t) for truth in truths])
            case AnyOf(parts):
                truths = self.parts(parts, [f"/any/{i}" for i in range(len(parts))], within)
                return lambda t: reduce(or_, [truth(t) for truth in truths])
            case Not(part):
                with _at("/not"):
                    inner = self.truth(part, within)
                return lambda t: opposite(inner(t))
            case Trait():
                with _at("/op"):
                    return self._trait(rule)
            case Event():
                return self._event(rule)
            case InOrder():
                order = self._orders.setdefault(rule, f"o{len(self._orders)}")
                return lambda t: t[order].notnull()
            case Tag(name):
                column = self._tags.setdefault(name, f"g{len(self._tags)}")
                return lambda t: t[column].notnull()
            case Consent():
                with _at("/consent/topic"):
                    return self._consent(rule)
            case Segment():
                with _exactly_at("/segment"):
                    return self._segment(rule, within)
            case Random(percent, salt):
                share = round(percent * _MILLION / 100)
                return lambda t: lot(salt, t.person_id) % _MILLION < share
            case Message():
                with _at("/message/send"):
                    return self._message(rule)
            case Score():
                with _exactly_at("/score"):
                    return self._score(rule, within)

    def parts(
        self, rules: Sequence[Rule], places: Sequence[str], within: tuple[str, ...]
    ) -> tuple[Truth, ...]:
        """The conditions, where each stands at its place of what is looked at."""
        truths = []
        for rule, place in zip(rules, places, strict=True):
            with _at(place):
                truths.append(self.truth(rule, within))
        return tuple(truths)

    def facts(self) -> dict[Leaf, dict[str, str]]:
        """See `Question.facts`."""
        out: dict[Leaf, dict[str, str]] = {}
        for event, behaviour in self._events.items():
            out[event] = dict(behaviour.columns)
        for order, column in self._orders.items():
            out[order] = {"at": column}
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
        for score, column in self._scores.items():
            out[score] = {"value": column}
        return out

    def table(self, whom: About, events: ir.Table = EVENTS) -> ir.Table:
        """Known profiles with everything that was collected beside them."""
        used = {t.name: self.columns[t.name] for t in self.traits if t.name in self.columns}
        people = profiles(used)
        people = people.filter(people.known)
        if whom is not None:
            people = people.filter(about(people, whom))
        builtin = [t.name for t in self.traits if t.name in BUILT_IN]
        columns = dict.fromkeys(["person_id", *builtin, *(col for col, _ in used.values())])
        table = people.select(*columns)
        for i, family in enumerate(self._families(whom, events)):
            key = f"key{i}"
            renamed = family.rename({key: "person_id"})
            table = table.left_join(renamed, table.person_id == renamed[key])
        for name, _ids in self.sets:
            members = ibis.table({name: "int64"}, name=name)
            table = table.left_join(members, table.person_id == members[name])
        return scoring.graded(table, self._card, self.fit) if self._card else table

    def _families(self, whom: About, events: ir.Table) -> Iterator[ir.Table]:
        # What was copied aside is of nobody else.
        doers = whom if events is EVENTS else None
        if self._card and self._card.behaviour:
            yield scoring.points(self._card, self.clock, doers, events)
        if self._scans:
            yield scanned(list(self._scans.values()), doers, events)
        for order, column in self._orders.items():
            yield in_order(order, column, self.clock, doers, events)
        if self._tags:
            yield self._tag_family(whom)
        if self._consents:
            yield self._consent_family(whom)
        sends = {m: col for m, col in self._messages.items() if m.send is not None}
        if sends:
            yield _send_family(sends, doers, events)
        lasts = {m: col for m, col in self._messages.items() if m.last is not None}
        if lasts:
            yield _last_family(lasts, doers, events)

    def looks(self) -> dict[str, _Look]:
        """How the table looks at events, by their name."""
        scans = [*self._scans.values()]
        scans += [Scan(step, "", self.clock) for order in self._orders for step in order.steps]
        found = [(scan.name, _Look(scan.bounds[0], scan.in_props)) for scan in scans]
        states = [message.state for message in self._messages]
        found += [
            (name, _Look(None, _NOWHERE)) for name in (_of_messages(states) if states else [])
        ]
        if self._card is not None:
            counted = [one.event for one in self._card.behaviour]
            found += [
                (event.name, _Look(None, pointers(where.property for where in event.where)))
                for event in counted
            ]
        out: dict[str, _Look] = {}
        for name, look in found:
            out[name] = out[name] | look if name in out else look
        return out

    def scores(self, within: tuple[str, ...] = ()) -> None:
        """Ask for the points of everybody; what the scorecard says of fit are conditions too."""
        if self._card is not None:
            return
        if self.context.scorecard is None:
            raise Invalid.at("", "no_scores", _("There is no scorecard to go by here."))
        self._card = self.context.scorecard
        self.fit = tuple(self.truth(one.trait, within) for one in self._card.fit)

    def _score(self, rule: Score, within: tuple[str, ...]) -> Truth:
        self.scores(within)
        self._scores[rule] = column = scoring.COLUMNS[rule.name]
        if rule.name == "grade":
            grades = sorted(rule.grades)
            return lambda t: t[column].isin(grades)
        bound = rule.value
        numbers: Numbers = ((rule.op, bound),)  # type: ignore[assignment]
        return lambda t: passes(t[column], numbers)

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
        name = fresh("people")
        ids = people if isinstance(people, pa.Array | pa.ChunkedArray) else pa.array(people)
        self.sets.append((name, ids.cast(pa.int64()).unique()))
        return name

    def _event(self, event: Event) -> Truth:
        if event not in self._events:
            scan = self._scans.setdefault(
                scan_of(event), Scan(event, f"e{len(self._scans)}", self.clock)
            )
            self._events[event] = Behaviour(event, scan, self.clock, in_detail=self.in_detail)
        return self._events[event].truth

    def _consent(self, consent: Consent) -> Truth:
        topic = self.context.topic_id(consent.topic) if consent.topic else ""
        key = (consent.channel, consent.purpose, topic)
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
        if message.send is not None:
            self.context.known_send(message.send)
        column = self._messages.setdefault(message, f"m{len(self._messages)}")
        # Fewer messages than asked for is not "all of the last three".
        return lambda t: t[column] >= (message.last or 1)

    def _tag_family(self, whom: About) -> ir.Table:
        rows = TAGS.filter(about(TAGS, whom), TAGS.tag.isin(list(self._tags)))
        alone = len(self._tags) == 1
        return rows.group_by("person_id").agg(
            **{
                column: rows.at.max(where=None if alone else rows.tag == tag)
                for tag, column in self._tags.items()
            }
        )

    def _consent_family(self, whom: About) -> ir.Table:
        channels, purposes, topics = (
            sorted(set(each)) for each in zip(*self._consents, strict=True)
        )
        rows = CONSENTS.filter(
            about(CONSENTS, whom),
            CONSENTS.channel.isin(channels),
            CONSENTS.purpose.isin(purposes),
            CONSENTS.topic.isin(topics),
        )
        rows = rows.mutate(state=counted(rows, self.context.lapsing, self.context.now))
        alone = len(self._consents) == 1
        columns: dict[str, ir.Value] = {}
        for (channel, purpose, topic), column in self._consents.items():
            mine = (
                None
                if alone
                else (rows.channel == channel) & (rows.purpose == purpose) & (rows.topic == topic)
            )
            # There is one row for each; to find the largest of it would compare texts for nothing.
            columns[column] = rows.state.arbitrary(where=mine)
            if self.in_detail:
                columns[f"{column}_at"] = rows.at.max(where=mine)
        return rows.group_by("person_id").agg(**columns)


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say of what is wrong inside that it stands below this place."""
    try:
        yield
    except Invalid as invalid:
        raise invalid.below(place) from invalid


@contextmanager
def _exactly_at(place: str) -> Iterator[None]:
    """Say of what is wrong inside that it stands at this place: the rest is another rule's."""
    try:
        yield
    except Invalid as invalid:
        errors = [replace(problem, at=place) for problem in invalid.errors]
        raise Invalid(invalid.text, code=invalid.code, errors=errors, **invalid.params) from invalid


def lot(salt: str, person_id: ir.IntegerValue) -> ir.IntegerValue:
    """A number that is drawn once for each person and salt, and stays."""
    return md5_number_upper(ibis.literal(f"{salt}:").concat(person_id.cast("string")))


def _is_done(events: ir.Table, state: str) -> ir.BooleanValue:
    """Whether the event shows that a message reached the state."""
    if state == "sent":
        return events.name.isin(_LEFT_US)
    happened = events.name == MESSAGE_EVENTS[state]
    return happened & surely_human(events) if state in ("opened", "clicked") else happened


def _of_messages(states: Sequence[str]) -> list[str]:
    return sorted({*_LEFT_US, *(MESSAGE_EVENTS[state.removeprefix("not_")] for state in states)})


def _send_family(columns: Mapping[Message, str], whom: About, events: ir.Table) -> ir.Table:
    """For each send that is asked about: 1 if the person is in the state, else 0."""
    sends = sorted({message.send or "" for message in columns})
    rows = events.filter(
        about(events, whom),
        events.send_id.isin(sends),
        events.name.isin(_of_messages([message.state for message in columns])),
        vouched(events),
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


def _last_family(columns: Mapping[Message, str], whom: About, events: ir.Table) -> ir.Table:
    """For each condition: how many of the person's last messages are in the state."""
    states = sorted({message.state.removeprefix("not_") for message in columns})
    rows = events.filter(
        about(events, whom),
        events.message_id.notnull(),
        events.name.isin(_of_messages(states)),
        vouched(events),
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


def check(rule: Rule, context: Context, *, within: Sequence[str] = ()) -> None:
    """Raise `Invalid` if the rule cannot be asked: it names what there is not, or leads to itself.

    `within` is the public id of the segment whose rule it is going to be. Nothing is counted.
    """
    _Planner(context).truth(rule, tuple(within))
