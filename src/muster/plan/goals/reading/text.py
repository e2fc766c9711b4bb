"""Text and numbers of a sentence: full-width and traditional forms folded, numerals of any kind."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from muster.kit.numerals import chinese

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
    RATIO = "ratio"
    """What comes out for one that goes in: 3 for 1:3."""
    CHANGE = "change"
    """A multiple said in words: 1 for doubled, −0.5 for halved."""
    TIMES = "times"
    """So many times as much: 3 for 达到 3 倍."""


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
    upto: Decimal | None = None
    """The upper end, where a range is written: `value` is the lower one."""


CHINESE = "[零〇一二两三四五六七八九十百千万亿半]"
_FORMAL = "壹贰叁参肆伍陆柒捌玖"
NUMERAL = (
    rf"(?:{CHINESE}+(?:点[零〇一二三四五六七八九]+[十百千万亿]*)?"
    # 陆 and 拾 stand in many words; only beside a place are they numerals.
    rf"|(?:[{_FORMAL}][拾佰仟万亿]|拾[{_FORMAL}万亿])[零{_FORMAL}拾佰仟万亿]*)"
)
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
    scaled = re.fullmatch(rf"({ARABIC})\s*({_SCALE})?(?:(\d{{1,4}})(千|百)?)?", text)
    if scaled and (scaled[2] or not scaled[3]):
        scale = _scale(scaled[2] or "")
        value = Decimal(scaled[1].replace(",", "")) * scale
        return value + _rest(scaled[3] or "", scaled[4] or "", scale)
    if re.fullmatch(NUMERAL, text):
        return chinese(text)
    return english(text)


_SCALE = r"[十百千]?[万亿]|千|百|(?<=\d)w(?![a-z0-9])|k(?![a-z0-9])|m\b|bn\b|thousand\b|million\b"


def _scale(word: str) -> int:
    if not word or word.isascii():
        return {
            "": 1,
            "k": 1000,
            "w": 10**4,
            "m": 10**6,
            "bn": 10**9,
            "thousand": 1000,
            "million": 10**6,
        }[word]
    return int(chinese(f"一{word}") or 1)


def _rest(digits: str, place: str, scale: int) -> Decimal:
    """2万5千 → 5000, 1万2000 → 2000; in 1万5 the digit counts a tenth of the place before it."""
    if not digits:
        return Decimal(0)
    if place:
        return Decimal(digits) * _scale(place)
    return Decimal(digits) * (scale // 10 if len(digits) == 1 else 1)


_MONEY_BEFORE = r"(?:人民币|新台币|台币|港币|rmb|cny|twd|hkd|usd|eur|nt\$|hk\$|us\$|cn¥|[¥$€£])"
_MONEY_AFTER = (
    r"(?:元|块钱|块|人民币|新台币|台币|港币|港元|"
    r"rmb\b|cny\b|twd\b|hkd\b|usd\b|eur\b|yuan\b|dollars?\b)"
)
_PEOPLE_AFTER = r"(?:人次|个人|名|位|人|people\b|persons\b)"
_COUNT_AFTER = r"(?:单|笔|次|条|份|封|个|件|家)"
_ARTICLES = ("", "个", "次", "件", "家", "条", "份")
"""After "one" they make an article: 打造一个爆款 counts nothing."""
_TIMES = r"(?:倍|-?fold\b)"
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w-])[+-]\s?)?(?P<money>{_MONEY_BEFORE}\s*)?"
    rf"(?:(?P<share>[百千万]分之)(?P<of>{NUMERAL}|{ARABIC})"
    rf"|(?P<arabic>{ARABIC})\s*(?P<scale>{_SCALE})?"
    rf"(?P<rest>(?<=[百千万亿])\d{{1,4}}(?![\d.,%])[千百]?)?"
    rf"|(?P<words>{NUMERAL}|\b{ENGLISH}\b))"
    rf"\s*(?P<unit>%|‰|per\s?cent\b|pct\b|个百分点|百分点|个点(?!击)|percentage\s+points?\b|pp\b|points?\b"
    rf"|成(?![交本为功长员果绩])|{_TIMES}|{_MONEY_AFTER}|{_PEOPLE_AFTER}|{_COUNT_AFTER})?"
)
_MULTIPLES = (
    (re.compile(r"翻两番|quadrupl\w+"), Decimal(3)),
    (re.compile(r"翻一番|翻番|翻倍|翻一倍|\bdoubl(?:e|es|ed|ing)\b|\btwice\b"), Decimal(1)),
    (re.compile(r"\btripl(?:e|es|ed|ing)\b"), Decimal(2)),
    (re.compile(r"减半|减少一半|降低一半|\bhalv(?:e|es|ed|ing)\b"), Decimal("-0.5")),
)


def numbers(folded: str) -> list[Number]:
    """Every number, in order; Chinese digits without unit or place are no number (唯一, 千万别)."""
    found = []
    for pattern, value in _MULTIPLES:
        for hit in pattern.finditer(folded):
            found.append(Number(value, Kind.CHANGE, hit.start(), hit.end()))
            folded = folded[: hit.start()] + "\0" * len(hit[0]) + folded[hit.end() :]
    for hit in _RATIO.finditer(folded):
        value = Decimal(hit["out"] or hit["first"])
        found.append(Number(value, Kind.RATIO, hit.start(), hit.end()))
        folded = folded[: hit.start()] + "\0" * len(hit[0]) + folded[hit.end() :]
    found += _in_ranges([(hit, _number(hit)) for hit in _NUMBER.finditer(folded)])
    return sorted(found, key=lambda one: one.start)


_RATIO = re.compile(
    rf"(?<![\d.:])(?:1\s?:\s?(?P<out>{ARABIC})|(?P<first>\d+(?:\.\d+)?)\s?:\s?1)(?![\d:.])"
)
"""1:3 and 3:1 both say that one in brings three out."""
_RANGE = re.compile(r"\s*(?:[-~至到]|to)\s*")
_FROM = re.compile(r"(?:从|由|自|\bfrom\b)[^,;。]{0,20}$")


def _in_ranges(hits: list[tuple[re.Match[str], Number | None]]) -> list[Number]:
    """The numbers, with 20-30% as one; where its second half is no number, nor is the first."""
    found: list[Number] = []
    rest = list(hits)
    while rest:
        hit, number = rest.pop(0)
        if rest and _is_range(hit, rest[0][0]):
            second, upper = rest.pop(0)
            number = _range(hit, second, upper) if number and upper else None
        if number is not None:
            found.append(number)
    return found


def _is_range(hit: re.Match[str], other: re.Match[str]) -> bool:
    between = hit.string[hit.end() : other.start()]
    if not _RANGE.fullmatch(between) or _FROM.search(hit.string[: hit.start()]):
        return False
    bare = not hit["unit"] and not hit["share"]
    # 18% 到 25% says from where to where; 20-30% and 20%-30% say a range.
    return (bare and bool(hit["arabic"])) or bool(
        re.search(r"[-~]", between) and hit["unit"] == other["unit"]
    )


def _range(hit: re.Match[str], other: re.Match[str], upper: Number) -> Number | None:
    """The lower end counts; unit and 万 are said once, behind both."""
    lower = _number(hit)
    raw = value_of(f"{hit['arabic']}{hit['scale'] or ''}") if hit["arabic"] else None
    if lower is None:
        return None
    if raw is not None and not hit["unit"]:
        if not hit["scale"] and other["scale"] and raw < Decimal(other["arabic"].replace(",", "")):
            raw *= _scale(other["scale"])
        kind, value = _kind(other, (other["unit"] or "").strip(), raw)
        money = lower.kind is Kind.MONEY and kind is Kind.PLAIN
        kind = Kind.MONEY if money else kind
    else:
        kind, value = lower.kind, lower.value
    if kind is None:
        return None
    ends = sorted((value, upper.value))
    return Number(ends[0], kind, hit.start(), other.end(), lower.sign, upper.counts, upto=ends[1])


def _number(hit: re.Match[str]) -> Number | None:
    before = hit.string[: hit.start()]
    if before and before[-1].isascii() and before[-1].isalnum():
        return None
    unit = (hit["unit"] or "").strip()
    spelled = bool(hit["words"])
    if spelled and re.fullmatch(NUMERAL, hit["words"]):
        if _ABOUT.search(before) and hit["words"][0] in "十百千万亿":
            return None
        if not unit and not hit["money"] and not _counts(hit["words"], before):
            return None
    written = f"{hit['arabic']}{hit['scale'] or ''}{hit['rest'] or ''}"
    value = value_of(hit["of"] or hit["words"] or written)
    if value is None or (hit["words"] in ("一", "one") and unit in _ARTICLES):
        return None
    sign = {"+": 1, "-": -1}.get((hit["sign"] or " ")[0], 0)
    kind, value = _kind(hit, unit, value)
    if kind is None:
        return None
    return Number(value, kind, hit.start(), hit.end(), sign, unit)


_ABOUT = re.compile(r"[数几上成好]\s*$")
"""数百, 几千, 上万: nobody can say how many."""
_AIMED = re.compile(r"(?:[到至达破超过成为]|完成|于|控制在|[=≥≤<>])\s*$")
_IDIOMS = frozenset({"百万", "千万", "一百", "一万", "万万", "千百", "万千", "一千零一"})


def _counts(words: str, before: str) -> bool:
    """Whether a numeral that stands alone is meant as a number: 十万, not 唯一 or 千万别."""
    value = chinese(words)
    if value is None or len(words) < 2 or words in ("万一", "十一"):
        return False
    if words[0] in f"{_FORMAL}拾" or _AIMED.search(before):
        return bool(set(words) & set("十百千万亿拾佰仟"))
    return value >= 100 and bool(set(words) & set("百千万亿")) and words not in _IDIOMS


_UP_TO = re.compile(r"(?:到|至|达|\bto)(?:[^\d,;。]{0,8}的)?\s*$")
"""提升到 3 倍, 达到去年的 3 倍: what is to be reached, with what there was before."""


def _kind(hit: re.Match[str], unit: str, value: Decimal) -> tuple[Kind | None, Decimal]:
    if hit["share"]:
        return Kind.PERCENT, value / _scale(hit["share"][0])
    if unit == "‰":
        return Kind.PERCENT, value / 1000
    if unit == "%" or (unit.startswith(("per", "pct")) and "point" not in unit):
        return Kind.PERCENT, value / 100
    if unit == "成":
        return Kind.PERCENT, value / 10
    if unit and re.fullmatch(_TIMES, unit):
        if _UP_TO.search(hit.string[: hit.start()]):
            return Kind.TIMES, value
        # 提升2倍 is read as twice or as three times: nobody should guess.
        return None, value
    if "点" in unit or unit == "pp" or "point" in unit:
        return Kind.POINTS, value / 100
    if hit["money"] or re.fullmatch(_MONEY_AFTER, unit):
        return Kind.MONEY, value
    if re.fullmatch(_PEOPLE_AFTER, unit):
        return Kind.PEOPLE, value
    return Kind.PLAIN, value
