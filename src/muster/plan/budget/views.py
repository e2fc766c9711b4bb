"""The budget page (S10): lines, rules, and the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.budget import actions
from muster.plan.budget.forms import CostForm, LineForm, TotalForm
from muster.plan.budget.models import BudgetLine, Cost
from muster.plan.budget.questions import worded
from muster.plan.budget.rules import Answer, Rule
from muster.plan.budget.standing import policy, standing, sums_per_line
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.days import today
from muster.plan.campaigns.fields import read_number
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/budget/budget.html"
_TITLES = {
    Rule.SUM: _("Lines add up"),
    Rule.CONTINGENCY: _("Contingency"),
    Rule.CORE: _("Core channels"),
    Rule.FLEXIBLE: _("Flexible"),
}


@allow("budget.see")
def budget(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page, or its changing part when htmx asks for it."""
    campaign = of_page(request, campaign_id)
    context = _context(campaign)
    if request.htmx:
        editing = {"may_edit_budget": request.user.may("budget.edit")}
        return render(request, f"{PAGE}#sheet", {"campaign": campaign, **context, **editing})
    more = {"cost_form": CostForm(campaign, initial={"at": today()}), "line_form": LineForm()}
    return render(request, PAGE, page(campaign, request.user, "budget", **context, **more))


def _context(campaign: Campaign) -> dict[str, Any]:
    now, sums = standing(campaign), sums_per_line(campaign)
    asked = policy()
    return {
        "standing": now,
        "rules": [_rule(campaign, answer) for answer in now.answers] if now.total else [],
        "bands": {
            "low": asked.contingency_least,
            "high": asked.contingency_most,
            "core": asked.core_least,
            "flexible": asked.flexible,
        },
        "lines": [_line(line, sums.get(line.pk, {})) for line in campaign.lines.all()],
        "unplanned": _line(None, sums[None]) if None in sums else None,
        "ledger": campaign.costs.select_related("line", "by", "reverses", "reversed_by")[:200],
        "categories": BudgetLine.Category.choices,
    }


def _rule(campaign: Campaign, answer: Answer) -> dict[str, Any]:
    text, params = worded(campaign, answer)
    return {
        "title": gettext(_TITLES[answer.rule]),
        "answer": answer,
        "text": "" if answer.holds else gettext(text) % params,
    }


def _line(line: BudgetLine | None, sums: dict[str, Decimal]) -> dict[str, Any]:
    committed = sums.get(Cost.Kind.COMMITTED, Decimal(0))
    actual = sums.get(Cost.Kind.ACTUAL, Decimal(0))
    planned = line.planned if line else Decimal(0)
    return {
        "line": line,
        "committed": committed,
        "actual": actual,
        "left": planned - max(committed, actual),
    }


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
    actions.split_by_suggestion(of_page(request, campaign_id), by=request.user)
    return said(HttpResponse(status=204), gettext("The budget is split."))


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
@require_POST
def edit_line(request: TeamRequest, campaign_id: int, line_id: int) -> HttpResponse:
    """Change the cell that was edited."""
    line = _line_of(request, campaign_id, line_id)
    fields: dict[str, Any] = {
        name: request.POST[name]
        for name in ("category", "label", "channel", "vendor")
        if name in request.POST
    }
    if "planned" in request.POST:
        number = read_number(request.POST["planned"])
        if number is None:
            raise Invalid.at(
                "planned",
                "bad_number",
                _("“%(given)s” is no number. Write it as 500, 5%% or 1.2万."),
                given=request.POST["planned"],
            )
        fields["planned"] = number
    if "has_core" in request.POST:
        fields["core"] = "core" in request.POST
    change = actions.edit_line(line, fields, by=request.user)
    return said(
        HttpResponse(status=204), gettext("“%(line)s” is changed.") % {"line": line}, change
    )


@allow("budget.edit")
@require_POST
def drop_line(request: TeamRequest, campaign_id: int, line_id: int) -> HttpResponse:
    """Take a line away."""
    line = _line_of(request, campaign_id, line_id)
    actions.drop_line(line, by=request.user)
    return said(HttpResponse(status=204), gettext("“%(line)s” is gone.") % {"line": line})


@allow("budget.edit")
@require_POST
def book(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Enter money promised or paid."""
    campaign = of_page(request, campaign_id)
    form = CostForm(campaign, request.POST)
    if form.is_valid():
        try:
            actions.book_cost(campaign, **form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            fresh = CostForm(campaign, initial={"at": today()})
            answer = render(request, f"{PAGE}#bookform", {"campaign": campaign, "cost_form": fresh})
            return said(close_dialog(answer), gettext("The entry is booked."))
    context = {"campaign": campaign, "cost_form": form}
    return render(request, f"{PAGE}#bookform", context, status=422)


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


def _line_of(request: TeamRequest, campaign_id: int, line_id: int) -> BudgetLine:
    campaign = of_page(request, campaign_id)
    return get_object_or_404(BudgetLine, pk=line_id, campaign=campaign)


def _refusal(errors: Any) -> Refused:
    return Invalid(str(errors[0]).replace("%", "%%") if errors else None)
