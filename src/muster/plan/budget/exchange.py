"""What other currencies were worth (PL3): a table by day, entered by hand or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import transaction

from muster.kit.errors import Invalid, Problem
from muster.kit.money import is_currency
from muster.kit.words import _
from muster.plan.budget.models import ExchangeRate
from muster.team.changes.actions import record_change
from muster.team.users.models import User, Workspace

_EXACT = Decimal("0.00000001")


def rate_of(currency: str, base: str, on: date) -> tuple[Decimal, date]:
    """The rate that was known on that day, and of which day it is; raises Invalid without one."""
    if currency == base:
        return Decimal(1), on
    both = [currency, base]
    rows = ExchangeRate.objects.filter(currency__in=both, base__in=both, day__lte=on)
    found = rows.order_by("-day", "pk").first()
    if found is None:
        raise Invalid.at(
            "/currency",
            "no_rate",
            _(
                "No rate from %(currency)s to %(base)s is known on %(day)s. Enter one under "
                "Settings, Budget rules."
            ),
            currency=currency,
            base=base,
            day=on.isoformat(),
        )
    if found.currency == currency:
        return found.rate, found.day
    return (1 / found.rate).quantize(_EXACT), found.day


@transaction.atomic
def set_rates(rows: Iterable[tuple[date, str, str, Decimal]], *, by: User) -> int:
    """Enter rates; one of the same day and pair is replaced. What was locked before stays."""
    found = []
    for day, currency, base, rate in rows:
        if currency == base or not (is_currency(currency) and is_currency(base)):
            raise Invalid.at(
                "/currency",
                "unknown_currency",
                _("“%(currency)s” is no currency. Use a code such as CNY, TWD, HKD or USD."),
                currency=currency,
            )
        if not 0 < rate < 10**9:
            raise Invalid.at("/rate", "out_of_range", _("A rate is more than zero."))
        found.append(ExchangeRate(day=day, currency=currency, base=base, rate=rate))
    unique = {(one.day, one.currency, one.base): one for one in found}
    ExchangeRate.objects.bulk_create(
        unique.values(),
        update_conflicts=True,
        update_fields=["rate"],
        unique_fields=["day", "currency", "base"],
    )
    record_change("rates_entered", Workspace.here(), by=by, rates=len(unique))
    return len(unique)


def read_csv(text: str) -> list[tuple[date, str, str, Decimal]]:
    """Lines `day,currency,in,rate`, with or without a head; raises Invalid naming the lines."""
    rows, problems = [], []
    for number, cells in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff"))), 1):
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (number == 1 and not cells[0][:1].isdigit()):
            continue
        try:
            day, currency, base, rate = cells[:4]
            rows.append((date.fromisoformat(day), currency.upper(), base.upper(), Decimal(rate)))
        except (ValueError, InvalidOperation):
            problems.append(
                Problem(
                    f"row {number}",
                    "bad_row",
                    _("Row %(row)s is not a day, two currencies and a rate: %(given)s"),
                    {"row": number, "given": ",".join(cells)[:80]},
                )
            )
    if problems:
        raise Invalid.of(problems)
    return rows
