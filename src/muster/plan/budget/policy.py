"""The rules, limits and prices that this workspace set for its budgets (PL3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.models import BudgetLine, BudgetPolicy
from muster.team.changes.actions import record_change
from muster.team.lacking import lacking
from muster.team.roles import ROLES
from muster.team.users.models import User, Workspace

OWN = frozenset({"core", *BudgetLine.Category.values})
"""What a share can be of."""


def kept() -> BudgetPolicy:
    """What the workspace set; the defaults where it set nothing."""
    return BudgetPolicy.objects.first() or BudgetPolicy()


def policy() -> rules.Policy:
    """The rules that hold here."""
    row = kept()
    return rules.Policy(
        shares=_own(row.shares) if row.shares is not None else _method(),
        move_limit=row.move_limit,
        release_limit=row.release_limit,
        alerts=tuple(row.alerts),
    )


def _method() -> tuple[rules.Share, ...]:
    here = Workspace.here()
    reserve, *others = rules.SHARES
    return (replace(reserve, least=here.contingency_least, most=here.contingency_most), *others)


def _own(data: Sequence[Mapping[str, Any]]) -> tuple[rules.Share, ...]:
    return tuple(
        rules.Share(
            one["key"],
            one["of"],
            Decimal(one["least"]),
            Decimal(one["most"]),
            bool(one.get("blocks")),
            one.get("title", ""),
        )
        for one in data
    )


def as_data(share: rules.Share) -> dict[str, Any]:
    """A rule as it is kept and as the API gives it."""
    return {
        "key": str(share.key),
        "of": share.of,
        "least": str(share.least.normalize()),
        "most": str(share.most.normalize()),
        "blocks": share.blocks,
        "title": share.title,
    }


def read_share(data: Mapping[str, Any], at: str) -> rules.Share:
    """One rule as somebody wrote it; raises Invalid with the place."""
    least, most = (_part(data.get(name), f"{at}/{name}") for name in ("least", "most"))
    key = str(data.get("key") or "").strip()[:40]
    if data.get("of") not in OWN:
        raise Invalid.at(
            f"{at}/of",
            "unknown_category",
            _("A rule is about “core” or a category: %(known)s."),
            known=", ".join(sorted(OWN)),
        )
    if not key or least > most:
        raise Invalid.at(
            f"{at}/most", "empty_band", _("The most is not less than the least of a rule.")
        )
    title = str(data.get("title") or "").strip()[:80]
    return rules.Share(key, data["of"], least, most, bool(data.get("blocks")), title)


def read_prices(data: Mapping[str, Any], at: str) -> dict[str, str]:
    """Name → price, zero or more; names without a price are left out."""
    found = {}
    for name, value in data.items():
        if str(value).strip():
            found[str(name)[:60]] = str(_price(value, f"{at}/{name}"))
    return found


def read_rates(data: Mapping[str, Any], at: str) -> dict[str, str]:
    """Role → price of an hour."""
    unknown = sorted(set(data) - set(ROLES))
    if unknown:
        raise Invalid.at(
            f"{at}/{unknown[0]}", "unknown_role", _("There is no role “%(role)s”."), role=unknown[0]
        )
    return read_prices(data, at)


def _part(value: Any, at: str) -> Decimal:
    try:
        part = Decimal(str(value))
    except InvalidOperation:
        part = Decimal(-1)
    if not 0 <= part <= 1:
        raise Invalid.at(at, "out_of_range", _("A share is between 0 and 1 (0 and 100%%)."))
    return part


def _price(value: Any, at: str) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        price = Decimal(-1)
    if not 0 <= price < 10**9:
        raise Invalid.at(at, "out_of_range", _("A price is zero or more."))
    return price


@transaction.atomic
def set_policy(changes: Mapping[str, Any], *, by: User) -> BudgetPolicy:
    """Change the rules, limits or prices of this workspace; what is left out stays.

    `shares` is a list of rules as data. Rates of labour need the right to see them.
    """
    row = BudgetPolicy.objects.select_for_update().first() or BudgetPolicy()
    if "shares" in changes:
        shares = [read_share(one, f"/rules/{n}") for n, one in enumerate(changes["shares"])]
        if len({share.key for share in shares}) != len(shares):
            raise Invalid.at("/rules", "same_key", _("Two rules have the same key."))
        row.shares = [as_data(share) for share in shares]
    for name in ("move_limit", "release_limit"):
        if name in changes:
            setattr(row, name, _part(changes[name], f"/{name}"))
    if "alerts" in changes:
        row.alerts = _thresholds(changes["alerts"])
    if "prices" in changes:
        row.prices = read_prices(changes["prices"], "/prices")
    if "rates" in changes:
        if not by.may("budget.rates"):
            raise lacking("budget.rates")
        row.rates = read_rates(changes["rates"], "/rates")
    row.save()
    # The rates themselves stay out of the trace, which more people may read.
    record_change("budget_rules_changed", row, by=by, fields=sorted(changes))
    return row


def _thresholds(given: Sequence[Any]) -> list[int]:
    try:
        found = sorted({int(percent) for percent in given})
    except (TypeError, ValueError):
        found = []
    if not found or not 0 < found[0] <= found[-1] <= 200 or len(found) > 10:
        raise Invalid.at(
            "/alerts",
            "out_of_range",
            _("Thresholds are percents of the total, such as 80, 95, 100."),
        )
    return found
