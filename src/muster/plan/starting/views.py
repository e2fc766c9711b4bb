"""A new campaign (S06): where it comes from, six inputs, and everything that will be created."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit import ids
from muster.kit.days import far_away
from muster.kit.errors import Invalid, NotFound
from muster.plan.budget import rules as budget_rules
from muster.plan.budget.models import BudgetLine
from muster.plan.calendar.nodes import NodeDays, nodes_between
from muster.plan.campaigns.answers import explain
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.progress import progress_of
from muster.plan.goals.rules import even_checkpoints
from muster.plan.goals.shown import written
from muster.plan.starting import brief_text, rules
from muster.plan.starting.actions import Wanted, check_start, made, start_from
from muster.plan.starting.before import last_values, number_of
from muster.plan.starting.copying import template_of
from muster.plan.starting.documents import LARGEST, text_of
from muster.plan.starting.forms import LONGEST, NewForm
from muster.plan.starting.people import Somebody, suggested
from muster.plan.starting.shelf import templates
from muster.plan.starting.showing import (
    aims_of,
    cells_of,
    last_time,
    lines_of,
    rails_of,
    risks_of,
    role_name,
    schedule_of,
    uses,
)
from muster.team.calendars.working import work_calendar
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import User, Workspace
from muster.ui.middleware import worded
from muster.warehouse.metrics import METRICS

SHELF, NEW = "plan/starting/shelf.html", "plan/starting/new.html"
_MOST_NODES = 9
_NEAR = timedelta(days=21)
_MOST_NEAR = 5
BLANK = rules.Template(key="", name=rules.same(""))


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def new(request: TeamRequest) -> HttpResponse:
    """Choose a source; then the inputs with their preview; then the campaign is there."""
    if request.method == "GET" and not {"template", "copy", "blank"} & set(request.GET):
        return _shelf(request)
    source = request.POST.get("source", "") if request.method == "POST" else _source(request)
    template, copied = _template(request.user, source)
    if request.method == "GET":
        form = NewForm(initial=_initial(request, template, copied, source))
        return render(request, NEW, {"form": form, **_preview(form, template, request)})
    form = NewForm(request.POST)
    if form.is_valid():
        try:
            campaign = _start(form.cleaned_data, template, copied, request)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            return redirect("plan:overview", campaign_id=campaign.pk)
    context = {"form": form, **_preview(form, template, request)}
    return render(request, NEW, context, status=422)


@allow("campaigns.edit")
@require_POST
def preview(request: TeamRequest) -> HttpResponse:
    """Everything that would be created, while it is typed."""
    form = NewForm(request.POST)
    form.is_valid()
    template, _copied = _template(request.user, request.POST.get("source", ""))
    return render(request, f"{NEW}#preview", {"form": form, **_preview(form, template, request)})


@allow("campaigns.edit")
@require_POST
def read(request: TeamRequest) -> HttpResponse:
    """Read a brief, pasted or as a file; what was understood is shown with its words."""
    text = request.POST.get("text", "")[:20_000]
    problem = ""
    sent = request.FILES.get("file")
    if isinstance(sent, UploadedFile):
        try:
            text = text_of(sent.name or "", sent.read(LARGEST + 1))
        except Invalid as invalid:
            problem = worded(invalid.text, invalid.params)
    if problem:
        return _shelf(request, text=text, problem=problem)
    found = brief_text.read(text, today())
    if not found:
        problem = gettext(
            "No name, day, sum or goal was found in this text. Write it as “Budget: 500,000” or "
            "“11 月 1 日至 11 月 12 日”."
        )
        return _shelf(request, text=text, problem=problem)
    values = {one.field: one.value for one in found}
    source = values.pop("template", "")
    template, _none = _template(request.user, source)
    initial = {**_initial(request, template, None, source), **_typed(values)}
    form = NewForm(initial=initial)
    named = {name: str(field.label or "") for name, field in form.fields.items()}
    named |= {"template": gettext("Template"), "message": gettext("Core message")}
    context = {
        "form": form,
        "read": [(named.get(one.field, ""), one.phrase) for one in found],
        **_preview(form, template, request),
    }
    return render(request, NEW, context)


def _shelf(request: TeamRequest, *, text: str = "", problem: str = "") -> HttpResponse:
    language = get_language() or "en"
    used = uses()
    handed_on = {k: v for k in ("starts", "ends", "name") if (v := request.GET.get(k, ""))}
    past = Campaign.objects.visible_to(request.user).order_by("-starts", "-pk")
    context = {
        "books": [
            {
                "template": one,
                "name": rules.words(one.name, language),
                "summary": rules.words(one.summary, language),
                "when": rules.words(one.when, language),
                "avoid": rules.words(one.avoid, language),
                "used": used.get(one.key),
                "lead": _lead(one),
                "url": "?" + urlencode({"template": one.key, **handed_on}),
            }
            for one in templates().values()
        ],
        "blank_url": "?" + urlencode({"blank": "1", **handed_on}),
        "handed_on": handed_on,
        "past": past[:100],
        "text": text,
        "problem": problem,
        "nodes": [
            (one, "?" + urlencode(_from_node(one)))
            for one in nodes_between(today() + timedelta(days=1), today() + timedelta(days=400))
            if one.node.main and one.first > today()
        ][:_MOST_NODES],
    }
    return render(request, SHELF, context, status=422 if problem else 200)


def _from_node(node: NodeDays) -> dict[str, str]:
    """What a day of the calendar hands on to the campaign that is made for it."""
    return {
        "starts": node.first.isoformat(),
        "ends": node.last.isoformat(),
        "name": gettext(node.name),
    }


def _near(starts: date, ends: date) -> list[NodeDays]:
    """Festivals and sales on these days and shortly before and after, the nearest first."""
    found = nodes_between(max(starts - _NEAR, today()), ends + _NEAR)

    def apart(node: NodeDays) -> tuple[bool, int]:
        return not node.node.main, abs((node.first - starts).days)

    return sorted(sorted(found, key=apart)[:_MOST_NEAR], key=lambda one: one.first)


def _lead(template: rules.Template) -> int:
    """How many working days before the first day the work begins."""
    before = [task for task in template.tasks if task.ends.anchor == "D" and task.ends.days < 0]
    return max((task.days - 1 - task.ends.days for task in before), default=0)


def _source(request: TeamRequest) -> str:
    return request.GET.get("template") or request.GET.get("copy") or ""


def _template(user: User, source: str) -> tuple[rules.Template, Campaign | None]:
    """The template behind a source, and the campaign it was read from."""
    if source in templates():
        return templates()[source], None
    number = ids.number("campaign", source) if source.startswith("cmp_") else None
    copied = Campaign.objects.visible_to(user).filter(pk=number or 0).first()
    if copied is not None:
        return template_of(copied), copied
    if source:
        raise NotFound
    return BLANK, None


def _initial(
    request: TeamRequest, template: rules.Template, copied: Campaign | None, source: str
) -> dict[str, Any]:
    language = get_language() or "en"
    chosen, until = (_day(request.GET.get(name, "")) for name in ("starts", "ends"))
    if problems := far_away({"/starts": chosen}):
        raise Invalid.of(problems)
    day = chosen or today() + timedelta(days=14)
    if template.tasks and chosen is None:
        # Early enough that the first task can still begin today.
        day = max(day, work_calendar(day).shift(today(), _lead(template)))
    initial: dict[str, Any] = {
        "source": source if template is not BLANK else "",
        "name": request.GET.get("name", "")[:120],
        "starts": day,
        "length": min((until - day).days + 1 if until and until >= day else template.days, LONGEST),
        "currency": Workspace.here().currency,
        "owner": request.user,
        "audience": rules.words(template.texts.get("audience", {}), language),
    }
    if template.goals:
        main = template.goals[0]
        until = day + timedelta(days=initial["length"] - 1)
        last = last_values(template, initial["currency"], day, until).get(main.metric)
        baseline = number_of(last) if last else None
        initial |= {"metric": main.metric, "baseline": baseline}
        initial["target"] = main.target_from(baseline)
    if copied is not None:
        initial |= {"currency": copied.currency, "total_budget": copied.total_budget}
        goal = copied.goals.first()
        if goal is not None:
            reached = progress_of(copied, goal)
            initial |= {
                "target": goal.target,
                "baseline": reached.value.normalize() + 0 if reached else goal.baseline,
            }
    return initial


def _typed(values: dict[str, str]) -> dict[str, Any]:
    """Proposed values as the form and the preview take them."""
    typed: dict[str, Any] = {k: v for k, v in values.items() if k in NewForm.base_fields}
    for name in ("total_budget", "target"):
        if name in typed:
            typed[name] = Decimal(typed[name])
    if "length" in typed:
        typed["length"] = min(max(int(typed["length"]), 1), LONGEST)
    if "starts" in typed:
        typed["starts"] = date.fromisoformat(typed["starts"])
    return typed


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _start(
    data: dict[str, Any], template: rules.Template, copied: Campaign | None, request: TeamRequest
) -> Campaign:
    if data["source"]:
        check_start(data["starts"])
    if "shown" in request.POST:
        template = template.only(frozenset(request.POST.getlist("take")))
    change = start_from(
        template,
        Wanted(
            **{name: data[name] for name in ("name", "starts", "ends", "currency", "owner")},
            total_budget=data["total_budget"] or Decimal(0),
            goal={name: data[name] for name in ("metric", "target", "baseline")},
            fields={"audience": data["audience"], "message": request.POST.get("message", "")},
        ),
        by=request.user,
        people=_people(request, template, data["owner"]),
        copied=copied,
    )
    text = gettext("“%(name)s” is there. For ten minutes all of it can be taken back.")
    undo = way_back(change)
    messages.success(request, text % {"name": data["name"]}, extra_tags=undo)
    return made(change)


def _people(request: TeamRequest, template: rules.Template, owner: User) -> dict[str, Somebody]:
    """Who takes which role, as chosen on the page."""
    people = suggested(template.roles, owner)
    chosen = {
        role: ids.number("user", request.POST[f"who_{role}"])
        for role in people
        if request.POST.get(f"who_{role}", "").startswith("usr_")
    }
    users = User.objects.filter(is_active=True).in_bulk([pk for pk in chosen.values() if pk])
    people.update({role: users[pk] for role, pk in chosen.items() if pk in users})
    return people


def _preview(form: NewForm, template: rules.Template, request: TeamRequest) -> dict[str, Any]:
    data = form.cleaned_data if form.is_bound else form.initial
    starts, length = data.get("starts"), data.get("length")
    ends = starts + timedelta(days=length - 1) if starts and length else None
    total = data.get("total_budget") or Decimal(0)
    currency = data.get("currency") or Workspace.here().currency
    owner = data.get("owner") or request.user
    main = data.get("metric") or form.fields["metric"].initial
    metric = METRICS.get(main)
    target = data.get("target")
    last = last_values(template, currency, starts, ends, main) if starts and ends else {}
    people = _people(request, template, owner)
    shown = "shown" in request.POST
    schedule = (
        schedule_of(template, starts, ends, work_calendar(starts), people, owner, today())
        if starts and ends
        else None
    )
    return {
        "template": template,
        "template_name": rules.words(template.name, get_language() or "en"),
        "data": data,
        "starts": starts,
        "ends": ends,
        "checkpoints": even_checkpoints(starts, ends) if starts and ends and ends > starts else [],
        "metric_name": gettext(metric.name) if metric else "",
        "target": written(target, metric, currency) if target is not None else "",
        "main_last": last_time(last, main, currency),
        "aims": aims_of(template, last, main, currency),
        "rails": rails_of(template, last, main, currency),
        "main_takes": [f"goal:{n}" for n, a in enumerate(template.goals) if a.metric == main],
        "currency": currency,
        "lines": lines_of(template, total) if total > 0 else [],
        "suggested": [] if template.lines else _suggested(total),
        "total": total,
        "schedule": schedule,
        "near": _near(starts, ends) if starts and ends else [],
        "cells": cells_of(template) if template.cells else [],
        "risks": risks_of(template),
        "people": [(role, role_name(role, who), who) for role, who in people.items()],
        "colleagues": User.objects.filter(is_active=True).order_by("name"),
        "shown": shown,
        "taken": set(request.POST.getlist("take")),
        "message": request.POST.get("message", ""),
    }


def _suggested(total: Decimal) -> list[tuple[str, Decimal, Decimal, bool]]:
    return [
        (
            str(BudgetLine.Category(line.category).label),
            line.planned,
            line.planned / total,
            line.core,
        )
        for line in (budget_rules.suggested_lines(total) if total > 0 else [])
    ]
