"""What is odd about a rule (PE4), told without counting anybody: only what is certain.

A condition asks about one thing: a trait, how often something was done, a consent. Of each thing
there are few values that the conditions of a rule can tell apart; two conditions contradict each
other, or one says what the other says already, when that is so for every one of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
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
    looking = _Looking(known, Masks(known, _leaves(rule)))
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


Worlds: TypeAlias = "set[tuple[bool, bool]]"
"""Of two conditions: how they can hold or not at the same time."""


@dataclass
class _Looking:
    known: Known
    masks: Masks
    hints: list[Hint] = field(default_factory=list)
    left: int = 10_000
    """How much may still be compared: rules are looked at while they are typed."""

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
        seen = [*given, *mine]
        alike = self._alike(seen)
        for one in mine:
            if one.at not in told:
                self._said_already(one, alike[self.masks.thing(one.leaf)])
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
        alike = self._alike(mine)
        for one in mine:
            if one.at not in told:
                self._adds_nobody(one, alike[self.masks.thing(one.leaf)])
        if Fate.ALWAYS in fates or any(map(self._is_certain, alike.values())):
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
            if event.start and _moment(event.start, self.known.zone) > self.known.now:
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
        before = self._alike(one for one in given if one.at not in told)
        found = Fate.OPEN
        for one in mine:
            if one.at in told:
                continue
            same = before.setdefault(self.masks.thing(one.leaf), [])
            other = next((two for two in same if self._excludes(one, two)), None)
            if other is None and not self._fits_all(one, same):
                other = same[0]
            if other is not None:
                self.hints.append(Hint(one.at, "contradiction", other.rule))
                found = Fate.NEVER
            same.append(one)
        return found

    def _alike(self, literals: Iterable[_Literal]) -> dict[int, list[_Literal]]:
        """Those that ask about the same thing, together."""
        found: dict[int, list[_Literal]] = {}
        for one in literals:
            found.setdefault(self.masks.thing(one.leaf), []).append(one)
        return found

    def _excludes(self, one: _Literal, two: _Literal) -> bool:
        worlds = self.worlds(one, two)
        return bool(worlds) and (True, True) not in (worlds or ())

    def _fits_all(self, one: _Literal, before: Sequence[_Literal]) -> bool:
        """Whether some value of the thing passes this and all that was said of it before."""
        passing = self.masks.of(one.leaf, positive=one.positive)
        if passing is None:
            return True
        for two in before:
            more = self.masks.of(two.leaf, positive=two.positive)
            passing &= more if more is not None else passing
            if not passing:
                return False
        return True

    def _said_already(self, one: _Literal, alike: Sequence[_Literal]) -> None:
        """Hint at a condition that another one makes needless."""
        is_before = True
        for two in alike:
            if two is one:
                is_before = False
                continue
            worlds = self.worlds(one, two)
            if not worlds or (True, True) not in worlds:
                continue
            is_implied = (False, True) not in worlds
            is_same = is_implied and (True, False) not in worlds
            if is_same and is_before:
                self.hints.append(Hint(one.at, "twice", two.rule))
                return
            if is_implied and not is_same:
                code = "implied" if one.positive else "excluded_already"
                self.hints.append(Hint(one.at, code, two.rule))
                return

    def _adds_nobody(self, one: _Literal, alike: Sequence[_Literal]) -> None:
        is_before = True
        for two in alike:
            if two is one:
                is_before = False
                continue
            worlds = self.worlds(one, two)
            if not worlds or (True, True) not in worlds or (True, False) in worlds:
                continue
            is_same = (False, True) not in worlds
            if is_same and is_before:
                self.hints.append(Hint(one.at, "twice", two.rule))
                return
            if not is_same:
                self.hints.append(Hint(one.at, "adds_nobody", two.rule))
                return

    def _is_certain(self, alike: Sequence[_Literal]) -> bool:
        """Whether one of two alternatives holds for everybody."""
        for i, one in enumerate(alike):
            for two in alike[:i]:
                worlds = self.worlds(one, two)
                if worlds and (False, False) not in worlds:
                    return True
        return False

    # How two conditions can hold together.

    def worlds(self, one: _Literal, two: _Literal) -> Worlds | None:
        """None where nothing is known of how they go together, or enough was compared."""
        if one is not two:
            self.left -= 1
            if self.left < 0:
                return None
        first = self.masks.of(one.leaf, positive=one.positive)
        second = self.masks.of(two.leaf, positive=two.positive)
        if first is not None and second is not None:
            everything = self.masks.everything(one.leaf)
            return {
                (is_one, is_two)
                for is_one, passing in ((True, first), (False, everything ^ first))
                for is_two, others in ((True, second), (False, everything ^ second))
                if passing & others
            }
        if isinstance(one.leaf, Event) and isinstance(two.leaf, Event):
            if one is not two:
                self.left -= _COST + (_weight(one.leaf) + _weight(two.leaf)) // _COST
            return (
                {(one.positive, two.positive), (not one.positive, not two.positive)}
                if _is_same_in_detail(one, two)
                else _of_events(one, two)
            )
        if one.leaf == two.leaf:
            return {(one.positive, two.positive), (not one.positive, not two.positive)}
        if isinstance(one.leaf, Trait) and isinstance(two.leaf, Trait):
            return _of_presence(one, two)
        return None


_COST = 15
"""How much more it takes to compare two conditions on events than two on values."""


def _weight(event: Event) -> int:
    """How many values its conditions list."""
    return sum(len(one.value) for one in event.where if isinstance(one.value, tuple))


class Masks:
    """Of each condition, which values of the thing pass that it asks about.

    The values are all those that the conditions of the rule on this thing can tell apart, each of
    them a bit of a number; so two conditions are compared in one step however many they list.
    """

    def __init__(self, known: Known, leaves: Iterable[Leaf]) -> None:
        self.known = known
        self._things: dict[int, int] = {}
        self._passing: dict[int, int] = {}
        self._everything: dict[int, int] = {}
        numbers: dict[object, int] = {}
        groups: dict[int, list[Leaf]] = {}
        for leaf in leaves:
            number = numbers.setdefault(_thing(leaf), len(numbers))
            self._things[id(leaf)] = number
            groups.setdefault(number, []).append(leaf)
        for number, group in groups.items():
            everything, passing = self._of_group(group)
            self._everything[number] = everything
            self._passing |= passing

    def thing(self, leaf: Leaf) -> int:
        """What the condition asks about, as a number."""
        return self._things[id(leaf)]

    def everything(self, leaf: Leaf) -> int:
        """All values of what the condition asks about."""
        return self._everything[self.thing(leaf)]

    def of(self, leaf: Leaf, *, positive: bool) -> int | None:
        """The values that pass, or that do not; None if they cannot be told."""
        passing = self._passing.get(id(leaf))
        return passing if passing is None or positive else self.everything(leaf) ^ passing

    def _of_group(self, leaves: Sequence[Leaf]) -> tuple[int, dict[int, int]]:
        match leaves[0]:
            case Trait():
                return self._of_trait([leaf for leaf in leaves if isinstance(leaf, Trait)])
            case Score(name="grade"):
                return _asked(GRADES, leaves, _is_grade)
            case Score():
                return _of_numbers([leaf for leaf in leaves if isinstance(leaf, Score)], [])
            case Consent():
                return _asked(("granted", "withdrawn", "unknown", "pending"), leaves, _is_state)
            case Random():
                shares = {leaf.percent for leaf in leaves if isinstance(leaf, Random)}
                drawn = [0, *sorted(one for one in shares if 0 < one < 100)]
                return _asked(drawn, leaves, _is_drawn)
            case Message():
                return _asked(("all", "none", "some", "no messages"), leaves, _became)
            case _:
                return 0, {}

    def _of_trait(self, leaves: Sequence[Trait]) -> tuple[int, dict[int, int]]:
        name = leaves[0].name
        kind = BUILT_IN.get(name) or (self.known.traits or {}).get(name)
        if name in IDENTITY_TRAITS:
            return 0, {}
        told, values = [], 0
        for leaf in leaves:
            values += _size(leaf)
            if values <= _MOST_VALUES:
                told.append(leaf)
        match kind:
            case "text":
                return _of_texts([leaf for leaf in told if _is_of_texts(leaf)])
            case "number":
                return _of_numbers(
                    [leaf for leaf in told if leaf.op not in _PATTERNS | _TIMES], [None]
                )
            case "boolean":
                plain = Plain(self.known.now, self.known.zone)
                return _asked(
                    (None, True, False),
                    told,
                    lambda leaf, has: (
                        isinstance(leaf, Trait) and plain.passes(has, leaf.op, leaf.value)
                    ),
                )
            case "time":
                return self._of_times(told)
            case _:
                return 0, {}

    def _of_times(self, leaves: Sequence[Trait]) -> tuple[int, dict[int, int]]:
        """Moments before and after fixed ones, and within lengths of time that are always as long.

        How days of the calendar and months go together is another thing on every day.
        """
        lengths = {
            str(leaf.value): length
            for leaf in leaves
            if leaf.op in _WINDOWS and (length := _seconds(str(leaf.value))) is not None
        }
        fixed = {
            str(leaf.value): _moment(str(leaf.value), self.known.zone).timestamp()
            for leaf in leaves
            if leaf.op in ("before", "after")
        }
        if len(fixed) * len(lengths) > _MOST_MOMENTS:
            lengths = {}
        # What holds in every case has to hold whenever it is asked, from now on.
        now = self.known.now.timestamp()
        asked = {now}
        if fixed and lengths:
            turns = {one + length for one in fixed.values() for length in (0, *lengths.values())}
            asked |= {one + step for one in turns for step in (-1, 0, 1) if one + step > now}
        everything, width, passing = 0, 0, dict[int, int]()
        for moment in sorted(asked):
            bounds = [*fixed.values(), *(moment - one for one in lengths.values()), moment]
            line = _Line(bounds, with_none=True)
            for leaf in leaves:
                said = str(leaf.value)
                if leaf.op == "exists":
                    mask = line.there
                elif leaf.op == "missing":
                    mask = line.everything ^ line.there
                elif leaf.op == "before":
                    mask = line.below(fixed[said])
                elif leaf.op == "after":
                    mask = line.above(fixed[said])
                elif leaf.op in _WINDOWS and said in lengths:
                    mask = line.there & ~line.below(moment - lengths[said]) & ~line.above(moment)
                    mask = mask if leaf.op == "within_last" else line.there ^ mask
                else:
                    continue
                passing[id(leaf)] = passing.get(id(leaf), 0) | mask << width
            everything |= line.everything << width
            width += line.width
        return everything, passing


_MOST_VALUES = 5_000
_MOST_MOMENTS = 12
_EXACT = 2**53
"""Larger numbers may be alike as floating-point numbers though they are not."""
_PATTERNS = frozenset({"contains", "not_contains", "starts_with", "ends_with"})
_WINDOWS = frozenset({"within_last", "not_within_last"})
_TIMES = frozenset({"before", "after", "anniversary_within"}) | _WINDOWS
_EQUALS = frozenset({"eq", "ne", "in", "not_in", "exists", "missing"})


class _Line:
    """Numbers at, between and beyond those that were said, the smallest first, as bits."""

    def __init__(self, said: Iterable[float], *, with_none: bool) -> None:
        self.numbers = sorted(set(said)) or [0.0]
        self.first = int(with_none)
        """The lowest bit of a number; the one before stands for "there is none"."""
        self.width = self.first + 2 * len(self.numbers) + 1
        self.everything = (1 << self.width) - 1
        self.there = self.everything >> self.first << self.first

    def _at(self, number: float) -> int:
        return self.first + 2 * bisect_left(self.numbers, number) + 1

    def at(self, number: float) -> int:
        """One of the numbers that were said."""
        return 1 << self._at(number)

    def below(self, number: float) -> int:
        """All that are smaller."""
        return self.there & ((1 << self._at(number)) - 1)

    def above(self, number: float) -> int:
        """All that are greater."""
        return self.everything >> (self._at(number) + 1) << (self._at(number) + 1)


def _asked(
    values: Iterable[object], leaves: Sequence[Leaf], holds: Callable[[Leaf, Any], bool]
) -> tuple[int, dict[int, int]]:
    """Ask each condition about each value."""
    every = list(values)
    passing = {
        id(leaf): sum(1 << i for i, value in enumerate(every) if holds(leaf, value))
        for leaf in leaves
    }
    return (1 << len(every)) - 1, passing


def _of_texts(leaves: Sequence[Trait]) -> tuple[int, dict[int, int]]:
    """The texts that were said, one that was not, and none at all."""
    bits: dict[str, int] = {}
    for leaf in leaves:
        for text in _said(leaf):
            bits.setdefault(str(text), 1 << (len(bits) + 2))
    everything = (1 << (len(bits) + 2)) - 1
    passing = {}
    for leaf in leaves:
        mask = everything - 1 if leaf.op in ("exists", "missing") else 0
        for text in _said(leaf):
            mask |= bits[str(text)]
        passing[id(leaf)] = everything ^ mask if leaf.op in ("ne", "not_in", "missing") else mask
    return everything, passing


def _of_numbers(
    leaves: Sequence[Trait | Score], none: Sequence[None]
) -> tuple[int, dict[int, int]]:
    told = [leaf for leaf in leaves if all(abs(one) < _EXACT for one in _numbers(leaf))]
    line = _Line((one for leaf in told for one in _numbers(leaf)), with_none=bool(none))
    passing = {}
    for leaf in told:
        numbers = _numbers(leaf)
        is_read = len(numbers) == len(_said(leaf))
        mask = 0
        match leaf.op:
            case "exists" | "missing":
                mask = line.there
            case "eq" | "ne" | "in" | "not_in":
                for number in numbers:
                    mask |= line.at(number)
            case "gt" | "lte" if is_read:
                mask = line.above(numbers[0])
                mask = mask if leaf.op == "gt" else line.there ^ mask
            case "lt" | "gte" if is_read:
                mask = line.below(numbers[0])
                mask = mask if leaf.op == "lt" else line.there ^ mask
            case "between" if is_read:
                mask = line.there & ~line.below(numbers[0]) & ~line.above(numbers[1])
        is_denied = leaf.op in ("ne", "not_in", "missing")
        passing[id(leaf)] = line.everything ^ mask if is_denied else mask
    return line.everything, passing


def _said(leaf: Trait | Score) -> tuple[object, ...]:
    value = leaf.value
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _numbers(leaf: Trait | Score) -> list[float]:
    return [number for one in _said(leaf) if (number := _number(one)) is not None]


def _is_of_texts(leaf: Trait) -> bool:
    return leaf.op in _EQUALS and all(isinstance(one, str) for one in _said(leaf))


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _seconds(window: str) -> float | None:
    """How long a window is that is always as long."""
    span = Span.parse(window)
    units = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
    return span.count * units[span.unit] if span is not None and span.unit in units else None


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


def _leaves(rule: Rule) -> Iterator[Leaf]:
    match rule:
        case Not(part):
            yield from _leaves(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _leaves(part)
        case _:
            yield rule


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


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None


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
    for channel in sorted(set(channels)):
        if not _asks_consent(rule, channel, positive=True):
            yield Hint("", "no_consent", channel=channel)


def _asks_consent(rule: Rule, channel: str, *, positive: bool) -> bool:
    """Whether whoever is in may have had to agree, whichever alternative brought them in."""
    match rule:
        case Not(part):
            return _asks_consent(part, channel, positive=not positive)
        case AllOf(parts) | AnyOf(parts):
            each = (_asks_consent(part, channel, positive=positive) for part in parts)
            return any(each) if isinstance(rule, AllOf) == positive else all(each)
        case InSegment():
            return True  # that one may ask for it
        case Consent():
            return positive and rule.state == "granted" and rule.channel == channel
        case _:
            return False


def _places(rule: Rule, at: str) -> Iterator[str]:
    yield at
    inner, place = rule, at
    while isinstance(inner, Not):
        inner, place = inner.rule, f"{place}/not"
    if isinstance(inner, AllOf | AnyOf):
        key = "all" if isinstance(inner, AllOf) else "any"
        for i, part in enumerate(inner.rules):
            yield from _places(part, f"{place}/{key}/{i}")
