"""Text and numbers of a sentence: full-width and traditional forms folded, numerals of any kind."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

_PLAINER = {
    "～": "~", "—": "-", "–": "-", "−": "-", "→": "-", "≧": "≥", "≦": "≤", "‘": "'", "’": "'",
    "“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"', "《": '"', "》": '"',
}  # fmt: skip


def fold(sentence: str) -> str:
    """The same sentence, as long as it was, in half-width, simplified and small letters."""
    return "".join(_fold(letter) for letter in sentence)


@lru_cache(maxsize=8192)
def _fold(letter: str) -> str:
    if letter in _PLAINER:
        return _PLAINER[letter]
    plain = unicodedata.normalize("NFKC", letter).lower()
    if len(plain) != 1:
        return letter
    return plain if plain.isascii() else _simpler().convert(_PLAINER.get(plain, plain))


@lru_cache(maxsize=1)
def _simpler() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


class Kind(StrEnum):
    """What a number counts."""

    PLAIN = "plain"
    PEOPLE = "people"
    MONEY = "money"
    PERCENT = "percent"
    """0.2 for 20 %"""
    POINTS = "points"
    """Percentage points: 0.02 for two."""
    CHANGE = "change"
    """A multiple said in words: 1 for doubled, −0.5 for halved."""


@dataclass(frozen=True)
class Number:
    """A number in a sentence."""

    value: Decimal
    kind: Kind
    start: int
    end: int
    sign: int = 0
    """+1 or −1 where a sign stands before it."""
    counts: str = ""
    """The measure word after it, such as 单."""


_DIGITS = {letter: place for place, letter in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
CHINESE = "[零〇一二两三四五六七八九十百千万亿半]"
_ENGLISH = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6}
_WORD = "|".join(sorted([*_ENGLISH, *_SCALES], key=len, reverse=True))
ENGLISH = rf"(?:a\s+)?(?:{_WORD})(?:[\s-]+(?:and\s+)?(?:{_WORD}))*"
ARABIC = r"\d[\d,]*(?:\.\d+)?"


def chinese(text: str) -> Decimal | None:
    """五百 → 500, 两万五 → 25000, 半 → 0.5; None if it is no number."""
    if text == "半":
        return Decimal("0.5")
    if not text or "半" in text:
        return None
    if not set(text) & (set(_PLACES) | set(_MYRIADS)):
        return Decimal("".join(str(_DIGITS[letter]) for letter in text))
    total = section = digit = 0
    last = 1
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
            if letter in "零〇":
                last = 1
        elif letter in _PLACES:
            last = _PLACES[letter]
            section += (digit or 1) * last
            digit = 0
        else:
            last = _MYRIADS[letter]
            total = (total + section + digit or 1) * last
            section = digit = 0
    # 两万五 is 25,000: a digit left alone counts a tenth of the place before it.
    left = digit * (last // 10) if last > 10 else digit
    return Decimal(total + section + left)


def english(text: str) -> Decimal | None:
    """Five hundred → 500; None if it is no number."""
    words = [word for word in re.split(r"[\s-]+", text) if word not in ("and", "a")]
    total = part = 0
    for word in words:
        if word in _ENGLISH:
            part += _ENGLISH[word]
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total += (part or 1) * _SCALES[word]
            part = 0
        else:
            return None
    return Decimal(total + part)


def value_of(text: str) -> Decimal | None:
    """A number without its unit: 1,200 · 1.2万 · 五百 · five hundred · a."""
    text = text.strip()
    if text in ("a", "an"):
        return Decimal(1)
    scaled = re.fullmatch(rf"({ARABIC})\s*(亿|万|千|百|k|m|bn|thousand|million)?", text)
    if scaled:
        scale = {
            "亿": 10**8, "万": 10**4, "千": 1000, "百": 100, "k": 1000, "m": 10**6, "bn": 10**9,
            "thousand": 1000, "million": 10**6,
        }.get(scaled[2] or "", 1)  # fmt: skip
        return Decimal(scaled[1].replace(",", "")) * scale
    if re.fullmatch(f"{CHINESE}+", text):
        return chinese(text)
    return english(text)


_MONEY_BEFORE = r"(?:人民币|新台币|台币|港币|rmb|cny|twd|hkd|usd|eur|nt\$|hk\$|us\$|cn¥|[¥$€£])"
_MONEY_AFTER = (
    r"(?:元|块钱|块|人民币|新台币|台币|港币|港元|"
    r"rmb\b|cny\b|twd\b|hkd\b|usd\b|eur\b|yuan\b|dollars?\b)"
)
_PEOPLE_AFTER = r"(?:人次|个人|名|位|人|people\b|persons\b)"
_COUNT_AFTER = r"(?:单|笔|次|条|份|封|个|件|家)"
_ARTICLES = ("", "个", "次", "件", "家", "条", "份")
"""After "one" they make an article: 打造一个爆款 counts nothing."""
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w-])[+-]\s?)?(?P<money>{_MONEY_BEFORE}\s*)?"
    rf"(?:(?P<share>百分之)(?P<of>{CHINESE}+|{ARABIC})"
    rf"|(?P<arabic>{ARABIC})\s*(?P<scale>亿|万|千|百|k\b|m\b|bn\b|thousand\b|million\b)?"
    rf"|(?P<words>{CHINESE}+|\b{ENGLISH}\b))"
    rf"\s*(?P<unit>%|per\s?cent\b|pct\b|个百分点|百分点|percentage\s+points?\b|pp\b|points?\b"
    rf"|成(?![交本为功长员果绩])|倍|{_MONEY_AFTER}|{_PEOPLE_AFTER}|{_COUNT_AFTER})?"
)
_MULTIPLES = (
    (re.compile(r"翻两番|quadrupl\w+"), Decimal(3)),
    (re.compile(r"翻一番|翻番|翻倍|翻一倍|\bdoubl(?:e|es|ed|ing)\b|\btwice\b"), Decimal(1)),
    (re.compile(r"\btripl(?:e|es|ed|ing)\b"), Decimal(2)),
    (re.compile(r"减半|减少一半|降低一半|\bhalv(?:e|es|ed|ing)\b"), Decimal("-0.5")),
)


def numbers(folded: str) -> list[Number]:
    """Every number, in order; a bare Chinese digit without a unit is no number (唯一, 千万别)."""
    found = []
    for pattern, value in _MULTIPLES:
        for hit in pattern.finditer(folded):
            found.append(Number(value, Kind.CHANGE, hit.start(), hit.end()))
            folded = folded[: hit.start()] + "\0" * len(hit[0]) + folded[hit.end() :]
    for hit in _NUMBER.finditer(folded):
        number = _number(hit)
        if number is not None:
            found.append(number)
    return sorted(found, key=lambda one: one.start)


def _number(hit: re.Match[str]) -> Number | None:
    before = hit.string[: hit.start()]
    if before and before[-1].isascii() and before[-1].isalnum():
        return None
    unit = (hit["unit"] or "").strip()
    spelled = bool(hit["words"])
    if spelled and re.fullmatch(f"{CHINESE}+", hit["words"]) and not unit and not hit["money"]:
        return None
    value = value_of(hit["of"] or hit["words"] or f"{hit['arabic']}{hit['scale'] or ''}")
    if value is None or (hit["words"] in ("一", "one") and unit in _ARTICLES):
        return None
    sign = {"+": 1, "-": -1}.get((hit["sign"] or " ")[0], 0)
    kind, value = _kind(hit, unit, value)
    if kind is None:
        return None
    return Number(value, kind, hit.start(), hit.end(), sign, unit)


def _kind(hit: re.Match[str], unit: str, value: Decimal) -> tuple[Kind | None, Decimal]:
    if hit["share"] or unit == "%" or (unit.startswith(("per", "pct")) and "point" not in unit):
        return Kind.PERCENT, value / 100
    if unit == "成":
        return Kind.PERCENT, value / 10
    if unit == "倍":
        # 提升2倍 is read as twice or as three times: nobody should guess.
        return None, value
    if "点" in unit or unit == "pp" or "point" in unit:
        return Kind.POINTS, value / 100
    if hit["money"] or re.fullmatch(_MONEY_AFTER, unit):
        return Kind.MONEY, value
    if re.fullmatch(_PEOPLE_AFTER, unit):
        return Kind.PEOPLE, value
    return Kind.PLAIN, value
