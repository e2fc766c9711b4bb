"""The pages of leads (S21): the list with its clocks, and one lead with every touch."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.events import names
from muster.kit import clock
from muster.kit.errors import Invalid, NotFound, Refused
from muster.people.directory.timeline import Line, days, lines_of
from muster.people.leads import actions, rules
from muster.people.leads.costs import DAYS, costs
from muster.people.leads.models import REASONS, Lead, LeadStep
from muster.people.leads.shown import (
    PAGE,
    SHOWS,
    board_of,
    figures,
    may_see_clear,
    narrowed,
    next_states,
    rows_of,
    shown,
)
from muster.people.profile.models import Person
from muster.people.scoring.models import ScoreModel
from muster.team.changes.models import Change
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest, version_read
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS
from muster.team.users.models import User, Workspace
from muster.ui.toasts import close_dialog, toast, trigger

LIST, PAGE_OF_ONE = "people/leads/list.html", "people/leads/lead.html"
MOVE, COSTS = "people/leads/move.html", "people/leads/costs.html"
VIEWS = ("list", "board")


@allow("leads.work")
def leads(request: TeamRequest) -> HttpResponse:
    """One's own leads, those that nobody has, or everybody's."""
    reader, now = request.user, clock.now()
    may_all = reader.may("leads.all")
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWS and (asked != "all" or may_all) else "mine"
    if not asked and may_all and not reader.leads.open().exists():
        show = "all"
    view = request.GET.get("view", "")
    if view not in VIEWS:
        view = request.session.get("leads-view", VIEWS[0])
    request.session["leads-view"] = view
    if view == "board" and show == "closed":
        view = "list"
    rows = rows_of(reader)
    context = {
        "show": show,
        "view": view,
        "tabs": _tabs(reader),
        "figures": figures(rows, now),
        "model": ScoreModel.here(),
        "may_all": may_all,
        "may_set": reader.may("leads.model"),
        "may_see_costs": reader.may("insights.see"),
    }
    if view == "board":
        context["columns"] = board_of(rows, show, reader, now)
    else:
        found = narrowed(rows, show, reader)
        start = int(after) if (after := request.GET.get("after", "")).isdecimal() else 0
        page = list(found[start : start + PAGE + 1])
        context["rows"] = shown(page[:PAGE], reader, now)
        context["next"] = start + PAGE if len(page) > PAGE else None
    return render(request, f"{LIST}#rows" if request.htmx else LIST, context)


@allow("insights.see")
def lead_costs(request: TeamRequest) -> HttpResponse:
    """What leads cost by campaign and channel, and how many of them sales takes."""
    found = costs(request.user, clock.now())
    return render(request, COSTS, {"costs": found, "days": DAYS})


def _tabs(reader: User) -> list[dict[str, Any]]:
    rows = Lead.objects.visible_to(reader)
    tabs = [
        {"key": "mine", "title": _("My leads"), "count": rows.open().filter(owner=reader).count()},
        {"key": "free", "title": _("Nobody's"), "count": rows.open().filter(owner=None).count()},
    ]
    if reader.may("leads.all"):
        tabs.append({"key": "all", "title": _("All open"), "count": rows.open().count()})
    closed = rows.exclude(state__in=rules.OPEN)
    return [*tabs, {"key": "closed", "title": _("Closed"), "count": closed.count()}]


@allow("leads.work")
def lead(request: TeamRequest, lead_id: int) -> HttpResponse:
    """One lead: what it is, what to do, and every touch."""
    return render(request, PAGE_OF_ONE, _context(request, _found(request, lead_id)))


@allow("leads.work")
@require_POST
def move(request: TeamRequest, lead_id: int) -> HttpResponse:
    """Bring it to another stage."""
    said, found = request.POST, _found(request, lead_id)
    # The board says `status`; what the stage wants to know besides is asked for.
    from_board = "status" in said or "on_board" in said
    state = said.get("status", said.get("state", ""))
    if "status" in said and state in (*rules.NEEDS_REASON, *rules.NEEDS_AMOUNT):
        return _ask(request, found, state)
    done = actions.move(
        found,
        state,
        by=request.user,
        now=clock.now(),
        note=said.get("note", ""),
        reason=said.get("reason", ""),
        amount=said.get("amount", ""),
        version=version_read(request),
    )
    text = _("The lead is now at “%(state)s”.") % {
        "state": Lead.objects.get(pk=lead_id).get_state_display()
    }
    if from_board:
        answer = close_dialog(trigger(HttpResponse(status=204), "leads-changed", {}))
        return toast(answer, text, undo=way_back(done))
    return _again(request, lead_id, text, done)


def _ask(request: TeamRequest, found: Lead, state: str) -> HttpResponse:
    """The reason or the amount that this stage needs, in a dialog over the board."""
    ways = dict(next_states(found))
    if state not in ways:
        raise Refused(_("This stage cannot be reached from here."), code="no_way")
    (one,) = shown([found], request.user, clock.now())
    context = {
        "lead": found,
        "one": one,
        "state": state,
        "words": ways[state],
        "needs_amount": state in rules.NEEDS_AMOUNT,
        "reasons": REASONS,
        "currency": found.currency or Workspace.here().currency,
    }
    answer = render(request, MOVE, context)
    answer.headers["HX-Retarget"] = "#dialog"
    answer.headers["HX-Reswap"] = "innerHTML"
    # The card stands in its column until it has moved.
    return trigger(answer, "leads-changed", {})


@allow("leads.work")
@require_POST
def note(request: TeamRequest, lead_id: int) -> HttpResponse:
    """Write down what happened and what comes next."""
    said = request.POST
    done = actions.note(
        _found(request, lead_id),
        by=request.user,
        now=clock.now(),
        text=said.get("text", ""),
        contacted="contacted" in said,
        next_step=said.get("next_step", "") if "next_step" in said else None,
        next_on=_day(said.get("next_on", "")),
        version=version_read(request),
    )
    return _again(request, lead_id, _("Noted."), done)


@allow("leads.work")
@require_POST
def give(request: TeamRequest, lead_id: int) -> HttpResponse:
    """Hand it to a colleague, or take it oneself."""
    number = request.POST.get("to", "")
    users = User.objects.filter(is_active=True)
    to = users.filter(pk=int(number) if number.isdecimal() else 0).first()
    if to is None:
        raise Invalid.at("/to", "unknown_member", _("Choose a colleague."))
    done = actions.give(_found(request, lead_id), to, by=request.user, now=clock.now())
    text = _("%(name)s has the lead now.") % {"name": to.name}
    if Lead.objects.visible_to(request.user).filter(pk=lead_id).exists():
        return _again(request, lead_id, text, done)
    answer = HttpResponse(status=204, headers={"HX-Redirect": reverse("people:leads")})
    return toast(answer, text, undo=way_back(done))


@allow("leads.work")
@require_POST
def add(request: TeamRequest, person_id: int) -> HttpResponse:
    """Make somebody a lead of one's own."""
    person = Person.objects.present().filter(pk=person_id).first()
    if person is None:
        raise NotFound
    made = actions.open_by_hand(person, by=request.user, now=clock.now())
    return redirect("people:lead", lead_id=made.pk)


def _day(text: str) -> Any:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _again(request: TeamRequest, lead_id: int, text: str, done: Change) -> HttpResponse:
    if not request.htmx:
        return redirect("people:lead", lead_id=lead_id)
    answer = render(request, f"{PAGE_OF_ONE}#lead", _context(request, _found(request, lead_id)))
    return toast(answer, text, undo=way_back(done))


def _context(request: TeamRequest, found: Lead) -> dict[str, Any]:
    reader, now = request.user, clock.now()
    (one,) = shown([found], reader, now)
    try:
        clear = may_see_clear(found, reader)
        lines = [one for one in lines_of(found.person_id, clear=clear, limit=80) if not _ours(one)]
    except NO_NUMBERS:
        lines = []
    steps = found.steps.select_related("to", "by").order_by("-pk")
    may_all = reader.may("leads.all")
    is_mine = found.owner_id in (None, reader.pk) or may_all
    moves = [
        (state, words, rules.STAGES.index(state) + 1)
        for state, words in (next_states(found) if is_mine else ())
    ]
    colleagues = [
        user
        for user in User.objects.filter(is_active=True).order_by("name")
        if user.pk != found.owner_id and user.may("leads.work")
    ]
    return {
        "one": one,
        "lead": found,
        "person": found.person,
        "steps": [row for row in steps if row.kind != LeadStep.Kind.NOTED or row.note or row.facts],
        "days": list(days(lines, Workspace.here().zone)),
        "moves": [one for one in moves if one[0] not in rules.NEEDS_REASON],
        "ends": [one for one in moves if one[0] in rules.NEEDS_REASON],
        "reasons": REASONS,
        "currency": found.currency or Workspace.here().currency,
        "is_mine": is_mine and found.is_open,
        "may_give": found.is_open and (may_all or found.owner_id == reader.pk),
        "may_see_person": reader.may("people.see"),
        "colleagues": colleagues,
    }


def _ours(line: Line) -> bool:
    """Whether the way of the lead says it already."""
    return line.moment.name in names.OF_LEADS or (
        str(line.moment.properties.get("lead", "")).startswith("led_")
    )


def _found(request: TeamRequest, lead_id: int) -> Lead:
    found = rows_of(request.user).filter(pk=lead_id).first()
    if found is None:
        raise NotFound
    return found
