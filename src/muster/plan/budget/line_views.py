"""One line whole, many cells at once, and the papers beside a line (S10)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit import ids
from muster.kit.errors import Invalid, NotFound
from muster.kit.words import _
from muster.plan.budget import actions
from muster.plan.budget.automatic import counts
from muster.plan.budget.cells import SUMS, TEXTS, Cell, WrittenMeanwhile, set_cells
from muster.plan.budget.documents import SHOWN, add_document, drop_document, path_of
from muster.plan.budget.forms import DocumentForm, WholeLineForm
from muster.plan.budget.models import BudgetDocument, BudgetLine
from muster.plan.budget.standing import position, sums_per_line
from muster.plan.budget.typed import read_sum
from muster.plan.campaigns.answers import CHANGED, explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.team.changes.actions import as_one
from muster.team.changes.conflict import Clash, ask, settle, since_of
from muster.team.changes.offering import latest
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog, trigger

PAGE = "plan/budget/line.html"


@allow("budget.see")
@require_http_methods(["GET", "POST"])
def line(request: TeamRequest, campaign_id: int, line_id: int) -> HttpResponseBase:
    """A line: everything about it, and its form; a single cell when only that is sent."""
    campaign = of_page(request, campaign_id)
    found = line_of(campaign, line_id)
    if request.method == "GET":
        return _shown(request, campaign, found, WholeLineForm(initial=_initial(found)))
    return save_line(request, campaign_id, line_id)


@allow("budget.edit")
@require_POST
def save_line(request: TeamRequest, campaign_id: int, line_id: int) -> HttpResponse:
    """Keep the whole form, or the one cell that was edited."""
    campaign = of_page(request, campaign_id)
    found = line_of(campaign, line_id)
    if "whole" not in request.POST:
        change = actions.edit_line(found, _cell(request), by=request.user)
        return said(
            HttpResponse(status=204), gettext("“%(line)s” is changed.") % {"line": found}, change
        )
    form = WholeLineForm(request.POST)
    if form.is_valid():
        try:
            # Two who save at once come here one after the other.
            with transaction.atomic():
                actions.opened(campaign)
                found = line_of(campaign, line_id)
                fields, clashes = _settled(request, found, form.cleaned_data)
                change = actions.edit_line(found, fields, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            if clashes:
                return ask(request, clashes, "line-form", at="#line-clash")
            if not request.htmx:
                return redirect("plan:line", campaign.pk, found.pk)
            answer = close_dialog(HttpResponse(status=204))
            return said(answer, gettext("“%(line)s” is changed.") % {"line": found}, change)
    return _shown(request, campaign, found, form, status=422)


def _settled(
    request: TeamRequest, line: BudgetLine, typed: dict[str, Any]
) -> tuple[dict[str, Any], list[Clash]]:
    """What of the form may be kept, and what a colleague changed to something else meanwhile."""
    # A line in another currency is planned in that: this is what the form shows and takes.
    plan = "own_planned" if line.currency else "planned"
    mine = {plan if name == "planned" else name: value for name, value in typed.items()}
    # Moves of money change a plan as well; whoever left the sum as it was shown does not mean it.
    if "planned" in typed and _shown_sum(request) == typed["planned"]:
        del mine[plan]
    keep, clashes = settle(line, mine, since=since_of(request), by=request.user)
    return {"planned" if name == plan else name: value for name, value in keep.items()}, clashes


def _shown_sum(request: TeamRequest) -> Decimal | None:
    try:
        return Decimal(request.POST.get("was_planned", ""))
    except InvalidOperation:
        return None


def _initial(line: BudgetLine) -> dict[str, Any]:
    names = (*TEXTS, *SUMS, "category", "core", "status", "currency")
    planned = {"planned": line.own_planned} if line.currency else {}
    return {**{name: getattr(line, name) for name in names}, **planned}


def _shown(
    request: TeamRequest,
    campaign: Campaign,
    line: BudgetLine,
    form: WholeLineForm,
    status: int = 200,
) -> HttpResponse:
    parts = counts(campaign, line.auto) if line.auto else []
    context = {
        "line": line,
        "form": form,
        "opened": request.POST.get("since") or timezone.now().isoformat(),
        "was_planned": request.POST.get("was_planned") or _initial(line)["planned"],
        "now": position(line, sums_per_line(campaign).get(line.pk, {})),
        "documents": line.documents.select_related("by", "cost"),
        "document_form": DocumentForm(auto_id="doc_%s"),
        "entries": line.entries.select_related("by")[:20],
        "counts": parts if line.auto != "labour" or request.user.may("budget.rates") else [],
        "may_edit_budget": request.user.may("budget.edit") and campaign.may_be_planned,
    }
    if request.htmx:
        context = {"campaign": campaign, **context}
        return render(request, f"{PAGE}#drawer", context, status=status)
    whole = page(campaign, request.user, "budget/lines")
    return render(request, PAGE, {**whole, **context}, status=status)


def _cell(request: TeamRequest) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: request.POST[name] for name in ("category", *TEXTS) if name in request.POST
    }
    if "planned" in request.POST:
        number = read_sum(request.POST["planned"])
        if number is None:
            raise Invalid.at(
                "planned",
                "bad_number",
                _("“%(given)s” is no number. Write it as 500, 1.2万 or =12*800."),
                given=request.POST["planned"][:40],
            )
        fields["planned"] = number
    if "has_core" in request.POST:
        fields["core"] = "core" in request.POST
    return fields


@allow("budget.edit")
@require_POST
def drop_line(request: TeamRequest, campaign_id: int, line_id: int) -> HttpResponse:
    """Take a line away."""
    campaign = of_page(request, campaign_id)
    found = line_of(campaign, line_id)
    change = actions.drop_line(found, by=request.user)
    if not request.htmx:
        return redirect("plan:budget", campaign.pk)
    answer = close_dialog(HttpResponse(status=204))
    return said(answer, gettext("“%(line)s” is gone.") % {"line": found}, change)


@allow("budget.edit")
@require_POST
def cells(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Keep many cells together: what was typed, pasted, filled down or undone."""
    campaign = of_page(request, campaign_id)
    try:
        given = [
            Cell(
                ids.number("line", one["line"]) or 0,
                str(one["field"]),
                str(one["text"]),
                None if one.get("was") is None else str(one["was"]),
            )
            for one in json.loads(request.POST.get("cells", "[]"))
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid.at("/cells", "bad_cells", _("These are no cells of a budget.")) from None
    try:
        changed = set_cells(campaign, given, by=request.user)
    except WrittenMeanwhile as clash:
        return _ask(request, clash)
    if not changed:
        return said(HttpResponse(status=204), gettext("Nothing was changed."))
    many = len({change.object_id for change in changed})
    text = gettext("Lines changed: %(many)s") % {"many": many}
    return said(HttpResponse(status=204), text, as_one(changed))


def _ask(request: TeamRequest, clash: WrittenMeanwhile) -> HttpResponse:
    """Show both values of each cell above the page; either can be kept, and what is beside them."""
    mine = [cell for cell, _both in clash.clashes]
    context = {
        "clashes": [both for _cell, both in clash.clashes],
        "mine": _packed([*mine, *clash.others]),
        "theirs": _packed(clash.others) if clash.others else "",
        "others": len(clash.others),
    }
    answer = render(request, "plan/budget/clash.html", context, status=409)
    answer.headers["HX-Retarget"] = "#messages"
    answer.headers["HX-Reswap"] = "innerHTML"
    return trigger(answer, CHANGED, {})


def _packed(cells: Sequence[Cell]) -> str:
    return json.dumps(
        [
            {
                "line": ids.public("line", cell.line),
                "field": cell.field,
                "text": cell.text,
                "was": cell.was,
            }
            for cell in cells
        ]
    )


@allow("budget.edit")
@require_POST
def add_paper(request: TeamRequest, campaign_id: int, line_id: int) -> HttpResponse:
    """Put a paper beside a line."""
    campaign = of_page(request, campaign_id)
    found = line_of(campaign, line_id)
    form = DocumentForm(request.POST, request.FILES, auto_id="doc_%s")
    if not form.is_valid():
        raise Invalid.at("/link", "bad_link", _("A link begins with https://."))
    fields = dict(form.cleaned_data)
    file = fields["file"]
    fields["name"] = fields["name"] or (file.name if file else "")
    added = add_document(found, **fields, by=request.user)
    if not request.htmx:
        return redirect("plan:line", campaign.pk, found.pk)
    whole = WholeLineForm(initial=_initial(found))
    answer = _shown(request, campaign, found, whole)
    return said(answer, gettext("The paper is kept."), latest(added, request.user))


@allow("budget.edit")
@require_POST
def drop_paper(request: TeamRequest, campaign_id: int, document_id: int) -> HttpResponse:
    """Take a paper away."""
    document = _document(request, campaign_id, document_id)
    found = document.line
    change = drop_document(document, by=request.user)
    if not request.htmx:
        return redirect("plan:line", campaign_id, found.pk)
    whole = WholeLineForm(initial=_initial(found))
    answer = _shown(request, found.campaign, found, whole)
    return said(answer, gettext("The paper is taken away."), change)


@allow("budget.see")
def paper(request: TeamRequest, campaign_id: int, document_id: int) -> HttpResponseBase:
    """The file; only kinds that cannot run anything are shown, the others are downloaded."""
    document = _document(request, campaign_id, document_id)
    path = path_of(document)
    if path is None or not path.is_file():
        raise NotFound
    answer = FileResponse(
        path.open("rb"),
        content_type=document.type,
        as_attachment=document.type not in SHOWN,
        filename=document.name,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _document(request: TeamRequest, campaign_id: int, document_id: int) -> BudgetDocument:
    rows = BudgetDocument.objects.select_related("line__campaign")
    campaign = of_page(request, campaign_id)
    return get_object_or_404(rows, pk=document_id, line__campaign=campaign)


def line_of(campaign: Campaign, line_id: int) -> BudgetLine:
    """A line of this campaign."""
    return get_object_or_404(campaign.lines.all(), pk=line_id)
