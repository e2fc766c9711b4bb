"""The budget page (S10): lines, rules, and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.budget import actions, rules
from muster.plan.budget.automatic import refresh
from muster.plan.budget.curve import curve
from muster.plan.budget.documents import add_document
from muster.plan.budget.forms import CostForm, LineForm, TotalForm
from muster.plan.budget.measured import outcome
from muster.plan.budget.models import BudgetLine, BudgetMove, Cost
from muster.plan.budget.phasing import months, phased
from muster.plan.budget.policy import policy
from muster.plan.budget.questions import worded
from muster.plan.budget.rules import Answer, Rule
from muster.plan.budget.standing import Position, positions, stands, sums_per_line
from muster.plan.budget.vaults import vaults_of, warnings
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui import charts, formats
from muster.ui.toasts import close_dialog

PAGE = "plan/budget/budget.html"
TITLES: dict[str, str] = {
    Rule.SUM: _("Lines add up"),
    Rule.CONTINGENCY: _("Contingency"),
    Rule.CORE: _("Core channels"),
    Rule.FLEXIBLE: _("Flexible"),
}
PARTS = {
    "core": _("Core channels"),
    "other": _("Everything else"),
    rules.CONTINGENCY: _("Contingency"),
    rules.FLEXIBLE: _("Flexible"),
}
_LATEST = 8
_LEDGER = 50


@allow("budget.see")
def budget(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page, or its changing part when htmx asks for it."""
    campaign = of_page(request, campaign_id)
    refresh(campaign)
    context = _context(campaign)
    if request.htmx:
        editing = {"may_edit_budget": request.user.may("budget.edit")}
        return render(request, f"{PAGE}#sheet", {"campaign": campaign, **context, **editing})
    more = {"cost_form": CostForm(campaign, initial={"at": today()}), "line_form": LineForm()}
    return render(request, PAGE, page(campaign, request.user, "budget/lines", **context, **more))


@dataclass(frozen=True)
class Group:
    """The lines of one category, and their sums."""

    title: str | Promise
    lines: Sequence[Position]
    is_vault: bool = False

    def __getattr__(self, name: str) -> Decimal:
        if name in {"planned", "committed", "actual", "forecast", "variance", "left"}:
            return sum((getattr(line, name) for line in self.lines), Decimal(0))
        raise AttributeError(name)


def _context(campaign: Campaign) -> dict[str, Any]:
    sums, asked = sums_per_line(campaign), policy()
    lines = positions(campaign, sums, rows=_rows(campaign))
    now = stands(campaign, lines, sums.get(None, {}), asked)
    reached = {one.line.pk: one.left for one in vaults_of(campaign) if one.taken}
    lines = [replace(one, covered=reached.get(one.line.pk)) for one in lines]
    return {
        "standing": now,
        "rules": [_rule(campaign, answer) for answer in now.answers] if now.total else [],
        "parts": _parts(campaign, now.total, lines, asked) if now.total else [],
        "groups": grouped(lines),
        "lines": lines,
        "unplanned": Group("", [_beside(campaign, sums[None])]) if None in sums else None,
        "latest": ledger_of(campaign)[:_LATEST],
        "moves": moves_of(campaign).filter(state=BudgetMove.State.ASKED),
        "statuses": BudgetLine.Status.choices,
        "is_open": campaign.may_be_planned,
        "may_book": campaign.may_be_booked,
        "may_replan": campaign.is_planned,
    }


def _rows(campaign: Campaign) -> QuerySet[BudgetLine]:
    # Counting drops the usual order of a table.
    return campaign.lines.annotate(papers=Count("documents")).order_by("place", "pk")


def grouped(lines: Sequence[Position]) -> list[Group]:
    """The lines by category, in the order of their first line, the vaults last."""
    found: dict[str, list[Position]] = {}
    for one in lines:
        found.setdefault(one.line.category, []).append(one)
    groups = [
        Group(BudgetLine.Category(category).label, some, category in rules.VAULTS)
        for category, some in found.items()
    ]
    return sorted(groups, key=lambda group: group.is_vault)


def _beside(campaign: Campaign, sums: dict[str, Decimal]) -> Position:
    line = BudgetLine(campaign=campaign, planned=Decimal(0))
    return Position(
        line, sums.get(Cost.Kind.COMMITTED, Decimal(0)), sums.get(Cost.Kind.ACTUAL, Decimal(0))
    )


def _parts(
    campaign: Campaign, total: Decimal, lines: Sequence[Position], asked: rules.Policy
) -> list[dict[str, Any]]:
    """The segments of the rule bar, with the band in which each should end."""
    sums = dict.fromkeys(rules.PARTS, Decimal(0))
    for one in lines:
        sums[rules.part_of(one.line.category, one.line.core)] += one.planned
    parts, at = [], Decimal(0)
    asked = asked if campaign.is_planned else rules.released(asked)
    for key, amount in sums.items():
        share = next((share for share in asked.shares if share.of == key), None)
        share_now = amount / total
        parts.append(
            {
                "key": key,
                "title": gettext(PARTS[key]),
                "amount": amount,
                "share": share_now,
                "from": at,
                "asked": share,
                "band": _band(share, at) if share else None,
                "holds": share is None or share.least <= share_now <= share.most,
            }
        )
        at += share_now
    return parts


def _band(share: rules.Share, at: Decimal) -> tuple[Decimal, Decimal]:
    """Where a part that begins at `at` should end: from and to, as parts of the total."""
    least = min(at + share.least, Decimal(1))
    # "At least" has no upper end: a tick is enough.
    most = least if share.most == 1 else min(at + share.most, Decimal(1))
    return least, most


def _rule(campaign: Campaign, answer: Answer) -> dict[str, Any]:
    text, params = worded(campaign, answer)
    title = answer.asked.title if answer.asked and answer.asked.title else ""
    return {
        "title": title or gettext(TITLES.get(answer.rule, str(answer.rule))),
        "answer": answer,
        "text": "" if answer.holds else gettext(text) % params,
    }


def ledger_of(campaign: Campaign) -> QuerySet[Cost]:
    """Money promised and paid, newest first."""
    rows = campaign.costs.select_related("line", "by", "reverses", "reversed_by")
    return rows.annotate(papers=Count("documents")).order_by("-at", "-pk")


def moves_of(campaign: Campaign) -> QuerySet[BudgetMove]:
    """Moves, newest first."""
    return campaign.budget_moves.select_related(
        "source", "target", "by", "agreed_by", "reverses", "reversed_by"
    )


@allow("budget.see")
def ledger(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """All entries: money promised and paid, and money moved."""
    campaign = of_page(request, campaign_id)
    number = request.GET.get("page", "")
    at = (int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0) * _LEDGER
    rows = list(ledger_of(campaign)[at : at + _LEDGER + 1])
    context = {
        "ledger": rows[:_LEDGER],
        "older": at // _LEDGER + 1 if len(rows) > _LEDGER else None,
        "newer": at // _LEDGER - 1 if at else None,
        "moves": moves_of(campaign)[:_LEDGER],
        "entries": campaign.plan_entries.select_related("by")[:_LEDGER],
    }
    return _view(request, campaign, "ledger", context)


@allow("budget.see")
def by_month(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The plan of each line by month, beside what was paid in it."""
    campaign = of_page(request, campaign_id)
    heads = months(campaign.starts, campaign.ends)
    lines = positions(campaign, rows=campaign.lines.prefetch_related("months"))
    rows: list[dict[str, Any]] = []
    for one in lines:
        given = {row.month: row.planned for row in one.line.months.all()}
        parts = phased(one.planned, given, campaign.starts, campaign.ends)
        rows.append(
            {
                "line": one.line,
                "planned": one.planned,
                "months": [(month, parts.get(month, Decimal(0))) for month in heads],
                "rest": one.planned - sum(parts.values(), Decimal(0)),
                "is_spread": not given,
            }
        )
    context = {
        "heads": heads,
        "rows": rows,
        "sums": [sum((row["months"][n][1] for row in rows), Decimal(0)) for n in range(len(heads))],
        "paid": _paid(campaign, heads),
        "may_replan": campaign.is_planned,
    }
    return _view(request, campaign, "months", context)


def _paid(campaign: Campaign, heads: Sequence[date]) -> list[Decimal]:
    """What was paid in each month; what was paid before or after stands in the first or last."""
    sums = dict.fromkeys(heads, Decimal(0))
    rows = campaign.costs.filter(kind=Cost.Kind.ACTUAL).order_by()
    for at, amount in rows.values_list("at", "amount"):
        sums[min(max(at.replace(day=1), heads[0]), heads[-1])] += amount
    return list(sums.values())


@allow("budget.see")
def burn_up(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Plan, actual and forecast over time, and what a lead and a buyer cost so far."""
    campaign = of_page(request, campaign_id)
    language = request.LANGUAGE_CODE
    lines = positions(campaign, rows=campaign.lines.prefetch_related("months"))
    found = curve(campaign, lines, today())
    chart = charts.line(
        [formats.day(day, language, today=today()) for day in found.days],
        {gettext("Spent"): [_float(value) for value in found.actual]},
        forecast=[_float(value) for value in found.forecast],
        forecast_name=gettext("Forecast"),
        plan=[_float(value) for value in found.plan],
        plan_name=gettext("Plan"),
        unit=campaign.currency,
    )
    context = {
        "chart": chart,
        "unbooked": sum((one.line.unbooked for one in lines), Decimal(0)),
        "forecast": sum((one.forecast for one in lines), Decimal(0)),
        "outcome": outcome(campaign),
        "may_see_results": request.user.may("insights.see"),
    }
    return _view(request, campaign, "curve", context)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _view(
    request: TeamRequest, campaign: Campaign, key: str, context: dict[str, Any]
) -> HttpResponse:
    template = f"plan/budget/{key}.html"
    if request.htmx:
        editing = {"may_edit_budget": request.user.may("budget.edit")}
        return render(request, f"{template}#sheet", {"campaign": campaign, **context, **editing})
    return render(request, template, page(campaign, request.user, f"budget/{key}", **context))


@allow("budget.edit")
@require_POST
def total(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Set the total."""
    campaign = of_page(request, campaign_id)
    form = TotalForm(request.POST)
    if not form.is_valid():
        raise _refusal(form.errors.get("total_budget"))
    change = edit_campaign(campaign, form.cleaned_data, by=request.user)
    return said(HttpResponse(status=204), gettext("The total is changed."), change)


@allow("budget.edit")
@require_POST
def split(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Split the total as the planning method suggests."""
    change = actions.split_by_suggestion(of_page(request, campaign_id), by=request.user)
    return said(HttpResponse(status=204), gettext("The budget is split."), change)


@allow("budget.edit")
@require_POST
def add_line(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Add one line."""
    campaign = of_page(request, campaign_id)
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            actions.add_line(campaign, form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            answer = render(
                request, f"{PAGE}#addline", {"campaign": campaign, "line_form": LineForm()}
            )
            return said(answer, gettext("The line is added."))
    context = {"campaign": campaign, "line_form": form}
    return render(request, f"{PAGE}#addline", context, status=422)


@allow("budget.edit")
@require_http_methods(["GET", "POST"])
def book(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Enter money promised or paid, with a photo of the receipt where there is one."""
    campaign = of_page(request, campaign_id)
    if request.method == "GET":
        form = CostForm(campaign, initial={"at": today(), "line": request.GET.get("line")})
        return render(request, "plan/budget/book.html", _alone(request, campaign, form))
    form = CostForm(campaign, request.POST, request.FILES)
    if form.is_valid():
        try:
            entry = _book(campaign, dict(form.cleaned_data), request)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            fresh = CostForm(campaign, initial={"at": today()})
            answer = render(request, f"{PAGE}#bookform", {"campaign": campaign, "cost_form": fresh})
            text = gettext("“%(entry)s” is booked.") % {"entry": entry}
            return said(close_dialog(answer), " ".join([text, *warnings(campaign)]))
    if not request.htmx:
        context = _alone(request, campaign, form)
        return render(request, "plan/budget/book.html", context, status=422)
    context = {"campaign": campaign, "cost_form": form}
    return render(request, f"{PAGE}#bookform", context, status=422)


def _alone(request: TeamRequest, campaign: Campaign, form: CostForm) -> dict[str, Any]:
    return page(campaign, request.user, "budget/lines", cost_form=form)


def _book(campaign: Campaign, fields: dict[str, Any], request: TeamRequest) -> Cost:
    receipt = fields.pop("receipt")
    entry = actions.book_cost(campaign, **fields, by=request.user)
    if receipt and entry.line:
        add_document(
            entry.line, kind="receipt", name=receipt.name, file=receipt, cost=entry, by=request.user
        )
    return entry


@allow("budget.edit")
@require_POST
def reverse(request: TeamRequest, campaign_id: int, cost_id: int) -> HttpResponse:
    """Take an entry back by a counter-entry."""
    campaign = of_page(request, campaign_id)
    cost = get_object_or_404(Cost, pk=cost_id, campaign=campaign)
    actions.reverse_cost(cost, by=request.user, at=today())
    return said(
        HttpResponse(status=204), gettext("The entry is taken back; both stay in the ledger.")
    )


def _refusal(errors: Any) -> Refused:
    return Invalid(str(errors[0]).replace("%", "%%") if errors else None)
