"""The list of campaigns (S05): table, board, timeline and warmth, saved views, bulk, export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from openpyxl import Workbook

from muster.kit import ids
from muster.kit.errors import Refused
from muster.plan.campaigns.actions import edit_campaign, take_step
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.overview import figures
from muster.plan.overview.actions import choose_columns, columns_of, keep_view, tag
from muster.plan.overview.forms import FindForm, ViewForm
from muster.plan.overview.heat import year_of
from muster.plan.overview.listing import (
    COLUMNS,
    Row,
    asked_for,
    grouped,
    may_see,
    quarter,
    rows_of,
    totals,
)
from muster.plan.overview.models import SavedView, Tag
from muster.plan.overview.written import bars, cards
from muster.team.changes.actions import as_one
from muster.team.changes.models import Change
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import User
from muster.ui.toasts import toast, trigger

LIST = "plan/overview/campaigns.html"
PER_PAGE = 30
_MOST = 200
"""On the board and the timeline, which have no pages."""
_MOST_WARM = 2000
"""In the warmth of a year, which only counts them."""
_STEPS = {
    "draft": ("draft", "preparing"),
    "in_review": ("in_review", "ready"),
    "running": ("running", "paused"),
    "ended": ("ended", "reviewed"),
}
"""Column of the board → statuses."""


@allow("campaigns.see")
def campaigns(request: TeamRequest) -> HttpResponse:
    """The list; its rows alone when htmx asks for them."""
    everything = Campaign.objects.visible_to(request.user)
    form, asked = FindForm.asked(request.GET)
    found = asked_for(everything, asked).select_related("owner")
    columns = columns_of(request.user)
    look = request.GET.get("view", "table")
    look = look if look in {"table", "board", "timeline", "heat"} else "table"
    context: dict[str, Any] = {
        "form": form,
        "look": look,
        "looks": [
            ("table", _("Table"), _query(request, view="")),
            ("board", _("Board"), _query(request, view="board")),
            ("timeline", _("Timeline"), _query(request, view="timeline")),
            ("heat", _("Calendar heat"), _query(request, view="heat")),
        ],
        "sort": asked.sort,
        "is_filtered": asked.is_filtered,
        "is_empty": False,
        "may_edit": request.user.may("campaigns.edit"),
        "may_see_money": request.user.may("budget.see"),
        "put_away": _put_away(request),
        "query": _query(request, page=""),
        "views": _views(request),
        "view_form": ViewForm(initial={"query": _query(request, page="")}, auto_id="view_%s"),
        "columns": columns,
        "all_columns": [
            (key, _(name), key in columns)
            for key, name in COLUMNS.items()
            if may_see(key, request.user)
        ],
        "tags": Tag.objects.order_by("name").values_list("name", flat=True).distinct()[:200],
        # Where the sums stand in the last line of the table.
        "before_budget": 1 + len({"status", "days", "owner", "goal"} & set(columns)),
        "after_budget": len({"roi", "audience", "ready", "milestone", "tags"} & set(columns)),
        "colleagues": User.objects.filter(is_active=True).order_by("name"),
    }
    if look == "table":
        with_tags = found.prefetch_related("tags")
        page = Paginator(with_tags, PER_PAGE).get_page(request.GET.get("page", "1"))
        rows = rows_of(list(page), columns)
        context |= {
            "page": page,
            "groups": grouped(rows, asked.group),
            "totals": totals(found) if context["may_see_money"] else [],
            "count": page.paginator.count,
        }
    elif look == "heat":
        rows = rows_of(list(found[:1]), ())
        context |= _heat(request, found)
    else:
        is_board = look == "board"
        rows = rows_of(list(found[:_MOST]), {"goal"} if is_board else ())
        context |= (
            _board(rows, with_money=context["may_see_money"]) if is_board else _timeline(rows)
        )
        context["count"] = len(rows)
    asks_figures = look in {"table", "board"}
    waiting = [one for one in rows if asks_figures and one.figures is None]
    context["waiting"] = ",".join(row.campaign.public_id for row in waiting)
    context["rows"] = rows
    context["is_empty"] = not rows and not asked.is_filtered and not everything.exists()
    return render(request, f"{LIST}#rows" if request.htmx else LIST, context)


def _query(request: TeamRequest, **changed: str) -> str:
    """The present query string with some parts changed, empty ones left out."""
    query = request.GET.copy()
    for name, value in {**changed, "deleted": ""}.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return "&".join(part for part in query.urlencode().split("&") if part and part[-1] != "=")


def _put_away(request: TeamRequest) -> Change | None:
    """The change by which the reader has just put a campaign away, if it can be undone."""
    change = ids.number("change", request.GET.get("deleted", "")) or 0
    rows = Change.objects.filter(pk=change, by=request.user, verb="deleted", undone_at=None)
    return rows.first()


def _views(request: TeamRequest) -> list[tuple[SavedView, bool, bool]]:
    """(view, it is shown now, it is mine)"""
    here = _query(request, page="")
    rows = SavedView.objects.filter(Q(by=request.user) | Q(shared=True)).select_related("by")
    return [(one, one.query == here, one.by_id == request.user.pk) for one in rows[:30]]


def _board(rows: Sequence[Row], *, with_money: bool) -> dict[str, Any]:
    titles = {
        "draft": _("Planning"),
        "in_review": _("Approval and ready"),
        "running": _("Running"),
        "ended": _("Over"),
    }
    columns = []
    for key, statuses in _STEPS.items():
        inside = [row for row in rows if row.campaign.status in statuses]
        columns.append((titles[key], len(inside), cards(inside, with_money=with_money)))
    return {"columns": columns}


def _timeline(rows: Sequence[Row]) -> dict[str, Any]:
    """Bars over whole quarters, from the first campaign shown to the last."""
    shown = sorted(rows, key=lambda row: (row.campaign.starts, row.campaign.pk))
    if not shown:
        return {"bars": [], "quarters": []}
    first = min(row.campaign.starts for row in shown)
    last = max(row.campaign.ends for row in shown)
    first = date(first.year, (first.month - 1) // 3 * 3 + 1, 1)
    quarters = list(_quarters(first, last))
    span = (quarters[-1][1] - first).days + 1

    def left(day: date) -> float:
        return round((day - first).days / span * 100, 2)

    marks = [(quarter(begin), left(begin)) for begin, _end in quarters]
    return {"bars": bars(shown, left, marks, today()), "quarters": marks}


def _heat(request: TeamRequest, found: QuerySet[Campaign]) -> dict[str, Any]:
    """The year that is asked for, or this one."""
    asked = request.GET.get("year", "")
    year = int(asked) if re.fullmatch(r"(19|20)[0-9]{2}", asked) else today().year
    inside = found.filter(starts__lte=date(year, 12, 31), ends__gte=date(year, 1, 1))
    return {
        "heat": year_of(list(inside[:_MOST_WARM]), year, today()),
        "today": today(),
        "before_url": _query(request, year=str(year - 1)),
        "after_url": _query(request, year=str(year + 1)),
    }


def _quarters(first: date, last: date) -> Iterator[tuple[date, date]]:
    begin = first
    while begin <= last:
        month = begin.month + 3
        after = date(begin.year + month // 13, (month - 1) % 12 + 1, 1)
        yield begin, after - timedelta(days=1)
        begin = after


@allow("campaigns.see")
def figures_of(request: TeamRequest) -> HttpResponse:
    """Work out the dear figures of some campaigns of the list, and tell the list."""
    numbers = [ids.number("campaign", one) for one in request.GET.get("ids", "").split(",")]
    rows = Campaign.objects.visible_to(request.user).prefetch_related("goals")
    wanted = [number for number in numbers[: figures.AT_ONCE] if number]
    figures.work_out(list(rows.filter(pk__in=wanted)), today())
    return trigger(HttpResponse(status=204), "figures-known", {})


@allow("campaigns.edit")
@require_POST
def bulk(request: TeamRequest) -> HttpResponse:
    """Do one thing to the campaigns that are ticked, or to all that are asked for."""
    chosen = _chosen(request)
    do = request.POST.get("do", "")
    done, kept = 0, list[str]()
    if do == "copy":
        if len(chosen) != 1:
            raise Refused(_("Tick the one campaign that is to be copied."))
        address = f"{reverse('plan:new')}?copy={chosen[0].public_id}"
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    number = request.POST.get("to", "")
    known = User.objects.filter(is_active=True)
    to = known.filter(pk=number).first() if re.fullmatch(r"[0-9]{1,18}", number) else None
    changes: list[Change | None] = []
    if do in {"tag", "untag"}:
        name, off = request.POST.get("tag", ""), do == "untag"
        changes = [tag(chosen, name, by=request.user, off=off)]
        done = changes[0].parts.count() + 1 if changes[0] else 0
        chosen = []
    for one in chosen:
        try:
            if do == "owner" and to is not None:
                changes.append(edit_campaign(one, {"owner": to}, by=request.user))
            elif do == "archive":
                changes.append(take_step(one, "archive", by=request.user))
            else:
                raise Refused
        except Refused:
            kept.append(one.name)
        else:
            done += 1
    change = as_one(changes)
    undo = way_back(change)
    text = ngettext("One campaign is changed.", "%(count)s campaigns are changed.", done)
    text = text % {"count": done}
    if kept:
        more = ngettext(
            "One stays as it is: %(names)s.", "%(count)s stay as they are: %(names)s.", len(kept)
        )
        text += " " + more % {"count": len(kept), "names": ", ".join(kept[:5])}
    return trigger(toast(HttpResponse(status=204), text, undo=undo), "figures-known", {})


@allow("campaigns.see")
@require_POST
def columns(request: TeamRequest) -> HttpResponse:
    """Which columns I see."""
    choose_columns(request.POST.getlist("column"), by=request.user)
    return trigger(HttpResponse(status=204), "figures-known", {})


def _chosen(request: TeamRequest) -> list[Campaign]:
    everything = Campaign.objects.visible_to(request.user)
    if request.POST.get("all"):
        _form, asked = FindForm.asked(QueryDict(request.POST.get("query", "")))
        return list(asked_for(everything, asked)[:1000])
    numbers = [ids.number("campaign", one) for one in request.POST.getlist("chosen")]
    return list(everything.filter(pk__in=[number for number in numbers if number]))


@allow("campaigns.see")
def export(request: TeamRequest, kind: str) -> HttpResponse:
    """The list as it is asked for, as a file."""
    everything = Campaign.objects.visible_to(request.user)
    _form, asked = FindForm.asked(request.GET)
    found = asked_for(everything, asked).select_related("owner").prefetch_related("tags")
    chosen = [ids.number("campaign", one) for one in request.GET.getlist("chosen")]
    if chosen:
        found = found.filter(pk__in=[number for number in chosen if number])
    may_see_money = request.user.may("budget.see")
    head = [
        _("Campaign"), _("Status"), _("What it is for"), _("First day"), _("Last day"),
        _("In charge"), _("Channels"), _("Main goal"), _("Target"), _("Current value"), _("Tags"),
    ]  # fmt: skip
    if may_see_money:
        head += [_("Currency"), _("Total budget"), _("Spent")]
    rows = [_cells(row, may_see_money) for row in rows_of(list(found[:5000]))]
    name = f"campaigns-{today():%Y-%m-%d}.{kind}"
    return _csv(head, rows, name) if kind == "csv" else _xlsx(head, rows, name)


def _cells(row: Row, may_see_money: bool) -> list[Any]:
    one, goal = row.campaign, row.goal
    cells = [
        one.name,
        str(one.get_status_display()),
        str(one.get_strategy_display()),
        one.starts,
        one.ends,
        str(one.owner),
        ", ".join(name for _icon, name in row.channels),
        goal.name if goal else "",
        goal.goal.target if goal else None,
        goal.value if goal else None,
        ", ".join(tag.name for tag in one.tags.all()),
    ]
    return [*cells, one.currency, one.total_budget, row.bound.actual] if may_see_money else cells


def _csv(head: list[str], rows: list[list[Any]], name: str) -> HttpResponse:
    # A spreadsheet takes a cell that begins so for a formula; the sign in front makes it text.
    def safe(cell: Any) -> Any:
        return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell

    text = io.StringIO()
    csv.writer(text).writerows([head, *([safe(cell) for cell in row] for row in rows)])
    return _file(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", name)


def _xlsx(head: list[str], rows: list[list[Any]], name: str) -> HttpResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Campaigns"))
    sheet.append(head)
    for row in rows:
        # A text that looks like a formula stays a text.
        sheet.append([f"'{c}" if isinstance(c, str) and c.startswith("=") else c for c in row])
    held = io.BytesIO()
    book.save(held)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(held.getvalue(), kind, name)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@allow("campaigns.see")
@require_POST
def save_view(request: TeamRequest) -> HttpResponse:
    """Keep the list as it is shown now under a name."""
    form = ViewForm(request.POST, auto_id="view_%s")
    if not form.is_valid():
        return redirect("plan:campaigns")
    data = form.cleaned_data
    shared = data["shared"] and request.user.may("campaigns.edit")
    view = keep_view(data["name"], data["query"], by=request.user, shared=shared)
    return redirect(f"{reverse('plan:campaigns')}?{view.query}")


@allow("campaigns.see")
@require_POST
def drop_view(request: TeamRequest, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    get_object_or_404(SavedView, pk=view_id, by=request.user).delete()
    return redirect("plan:campaigns")
