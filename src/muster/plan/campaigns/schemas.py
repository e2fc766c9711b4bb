"""Numbers, money and people as the API of the plan speaks of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from muster.kit.errors import Invalid
from muster.kit.ids import number
from muster.kit.money import Money
from muster.kit.words import _
from muster.team.bodies import Strict
from muster.team.users.models import User


class MoneyIn(Strict):
    """An amount, with its currency if the caller wants it checked."""

    amount: Decimal
    currency: str | None = None


def amount_of(value: MoneyIn | Decimal, currency: str, at: str) -> Decimal:
    """The amount, refused when it is in another currency than the campaign."""
    if isinstance(value, Decimal):
        return value
    if value.currency not in (None, currency):
        raise Invalid.at(
            f"{at}/currency",
            "other_currency",
            _("The campaign counts in %(own)s, not in %(given)s. Convert the sum first."),
            own=currency,
            given=value.currency,
        )
    return value.amount


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """Money as the API gives it."""
    return Money(amount, currency).as_json()


def plain(value: Decimal | None) -> int | float | None:
    """A metric's value as a JSON number."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def person(user: User | None) -> dict[str, Any] | None:
    """A colleague as the API gives them."""
    return {"id": user.public_id, "name": user.name} if user else None


def colleague(given: str, at: str) -> User:
    """The colleague behind an id or an address."""
    rows = User.objects.filter(is_active=True)
    pk = number("user", given) if given.startswith("usr_") else None
    found = rows.filter(pk=pk).first() if pk else rows.filter(email=given.strip().lower()).first()
    if found is None:
        raise Invalid.at(at, "unknown_user", _("Nobody here is known as “%(given)s”."), given=given)
    return found


def colleague_or_nobody(given: str | None, at: str) -> User | None:
    """The colleague, or nobody where the caller left the place empty."""
    return colleague(given, at) if given else None
