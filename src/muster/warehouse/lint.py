"""What is odd about a rule (PE4), told without counting anybody: only what is certain.

A condition asks about one thing: a trait, how often something was done, a consent. Of each thing
there are few values that the conditions of a rule can tell apart; two conditions contradict each
other, or one says what the other says already, when that is so for every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from muster.kit.clock import CALENDAR_WINDOWS, Span
from muster.kit.words import _
from muster.warehouse.plain import Plain
from muster.warehouse.rules import (
    GRADES,
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
    Random,
    Rule,
    Score,
    Trait,
    allows_zero,
    is_moment,
    passes,
)
from muster.warehouse.rules import Segment as InSegment
from muster.warehouse.tables import BUILT_IN

TEXTS = {
    "always_empty": _("Nobody can be in this segment, whatever happens."),
    "never": _("This holds for nobody, whatever happens."),
    "always": _("This holds for everybody and changes nothing."),
    "covers_all": _("With this everybody is in the group: it leaves out nobody."),
    "contradiction": _("This and “%(other)s” cannot hold together."),
    "twice": _("This stands here twice: “%(other)s” says the same."),
    "implied": _("This changes nothing: “%(other)s” says it already."),
    "adds_nobody": _("This adds nobody: “%(other)s” has them all already."),
    "excludes_nobody": _("This leaves out nobody: it never holds."),
    "excluded_already": _("This leaves out nobody: “%(other)s” has left them out already."),
    "not_yet": _("This begins in the future: until then nobody did it."),
    "never_did": _("Without a time it asks whether they never did it at all, however long ago."),
    "unknown_event": _("No event of this name was ever recorded: look how it is written."),
    "unknown_trait": _("Nobody has this trait: look how it is written."),
    "no_consent": _(
        "The segment is used for %(channel)s but does not ask for consent to it. Whoever did not"
        " agree is counted here and gets nothing."
    ),
}
"""Code → what it means, in a sentence."""


@dataclass(frozen=True)
class Hint:
    """One oddity of a rule."""

    at: str
    """The JSON pointer of the condition, a "not" around it included; empty for the whole rule."""
    code: str
    """A key of TEXTS."""
    other: Rule | None = None
    """The other condition that it has to do with."""
    channel: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it says that the segment is always empty."""
        return self.code == "always_empty"


@dataclass(frozen=True)
class Known:
    """What is known besides the rule; None where it is not known, and nothing is said then."""

    now: datetime
    zone: ZoneInfo
    events: Collection[str] | None = None
    """The names of all events that were ever recorded."""
    traits: Mapping[str, str] | None = None
    """Trait that somebody has → text, number, boolean or time."""
    channels: Collection[str] = ()
    """On which the segment is used."""


def lint(rule: Rule, known: Known) -> list[Hint]:
    """The oddities of a rule, in the order of its conditions."""
    looking = _Looking(known)
    fate = looking.at(rule, "", True, ())
    hints = list(dict.fromkeys(looking.hints))
    if fate is Fate.NEVER:
        hints.append(Hint("", "always_empty"))
    hints += _without_consent(rule, known.channels)
    places = {at: i for i, at in enumerate(_places(rule, ""))}
    return sorted(hints, key=lambda hint: places.get(hint.at, -1))


def part(rule: Rule, at: str) -> Rule:
    """The condition or group at a place that a hint names."""
    found = rule
    for step in at.split("/")[1:]:
        if isinstance(found, Not):
            found = found.rule
        elif isinstance(found, AllOf | AnyOf) and step.isdigit():
            found = found.rules[int(step)]
    return found


class Fate(Enum):
    """What is certain of a condition."""

    NEVER = "never"
    ALWAYS = "always"
    OPEN = "open"


@dataclass(frozen=True)
class _Literal:
    """A condition, or its opposite."""

    at: str
    leaf: Leaf
    positive: bool

    @property
    def rule(self) -> Rule:
        return self.leaf if self.positive else Not(self.leaf)


_Value: TypeAlias = Callable[[_Literal], bool]
"""One value of a thing: whether a condition holds for it."""
Worlds: TypeAlias = "set[tuple[bool, bool]]"
"""Of two conditions: how they can hold or not at the same time."""


@dataclass
class _Looking:
    known: Known
    hints: list[Hint] = field(default_factory=list)

    def at(self, rule: Rule, at: str, positive: bool, given: Sequence[_Literal]) -> Fate:
        """Look at the condition; what is `given` holds besides."""
        inner, place = rule, at
        while isinstance(inner, Not):
            inner, place, positive = inner.rule, f"{place}/not", not positive
        match inner:
            case AllOf(parts):
                places = [f"{place}/all/{i}" for i in range(len(parts))]
                look = self._all if positive else self._any
                return look(parts, places, positive, given)
            case AnyOf(parts):
                places = [f"{place}/any/{i}" for i in range(len(parts))]
                look = self._any if positive else self._all
                return look(parts, places, positive, given)
            case _:
                return self._all([inner], [at], positive, given)

    def _all(
        self,
        parts: Sequence[Rule],
        places: Sequence[str],
        positive: bool,
        given: Sequence[_Literal],
    ) -> Fate:
        """All of these hold, and what is given."""
        mine, groups = _flat(parts, places, positive, AllOf)
        fates = [self._alone(one) for one in mine]
        if self._among(mine, given) is Fate.NEVER:
            fates.append(Fate.NEVER)
        told = {hint.at for hint in self.hints}
        seen: list[_Literal] = list(given)
        for one in mine:
            if one.at not in told:
                self._said_already(one, [*seen, *(two for two in mine if two is not one)], seen)
            seen.append(one)
        fates += [self.at(group, at, is_so, seen) for group, at, is_so in groups]
        if Fate.NEVER in fates:
            return Fate.NEVER
        return Fate.ALWAYS if set(fates) <= {Fate.ALWAYS} and not given else Fate.OPEN

    def _any(
        self,
        parts: Sequence[Rule],
        places: Sequence[str],
        positive: bool,
        given: Sequence[_Literal],
    ) -> Fate:
        """At least one of these holds, besides what is given."""
        mine, groups = _flat(parts, places, positive, AnyOf)
        fates = []
        for one in mine:
            fate = self._alone(one, of_any=True)
            if fate is Fate.OPEN and given:
                fate = self._among([one], given)
            fates.append(fate)
        fates += [self.at(group, at, is_so, given) for group, at, is_so in groups]
        told = {hint.at for hint in self.hints}
        for i, one in enumerate(mine):
            if one.at not in told:
                self._adds_nobody(one, mine, i)
        if Fate.ALWAYS in fates or self._is_certain(mine):
            if Fate.ALWAYS not in fates:
                self.hints.append(Hint(mine[-1].at, "covers_all"))
            return Fate.ALWAYS if not given else Fate.OPEN
        return Fate.NEVER if set(fates) == {Fate.NEVER} else Fate.OPEN

    def _alone(self, one: _Literal, *, of_any: bool = False) -> Fate:
        """What can be said of a condition by itself; `of_any` says that it is an alternative."""
        self._remarks(one)
        worlds = self.worlds(one, one)
        outcomes = {first for first, _second in worlds} if worlds else {True, False}
        if self._is_missing(one.leaf):
            return Fate.OPEN  # somebody may have it tomorrow
        if outcomes == {False}:
            self.hints.append(Hint(one.at, "never"))
        elif outcomes == {True}:
            code = "always" if one.positive else "excludes_nobody"
            self.hints.append(Hint(one.at, "covers_all" if of_any else code))
        if outcomes == {False}:
            return Fate.NEVER
        return Fate.ALWAYS if outcomes == {True} else Fate.OPEN

    def _remarks(self, one: _Literal) -> None:
        events = one.leaf.steps if isinstance(one.leaf, InOrder) else (one.leaf,)
        for event in events:
            if not isinstance(event, Event):
                continue
            if self.known.events is not None and event.name not in self.known.events:
                self.hints.append(Hint(one.at, "unknown_event"))
                return
            if event.start and self._moment(event.start) > self.known.now:
                self.hints.append(Hint(one.at, "not_yet"))
                return
        if isinstance(one.leaf, Event) and _asks_never(one):
            self.hints.append(Hint(one.at, "never_did"))
        if isinstance(one.leaf, Trait) and self._is_missing(one.leaf):
            self.hints.append(Hint(one.at, "unknown_trait"))

    def _is_missing(self, leaf: Leaf) -> bool:
        """Whether it asks about a trait that nobody has."""
        return (
            isinstance(leaf, Trait)
            and self.known.traits is not None
            and leaf.name not in self.known.traits
            and leaf.name not in IDENTITY_TRAITS
            and leaf.name not in BUILT_IN
        )

    def _among(self, mine: Sequence[_Literal], given: Sequence[_Literal]) -> Fate:
        """Whether some of these, and of what is given, contradict each other."""
        told = {hint.at for hint in self.hints if hint.code in ("never", "unknown_trait")}
        before = [one for one in given if one.at not in told]
        found = Fate.OPEN
        for one in mine:
            if one.at in told:
                continue
            other = next((two for two in before if self._excludes(one, two)), None)
            if other is None and not self._fits_all(one, before):
                other = next((two for two in before if self._is_of_same(one, two)), None)
            if other is not None:
                self.hints.append(Hint(one.at, "contradiction", other.rule))
                found = Fate.NEVER
            before.append(one)
        return found

    def _excludes(self, one: _Literal, two: _Literal) -> bool:
        worlds = self.worlds(one, two)
        return bool(worlds) and (True, True) not in (worlds or ())

    def _is_of_same(self, one: _Literal, two: _Literal) -> bool:
        return _thing(one.leaf) == _thing(two.leaf)

    def _fits_all(self, one: _Literal, before: Sequence[_Literal]) -> bool:
        """Whether some value of the thing passes this and all that was said of it before."""
        same = [two for two in before if self._is_of_same(one, two)]
        if len(same) < 2:
            return True
        values = self._values([one.leaf, *(two.leaf for two in same)])
        if values is None:
            return True
        return any(all(value(two) for two in (one, *same)) for value in values)

    def _said_already(
        self, one: _Literal, others: Sequence[_Literal], before: Sequence[_Literal]
    ) -> None:
        """Hint at a condition that another one makes needless."""
        for two in others:
            worlds = self.worlds(one, two)
            if not worlds or (True, True) not in worlds:
                continue
            is_implied = (False, True) not in worlds
            is_same = is_implied and (True, False) not in worlds
            if is_same and any(two is earlier for earlier in before):
                self.hints.append(Hint(one.at, "twice", two.rule))
                return
            if is_implied and not is_same:
                code = "implied" if one.positive else "excluded_already"
                self.hints.append(Hint(one.at, code, two.rule))
                return

    def _adds_nobody(self, one: _Literal, mine: Sequence[_Literal], i: int) -> None:
        for j, two in enumerate(mine):
            worlds = self.worlds(one, two) if i != j else None
            if not worlds or (True, True) not in worlds or (True, False) in worlds:
                continue
            is_same = (False, True) not in worlds
            if is_same and j < i:
                self.hints.append(Hint(one.at, "twice", two.rule))
                return
            if not is_same:
                self.hints.append(Hint(one.at, "adds_nobody", two.rule))
                return

    def _is_certain(self, mine: Sequence[_Literal]) -> bool:
        """Whether one of two alternatives holds for everybody."""
        for i, one in enumerate(mine):
            for two in mine[:i]:
                worlds = self.worlds(one, two)
                if worlds and (False, False) not in worlds:
                    return True
        return False

    # How two conditions can hold together.

    def worlds(self, one: _Literal, two: _Literal) -> Worlds | None:
        """None where nothing is known of how they go together."""
        both = {(one.positive, two.positive), (not one.positive, not two.positive)}
        if isinstance(one.leaf, Event) and isinstance(two.leaf, Event):
            return both if _is_same_in_detail(one, two) else _of_events(one, two)
        if one.leaf == two.leaf and self._values([one.leaf]) is None:
            return both
        if _thing(one.leaf) != _thing(two.leaf):
            return None
        values = self._values([one.leaf, two.leaf])
        if values is not None:
            return {(value(one), value(two)) for value in values}
        if isinstance(one.leaf, Trait) and isinstance(two.leaf, Trait):
            return _of_presence(one, two)
        return None

    def _values(self, leaves: Sequence[Leaf]) -> list[_Value] | None:
        """Every value of the thing that these conditions can tell apart; None if not countable."""
        first = leaves[0]
        match first:
            case Trait():
                return self._of_trait([leaf for leaf in leaves if isinstance(leaf, Trait)])
            case Score():
                return self._of_score([leaf for leaf in leaves if isinstance(leaf, Score)])
            case Consent():
                return _values(("granted", "withdrawn", "unknown", "pending"), _is_state)
            case Random():
                shares = {leaf.percent for leaf in leaves if isinstance(leaf, Random)}
                return _values([0, *sorted(one for one in shares if 0 < one < 100)], _is_drawn)
            case Message():
                return _values(("all", "none", "some", "no messages"), _became)
            case _:
                return None

    def _of_score(self, leaves: Sequence[Score]) -> list[_Value]:
        if leaves[0].name == "grade":
            return _values(GRADES, _is_grade)
        return self._passing(_points(leaf.value for leaf in leaves), self.known.now)

    def _passing(self, values: Iterable[object], now: datetime) -> list[_Value]:
        """Values that are compared as the rules compare them."""
        plain = Plain(now, self.known.zone)

        def passes_it(leaf: Leaf, value: object) -> bool:
            return isinstance(leaf, Trait | Score) and plain.passes(value, leaf.op, leaf.value)

        return _values(values, passes_it)

    def _of_trait(self, leaves: Sequence[Trait]) -> list[_Value] | None:
        name = leaves[0].name
        kind = BUILT_IN.get(name) or (self.known.traits or {}).get(name)
        if name in IDENTITY_TRAITS or sum(map(_size, leaves)) > _MOST_VALUES:
            return None
        found: list[_Value] = []
        for each in (kind,) if kind else ("text", "number", "boolean", "time"):
            values = self._values_of(each, leaves)
            if values is None:
                return None
            found += values
        return found

    def _values_of(self, kind: str, leaves: Sequence[Trait]) -> list[_Value] | None:
        ops = {leaf.op for leaf in leaves}
        moments = {self.known.now}
        values: list[object]
        if ops <= {"exists", "missing"}:
            values = ["x"]
        elif kind == "boolean":
            values = [True, False]
        elif kind == "number":
            if ops & (_PATTERNS | _TIMES):
                return None
            values = [*_points(leaf.value for leaf in leaves)]
        elif kind == "time":
            if not ops <= _TIMES | {"exists", "missing"} or "anniversary_within" in ops:
                return None
            moments, values = self._moments(leaves)
        else:
            texts = _texts(leaves)
            if texts is None:
                return None
            values = [*texts]

        return [reads for now in moments for reads in self._passing([None, *values], now)]

    def _moments(self, leaves: Sequence[Trait]) -> tuple[set[datetime], list[object]]:
        """Moments at which the rule may be asked, and of the trait those around every bound."""
        said = [str(leaf.value) for leaf in leaves if leaf.value is not None]
        fixed = [self._moment(text) for text in said if is_moment(text)]
        now = self.known.now
        asked = {now, now + timedelta(days=3_700)}
        asked |= {moment + timedelta(days=1) for moment in fixed if moment > now}
        bounds = list(fixed)
        for moment in asked:
            bounds.append(moment)
            plain = Plain(moment, self.known.zone)
            for text in said:
                if not is_moment(text):
                    start, end = plain.window(text)
                    bounds += [start, end or moment]
        second = timedelta(seconds=1)
        around = {bound + step * second for bound in bounds for step in (-1, 0, 1)}
        return asked, sorted(around)  # type: ignore[return-value]

    def _moment(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.known.zone)).astimezone(UTC)


_MOST_VALUES = 500
_PATTERNS = frozenset({"contains", "not_contains", "starts_with", "ends_with"})
_TIMES = frozenset({"before", "after", "within_last", "not_within_last", "anniversary_within"})
_EQUALS = frozenset({"eq", "ne", "in", "not_in", "exists", "missing"})


def _values(values: Iterable[object], holds: Callable[[Leaf, Any], bool]) -> list[_Value]:
    return [partial(_reads, holds, value) for value in values]


def _reads(holds: Callable[[Leaf, Any], bool], value: object, literal: _Literal) -> bool:
    return holds(literal.leaf, value) == literal.positive


def _is_state(leaf: Leaf, state: str) -> bool:
    return isinstance(leaf, Consent) and leaf.state == state


def _is_drawn(leaf: Leaf, number: float) -> bool:
    return isinstance(leaf, Random) and number < leaf.percent


def _is_grade(leaf: Leaf, grade: str) -> bool:
    return isinstance(leaf, Score) and grade in leaf.grades


def _became(leaf: Leaf, had: str) -> bool:
    """Whether the state holds where it was reached by all, none or some of the messages."""
    if not isinstance(leaf, Message):
        return False
    return had == ("none" if leaf.state.startswith("not_") else "all")


def _flat(
    parts: Sequence[Rule], places: Sequence[str], positive: bool, kind: type[AllOf | AnyOf]
) -> tuple[list[_Literal], list[tuple[Rule, str, bool]]]:
    """The conditions of a group and of groups of its kind in it; and the other groups."""
    literals: list[_Literal] = []
    groups: list[tuple[Rule, str, bool]] = []
    for part, at in zip(parts, places, strict=True):
        inner, place, is_so = part, at, positive
        while isinstance(inner, Not):
            inner, place, is_so = inner.rule, f"{place}/not", not is_so
        if not isinstance(inner, AllOf | AnyOf):
            literals.append(_Literal(at, inner, is_so))
            continue
        is_same = isinstance(inner, kind) == is_so
        if not is_same:
            groups.append((part, at, positive))
            continue
        key = "all" if isinstance(inner, AllOf) else "any"
        below = [f"{place}/{key}/{i}" for i in range(len(inner.rules))]
        more, others = _flat(inner.rules, below, is_so, kind)
        literals += more
        groups += others
    return literals, groups


def _thing(leaf: Leaf) -> object:
    """What a condition asks about: those on the same thing can be held against each other."""
    match leaf:
        case Trait(name):
            return "trait", name
        case Event():
            return "event", leaf.name
        case Consent(channel, purpose, _state, topic):
            return "consent", channel, purpose, topic
        case Random(_percent, salt):
            return "random", salt
        case Score(name):
            return "score", name
        case Message(state, send, last):
            return "message", state.removeprefix("not_"), send, last
        case _:
            return leaf


def _size(leaf: Trait) -> int:
    return len(leaf.value) if isinstance(leaf.value, tuple) else 1


def _points(said: Iterable[object]) -> list[float]:
    """Numbers at, between and beyond all that were said."""
    flat = [one for value in said for one in (value if isinstance(value, tuple) else (value,))]
    numbers = sorted({number for one in flat if (number := _number(one)) is not None})
    if not numbers:
        return [0.0]
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    return sorted({numbers[0] - 1, *numbers, *between, numbers[-1] + 1})


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None


def _texts(leaves: Sequence[Trait]) -> list[str] | None:
    """The texts that conditions for equality tell apart; None where it is not for equality."""
    if not all(leaf.op in _EQUALS for leaf in leaves):
        return None
    flat = [
        one
        for leaf in leaves
        for one in (leaf.value if isinstance(leaf.value, tuple) else (leaf.value,))
        if one is not None
    ]
    if not all(isinstance(one, str) for one in flat):
        return None
    texts = {str(one) for one in flat}
    return [*sorted(texts), "".join(texts) + "x"]


def _of_presence(one: _Literal, two: _Literal) -> Worlds | None:
    """Whatever a condition asks of a trait: it holds or not where there is one, else not at all."""

    def ways(literal: _Literal) -> tuple[bool, set[bool]]:
        op = literal.leaf.op if isinstance(literal.leaf, Trait) else ""
        there = {op == "exists"} if op in ("exists", "missing") else {True, False}
        return (
            (op in NEGATIVES) == literal.positive,
            {holds == literal.positive for holds in there},
        )

    (absent_one, there_one), (absent_two, there_two) = ways(one), ways(two)
    if len(there_one) > 1 and len(there_two) > 1:
        return None
    return {
        (absent_one, absent_two),
        *((first, second) for first in there_one for second in there_two),
    }


def _of_events(one: _Literal, two: _Literal) -> Worlds | None:
    """Of two conditions on how often something was done, in one window or one within another."""
    first, second = one.leaf, two.leaf
    if not isinstance(first, Event) or not isinstance(second, Event) or first.name != second.name:
        return None
    if first.totals or first.moments or second.totals or second.moments:
        return _of_detailed(one, two)
    narrower, wider = _is_within(first, second), _is_within(second, first)
    if not narrower and not wider:
        return None
    counts = _counts(first, second)
    return {
        (passes(n, first.count) == one.positive, passes(m, second.count) == two.positive)
        for n in counts
        for m in counts
        if (not narrower or n <= m) and (not wider or m <= n)
    }


def _is_same_in_detail(one: _Literal, two: _Literal) -> bool:
    event = one.leaf
    has_more = isinstance(event, Event) and bool(event.totals or event.moments)
    return has_more and event == two.leaf


def _of_detailed(one: _Literal, two: _Literal) -> Worlds | None:
    """Where amounts and moments are asked too it is only certain that something was done."""
    first, second = one.leaf, two.leaf
    if not isinstance(first, Event) or not isinstance(second, Event):
        return None
    if not (one.positive and two.positive):
        return None
    narrower, wider = _is_within(first, second), _is_within(second, first)
    counts = _counts(first, second)

    def may(event: Event, n: int) -> bool:
        return passes(n, event.count) and (n > 0 or allows_zero(event))

    together = any(
        may(first, n) and may(second, m)
        for n in counts
        for m in counts
        if (not narrower or n <= m) and (not wider or m <= n)
    )
    # Apart from that everything is possible.
    return None if together else {(True, False), (False, True), (False, False)}


def _counts(*events: Event) -> list[int]:
    """The numbers of times at which their conditions change."""
    bounds = {0, 1}
    for event in events:
        for _op, bound in event.count:
            bounds |= {int(one) for one in (bound if isinstance(bound, tuple) else (bound,))}
    return sorted({max(n + step, 0) for n in bounds for step in (-1, 0, 1)})


def _is_within(one: Event, two: Event) -> bool:
    """Whether every event that the one counts is counted by the other too."""
    return set(two.where) <= set(one.where) and _window_within(one, two)


_CALENDAR = {
    ("today", "this_week"), ("today", "this_month"), ("today", "this_year"),
    ("this_month", "this_year"),
}  # fmt: skip


def _window_within(one: Event, two: Event) -> bool:
    windows = [(event.within, event.start, event.end) for event in (one, two)]
    if windows[0] == windows[1] or windows[1] == (None, None, None):
        return True
    if one.within and two.within:
        if one.within in CALENDAR_WINDOWS or two.within in CALENDAR_WINDOWS:
            return (one.within, two.within) in _CALENDAR
        return _longest(one.within) <= _shortest(two.within)
    if one.within or two.within:
        return False
    return _reaches(two.start, one.start) and _reaches(one.end, two.end, from_=False)


def _reaches(early: str | None, late: str | None, *, from_: bool = True) -> bool:
    """Whether the one bound is not after the other; one that is not given is open."""
    if (early if from_ else late) is None:
        return True
    if early is None or late is None:
        return False
    # As texts of one form they stand in the order of time; of others nothing is said.
    return len(early) == len(late) and early[19:] == late[19:] and early <= late


def _longest(text: str) -> float:
    return _length(text, 31, 366)


def _shortest(text: str) -> float:
    return _length(text, 28, 365)


def _length(text: str, month: int, year: int) -> float:
    span = Span.parse(text)
    if span is None:
        raise ValueError(text)
    days = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "mo": month, "y": year}
    return span.count * days[span.unit]


def _asks_never(one: _Literal) -> bool:
    event = one.leaf
    if not isinstance(event, Event) or event.within or event.start or event.end:
        return False
    if event.totals or event.moments:
        return False
    return all((passes(n, event.count) == one.positive) == (n == 0) for n in _counts(event))


def _without_consent(rule: Rule, channels: Collection[str]) -> Iterator[Hint]:
    """A hint for each channel on which the segment is used and whose consent it does not ask."""
    asked: set[str] = set()
    for one in _flat([rule], [""], True, AllOf)[0]:
        if isinstance(one.leaf, InSegment) and one.positive:
            return  # that one may ask for it
        if isinstance(one.leaf, Consent) and one.positive and one.leaf.state == "granted":
            asked.add(one.leaf.channel)
    for channel in sorted(set(channels) - asked):
        yield Hint("", "no_consent", channel=channel)


def _places(rule: Rule, at: str) -> Iterator[str]:
    yield at
    inner, place = rule, at
    while isinstance(inner, Not):
        inner, place = inner.rule, f"{place}/not"
    if isinstance(inner, AllOf | AnyOf):
        key = "all" if isinstance(inner, AllOf) else "any"
        for i, part in enumerate(inner.rules):
            yield from _places(part, f"{place}/{key}/{i}")
