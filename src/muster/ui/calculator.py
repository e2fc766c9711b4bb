"""The calculator of the command palette: budget maths in exact decimals, and nothing else.

`50万*12%`, `(8000+1.2k)/3`, `15% of 500,000`. It reads its own small language, so there is nothing
to run: numbers, + - * / ( ), per cent, 万 亿 k m.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation, Overflow, localcontext

from muster.kit.words import _

_TOKEN = re.compile(
    r"\s*(?:(\d[\d,，_]*(?:\.\d+)?|\.\d+)\s*(万|萬|亿|億|k|m)?\s*(%|％)?|(.))", re.I
)
_UNITS = {
    "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "k": 10**3, "m": 10**6,
}  # fmt: skip
_SAME = {
    "×": "*",
    "x": "*",
    "÷": "/",
    "（": "(",
    "）": ")",
    "＋": "+",
    "－": "-",
    "−": "-",
    "的": "*",
}
_MOST = 200
_DEEPEST = 30


class NoSum(ValueError):
    """The text is no sum that can be worked out; `text` says why."""

    def __init__(self, text: str = _("This is no sum. Use numbers, + − × ÷, brackets and %%.")):
        self.text = text
        super().__init__(text)


BY_ZERO = _("Nothing can be divided by zero.")
TOO_LARGE = _("This is too large to work out here.")


def calculate(text: str) -> Decimal:
    """What the sum comes to. Raises NoSum."""
    if len(text) > _MOST:
        raise NoSum(TOO_LARGE)
    reader = _Reader(_tokens(text.lower().replace(" of ", "*")))
    with localcontext() as exact:
        exact.prec = 28
        try:
            found = reader.sum()
        except Overflow as error:
            raise NoSum(TOO_LARGE) from error
        except InvalidOperation as error:
            raise NoSum from error
    if reader.left:
        raise NoSum
    if not found.is_finite() or abs(found) >= Decimal(10) ** 20:
        raise NoSum(TOO_LARGE)
    return found.normalize() + 0


def _tokens(text: str) -> list[Decimal | str]:
    found: list[Decimal | str] = []
    for number, unit, share, sign in _TOKEN.findall(text.strip()):
        if number:
            value = Decimal(re.sub(r"[,，_]", "", number)) * _UNITS.get(unit, 1)
            found.append(value / 100 if share else value)
        elif sign.strip():
            found.append(_SAME.get(sign, sign))
    return found


class _Reader:
    """Reads sums of products of values, one token after the other."""

    def __init__(self, tokens: list[Decimal | str]) -> None:
        self.left = tokens
        self.depth = 0

    def sum(self) -> Decimal:
        found = self.product()
        while self.left and self.left[0] in ("+", "-"):
            found = found + self.product() if self.left.pop(0) == "+" else found - self.product()
        return found

    def product(self) -> Decimal:
        found = self.value()
        while self.left and self.left[0] in ("*", "/"):
            if self.left.pop(0) == "*":
                found = found * self.value()
            elif (by := self.value()) == 0:
                raise NoSum(BY_ZERO)
            else:
                found = found / by
        return found

    def value(self) -> Decimal:
        if not self.left:
            raise NoSum
        part = self.left.pop(0)
        if isinstance(part, Decimal):
            return part
        self.depth += 1
        if part not in ("-", "(") or self.depth > _DEEPEST:
            raise NoSum
        found = -self.value() if part == "-" else self.sum()
        if part == "(" and (not self.left or self.left.pop(0) != ")"):
            raise NoSum
        self.depth -= 1
        return found
