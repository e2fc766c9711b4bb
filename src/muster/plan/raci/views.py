"""The matrix (S12): tasks by people, changed by keys, with what a change does said before."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from muster.kit import ids
from muster.kit.errors import Invalid, NotFound
from muster.plan.campaigns.answers import said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.raci import actions, rules
from muster.plan.raci.matrix import RaciMatrix, everybody, matrix_of
from muster.plan.raci.reading import key_of, read_cells, write_cells
from muster.plan.raci.written import Written
from muster.plan.tasks.models import Duty
from muster.team.changes.models import Change
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog, trigger

PAGE = "plan/raci/raci.html"


@allow("campaigns.see")
def raci(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page."""
    campaign = of_page(request, campaign_id)
    context = _context(request, campaign)
    if request.htmx:
        return render(request, f"{PAGE}#matrix", {"campaign": campaign, **context})
    return render(request, PAGE, page(campaign, request.user, "plan/raci", **context))


@allow("campaigns.edit")
@require_POST
def preview(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """What the changed cells would bring about."""
    campaign = of_page(request, campaign_id)
    cells = request.POST.get("cells", "")
    found = actions.preview(campaign, read_cells(cells)) if cells.strip() else None
    context = {"campaign": campaign, "cells": cells, "effects": found}
    return render(request, "plan/raci/effects.html", context)


@allow("campaigns.edit")
@require_POST
def apply(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Set the changed cells."""
    campaign = of_page(request, campaign_id)
    cells = read_cells(request.POST.get("cells", ""))
    return _applied(actions.set_duties(campaign, cells, by=request.user))


def _applied(change: Change | None) -> HttpResponse:
    count = len(change.details["duties"]) if change else 0
    text = ngettext("%(count)s duty changed.", "%(count)s duties changed.", count)
    response = close_dialog(said(HttpResponse(status=204), text % {"count": count}, change))
    return trigger(response, "raci-applied", {})


@allow("campaigns.edit")
def task(request: TeamRequest, campaign_id: int, task_id: int) -> HttpResponse:
    """The duties of one task as a form: for phones, and for those who do not like grids."""
    campaign = of_page(request, campaign_id)
    people = everybody()
    row = campaign.tasks.filter(pk=task_id).first()
    if row is None:
        raise NotFound
    held: dict[str, str] = {}
    for duty in row.duties.all():
        key = f"u{duty.user_id}" if duty.user_id else f"t{duty.team_id}"
        held[key] = rules.written({*held.get(key, "").replace("/", ""), duty.letter})
    if request.method == "POST":
        given = {one.key: request.POST.get(one.key, "") for one in people}
        changes = {
            (row.pk, key): rules.read_letters(letters)
            for key, letters in given.items()
            if rules.read_letters(letters) != rules.read_letters(held.get(key, ""))
        }
        return _applied(actions.set_duties(campaign, changes, by=request.user))
    shown = [(one, held.get(one.key, "")) for one in people]
    # Those who have a duty come first.
    shown.sort(key=lambda pair: not pair[1])
    context = {"campaign": campaign, "task": row, "people": shown, "choices": CHOICES}
    return render(request, "plan/raci/task.html", context)


CHOICES = ("", "R", "A", "A/R", "C", "I")


@allow("campaigns.edit")
def paste(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Take over a matrix from elsewhere: its roles become people in one step."""
    campaign = of_page(request, campaign_id)
    text = request.POST.get("text", "")
    if request.method != "POST":
        return render(request, "plan/raci/paste.html", {"campaign": campaign})
    pasted = rules.read_pasted(text)
    if pasted is None:
        raise Invalid.at(
            "/text",
            "no_table",
            _("This is no table. Copy the cells with the line that names the roles."),
        )
    tasks = {one.title.strip().casefold(): one.pk for one in campaign.tasks.all()}
    unknown = [title for title, _letters in pasted.rows if title.casefold() not in tasks]
    people = everybody()
    if "mapped" not in request.POST:
        roles = [(place, role, _guess(role, people)) for place, role in enumerate(pasted.roles)]
        context = {
            "campaign": campaign,
            "text": text,
            "roles": roles,
            "people": people,
            "unknown": unknown,
            "known": len(pasted.rows) - len(unknown),
        }
        return render(request, "plan/raci/paste.html", context)
    to = {role: request.POST.get(f"role-{place}", "") for place, role in enumerate(pasted.roles)}
    keys = {role: key for role, given in to.items() if (key := key_of(given))}
    changes: dict[rules.Cell, frozenset[str]] = {}
    for title, letters in pasted.rows:
        number = tasks.get(title.casefold())
        for role, held in letters.items():
            if number is not None and role in keys:
                cell = (number, keys[role])
                changes[cell] = changes.get(cell, frozenset()) | held
    found = actions.preview(campaign, changes) if changes else None
    context = {"campaign": campaign, "cells": write_cells(changes), "effects": found}
    return render(request, "plan/raci/pasted.html", context)


def _guess(role: str, people: list[Any]) -> str:
    """The person or team that is called as the column, or has that role."""
    for one in people:
        if one.name.casefold() == role.casefold():
            return str(one.public_id)
    named = [one for one in people if one.user and _role_of(one.user) == role.casefold()]
    return str(named[0].public_id) if len(named) == 1 else ""


def _role_of(user: Any) -> str:
    return str(user.role_name).casefold()


def _context(request: TeamRequest, campaign: Campaign) -> dict[str, Any]:
    added = [key for given in request.GET.getlist("with") if (key := key_of(given))]
    matrix = RaciMatrix(campaign, more=added) if added else matrix_of(campaign)
    rows = matrix.rows()
    broken = sum(row.breaks for row in rows)
    me = f"u{request.user.pk}"
    only_broken, only_mine = "broken" in request.GET, "mine" in request.GET
    if only_broken:
        rows = [row for row in rows if row.faults]
    if only_mine:
        mine = {me} | {key for key, one in matrix.holders.items() if request.user.pk in one.members}
        rows = [row for row in rows if not mine.isdisjoint(row.cells)]
    may_set = request.user.may("campaigns.edit") and campaign.may_be_planned
    return {
        "groups": Written(matrix).groups(rows),
        "columns": [(one, matrix.figures[key]) for key, one in matrix.holders.items()],
        "others": [one for one in everybody() if one.key not in matrix.holders],
        "added": [ids.public("user" if k[0] == "u" else "team", int(k[1:])) for k in added],
        "broken": broken,
        "only_broken": only_broken,
        "only_mine": only_mine,
        "query": request.GET.urlencode(),
        "tasks": len(matrix.tasks),
        "letters": [(letter.value, letter.label) for letter in Duty.Letter],
        "has_rows": bool(rows),
        "may_set": may_set,
    }
