"""Budgets and costs in the API."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Query, Router
from pydantic import ConfigDict

from muster.kit import ids
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.budget import actions
from muster.plan.budget.models import BudgetLine, Cost
from muster.plan.budget.policy import as_data
from muster.plan.budget.questions import worded
from muster.plan.budget.standing import position, standing, sums_per_line
from muster.plan.budget.vaults import vaults_of, warnings
from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import MoneyIn, amount_of, money, person
from muster.team.bodies import Strict
from muster.team.changes.conflict import Overtaken, check_version, version_of, versions
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["campaigns"])


class OwnIn(Strict):
    """The plan of a line in its own currency, as a line is read."""

    planned: MoneyIn
    rate: Decimal | None = None
    rate_on: date | None = None


class LinePatch(Strict):
    """The fields of a budget line; those that are left out stay as they are."""

    category: str = ""
    label: str = ""
    channel: str = ""
    vendor: str = ""
    planned: MoneyIn | Decimal = Decimal(0)
    own: OwnIn | None = None
    """The plan of a line in another currency, as it is read; `planned` follows from it."""
    core: bool = False
    status: str = "planned"
    currency: str = ""
    estimate: MoneyIn | Decimal | None = None
    expected_return: MoneyIn | Decimal | None = None
    version: int | None = None
    """The version that the caller knows; an older one than the line's is refused."""


class LineIn(LinePatch):
    """A new budget line."""

    category: str
    planned: MoneyIn | Decimal
    auto: str | None = None


class LinePut(LineIn):
    """A line as it is read: with the `id` of a present one it stays that line.

    What is counted or worked out may be given as it was read, but not set.
    """

    id: str | None = None
    committed: MoneyIn | Decimal | None = None
    actual: MoneyIn | Decimal | None = None
    forecast: MoneyIn | Decimal | None = None
    variance: MoneyIn | Decimal | None = None


class BudgetLines(Strict):
    """All lines of a budget; the other fields of a budget as it is read are let pass."""

    model_config = ConfigDict(extra="ignore")

    lines: list[LinePut]
    version: str | None = None
    """The version of the budget that the caller read; an older one is refused."""


class CostIn(Strict):
    """Money promised (`committed`) or paid (`actual`)."""

    kind: str = "actual"
    amount: MoneyIn | Decimal
    at: date | None = None
    line: str | None = None
    currency: str = ""
    category: str = ""
    channel: str = ""
    note: str = ""


_COUNTED = ("committed", "actual", "forecast", "variance")
_NOT_FIELDS = {"id", "own", "version", *_COUNTED}


def line_fields(
    given: LinePatch,
    campaign: Campaign,
    line: BudgetLine | None = None,
    *,
    problems: list[Problem] | None = None,
    at: str = "",
) -> dict[str, Any]:
    """The fields that the caller gave of a new or a present line, as the actions take them.

    Raises Invalid, or adds to `problems` where they are given.
    """
    found: list[Problem] = [] if problems is None else problems
    body = _in_own_currency(given, line, campaign, found, at)
    if found and problems is None:
        raise Invalid.of(found)
    fields = {name: getattr(body, name) for name in body.model_fields_set - _NOT_FIELDS}
    if "auto" in fields:
        fields["auto"] = fields["auto"] or ""
    present = line.currency if line is not None and "currency" not in fields else ""
    own = str(fields.get("currency") or present or campaign.currency).upper()
    if "currency" in fields:
        fields["currency"] = "" if own == campaign.currency else own
    for name, currency in (
        ("planned", own),
        ("estimate", campaign.currency),
        ("expected_return", campaign.currency),
    ):
        if fields.get(name) is not None:
            fields[name] = amount_of(fields[name], currency, f"{at}/{name}")
    return fields


def shown_line(
    line: BudgetLine,
    sums: Mapping[str, Decimal],
    currency: str,
    version: int | None = None,
) -> dict[str, Any]:
    """A budget line as the API speaks of it."""
    now = position(line, sums)
    return {
        "id": line.public_id,
        "category": line.category,
        "label": line.label,
        "channel": line.channel,
        "vendor": line.vendor,
        "core": line.core,
        "planned": money(line.planned, currency),
        "committed": money(now.committed, currency),
        "actual": money(now.actual, currency),
        "forecast": money(now.forecast, currency),
        "variance": money(now.variance, currency),
        "status": line.status,
        "estimate": None if line.estimate is None else money(line.estimate, currency),
        "expected_return": None
        if line.expected_return is None
        else money(line.expected_return, currency),
        "auto": line.auto or None,
        "own": {
            "planned": money(line.own_planned or Decimal(0), line.currency),
            "rate": str(line.rate.normalize()),
            "rate_on": line.rate_on,
        }
        if line.currency
        else None,
        "version": version_of(line) if version is None else version,
    }


def shown_cost(cost: Cost) -> dict[str, Any]:
    """An entry of the ledger as the API speaks of it."""
    return {
        "id": cost.public_id,
        "kind": cost.kind,
        "amount": money(cost.amount, cost.campaign.currency),
        "at": cost.at,
        "line": cost.line.public_id if cost.line else None,
        "category": cost.category,
        "channel": cost.channel,
        "note": cost.note,
        "own": money(cost.own_amount, cost.currency) if cost.own_amount is not None else None,
        "source": cost.source,
        "by": person(cost.by),
        "reverses": cost.reverses.public_id if cost.reverses else None,
        "reversed_by": cost.reversed_by.public_id if cost.is_reversed else None,
    }


def shown_budget(campaign: Campaign) -> dict[str, Any]:
    """The whole budget."""
    now, sums, currency = standing(campaign), sums_per_line(campaign), campaign.currency
    lines = list(campaign.lines.all())
    known = versions(BudgetLine, [line.pk for line in lines])
    return {
        "version": _version(lines, known),
        "total": money(now.total, currency),
        "planned": money(now.planned, currency),
        "committed": money(now.committed, currency),
        "actual": money(now.actual, currency),
        "forecast": money(now.forecast, currency),
        "variance": money(now.variance, currency),
        "free": money(now.free, currency),
        "rules": [
            {
                "rule": str(answer.rule),
                "asked": as_data(answer.asked) if answer.asked else None,
                "holds": answer.holds,
                "share": float(answer.share),
                "change": money(answer.change, currency),
                "detail": None if answer.holds else _detail(campaign, answer),
            }
            for answer in now.answers
        ],
        "vaults": [
            {
                "line": one.line.public_id,
                "planned": money(one.line.planned, currency),
                "left": money(one.left, currency),
            }
            for one in vaults_of(campaign)
        ],
        "lines": [
            shown_line(line, sums.get(line.pk, {}), currency, known.get(line.pk, 0))
            for line in lines
        ],
    }


def _version(lines: Sequence[BudgetLine], known: Mapping[int, int]) -> str:
    """Another one as soon as a line is added, dropped or changed."""
    each = sorted((line.pk, known.get(line.pk, 0)) for line in lines)
    return hashlib.sha256(repr(each).encode()).hexdigest()[:16]


def _check_read(campaign: Campaign, version: str | None) -> None:
    if version is None:
        return
    lines = list(campaign.lines.all())
    if version != _version(lines, versions(BudgetLine, [line.pk for line in lines])):
        raise Refused(
            _(
                "The budget of “%(campaign)s” was changed in the meantime. Read it again and "
                "decide again."
            ),
            code=Overtaken.code,
            campaign=campaign.name,
        )


def _detail(campaign: Campaign, answer: Any) -> str:
    text, params = worded(campaign, answer)
    return gettext(text) % params


@router.get("/{campaign_id}/budget", auth=scope("budget:read"), response=dict[str, Any])
def get_budget(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Total, lines, and where the rules stand."""
    return shown_budget(of_call(request, campaign_id))


@router.put("/{campaign_id}/budget", auth=scope("budget:write"), response=dict[str, Any])
def set_budget(request: HttpRequest, campaign_id: str, body: BudgetLines) -> dict[str, Any]:
    """Put these lines in place of the present ones, as `GET` gives them.

    A line with the `id` of a present one stays that line, with what is booked on it; lines that
    count themselves stay even where they are left out. With the `version` that was read it is
    refused where a line came or changed since, instead of taking that away.
    """
    campaign = of_call(request, campaign_id)
    with transaction.atomic():
        actions.opened(campaign)
        _check_read(campaign, body.version)
        _put(campaign, body.lines, by=caller(request))
    return shown_budget(campaign)


def _put(campaign: Campaign, given: Sequence[LinePut], *, by: User) -> None:
    lines = {line.pk: line for line in campaign.lines.all()}
    sums = sums_per_line(campaign)
    present: dict[int, BudgetLine] = {}
    fields: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for place, body in enumerate(given):
        at = f"/lines/{place}"
        line = lines.pop(ids.number("line", body.id) or 0, None) if body.id else None
        if body.id and line is None:
            text = _("The budget has no such line, or it is named twice. Read the budget again.")
            problems.append(Problem(f"{at}/id", "unknown_line", text))
            continue
        values = line_fields(body, campaign, line, problems=problems, at=at)
        if line is not None:
            present[place] = line
            check_version(line, body.version)
            problems += _counted_otherwise(body, line, sums.get(line.pk, {}), campaign, at)
            if values.pop("auto", line.auto) != line.auto:
                text = _("Whether a line counts itself stays as it is. Add another line instead.")
                problems.append(Problem(f"{at}/auto", "fixed", text))
        fields.append(values)
    if problems:
        raise Invalid.of(problems)
    actions.set_lines(campaign, fields, by=by, present=present)


def _in_own_currency(
    body: LinePatch,
    line: BudgetLine | None,
    campaign: Campaign,
    problems: list[Problem],
    at: str,
) -> LinePatch:
    """The plan of a line in another currency is what `own` says; `planned` follows from it."""
    own, given = body.own, body.model_fields_set
    if own is not None and (line is None or "currency" in given):
        currency = body.currency or own.planned.currency or ""
        return body.model_copy(update={"planned": own.planned, "currency": currency})
    if line is None or not line.currency or "currency" in given:
        return body
    rest = {name: getattr(body, name) for name in given - {"planned"}}
    wanted: MoneyIn | Decimal | None = None
    if own is not None and own.planned.amount != line.own_planned:
        wanted = own.planned
    elif "planned" in given:
        wanted = _planned_anew(body.planned, line, campaign, problems, at)
    if wanted is not None:
        rest["planned"] = wanted
    return type(body).model_construct(_fields_set=set(rest), **rest)


def _planned_anew(
    read: MoneyIn | Decimal,
    line: BudgetLine,
    campaign: Campaign,
    problems: list[Problem],
    at: str,
) -> MoneyIn | Decimal | None:
    """What a line in another currency is to be planned at; None where it was given as it is read.

    In the campaign's currency it cannot be said: it follows from the rate.
    """
    amount = read.amount if isinstance(read, MoneyIn) else read
    in_base = isinstance(read, MoneyIn) and read.currency in (None, campaign.currency)
    if amount == line.planned and (in_base or isinstance(read, Decimal)):
        return None
    if in_base:
        problems.append(
            Problem(
                f"{at}/planned",
                "own_currency",
                _("“%(label)s” is planned in %(currency)s. Change its plan under “own”."),
                {"label": line.label, "currency": line.currency},
            )
        )
        return None
    return read


def _counted_otherwise(
    body: LinePut, line: BudgetLine, sums: Mapping[str, Decimal], campaign: Campaign, at: str
) -> list[Problem]:
    """What is counted cannot be set: given as it was read it says nothing new."""
    now, problems = position(line, sums), []
    for name in _COUNTED:
        given = getattr(body, name, None)
        if given is None:
            continue
        amount = amount_of(given, campaign.currency, f"{at}/{name}")
        there: Decimal = getattr(now, name)
        if amount != there:
            problems.append(
                Problem(
                    f"{at}/{name}",
                    "counted",
                    _(
                        "This sum of “%(label)s” is counted and cannot be set; it is %(sum)s now. "
                        "Leave it out, and book or take back costs instead."
                    ),
                    {"label": line.label, "sum": actions.spoken(campaign, there)},
                )
            )
    return problems


@router.post("/{campaign_id}/budget", auth=scope("budget:write"), response={201: dict[str, Any]})
def add_line(request: HttpRequest, campaign_id: str, body: LineIn) -> dict[str, Any]:
    """Add one line."""
    campaign = of_call(request, campaign_id)
    line = actions.add_line(campaign, line_fields(body, campaign), by=caller(request))
    return shown_line(line, {}, campaign.currency)


@router.patch(
    "/{campaign_id}/budget/{line_id}", auth=scope("budget:write"), response=dict[str, Any]
)
def edit_line(
    request: HttpRequest, campaign_id: str, line_id: str, body: LinePatch
) -> dict[str, Any]:
    """Change some fields of a line; with an old `version` refused, saying who changed what."""
    campaign = of_call(request, campaign_id)
    line = found(campaign.lines.all(), "line", line_id)
    fields = line_fields(body, campaign, line)
    actions.edit_line(line, fields, by=caller(request), version=body.version)
    return shown_line(line, sums_per_line(campaign).get(line.pk, {}), campaign.currency)


@router.delete("/{campaign_id}/budget/{line_id}", auth=scope("budget:write"), response={204: None})
def drop_line(request: HttpRequest, campaign_id: str, line_id: str) -> None:
    """Take a line away."""
    campaign = of_call(request, campaign_id)
    actions.drop_line(found(campaign.lines.all(), "line", line_id), by=caller(request))


@router.get("/{campaign_id}/costs", auth=scope("budget:read"), response=Page[dict[str, Any]])
def list_costs(request: HttpRequest, campaign_id: str, paging: Query[Paging]) -> dict[str, object]:
    """The ledger, newest entry first."""
    rows = of_call(request, campaign_id).costs.select_related(
        "campaign", "line", "by", "reverses", "reversed_by"
    )
    return page(rows, paging, shown_cost)


@router.post("/{campaign_id}/costs", auth=scope("budget:write"), response={201: dict[str, Any]})
def book_cost(request: HttpRequest, campaign_id: str, body: CostIn) -> dict[str, Any]:
    """Enter money promised or paid; `warnings` say when it takes what is locked in the vaults."""
    campaign = of_call(request, campaign_id)
    line = found(campaign.lines.all(), "line", body.line) if body.line else None
    own = body.currency.upper() or campaign.currency
    cost = actions.book_cost(
        campaign,
        kind=body.kind,
        amount=amount_of(body.amount, own, "/amount"),
        at=body.at or today(),
        by=caller(request),
        line=line,
        currency=own,
        category=body.category,
        channel=body.channel,
        note=body.note,
    )
    return {**shown_cost(cost), "warnings": warnings(campaign)}


@router.post(
    "/{campaign_id}/costs/{cost_id}/reverse",
    auth=scope("budget:write"),
    response={201: dict[str, Any]},
)
def reverse_cost(request: HttpRequest, campaign_id: str, cost_id: str) -> dict[str, Any]:
    """Take an entry back by a counter-entry."""
    cost = found(of_call(request, campaign_id).costs.all(), "cost", cost_id)
    return shown_cost(actions.reverse_cost(cost, by=caller(request), at=today()))
