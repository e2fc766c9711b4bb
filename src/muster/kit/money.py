"""Money: an exact amount in one currency; two currencies are never added."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale

_NO_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})


def is_currency(code: str) -> bool:
    """Whether this is the code of a currency, such as CNY."""
    return code in Locale.parse("en").currencies


@dataclass(frozen=True, order=True)
class Money:
    """An amount in one currency, rounded to its smallest coin."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        coin = Decimal(1) if self.currency in _NO_CENTS else Decimal("0.01")
        object.__setattr__(self, "amount", self.amount.quantize(coin, ROUND_HALF_UP))

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def as_json(self) -> dict[str, str]:
        """The form in which the API speaks of money."""
        return {"amount": str(self.amount), "currency": self.currency}

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return other.amount
