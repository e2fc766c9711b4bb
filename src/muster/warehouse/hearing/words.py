"""What the readers of both languages share: what there is to speak of, and how to take it apart.

A sentence is cut at its commas and conjunctions. Conditions have such marks inside them too, so
neighbouring pieces are put together again wherever only together they are one; what fits nowhere
is kept as it was said.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from muster.warehouse.phrases import Chinese
from muster.warehouse.rules import (
    AllOf,
    AnyOf,
    Event,
    Not,
    Numbers,
    Rule,
    Scalar,
    Trait,
    Value,
    Where,
    is_moment,
    is_window,
)
from muster.warehouse.sentence import needs_marks

T = TypeVar("T")
Bound = float | tuple[float, float]

MOST_LETTERS = 2_000
MOST_PIECES = 120
MOST_DEPTH = 4
"""Brackets in brackets that are looked into."""
_LONGEST = 16
"""A condition consists of so many pieces at most."""


@dataclass(frozen=True)
class Vocabulary:
    """What there is to speak of here."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    """Trait → text, number, boolean or time."""
    events: Sequence[str] = ()
    properties: Sequence[str] = ()
    segments: Mapping[str, str] = field(default_factory=dict)
    """Public id → name."""
    topics: Mapping[str, str] = field(default_factory=dict)
    sends: Mapping[str, str] = field(default_factory=dict)
    salt: str = ""
    """With what people are drawn by lot where a sentence asks for that."""


@dataclass(frozen=True)
class Piece:
    """A part of the sentence: a condition, or what was not understood."""

    text: str
    rule: Rule | None = None
    is_mixed: bool = False
    """Whether it is not understood because "and" and "or" stand side by side without brackets."""
    is_shared: bool = False
    """Whether it is not understood because a time or a "not" beside it may be meant for it too."""


@dataclass(frozen=True)
class Heard:
    """What a sentence says."""

    pieces: tuple[Piece, ...]
    is_any: bool = False
    """Whether one of the conditions is enough."""

    @property
    def unknown(self) -> int:
        """How many letters were not understood."""
        lost = [piece.text for piece in self.pieces if piece.rule is None]
        return len("".join("".join(lost).split()))

    @property
    def rule(self) -> Rule | None:
        """The conditions that were understood, together; None if there is none."""
        rules = tuple(piece.rule for piece in self.pieces if piece.rule is not None)
        if len(rules) < 2:
            return rules[0] if rules else None
        return AnyOf(rules) if self.is_any else AllOf(rules)


class Ear(ABC):
    """Reads sentences of one language."""

    splits: re.Pattern[str]
    """What stands between conditions."""
    all_between: re.Pattern[str]
    any_between: re.Pattern[str]

    def __init__(self, known: Vocabulary) -> None:
        self.known = known
        self.quoted: list[str] = []
        self.written: list[str] = []
        self.depth = 0
        self._cuts: dict[tuple[str, bool, int], Heard] = {}
        self._conditions: dict[tuple[str, int], Rule | None] = {}
        self._elements: dict[tuple[str, bool], bool] = {}

    @abstractmethod
    def bare(self, text: str) -> str:
        """The sentence without what stands around its conditions, and only spaces that count."""

    @abstractmethod
    def leaf(self, text: str) -> Rule | None:
        """The condition that the whole text says; None where it says none."""

    @abstractmethod
    def where(self, text: str) -> Trait | None:
        """A condition on a property, written down as one on a trait."""

    @abstractmethod
    def is_begun(self, text: str) -> bool:
        """Whether a text begins with what people did, so that it is more than a value."""

    @abstractmethod
    def shares(self, pieces: Sequence[Piece]) -> list[bool]:
        """Of each piece, whether a time or a "not" that another one says may hold for it too."""

    @property
    @abstractmethod
    def inside_events(self) -> Ear:
        """Reads what stands in brackets after an event."""

    def wheres(self, text: str) -> tuple[Where, ...] | None:
        """The conditions on properties that stand in brackets; None if they are anything else."""
        return wheres_of(self.inside_events.cut(text, is_any=False))

    def hear(self, text: str) -> Heard:
        """Take the sentence apart. Everything that was said is in one of the pieces."""
        return self.group(self.bare(self.hide(text)))

    def hide(self, text: str) -> str:
        """Put single letters in the place of what stands in quotation marks."""

        def keep(found: re.Match[str]) -> str:
            self.quoted.append(next(one for one in found.groups() if one is not None))
            self.written.append(found[0])
            return chr(_FIRST + len(self.quoted) - 1)

        return _QUOTED.sub(keep, text)

    def shown(self, text: str) -> str:
        """A piece as it was written."""
        return re.sub(f"[{MARK}]", lambda found: self.written[ord(found[0]) - _FIRST], text).strip()

    def said(self, mark: str) -> str | None:
        """What stands in quotation marks; None if it is anything else."""
        place = ord(mark) - _FIRST if len(mark) == 1 else -1
        return self.quoted[place] if 0 <= place < len(self.quoted) else None

    # Taking apart.

    def group(self, text: str) -> Heard:
        """The conditions of a text, all of which or one of which has to hold."""
        both = [self.cut(text, is_any=False), self.cut(text, is_any=True)]
        first, second = both
        if first.unknown == 0 or (first.unknown <= second.unknown and len(first.pieces) > 1):
            best, other = first, True
        elif second.unknown < first.unknown:
            best, other = second, False
        else:
            best, other = first, True
        pieces = [
            Piece(piece.text, None, is_mixed=True)
            if piece.rule is None and self._is_mixed(piece.text, other)
            else piece
            for piece in best.pieces
        ]
        return self.finished(pieces, is_any=best.is_any and len(pieces) > 1)

    def finished(self, pieces: Sequence[Piece], *, is_any: bool) -> Heard:
        """The pieces as they were written, without those of which it is open what they share."""
        shared = self.shares(pieces) if len(pieces) > 1 else [False] * len(pieces)
        return Heard(
            tuple(
                Piece(
                    self.shown(one.text), None if is_shared else one.rule, one.is_mixed, is_shared
                )
                for one, is_shared in zip(pieces, shared, strict=True)
            ),
            is_any,
        )

    def _is_mixed(self, text: str, is_any: bool) -> bool:
        found = self.cut(text, is_any=is_any)
        return found.unknown == 0 and len(found.pieces) > 1

    def cut(self, text: str, *, is_any: bool) -> Heard:
        """The text as conditions joined by "or", or else by "and", with the least that is lost."""
        key = text, is_any, self.depth
        if key not in self._cuts:
            self._cuts[key] = self._cut(text, is_any=is_any)
        return self._cuts[key]

    def _cut(self, text: str, *, is_any: bool) -> Heard:
        atoms, between = self._atoms(text)
        if len(atoms) > MOST_PIECES:
            return Heard((Piece(text),), is_any)
        mark = self.any_between if is_any else self.all_between
        ends = [True, *(mark.fullmatch(one) is not None for one in between), True]
        # For each place: (letters lost, conditions found, where the last piece begins, its rule)
        best: list[tuple[int, int, int, Rule | None]] = [(0, 0, 0, None)]
        for end in range(1, len(atoms) + 1):
            options: list[tuple[int, int, int, Rule | None]] = []
            for start in range(max(end - _LONGEST, 0), end) if ends[end] else ():
                if not ends[start] or best[start][0] >= _NEVER:
                    continue
                run = _joined(atoms, between, start, end)
                rule = self.condition(run)
                lost, found = best[start][0], best[start][1]
                if rule is not None:
                    options.append((lost, found - 1, start, rule))
                options.append((lost + len("".join(run.split())), found, start, None))
            best.append(min(options, key=lambda one: one[:2], default=(_NEVER, 0, 0, None)))
        if best[-1][0] >= _NEVER:
            return Heard((Piece(text),), is_any)
        pieces: list[Piece] = []
        end = len(atoms)
        while end > 0:
            _lost, _found, start, rule = best[end]
            pieces.insert(0, Piece(_joined(atoms, between, start, end), rule))
            end = start
        return Heard(tuple(piece for piece in pieces if piece.text.strip()), is_any)

    def condition(self, text: str) -> Rule | None:
        """One condition, or a group of them in brackets."""
        text = text.strip()
        key = text, self.depth
        if text and key not in self._conditions:
            inner = in_brackets(text)
            self._conditions[key] = self.leaf(text) if inner is None else self._inside(inner)
        return self._conditions.get(key)

    def _inside(self, text: str) -> Rule | None:
        if self.depth == MOST_DEPTH:
            return None
        self.depth += 1
        heard = self.group(text)
        self.depth -= 1
        return heard.rule if heard.unknown == 0 else None

    def _atoms(self, text: str) -> tuple[list[str], list[str]]:
        atoms, between, depth, begins = [], [], 0, 0
        at = 0
        while at < len(text):
            if text[at] in "(（":
                depth += 1
            elif text[at] in ")）":
                depth = max(depth - 1, 0)
            found = self.splits.match(text, at) if depth == 0 else None
            if found and found.end() > at:
                atoms.append(text[begins:at])
                between.append(found[0])
                at = begins = found.end()
                continue
            at += 1
        atoms.append(text[begins:])
        return atoms, between

    # What both languages read alike.

    def listed(self, text: str, between: re.Pattern[str]) -> list[str]:
        """The parts of a list, brackets around it or not."""
        text = text.strip()
        if text[:1] in "[【" and text[-1:] in "]】":
            text = text[1:-1]
        return [one.strip() for one in between.split(text)]

    def text_of(self, text: str) -> str | None:
        """A value: in quotation marks anything, else nothing that could be part of a sentence."""
        text = text.strip()
        quoted = self.said(text)
        if quoted is not None:
            return quoted
        return None if re.search(f"[{MARK}]", text) or needs_marks(text) else text

    def value_of(self, text: str, kind: str) -> Scalar | None:
        """A value of this kind; of `any` a number where it is one."""
        said = self.text_of(text)
        if kind == "text" or (said is not None and self.said(text.strip()) is not None):
            return said if kind in ("text", "any") else None
        number = self.number(text)
        if number is not None:
            return number
        return said if kind == "any" else None

    def values_of(self, text: str, kind: str, between: re.Pattern[str]) -> Value:
        """One value, or several as a tuple; None where one of them is none."""
        parts = self.listed(text, between)
        # After "or" the next condition may begin.
        if any(self._is_condition(one, of_property=kind == "any") for one in parts[1:]):
            return None
        found = [self.value_of(one, kind) for one in parts]
        kept = tuple(one for one in found if one is not None)
        if not kept or len(kept) < len(found):
            return None
        return kept[0] if len(kept) == 1 else kept

    def _is_condition(self, text: str, *, of_property: bool) -> bool:
        key = text, of_property
        if key not in self._elements:
            self._elements[key] = self.said(text) is None and (
                self.is_begun(text)
                or self.leaf(text) is not None
                or (of_property and self.where(text) is not None)
            )
        return self._elements[key]

    @abstractmethod
    def number(self, text: str) -> float | None:
        """A number as it is written or said."""

    def id_of(self, text: str, names: Mapping[str, str]) -> str | None:
        """The id of what is called so; None where nothing is, or several things are."""
        said = self.said(text.strip()) or text.strip()
        if said in names:
            return said
        found = [id_ for id_, name in names.items() if name == said]
        return found[0] if len(found) == 1 else None


_FIRST = 0xE000
MARK = "\ue000-\uf8ff"
"""Letters that stand for what was in quotation marks."""
_NEVER = 10**9
_QUOTED = re.compile(r"“([^”]*)”|「([^」]*)」|『([^』]*)』|‘([^’]*)’|\"([^\"]*)\"")


def _joined(atoms: Sequence[str], between: Sequence[str], start: int, end: int) -> str:
    out = atoms[start]
    for i in range(start + 1, end):
        out += between[i - 1] + atoms[i]
    return out


def in_brackets(text: str) -> str | None:
    """What stands in a pair of brackets around the whole text."""
    if not text or text[0] not in "(（" or text[-1] not in ")）":
        return None
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "(（") - (letter in ")）")
        if depth == 0 and at < len(text) - 1:
            return None
    return text[1:-1]


def longest_first(texts: Iterable[str]) -> str:
    """A pattern for any of these."""
    return "|".join(map(re.escape, sorted({one for one in texts if one}, key=len, reverse=True)))


def labels(
    names: Iterable[str], written: Sequence[Mapping[str, str]], plain: Callable[[str], str] = str
) -> dict[str, str]:
    """What things are called → their name; what several are called means none of them."""
    found: dict[str, set[str]] = {}
    for name in names:
        for label in {name, plain(name), *(table[name] for table in written if name in table)}:
            found.setdefault(label, set()).add(name)
    return {label: next(iter(of)) for label, of in found.items() if len(of) == 1}


def moment_of(
    year: str, month: str, day: str, time: str | None = None, zone: str | None = None
) -> str | None:
    """A moment of a rule; None if there is no such day."""
    text = f"{int(year):04}-{int(month):02}-{int(day):02}"
    if time:
        text += f"T{time}:00"
        offset = (zone or "").strip()
        text += "Z" if offset == "UTC" else f"{offset[:3]}:{offset[3:]}" if offset else ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text if is_moment(text) else None


def span_of(count: float | None, unit: str) -> str | None:
    """A duration of a rule; half a year are six months, and twelve of these are a year."""
    if count is None:
        return None
    if unit == "y" and count == 0.5:
        count, unit = 6, "mo"
    if unit == "mo" and count == 12:
        count, unit = 1, "y"
    text = f"{int(count)}{unit}"
    return text if count == int(count) and count > 0 and is_window(text) else None


class InsideEvents(Ear):
    """What the ears of a language have in common that take apart the brackets after an event."""

    def __init__(self, ear: Ear) -> None:
        super().__init__(ear.known)
        self.ear = ear
        self.quoted, self.written = ear.quoted, ear.written

    def leaf(self, text: str) -> Rule | None:
        return self.ear.where(text)


def closing(text: str, opens: str, closes: str) -> int:
    """Where the bracket with which the text begins ends; 0 if it does not."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in opens) - (letter in closes)
        if depth == 0:
            return at
    return 0


def wheres_of(heard: Heard) -> tuple[Where, ...] | None:
    """The conditions on properties; None where something else was said, such as "or"."""
    found: list[Where] = []
    for piece in heard.pieces:
        parts = piece.rule.rules if isinstance(piece.rule, AllOf) else (piece.rule,)
        for part in parts:
            if not isinstance(part, Trait):
                return None
            found.append(Where(part.name, part.op, part.value))
    return tuple(found)


def is_timed(rule: Rule | None) -> bool:
    """Whether it is about an event in a time, or about its not being done in one."""
    event = rule.rule if isinstance(rule, Not) else rule
    return isinstance(event, Event) and bool(event.within or event.start or event.end)


def is_never(event: Event) -> bool:
    """Whether it says that something was not done."""
    return event.count == (("eq", 0),)


def never(event: Event) -> Event:
    """That it was not done."""
    return Event(event.name, event.where, event.within, event.start, event.end, (("eq", 0),))


def about_channel(name: str, channel: str) -> tuple[str, tuple[Where, ...]]:
    """An event of messages on a channel."""
    return name, (Where("channel", "eq", channel),) if channel else ()


def verbs_of_messages(words: Chinese) -> dict[str, tuple[str, str]]:
    """What was done → event and channel."""
    found: dict[str, tuple[str, str]] = {}
    for name, verb in words.events.items():
        for channel, message in words.messages.items() if "%s" in verb else [("", "")]:
            found[verb % message if "%s" in verb else verb] = (name, channel)
    return found


def pair(op: str, bounds: Sequence[float]) -> tuple[str, Bound] | None:
    """A comparison with one number, or between two in their order."""
    if op != "between":
        return op, bounds[0]
    return (op, (bounds[0], bounds[1])) if bounds[0] <= bounds[1] else None


def whole(numbers: Numbers) -> Numbers | None:
    """Numbers of times; None where one is none."""
    flat = [one for _op, b in numbers for one in (b if isinstance(b, tuple) else (b,))]
    return numbers if all(one >= 0 and one == int(one) for one in flat) else None
