"""Chinese numerals: 五百, 两万五, 一点二亿, 贰佰伍拾, in simplified and traditional letters."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {
    **{letter: value for value, letter in enumerate("壹贰叁肆伍陆柒捌玖", start=1)},
    "〇": 0, "两": 2, "兩": 2, "貳": 2, "參": 3, "叄": 3, "参": 3, "陸": 6,
}  # fmt: skip
_PLACES = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8, "萬": 10**4, "億": 10**8}
_NUMERAL = re.compile(
    rf"[{''.join(_DIGITS)}{''.join(_PLACES)}{''.join(_MYRIADS)}]+"
    rf"(?:[点點][{''.join(_DIGITS)}]+[{''.join(_PLACES)}{''.join(_MYRIADS)}]*)?"
)


def chinese(text: str) -> Decimal | None:
    """五百 → 500, 两万五 → 25000, 一点二万 → 12000, 半 → 0.5; None if it is no numeral."""
    if text == "半":
        return Decimal("0.5")
    if not _NUMERAL.fullmatch(text):
        return None
    whole, _point, rest = text.replace("點", "点").partition("点")
    if not rest:
        return Decimal(_whole(whole))
    decimals = "".join(str(_DIGITS[letter]) for letter in rest if letter in _DIGITS)
    value = _whole(whole) + Decimal(f"0.{decimals}")
    for letter in rest[len(decimals) :]:
        value *= _PLACES.get(letter) or _MYRIADS[letter]
    return value


def _whole(text: str) -> int:
    if all(letter in _DIGITS for letter in text):
        return int("".join(str(_DIGITS[letter]) for letter in text))
    total = section = digit = 0
    last = 1
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
            if not digit:
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
    return total + section + left
