"""The tools of the team (PL13): what is connected, and what was noted down by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.days import today
from muster.plan.tools import actions
from muster.plan.tools.forms import ToolForm
from muster.plan.tools.models import Tool
from muster.plan.tools.registry import State, connections
from muster.team.changes.conflict import ask, settled, since_of
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui import formats
from muster.ui.toasts import close_dialog

PAGE = "plan/tools/tools.html"
_STATES = {
    State.CONNECTED: ("good", gettext_lazy("connected")),
    State.TROUBLE: ("warn", gettext_lazy("in trouble")),
    State.OFF: ("", gettext_lazy("not connected")),
}
_SOON = timedelta(days=30)


@allow("campaigns.see")
def tools(request: TeamRequest) -> HttpResponse:
    """What the team works with."""
    user, now = request.user, today()
    rows = list(Tool.objects.select_related("owner"))
    wires = [(one, *_STATES[one.state]) for one in connections(user.may)]
    context = {
        "wires": wires,
        "connected": sum(one.state is State.CONNECTED for one, *_more in wires),
        "tools": [
            (one, one.contract_ends is not None and one.contract_ends <= now + _SOON)
            for one in rows
        ],
        "sums": [
            formats.money(sum_, get_language() or "en", currency, short=False)
            for currency, sum_ in monthly(rows).items()
        ],
        "today": now,
        "may_edit": user.may("campaigns.edit"),
        "may_see_money": user.may("budget.see"),
    }
    if request.htmx:
        return render(request, f"{PAGE}#sheet", context)
    return render(request, PAGE, context)


def monthly(rows: Iterable[Tool]) -> dict[str, Decimal]:
    """Currency → what the tools cost a month."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in rows:
        if one.monthly:
            sums[one.currency] += one.monthly
    return dict(sorted(sums.items()))


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def add(request: TeamRequest) -> HttpResponse:
    """Note a tool down, in the drawer."""
    with_money = request.user.may("budget.see")
    form = ToolForm(request.POST or None, with_money=with_money)
    if request.method == "POST" and form.is_valid():
        try:
            tool, change = actions.add_tool(form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            text = _("“%(thing)s” is added.") % {"thing": tool}
            return said(close_dialog(HttpResponse()), text, change)
    return render(request, f"{PAGE}#new", {"form": form}, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def edit(request: TeamRequest, tool_id: int) -> HttpResponse:
    """One tool, in the drawer."""
    tool = get_object_or_404(Tool.objects.select_related("owner"), pk=tool_id)
    form = ToolForm.of(tool, request.POST or None, with_money=request.user.may("budget.see"))
    if request.method == "POST" and form.is_valid():
        try:
            typed, since = form.cleaned_data, since_of(request)
            with settled(tool, typed, since=since, by=request.user) as (fields, clashes):
                change = actions.edit_tool(tool, fields, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            if clashes:
                return ask(request, clashes, "tool-edit", at="#tool-clash")
            text = _("“%(thing)s” is changed.") % {"thing": tool}
            return said(close_dialog(HttpResponse()), text, change)
    opened = request.POST.get("since") or timezone.now().isoformat()
    context = {"tool": tool, "form": form, "opened": opened}
    return render(request, f"{PAGE}#edit", context, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_POST
def drop(request: TeamRequest, tool_id: int) -> HttpResponse:
    """It is no longer used."""
    tool = get_object_or_404(Tool, pk=tool_id)
    change = actions.drop_tool(tool, by=request.user)
    text = _("“%(thing)s” is off the list.") % {"thing": tool}
    return said(close_dialog(HttpResponse(status=204)), text, change)
