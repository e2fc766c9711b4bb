"""Sums as people type them into a cell: 8,000, 1.2万, or worked out on the spot: =12*800+3%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation

from muster.plan.budget.rules import CENT
from muster.plan.campaigns.fields import read_number

_TOKEN = re.compile(
    r"\s*(?:(\d[\d,，]*(?:\.\d+)?|\.\d+)\s*(%|％|万|萬|亿|億|[kKmM])?|([-+*/()×÷]))"
)
_LONGEST = 200
_SIGNS = {"×": "*", "÷": "/"}


def read_sum(text: str) -> Decimal | None:
    """The number that was typed, to the cent; None if it is none. Nothing but sums is evaluated."""
    text = text.strip()
    if text[:1] not in {"=", "＝"}:
        number = read_number(text)
        return None if number is None else _cents(number)
    if len(text) > _LONGEST:
        return None
    try:
        tokens = list(_tokens(text[1:].replace("（", "(").replace("）", ")")))
        return _cents(_Reader(tokens).whole())
    except (ValueError, InvalidOperation, DivisionByZero, RecursionError):
        return None


def _cents(number: Decimal) -> Decimal | None:
    return number.quantize(CENT, ROUND_HALF_UP) if abs(number) < 10**13 else None


def _tokens(text: str) -> Iterator[Decimal | str]:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(text)
        at = found.end()
        if found[3]:
            yield _SIGNS.get(found[3], found[3])
        else:
            number = read_number(found[1] + (found[2] or ""))
            if number is None:
                raise ValueError(text)
            yield number


class _Reader:
    """Reads + - * / and brackets, with the usual precedence."""

    def __init__(self, tokens: list[Decimal | str]) -> None:
        self.tokens = tokens

    def whole(self) -> Decimal:
        value = self.sum()
        if self.tokens:
            raise ValueError(self.tokens[0])
        return value

    def sum(self) -> Decimal:
        value = self.product()
        while sign := self.next_of("+-"):
            other = self.product()
            value = value + other if sign == "+" else value - other
        return value

    def product(self) -> Decimal:
        value = self.one()
        while sign := self.next_of("*/"):
            other = self.one()
            value = value * other if sign == "*" else value / other
        return value

    def one(self) -> Decimal:
        if sign := self.next_of("+-"):
            value = self.one()
            return -value if sign == "-" else value
        if self.next_of("("):
            value = self.sum()
            if not self.next_of(")"):
                raise ValueError(")")
            return value
        if not self.tokens or isinstance(self.tokens[0], str):
            raise ValueError("number")
        number = self.tokens.pop(0)
        assert isinstance(number, Decimal)  # noqa: S101
        return number

    def next_of(self, signs: str) -> str:
        if self.tokens and isinstance(self.tokens[0], str) and self.tokens[0] in signs:
            return str(self.tokens.pop(0))
        return ""
