"""Segment rules (PE4): which people do we mean? Reads a rule and says what is wrong with it.

The grammar is a tree: `all`, `any` and `not` over conditions on traits, events and their order,
tags, consent, messages, other segments and chance. Nothing here touches data or the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias, TypeGuard

from muster.kit.clock import CALENDAR_WINDOWS, Span
from muster.kit.errors import Invalid, Problem
from muster.kit.words import _

MAX_DEPTH = 20
MAX_CONDITIONS = 200
MAX_VALUES = 10_000
MAX_TEXT = 1_000
MAX_WHERE = 20
MAX_STEPS = 10
MAX_NUMBER = 10**18
"""Every number of a rule is nearer to zero: what counts with it may add some of them up."""
YEARS = range(1900, 2201)
"""Moments outside these years in UTC cannot be counted with in every time zone and window."""

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | tuple[Scalar, ...] | None
Numbers: TypeAlias = tuple[tuple[str, float | tuple[float, float]], ...]
"""Comparisons that a number has to pass, such as `(("gte", 2), ("lt", 5))`."""

NEGATIVES = {
    "ne": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "missing": "exists",
}
"""Each of these is exactly the opposite of the other, so a missing value matches it."""

NUMBER_OPS = ("eq", "ne", "gt", "gte", "lt", "lte", "between")
OPS = (
    *NUMBER_OPS,
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "exists",
    "missing",
    "before",
    "after",
    "within_last",
    "not_within_last",
    "anniversary_within",
)
AGGREGATES = ("sum", "avg", "min", "max")
MESSAGE_STATES = (
    "sent",
    "delivered",
    "not_delivered",
    "opened",
    "not_opened",
    "clicked",
    "not_clicked",
    "bounced",
    "complained",
    "unsubscribed",
    "failed",
)
CONSENT_STATES = ("granted", "withdrawn", "unknown")
LATER = ("journey",)
"""Conditions of the grammar on what there is not yet in Muster."""

SCORES = ("lead", "fit", "grade")
"""What a condition on a score can ask about: points for behaviour, points for fit, and the grade
that the latter give."""
GRADES = ("A", "B", "C", "D")
"""The best first."""

IDENTITY_TRAITS = frozenset({"email", "phone", "first_name", "last_name", "external_id", "name"})
"""What says who somebody is: kept in the record store alone, and asked there."""


@dataclass(frozen=True)
class AllOf:
    """Every one of these has to hold."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of these has to hold."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    """This must not hold."""

    rule: Rule


@dataclass(frozen=True)
class Trait:
    """A condition on what we know of a person."""

    name: str
    op: str
    value: Value = None


@dataclass(frozen=True)
class Where:
    """A condition on one property of an event."""

    property: str
    op: str
    value: Value = None


@dataclass(frozen=True)
class Total:
    """A condition on the sum, mean, smallest or largest value of a property over the events."""

    aggregate: str
    property: str
    numbers: Numbers


@dataclass(frozen=True)
class Moment:
    """A condition on when the first or the last of the events was."""

    which: str
    """`first` or `last`."""
    relation: str
    """`within`, `before` or `after`."""
    value: str


@dataclass(frozen=True)
class Event:
    """A condition on what a person did, and how often, when and for how much."""

    name: str
    where: tuple[Where, ...] = ()
    within: str | None = None
    start: str | None = None
    """Written `from`: this moment counts."""
    end: str | None = None
    """Written `to`: this moment does not count any more."""
    count: Numbers = (("gte", 1),)
    totals: tuple[Total, ...] = ()
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True)
class InOrder:
    """What a person did one after the other; written `sequence`.

    Two steps of the same event are two events at different moments; different events may share
    one, for a clock that counts in seconds often gives them the same.
    """

    steps: tuple[Event, ...]
    within: str | None = None
    """The most that may lie between the first and the last of them."""


@dataclass(frozen=True)
class Tag:
    """The person carries this tag."""

    name: str


@dataclass(frozen=True)
class Consent:
    """What the person allowed on a channel, for a purpose."""

    channel: str
    purpose: str
    state: str
    topic: str = ""
    """The id of a topic that alone is meant."""


@dataclass(frozen=True)
class Segment:
    """The person is in another segment."""

    id: str


@dataclass(frozen=True)
class Random:
    """A fixed share of people, drawn by lot; the same salt draws the same people."""

    percent: float
    salt: str


@dataclass(frozen=True)
class Message:
    """What became of one send, or of each of the last messages a person got."""

    state: str
    send: str | None = None
    last: int | None = None


@dataclass(frozen=True)
class Score:
    """What the scorecard gives the person; of grades, “at least B” means B or better."""

    name: str
    op: str
    value: Value

    @property
    def grades(self) -> frozenset[str]:
        """The grades that a condition on the grade means."""
        given = self.value if isinstance(self.value, tuple) else (self.value,)
        named = frozenset(str(one) for one in given)
        if self.op in ("eq", "in"):
            return named
        if self.op in ("ne", "not_in"):
            return frozenset(GRADES) - named
        place = GRADES.index(str(given[0]))
        better = {"gt": GRADES[:place], "gte": GRADES[: place + 1]}
        worse = {"lt": GRADES[place + 1 :], "lte": GRADES[place:]}
        return frozenset((better | worse)[self.op])


Leaf: TypeAlias = Trait | Event | InOrder | Tag | Consent | Segment | Random | Message | Score
Rule: TypeAlias = AllOf | AnyOf | Not | Leaf


def parse(data: object) -> Rule:
    """The rule that this JSON value says.

    Raises `Invalid` with every problem at once, each with a JSON pointer to its place.
    """
    reader = _Reader()
    rule = reader.rule(data, "", 1)
    if reader.conditions > MAX_CONDITIONS:
        reader.problem(
            "",
            "too_many_conditions",
            _("The rule has %(count)s conditions; at most %(limit)s are possible."),
            count=reader.conditions,
            limit=MAX_CONDITIONS,
        )
    if reader.problems or rule is None:
        raise Invalid(
            _("The rule cannot be used; each problem says where and how to mend it."),
            code="invalid_rule",
            errors=reader.problems,
        )
    return rule


def to_json(rule: Rule) -> dict[str, object]:
    """The JSON form of a rule; `parse` reads it back to an equal rule."""
    match rule:
        case AllOf(rules):
            return {"all": [to_json(part) for part in rules]}
        case AnyOf(rules):
            return {"any": [to_json(part) for part in rules]}
        case Not(part):
            return {"not": to_json(part)}
        case Trait(name, op, value):
            return {"trait": name, "op": op, **_value_json(value)}
        case Tag(name):
            return {"tag": name}
        case Consent(channel, purpose, state, topic):
            about = {"topic": topic} if topic else {}
            said = {"channel": channel, "purpose": purpose, "state": state}
            return {"consent": {**said, **about}}
        case Segment(id_):
            return {"segment": id_}
        case Random(percent, salt):
            return {"random": {"percent": percent, "salt": salt}}
        case Message(state, send, last):
            which = {"send": send} if send is not None else {"last": last}
            return {"message": {**which, "state": state}}
        case Score(name, op, value):
            return {"score": name, "op": op, **_value_json(value)}
        case Event():
            return _event_json(rule)
        case InOrder(steps, within):
            out: dict[str, object] = {"sequence": [_event_json(step) for step in steps]}
            return {**out, "within": within} if within is not None else out


def walk(rule: Rule) -> Iterator[Rule]:
    """The rule and everything in it, from the outside in."""
    yield rule
    match rule:
        case AllOf(rules) | AnyOf(rules):
            for part in rules:
                yield from walk(part)
        case Not(part):
            yield from walk(part)


def allows_zero(event: Event) -> bool:
    """Whether somebody who never did it can match."""
    if event.moments or any(total.aggregate != "sum" for total in event.totals):
        return False
    return passes(0, event.count) and all(passes(0, t.numbers) for t in event.totals)


def passes(number: float, numbers: Numbers) -> bool:
    """Whether the number passes every comparison."""
    return all(_COMPARE[op](number, bound) for op, bound in numbers)


_COMPARE: dict[str, Callable[[float, float | tuple[float, float]], bool]] = {
    "eq": lambda n, b: n == b,
    "ne": lambda n, b: n != b,
    "gt": lambda n, b: not isinstance(b, tuple) and n > b,
    "gte": lambda n, b: not isinstance(b, tuple) and n >= b,
    "lt": lambda n, b: not isinstance(b, tuple) and n < b,
    "lte": lambda n, b: not isinstance(b, tuple) and n <= b,
    "between": lambda n, b: isinstance(b, tuple) and b[0] <= n <= b[1],
}


def is_span(text: str) -> bool:
    """Whether the text is a duration such as `30d`."""
    span = Span.parse(text)
    return span is not None and _days(span) <= 366 * 200


def is_window(text: str) -> bool:
    """Whether the text is a duration such as `30d` or a calendar window such as `this_month`."""
    return text in CALENDAR_WINDOWS or is_span(text)


def is_moment(text: str) -> bool:
    """Whether the text is an ISO date or moment such as `2026-03-01` or `2026-03-01T08:00:00Z`.

    Only those in `YEARS` are.
    """
    moment = _read_moment(text)
    return moment is not None and _is_countable(moment)


def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_whole = len(text) == len(date.min.isoformat()) or text[10:11] in ("T", " ")
    return moment if is_whole else None


def _is_countable(moment: datetime) -> bool:
    try:
        return (moment.astimezone(UTC) if moment.tzinfo else moment).year in YEARS
    except OverflowError:
        return False


def _days(span: Span) -> float:
    return span.count * {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "mo": 31, "y": 366}[span.unit]


def _value_json(value: Value) -> dict[str, object]:
    if value is None:
        return {}
    return {"value": list(value) if isinstance(value, tuple) else value}


def _numbers_json(numbers: Numbers) -> dict[str, object]:
    return {op: list(b) if isinstance(b, tuple) else b for op, b in numbers}


def _event_json(event: Event) -> dict[str, object]:
    out: dict[str, object] = {"event": event.name}
    if event.where:
        out["where"] = [
            {"property": w.property, "op": w.op, **_value_json(w.value)} for w in event.where
        ]
    window = {"within": event.within, "from": event.start, "to": event.end}
    out.update({key: text for key, text in window.items() if text is not None})
    if event.count != Event.count:
        out["count"] = _numbers_json(event.count)
    for total in event.totals:
        out[total.aggregate] = {"property": total.property, **_numbers_json(total.numbers)}
    for moment in event.moments:
        out[moment.which] = {moment.relation: moment.value}
    return out


class _Reader:
    """Reads JSON values into rules and collects what is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.conditions = 0
        self._leaves: dict[str, Callable[[Mapping[str, object], str], Leaf | None]] = {
            "trait": self._trait,
            "sequence": self._in_order,
            "event": self._event,
            "tag": self._tag,
            "consent": self._consent,
            "segment": self._segment,
            "random": self._random,
            "message": self._message,
            "score": self._score,
        }

    def problem(self, at: str, code: str, text: str, **params: object) -> None:
        self.problems.append(Problem(at, code, text, params))

    def rule(self, data: object, at: str, depth: int) -> Rule | None:
        if not isinstance(data, Mapping):
            self.problem(
                at,
                "not_a_rule",
                _("A rule must be an object such as %(example)s, not %(found)s."),
                example='{"tag": "vip"}',
                found=_kind(data),
            )
            return None
        if depth > MAX_DEPTH:
            self.problem(
                at,
                "too_deep",
                _("Groups are nested more than %(limit)s deep; bring this condition further out."),
                limit=MAX_DEPTH,
            )
            return None
        for key in ("all", "any", "not"):
            if key in data:
                self._only(data, at, (key,))
                return self._group(key, data[key], f"{at}/{key}", depth)
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            return None
        for key in LATER:
            if key in data:
                self.problem(
                    f"{at}/{key}",
                    "not_available",
                    _("Conditions of the kind “%(kind)s” are not available yet; leave it out."),
                    kind=key,
                )
                return None
        for key, read in self._leaves.items():
            if key in data:
                return read(data, at)
        self.problem(
            at,
            "unknown_condition",
            _("This condition has none of the keys %(keys)s; add one of them."),
            keys=", ".join(["all", "any", "not", *self._leaves]),
        )
        return None

    def _group(self, key: str, data: object, at: str, depth: int) -> Rule | None:
        if key == "not":
            part = self.rule(data, at, depth + 1)
            return Not(part) if part is not None else None
        if not isinstance(data, Sequence) or isinstance(data, str):
            self.problem(
                at,
                "wrong_type",
                _("“%(key)s” must be a list of conditions, not %(found)s."),
                key=key,
                found=_kind(data),
            )
            return None
        if not data:
            self.problem(
                at,
                "empty_group",
                _("The group “%(key)s” is empty; add a condition to it or remove it."),
                key=key,
            )
            return None
        parts = [self.rule(part, f"{at}/{i}", depth + 1) for i, part in enumerate(data)]
        good = tuple(part for part in parts if part is not None)
        return AllOf(good) if key == "all" else AnyOf(good)

    def _trait(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("trait", "op", "value"))
        name = self._text(data, "trait", at)
        op, value = self._comparison(data, at)
        return Trait(name, op, value) if name and op else None

    def _score(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("score", "op", "value"))
        name = self._choice(data, "score", at, SCORES)
        if not name:
            return None
        is_grade = name == "grade"
        ops = tuple(op for op in NUMBER_OPS if op != "between" or not is_grade)
        op = self._choice(data, "op", at, (*ops, "in", "not_in") if is_grade else ops)
        if not op:
            return None
        value = self._value(op, data.get("value"), f"{at}/value")
        if value is None:
            return None
        given = value if isinstance(value, tuple) else (value,)
        if is_grade and not all(one in GRADES for one in given):
            self.problem(
                f"{at}/value",
                "unknown_value",
                _("“%(key)s” is %(found)s; it must be one of: %(choices)s."),
                key="value",
                found=_shown(value),
                choices=", ".join(GRADES),
            )
            return None
        if not is_grade and not all(_is_number(one) for one in given):
            self._wrong_number(f"{at}/value", op)
            return None
        return Score(name, op, value)

    def _tag(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("tag",))
        name = self._text(data, "tag", at)
        return Tag(name) if name else None

    def _segment(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("segment",))
        id_ = self._text(data, "segment", at)
        return Segment(id_) if id_ else None

    def _consent(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("consent",))
        inner = self._object(data, "consent", at)
        if inner is None:
            return None
        at = f"{at}/consent"
        self._only(inner, at, ("channel", "purpose", "state", "topic"))
        channel = self._text(inner, "channel", at)
        purpose = self._text({"purpose": "marketing", **inner}, "purpose", at)
        state = self._choice({"state": "granted", **inner}, "state", at, CONSENT_STATES)
        topic = self._text(inner, "topic", at) if inner.get("topic") else ""
        if topic is None or not (channel and purpose and state):
            return None
        return Consent(channel, purpose, state, topic)

    def _random(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("random",))
        inner = self._object(data, "random", at)
        if inner is None:
            return None
        at = f"{at}/random"
        self._only(inner, at, ("percent", "salt"))
        percent = inner.get("percent")
        if not _is_number(percent) or not 0 <= percent <= 100:
            self.problem(
                f"{at}/percent",
                "wrong_value",
                _("“percent” must be a number from 0 to 100."),
            )
            return None
        salt = inner.get("salt", "")
        if not isinstance(salt, str) or len(salt) > MAX_TEXT:
            self._wrong_text(f"{at}/salt", "salt", salt)
            return None
        return Random(percent, salt)

    def _message(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("message",))
        inner = self._object(data, "message", at)
        if inner is None:
            return None
        at = f"{at}/message"
        self._only(inner, at, ("send", "last", "state"))
        state = self._choice(inner, "state", at, MESSAGE_STATES)
        if ("send" in inner) == ("last" in inner):
            self.problem(
                at,
                "send_or_last",
                _("Say which messages: “send” with the id of a send, or “last” with a number."),
            )
            return None
        if "send" in inner:
            send = self._text(inner, "send", at)
            return Message(state, send=send) if state and send else None
        last = inner["last"]
        if not isinstance(last, int) or isinstance(last, bool) or not 1 <= last <= 100:
            self.problem(
                f"{at}/last",
                "wrong_value",
                _("“last” must be a whole number of messages from 1 to 100."),
            )
            return None
        return Message(state, last=last) if state else None

    def _event(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(
            data,
            at,
            ("event", "where", "within", "from", "to", "count", *AGGREGATES, "first", "last"),
        )
        before = len(self.problems)
        name = self._text(data, "event", at)
        where = self._where(data.get("where", []), f"{at}/where")
        within = self._within(data, at) if "within" in data else None
        start = self._when(data, "from", at) if "from" in data else None
        end = self._when(data, "to", at) if "to" in data else None
        if within and (start or end):
            self.problem(
                f"{at}/within",
                "two_windows",
                _("Use either “within” or “from” and “to”, not both."),
            )
        if start and end and len(start) == len(end) and start > end:
            self.problem(
                f"{at}/to",
                "wrong_order",
                _("“to” must not be before “from”."),
            )
        count: Numbers = Event.count
        if "count" in data:
            count = self._numbers(data["count"], f"{at}/count", "count")
            self._whole(count, f"{at}/count")
        totals = tuple(self._total(data, key, at) for key in AGGREGATES if key in data)
        moments = tuple(self._moment(data, key, at) for key in ("first", "last") if key in data)
        if len(self.problems) > before:
            return None
        return Event(name, where, within, start, end, count, totals, moments)

    def _in_order(self, data: Mapping[str, object], at: str) -> Leaf | None:
        self._only(data, at, ("sequence", "within"))
        before = len(self.problems)
        steps = data["sequence"]
        if not isinstance(steps, Sequence) or isinstance(steps, str):
            steps = ()
        if not 2 <= len(steps) <= MAX_STEPS:
            self.problem(
                f"{at}/sequence",
                "wrong_value",
                _("“sequence” must be a list of 2 to %(limit)s events, in their order."),
                limit=MAX_STEPS,
            )
            return None
        read = [self._step(step, f"{at}/sequence/{i}") for i, step in enumerate(steps)]
        within = data.get("within")
        if within is not None and not (isinstance(within, str) and is_span(within)):
            self.problem(
                f"{at}/within",
                "bad_duration",
                _("“within” needs a duration here, such as 15m, 12h, 30d, 8w, 6mo or 1y."),
            )
        if len(self.problems) > before:
            return None
        return InOrder(
            tuple(step for step in read if step is not None),
            within if isinstance(within, str) else None,
        )

    def _step(self, data: object, at: str) -> Event | None:
        if not isinstance(data, Mapping):
            self._wrong_object(at, "sequence", data)
            return None
        self.conditions += 1
        before = len(self.problems)
        self._only(data, at, ("event", "where", "within", "from", "to"))
        if len(self.problems) > before:
            return None
        step = self._event(data, at)
        return step if isinstance(step, Event) else None

    def _where(self, data: object, at: str) -> tuple[Where, ...]:
        if not isinstance(data, Sequence) or isinstance(data, str):
            self.problem(
                at,
                "wrong_type",
                _("“%(key)s” must be a list of conditions, not %(found)s."),
                key="where",
                found=_kind(data),
            )
            return ()
        if len(data) > MAX_WHERE:
            self.problem(
                at,
                "too_many_conditions",
                _("The rule has %(count)s conditions; at most %(limit)s are possible."),
                count=len(data),
                limit=MAX_WHERE,
            )
            return ()
        out = []
        for i, part in enumerate(data):
            here = f"{at}/{i}"
            if not isinstance(part, Mapping):
                self._wrong_object(here, "where", part)
                continue
            self._only(part, here, ("property", "op", "value"))
            name = self._text(part, "property", here)
            op, value = self._comparison(part, here)
            if name and op:
                out.append(Where(name, op, value))
        return tuple(out)

    def _total(self, data: Mapping[str, object], key: str, at: str) -> Total:
        inner = self._object(data, key, at)
        if inner is None:
            return Total(key, "", ())
        name = self._text(inner, "property", f"{at}/{key}")
        bounds = {op: bound for op, bound in inner.items() if op != "property"}
        return Total(key, name, self._numbers(bounds, f"{at}/{key}", key))

    def _moment(self, data: Mapping[str, object], key: str, at: str) -> Moment:
        inner = self._object(data, key, at)
        nothing = Moment(key, "within", "")
        if inner is None:
            return nothing
        at = f"{at}/{key}"
        if len(inner) != 1 or next(iter(inner)) not in ("within", "before", "after"):
            self.problem(
                at,
                "wrong_value",
                _("“%(key)s” needs exactly one of “within”, “before” and “after”."),
                key=key,
            )
            return nothing
        relation = next(iter(inner))
        if relation == "within":
            return Moment(key, relation, self._within(inner, at))
        return Moment(key, relation, self._when(inner, relation, at))

    def _numbers(self, data: object, at: str, key: str) -> Numbers:
        if not isinstance(data, Mapping):
            self._wrong_object(at, key, data)
            return ()
        self._only(data, at, NUMBER_OPS)
        out: list[tuple[str, float | tuple[float, float]]] = []
        for op in NUMBER_OPS:
            if op not in data:
                continue
            bound = data[op]
            if op == "between":
                pair = self._pair(bound, f"{at}/{op}")
                if pair and _is_number(pair[0]) and _is_number(pair[1]):
                    out.append((op, (pair[0], pair[1])))
                elif pair:
                    self._wrong_number(f"{at}/{op}", op, *pair)
            elif _is_number(bound):
                out.append((op, bound))
            else:
                self._wrong_number(f"{at}/{op}", op, bound)
        if not any(op in data for op in NUMBER_OPS):
            self.problem(
                at,
                "no_comparison",
                _("“%(key)s” needs a comparison, such as %(example)s."),
                key=key,
                example='{"gte": 2}',
            )
        return tuple(out)

    def _whole(self, numbers: Numbers, at: str) -> None:
        for op, bound in numbers:
            for number in bound if isinstance(bound, tuple) else (bound,):
                if number < 0 or number != int(number):
                    self.problem(
                        f"{at}/{op}",
                        "wrong_value",
                        _("“count” compares with whole numbers from 0, such as %(example)s."),
                        example='{"gte": 2}',
                    )

    def _comparison(self, data: Mapping[str, object], at: str) -> tuple[str, Value]:
        op = self._choice(data, "op", at, OPS)
        if not op:
            return "", None
        return op, self._value(op, data.get("value"), f"{at}/value")

    def _value(self, op: str, value: object, at: str) -> Value:
        if op in ("exists", "missing"):
            if value not in (None, True):
                self.problem(at, "wrong_value", _("“%(op)s” needs no value; remove it."), op=op)
            return None
        if op == "between":
            return self._pair(value, at)
        if op in ("in", "not_in"):
            return self._values(op, value, at)
        if op in ("contains", "not_contains", "starts_with", "ends_with"):
            if _is_text(value):
                return value
            self._wrong_text(at, op, value)
            return None
        if op in ("before", "after"):
            if isinstance(value, str) and is_moment(value):
                return value
            self._wrong_moment(at, op, value)
            return None
        if op in ("within_last", "not_within_last", "anniversary_within"):
            if isinstance(value, str) and is_window(value):
                return value
            self._wrong_window(at, op, value)
            return None
        if _is_scalar(value) and not (isinstance(value, bool) and op not in ("eq", "ne")):
            return value
        self._wrong_scalar(at, op, value)
        return None

    def _wrong_scalar(self, at: str, op: str, value: object) -> None:
        if _is_too_large(value):
            self._too_large(at, op)
            return
        self.problem(
            at,
            "wrong_type",
            _("“%(op)s” needs a text or a number as its value, not %(found)s."),
            op=op,
            found=_kind(value),
        )

    def _values(self, op: str, value: object, at: str) -> Value:
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            self.problem(
                at,
                "wrong_type",
                _("“%(op)s” needs a list with at least one value, not %(found)s."),
                op=op,
                found=_kind(value),
            )
            return None
        if len(value) > MAX_VALUES:
            self.problem(
                at,
                "too_many_values",
                _("The list has %(count)s values; at most %(limit)s are possible. Use a tag."),
                count=len(value),
                limit=MAX_VALUES,
            )
            return None
        out: list[Scalar] = []
        for i, part in enumerate(value):
            if _is_scalar(part):
                out.append(part)
            else:
                self._wrong_scalar(f"{at}/{i}", op, part)
        return tuple(out)

    def _pair(self, value: object, at: str) -> tuple[Scalar, Scalar] | None:
        if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
            low, high = value
            numbers = _is_number(low) and _is_number(high)
            texts = all(isinstance(one, str) and _is_scalar(one) for one in value)
            if (numbers or texts) and low <= high:
                return low, high
            if numbers or texts:
                self.problem(
                    at,
                    "wrong_order",
                    _("“between” needs the smaller value first: %(low)s is above %(high)s."),
                    low=low,
                    high=high,
                )
                return None
            if _is_too_large(low) or _is_too_large(high):
                self._too_large(at, "between")
                return None
        self.problem(
            at,
            "wrong_type",
            _("“between” needs two numbers or two texts, such as %(example)s."),
            example="[1, 5]",
        )
        return None

    def _within(self, data: Mapping[str, object], at: str) -> str:
        value = data["within"]
        if isinstance(value, str) and is_window(value):
            return value
        self._wrong_window(f"{at}/within", "within", value)
        return ""

    def _when(self, data: Mapping[str, object], key: str, at: str) -> str:
        value = data[key]
        if isinstance(value, str) and is_moment(value):
            return value
        self._wrong_moment(f"{at}/{key}", key, value)
        return ""

    def _text(self, data: Mapping[str, object], key: str, at: str) -> str:
        """The text under the key, or "" after noting that there is none."""
        value = data.get(key)
        if _is_text(value):
            return value
        self._wrong_text(f"{at}/{key}", key, value)
        return ""

    def _choice(self, data: Mapping[str, object], key: str, at: str, choices: Sequence[str]) -> str:
        value = data.get(key)
        if isinstance(value, str) and value in choices:
            return value
        self.problem(
            f"{at}/{key}",
            "unknown_value",
            _("“%(key)s” is %(found)s; it must be one of: %(choices)s."),
            key=key,
            found=f"“{value[:100]}”" if isinstance(value, str) else _kind(value),
            choices=", ".join(choices),
        )
        return ""

    def _object(self, data: Mapping[str, object], key: str, at: str) -> Mapping[str, object] | None:
        value = data[key]
        if isinstance(value, Mapping):
            return value
        self._wrong_object(f"{at}/{key}", key, value)
        return None

    def _only(self, data: Mapping[str, object], at: str, allowed: Sequence[str]) -> None:
        for key in data:
            if key not in allowed:
                self.problem(
                    f"{at}/{_escaped(key)}",
                    "unknown_key",
                    _("“%(key)s” is not known here; possible are: %(allowed)s."),
                    key=str(key)[:100],
                    allowed=", ".join(allowed),
                )

    def _wrong_object(self, at: str, key: str, value: object) -> None:
        self.problem(
            at,
            "wrong_type",
            _("“%(key)s” must be an object, not %(found)s."),
            key=key,
            found=_kind(value),
        )

    def _wrong_number(self, at: str, op: str, *found: object) -> None:
        if any(_is_too_large(one) for one in found):
            self._too_large(at, op)
            return
        self.problem(at, "wrong_type", _("“%(op)s” needs a number here."), op=op)

    def _too_large(self, at: str, op: str) -> None:
        self.problem(
            at,
            "too_large",
            _("“%(op)s” has a number that is too large; it may have 18 digits at most."),
            op=op,
        )

    def _wrong_text(self, at: str, key: str, value: object) -> None:
        if isinstance(value, str) and value:
            self.problem(
                at,
                "too_long",
                _("“%(key)s” has %(count)s characters; at most %(limit)s are possible."),
                key=key,
                count=len(value),
                limit=MAX_TEXT,
            )
            return
        self.problem(
            at,
            "wrong_type",
            _("“%(key)s” needs a text that is not empty, not %(found)s."),
            key=key,
            found=_kind(value),
        )

    def _wrong_moment(self, at: str, key: str, value: object) -> None:
        if isinstance(value, str) and _read_moment(value) is not None:
            self.problem(
                at,
                "moment_out_of_range",
                _("“%(key)s” needs a moment in the years %(first)s to %(last)s, not %(found)s."),
                key=key,
                first=YEARS[0],
                last=YEARS[-1],
                found=_shown(value),
            )
            return
        self.problem(
            at,
            "bad_moment",
            _("“%(key)s” needs a date such as 2026-03-01 or 2026-03-01T08:00:00Z, not %(found)s."),
            key=key,
            found=_shown(value),
        )

    def _wrong_window(self, at: str, key: str, value: object) -> None:
        self.problem(
            at,
            "bad_duration",
            _(
                "“%(key)s” needs a duration such as 15m, 12h, 30d, 8w, 6mo or 1y, or one of"
                " %(windows)s; not %(found)s."
            ),
            key=key,
            windows=", ".join(CALENDAR_WINDOWS),
            found=_shown(value),
        )


def _is_number(value: object) -> TypeGuard[float]:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -MAX_NUMBER < value < MAX_NUMBER
    )


def _is_too_large(value: object) -> bool:
    """Whether it would be a number, but for its size; what is not a number at all is not."""
    return isinstance(value, int | float) and abs(value) >= MAX_NUMBER


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and "\0" not in value


def _is_scalar(value: object) -> TypeGuard[Scalar]:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and "\0" not in value
    return isinstance(value, bool) or _is_number(value)


def _kind(value: object) -> str:
    """What kind of JSON value it is, for a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text" if value else "an empty text"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if value else "an empty list"


def _shown(value: object) -> str:
    return f"“{value[:100]}”" if isinstance(value, str) and value else _kind(value)


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")[:100]
