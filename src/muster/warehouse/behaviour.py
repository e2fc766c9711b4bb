"""What people did (PE4): conditions on events, many of them answered by one look at the events.

Conditions that count the same events share their columns, whatever they compare them with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import TYPE_CHECKING, TypeAlias

import ibis

from muster.warehouse.functions import json_extract_string
from muster.warehouse.rules import Event, InOrder, Moment, Total, Where, allows_zero
from muster.warehouse.rules import passes as number_passes
from muster.warehouse.tables import human
from muster.warehouse.values import matches, passes
from muster.warehouse.windows import Clock, earlier

if TYPE_CHECKING:
    import ibis.expr.types as ir

Truth: TypeAlias = "Callable[[ir.Table], ir.BooleanValue]"
"""The condition over a table, once that table exists."""
About: TypeAlias = "int | ir.Table | None"
"""Whom it is about: one person, those of a table with `person_id`, or everybody."""

_NUMBERS = ("revenue", "discount")
"""Properties that the loader keeps as exact numbers."""
_COLUMN_FIRST = ("order_id", "url", "channel")
"""Properties whose column holds what was sent, else what the context said."""
_PROPERTY_FIRST = ("campaign", "campaign_id", "send_id", "message_id", "variant", "content")
"""What the context says; a property of that name goes before."""


def about(table: ir.Table, whom: About) -> ir.BooleanValue:
    """Whether a row is about somebody we ask for."""
    if whom is None:
        return table.person_id.notnull()
    if isinstance(whom, int):
        return table.person_id == whom
    return table.person_id.isin(whom.person_id)


class Scan:
    """The events that one or more conditions look at, and what is worked out about them."""

    def __init__(self, event: Event, prefix: str, clock: Clock) -> None:
        self.prefix = prefix
        self.columns: dict[str, str] = {}
        """What is worked out → its column."""
        self._totals: dict[str, Total] = {}
        start = clock.moment(event.start) if event.start else None
        end = clock.moment(event.end) if event.end else None
        if event.within:
            start, end = clock.window(event.within)
        self.name = event.name
        self.bounds = (start, end)
        self.parts: dict[object, Truth] = {("name", event.name): lambda t: t.name == event.name}
        """What an event has to satisfy to count; equal keys mean equal conditions."""
        if start is not None:
            self.parts["from", start] = lambda t: t.at >= start
        if end is not None:
            self.parts["to", end] = lambda t: t.at < end
        for where in event.where:
            self.parts[where] = has(where, clock)

    @property
    def in_props(self) -> frozenset[str]:
        """Where in `props` it looks, as JSON pointers."""
        asked = {key.property for key in self.parts if isinstance(key, Where)}
        asked |= {total.property for total in self._totals.values()}
        return pointers(asked)

    def column(self, key: str, total: Total | None = None) -> str:
        """The column of `count`, `first`, `last` or of a total, which is worked out from now on."""
        if total is not None:
            self._totals[key] = total
        return self.columns.setdefault(key, f"{self.prefix}_{len(self.columns)}")

    def aggregates(self, events: ir.Table, known: set[object]) -> dict[str, ir.Value]:
        """The columns over events in which the known parts hold already."""
        condition = self._condition(events, known)
        out: dict[str, ir.Value] = {}
        for key, column in self.columns.items():
            if key == "count":
                out[column] = events.count(where=condition)
            elif key == "first":
                out[column] = events.at.min(where=condition)
            elif key == "last":
                out[column] = events.at.max(where=condition)
            else:
                total = self._totals[key]
                value = exact(*property_of(events, total.property))
                name = "mean" if total.aggregate == "avg" else total.aggregate
                out[column] = getattr(value, name)(where=condition)
        return out

    def _condition(self, events: ir.Table, known: set[object]) -> ir.BooleanValue | None:
        left = {key: part(events) for key, part in self.parts.items() if key not in known}
        asked = [left.pop(key) for key in list(left) if isinstance(key, Where)]
        plain = reduce(and_, left.values()) if left else None
        if plain is None or not asked:
            return reduce(and_, asked) if asked else plain
        # Engines look for a property in every event, unless they are told in which.
        return ibis.ifelse(plain, reduce(and_, asked), False)


class Behaviour:
    """One condition on events: what it compares of what the scan works out."""

    def __init__(self, event: Event, scan: Scan, clock: Clock, *, in_detail: bool) -> None:
        self._event = event
        self._clock = clock
        self.columns = {"count": scan.column("count")} if in_detail else {}
        """What is known about it → its column."""
        asked = ("first", "last") if in_detail else [m.which for m in event.moments]
        self.columns |= {which: scan.column(which) for which in asked}
        for total in event.totals:
            key = f"{total.aggregate}:{total.property}"
            self.columns[key] = scan.column(key, total)
        if self._counts:
            self.columns["count"] = scan.column("count")

    @property
    def _counts(self) -> bool:
        """Whether the number of events decides; where a total or a moment asks for one event at
        least there is no need to count."""
        event = self._event
        return (
            allows_zero(event)
            or not self._implies_one
            or event.count != Event.count
            or number_passes(0, event.count)
        )

    @property
    def _implies_one(self) -> bool:
        return bool(self._event.moments) or any(
            total.aggregate != "sum" or not number_passes(0, total.numbers)
            for total in self._event.totals
        )

    def truth(self, t: ir.Table) -> ir.BooleanValue:
        """Whether the condition holds, over people beside the columns."""
        event = self._event
        # Where nothing cannot match, leaving it nothing lets the engine drop those people early.
        zero = allows_zero(event)
        truths: list[ir.BooleanValue] = []
        if zero or not self._implies_one or event.count != Event.count:
            number = t[self.columns["count"]]
            truths.append(passes(number.fill_null(0) if zero else number, event.count))
        if not zero and number_passes(0, event.count):
            truths.append(t[self.columns["count"]] > 0)
        for total in event.totals:
            value = t[self.columns[f"{total.aggregate}:{total.property}"]]
            if total.aggregate == "sum" and number_passes(0, total.numbers):
                value = value.fill_null(0)
            truths.append(passes(value, total.numbers))
        truths += [self._moment(t, moment) for moment in event.moments]
        return reduce(and_, truths)

    def _moment(self, t: ir.Table, moment: Moment) -> ir.BooleanValue:
        at = t[self.columns[moment.which]]
        if moment.relation == "before":
            return at < self._clock.moment(moment.value)
        if moment.relation == "after":
            return at > self._clock.moment(moment.value)
        start, end = self._clock.window(moment.value)
        return at >= start if end is None else (at >= start) & (at < end)


def scan_of(event: Event) -> Event:
    """The event without what is compared: equal ones look at the same events."""
    return replace(event, count=Event.count, totals=(), moments=())


def scanned(scans: Sequence[Scan], whom: About, events: ir.Table) -> ir.Table:
    """Everything about all the scans in one look at the events, one row a person."""
    common = set.intersection(*[set(scan.parts) for scan in scans])
    filters = [about(events, whom), human(events)]
    filters += [part(events) for key, part in scans[0].parts.items() if key in common]
    event_names = sorted({scan.name for scan in scans})
    if len(event_names) > 1:
        filters.append(events.name.isin(event_names))
    starts = [scan.bounds[0] for scan in scans]
    ends = [scan.bounds[1] for scan in scans]
    if len(scans) > 1 and None not in starts:
        filters.append(events.at >= min(start for start in starts if start))
    if len(scans) > 1 and None not in ends:
        filters.append(events.at < max(end for end in ends if end))
    rows = events.filter(filters)
    columns: dict[str, ir.Value] = {}
    for scan in scans:
        columns.update(scan.aggregates(rows, common))
    return rows.group_by("person_id").agg(**columns)


def in_order(rule: InOrder, column: str, clock: Clock, whom: About, events: ir.Table) -> ir.Table:
    """Who did one step after the other: one row a person with the moment of the last step.

    The latest step before has the latest beginning, so one ASOF join a step finds the best way;
    what is too late for that beginning is too late for every other.
    """
    rows = _step(rule.steps[0], clock, whom, events)
    reached = rows.select("person_id", "at", began=rows.at)
    for before, step in pairwise(rule.steps):
        mine = _step(step, clock, whom, events)
        theirs = reached.select(theirs=reached.person_id, before=reached.at, began=reached.began)
        later = mine.at > theirs.before if step.name == before.name else mine.at >= theirs.before
        pairs = mine.asof_join(theirs, later, predicates=[mine.person_id == theirs.theirs])
        pairs = pairs.filter(pairs.began.notnull())
        if rule.within is not None:
            pairs = pairs.filter(pairs.began >= earlier(pairs.at, rule.within))
        reached = pairs.select("person_id", "at", "began")
    return reached.group_by("person_id").agg(**{column: reached.at.max()})


def _step(event: Event, clock: Clock, whom: About, events: ir.Table) -> ir.Table:
    parts = Scan(event, "", clock).parts.values()
    rows = events.filter(about(events, whom), human(events), *[part(events) for part in parts])
    return rows.select("person_id", "at")


def has(where: Where, clock: Clock) -> Truth:
    """Whether an event has the property that is asked for."""

    def truth(t: ir.Table) -> ir.BooleanValue:
        value, kind = property_of(t, where.property)
        return matches(value, kind, where.op, where.value, clock)

    return truth


def property_of(events: ir.Table, name: str) -> tuple[ir.Value, str]:
    """The property of an event and its kind; `shipping.city` looks inside objects."""
    if name in _NUMBERS:
        return events[name], "number"
    value, *inside = (_said(events, pointer) for pointer in _pointers(name))
    if inside:
        value = value.coalesce(*inside)
    if name in _COLUMN_FIRST:
        value = events[name].coalesce(value)
    if name in _PROPERTY_FIRST:
        value = value.coalesce(events[name])
    return value, "text"


def pointers(properties: Iterable[str]) -> frozenset[str]:
    """Where in `props` one has to look for these properties, as JSON pointers."""
    return frozenset(
        pointer for name in properties if name not in _NUMBERS for pointer in _pointers(name)
    )


def said_column(pointer: str) -> str:
    """The column of a copy of events that has what stands there in the properties.

    Names of properties may be anything, and engines take no notice of capitals in those of columns.
    """
    return f"said_{pointer.encode(errors='surrogatepass').hex()}"


def _pointers(name: str) -> list[str]:
    return [_pointer([name]), *([_pointer(name.split("."))] if "." in name else [])]


def _said(events: ir.Table, pointer: str) -> ir.StringValue:
    """What stands there in the properties; a copy of the events may have it in a column."""
    column = said_column(pointer)
    return (
        events[column] if column in events.columns else json_extract_string(events.props, pointer)
    )


def exact(value: ir.Value, kind: str) -> ir.DecimalValue:
    """The value as a number whose sums are exact; nothing if it is none."""
    return value.try_cast("decimal(38, 9)") if kind == "text" else value


def _pointer(path: Sequence[str]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
