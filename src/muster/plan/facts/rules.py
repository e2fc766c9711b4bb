"""When a fact may be said, and where the same thing was typed by hand (S08).

A mail says `{{ fact.price.hero }}` in place of the price. What was typed by hand is found by its
number or date, whatever it is written with: 199, １９９, ¥199.00 and 一百九十九 are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from muster.plan.goals.reading.text import Kind, Number, fold, numbers
from muster.plan.goals.reading.windows import Window, windows

KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
"""`price.hero`: small letters, digits, underscores; parts divided by dots."""
TOKEN = re.compile(r"\{\{-?\s*fact\.([A-Za-z0-9_.]+)\s*-?\}\}")
"""The place where a fact stands in a text."""
ANY_TOKEN = re.compile(r"\{\{[^}]*\bfact\b[^}]*\}\}|\{%[^%]*\bfact\b[^%]*%\}")
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_END = re.compile(r"[。!?！？;；\n]|\.(?=\s|$)|</(?:p|li|h\d|td)>")
_FALLBACK = {"zh-hant": "zh-hans", "zh-hans": "zh-hant"}


class State(StrEnum):
    """Whether a fact can be said now."""

    SAID = "said"
    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    NO_WORDS = "no_words"
    """It has no value in the language of the mail."""


@dataclass(frozen=True)
class Known:
    """A fact as the rules see it."""

    key: str
    kind: str
    name: str
    values: Mapping[str, str]
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    was: Sequence[str] = ()

    def state(self, language: str, now: datetime) -> State:
        if self.valid_from is not None and now < self.valid_from:
            return State.NOT_YET
        if self.valid_to is not None and now >= self.valid_to:
            return State.EXPIRED
        return State.SAID if self.value(language) else State.NO_WORDS

    def value(self, language: str) -> str:
        """The value as it is read in this language; what holds for every language else."""
        return self.values.get(language) or self.values.get("") or ""


@dataclass(frozen=True)
class Typed:
    """A place where a number, date or sentence of a fact was typed by hand."""

    key: str
    at: str
    """The JSON pointer of the field."""
    text: str
    """What stands there."""
    start: int
    end: int
    is_right: bool
    """Whether it still says the same as the fact."""


def used(texts: Iterable[str]) -> set[str]:
    """The keys of the facts that these texts speak of."""
    return {found[1] for text in texts for found in TOKEN.finditer(text)}


def spelled(text: str, facts: Mapping[str, Known], language: str) -> str:
    """The text as a list shows it, with values in place of tokens; an unknown one shows its key."""

    def said(found: re.Match[str]) -> str:
        fact = facts.get(found[1])
        return fact.value(language) if fact else found[1]

    return TOKEN.sub(said, text)


def is_valid_key(key: str) -> bool:
    """Whether this can be the key of a fact."""
    return bool(KEY.fullmatch(key)) and len(key) <= 60


def typed_by_hand(fact: Known, texts: Mapping[str, str], language: str, today: date) -> list[Typed]:
    """Where the fact's number, date or words stand without its token.

    The value itself and values that it had are found anywhere; another number of the same sort is
    found in a sentence that names the fact.
    """
    return [one for at, text in texts.items() for one in _in_text(fact, at, text, language, today)]


def replaced(text: str, typed: Typed, token: str) -> str:
    """The text with the token in place of what was typed."""
    return text[: typed.start] + token + text[typed.end :]


def _in_text(fact: Known, at: str, text: str, language: str, today: date) -> Iterator[Typed]:
    bare = _bare(text)
    if fact.kind == "claim":
        yield from _words(fact, at, text, bare, language)
        return
    values = {one for one in fact.values.values() if one}
    if fact.kind == "date":
        yield from _dates(fact, at, text, bare, values, today)
        return
    right = {value for one in values for value in _amounts(one)}
    old = {value for one in fact.was for value in _amounts(one)} - right
    for number in numbers(_undated(fold(bare), today)):
        if number.value in right:
            yield _found(fact, at, text, number, fact.value(language), is_right=True)
        elif number.value in old or (
            _fits(fact.kind, number) and _names(fact, bare, number.start) and right
        ):
            yield _found(fact, at, text, number, fact.value(language), is_right=False)


def _bare(text: str) -> str:
    """The text as long as it was, without tokens and tags."""

    def blank(found: re.Match[str]) -> str:
        return "\0" * len(found[0])

    # The end of a paragraph ends a sentence, so its tag leaves a mark.
    text = re.sub(r"</(?:p|li|h\d|td)>|<br\s*/?>", lambda f: "\n" + "\0" * (len(f[0]) - 1), text)
    return _TAG.sub(blank, _LIQUID.sub(blank, text))


def _undated(folded: str, today: date) -> str:
    """The text without its dates and lengths of time, whose numbers are no prices."""
    for window in windows(folded, today):
        gap = "\0" * (window.end - window.start)
        folded = folded[: window.start] + gap + folded[window.end :]
    return folded


def _amounts(text: str) -> set[Decimal]:
    return {number.value for number in numbers(fold(text))}


def _fits(kind: str, number: Number) -> bool:
    if kind == "price":
        return number.kind in (Kind.MONEY, Kind.PLAIN) and number.counts not in ("名", "位", "人")
    if kind == "limit":
        return number.kind in (Kind.PLAIN, Kind.PEOPLE)
    return True


def _names(fact: Known, bare: str, place: int) -> bool:
    """Whether the sentence around this place speaks of the fact."""
    before = [hit.end() for hit in _END.finditer(bare, 0, place)]
    after = _END.search(bare, place)
    sentence = fold(bare[before[-1] if before else 0 : after.start() if after else len(bare)])
    return any(word in sentence.replace("\0", "") for word in _name_words(fact.name))


def _name_words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s,，、/·()（）]+", fold(name)) if len(word) > 1]


def _found(fact: Known, at: str, text: str, number: Number, value: str, *, is_right: bool) -> Typed:
    start, end = _digits(text, number.start, number.end)
    # What the value says beside its number, such as ¥ or 元, goes with it where it stands.
    inner = next(iter(numbers(fold(value))), None)
    if inner is not None:
        first, last = _digits(value, inner.start, inner.end)
        before, after = value[:first], value[last:]
        if before and text[:start].endswith(before):
            start -= len(before)
        if after and text[end:].startswith(after):
            end += len(after)
    return Typed(fact.key, at, text[start:end].strip(), start, end, is_right)


def _digits(text: str, start: int, end: int) -> tuple[int, int]:
    """The number alone: a currency sign and a measure word stay where they are."""
    hit = re.search(
        r"[\d０-９][\d０-９,，.．]*[\d０-９]|[\d０-９]|[零〇一二两兩三四五六七八九十百千万萬亿億半]+",
        text[start:end],
    )
    return (start + hit.start(), start + hit.end()) if hit else (start, end)


def _dates(
    fact: Known, at: str, text: str, bare: str, values: set[str], today: date
) -> Iterator[Typed]:
    right = {day for one in values for day in _days(one, today)}
    old = {day for one in fact.was for day in _days(one, today)} - right
    for window in windows(fold(bare), today):
        days = _ends(window)
        if not days:
            continue
        start, end = _date_place(text, window)
        if days & right:
            yield Typed(fact.key, at, text[start:end], start, end, is_right=True)
        elif days & old or _names(fact, bare, window.start):
            yield Typed(fact.key, at, text[start:end], start, end, is_right=False)


def _days(text: str, today: date) -> set[date]:
    return {day for window in windows(fold(text), today) for day in _ends(window)}


def _ends(window: Window) -> set[date]:
    return {window.last} if window.last is not None else set()


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+\d{{4}})?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?|\d.*[\d日号號]",
    re.IGNORECASE,
)


def _date_place(text: str, window: Window) -> tuple[int, int]:
    """The date without the word before it and after it."""
    said = text[window.start : window.end]
    hit = _DATE.search(said)
    return (
        (window.start + hit.start(), window.start + hit.end())
        if hit
        else (window.start, window.end)
    )


def _words(fact: Known, at: str, text: str, bare: str, language: str) -> Iterator[Typed]:
    plain = fold(bare)
    for values, is_right in (([fact.value(language)], True), (fact.was, False)):
        for value in filter(None, values):
            place = plain.find(fold(value))
            while place >= 0:
                end = place + len(value)
                yield Typed(fact.key, at, text[place:end], place, end, is_right)
                place = plain.find(fold(value), end)


def spoken(text: str) -> str:
    """The words of a piece of HTML, for a list; tokens and tags are left out."""
    return " ".join(re.sub(r"<[^>]*>?", " ", _LIQUID.sub(" ", text)).split())
