"""The plan (S11): board, list and Gantt chart on one set of tasks, and each task in the drawer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit import ids
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.campaigns.answers import said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import look
from muster.plan.campaigns.page import page
from muster.plan.tasks import actions, artefacts, gantt, linking, reading
from muster.plan.tasks.models import Dependency, Task
from muster.plan.tasks.planning import Plan, plan_of
from muster.plan.tasks.replanning import Move, preview, replan, set_baseline
from muster.plan.tasks.schedule.cascade import Way
from muster.plan.tasks.shown import Row, early_warnings, loads, rows_of, sieve
from muster.plan.tasks.typed import write_tasks
from muster.plan.tasks.written import Writer
from muster.team.changes.actions import as_one
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.members.models import Team
from muster.team.permissions import allow
from muster.team.users.models import User
from muster.ui.middleware import worded
from muster.ui.toasts import close_dialog, toast

BOARD, LIST, GANTT, TASK, OWN, PREVIEW = (
    f"plan/tasks/{name}.html" for name in ("board", "list", "gantt", "task", "own", "preview")
)
FILTERS = ("who", "phase", "q", "show", "dates")
_MOST_DONE = 12
_MANY = 3
"""More tasks than this in progress are too many for one person."""
_TRIED = "whatif"


@allow("campaigns.see")
def board(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """What is to do, in progress, in review and done."""
    campaign = of_page(request, campaign_id)
    plan = plan_of(campaign)
    context = _shared(request, plan, rows_of(plan))
    all_done = "all" in request.GET
    write = Writer(campaign, may_plan=context["may_plan"])
    columns = []
    for status in Task.Status:
        cards = [row for row in context["rows"] if row.task.status == status]
        cards.sort(key=_urgency)
        if status == Task.Status.DONE:
            cards.sort(key=lambda row: row.task.done_on or date.min, reverse=True)
        shown = cards if all_done or status != Task.Status.DONE else cards[:_MOST_DONE]
        columns.append(
            {
                "status": status,
                "cards": write.cards(shown),
                "count": len(cards),
                "more": len(cards) - len(shown),
                "note": _too_many(cards) if status == Task.Status.DOING else "",
            }
        )
    context["columns"] = columns
    return _answer(request, campaign, "board", BOARD, context)


@allow("campaigns.see")
def tasks(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Everything in a list, to change many at once."""
    campaign = of_page(request, campaign_id)
    plan = plan_of(campaign)
    context = _shared(request, plan, rows_of(plan))
    write = Writer(campaign, may_plan=context["may_plan"])
    groups = [
        (phase, [row for row in context["rows"] if row.task.phase == phase]) for phase in Task.Phase
    ]
    context["groups"] = [(phase, write.items(rows)) for phase, rows in groups if rows]
    context["statuses"] = Task.Status.choices
    context["colleagues"] = User.objects.filter(is_active=True).order_by("name")
    return _answer(request, campaign, "list", LIST, context)


@allow("campaigns.see")
def gantt_chart(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Everything in time: bars, dependencies, the critical path, who has too much."""
    campaign = of_page(request, campaign_id)
    real = plan_of(campaign)
    tried = _tried(request, campaign)
    plan = real if tried is None else real.trying(real.changed(_fields(real, tried)))
    everything = rows_of(plan)
    context = _shared(request, plan, everything)
    zoom = request.GET.get("zoom", "")
    rows = context["rows"]
    if zoom not in gantt.ZOOMS:
        zoom = "week"
    was = None if tried is None else {pk: real.when(pk) for pk in real.by_id}
    drawn = gantt.chart(plan, rows, zoom, was)
    days = gantt.span_of(plan, rows)
    load = loads(plan, days)
    write = Writer(campaign, may_plan=context["may_plan"])
    context |= {
        "chart": drawn,
        "names": write.names(drawn.lines),
        "bars": write.bars(drawn.bars),
        "near": write.near(sorted(rows, key=_on_a_phone)),
        "zooms": gantt.ZOOMS,
        "zoom_in": {"month": "week", "week": "day"}.get(zoom),
        "zoom_out": {"day": "week", "week": "month"}.get(zoom),
        "strips": gantt.strips(plan, drawn, load, days),
        "early": early_warnings(plan, everything)[:8],
        "tried": tried,
        "diff": _diff(real, plan) if tried is not None else None,
        "launch_before": real.launch_day(),
        "ends_before": real.schedule.last_day,
        "has_baseline": any(task.baseline_end for task in plan.tasks),
    }
    return _answer(request, campaign, "gantt", GANTT, context)


def _answer(
    request: TeamRequest, campaign: Campaign, view: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    if request.htmx:
        context |= {"campaign": campaign, "may_edit": context["may_plan"]}
        return render(request, f"{template}#sheet", context)
    return render(request, template, page(campaign, request.user, f"plan/{view}", **context))


def _shared(request: TeamRequest, plan: Plan, rows: list[Row]) -> dict[str, Any]:
    """What all three views need."""
    wanted = {name: request.GET.get(name, "") for name in FILTERS}
    opened = ids.number("task", request.GET.get("task", ""))
    people = {one.public_id: one for row in rows for one in row.responsible}
    open_rows = [row for row in rows if not row.task.is_done and not row.parts]
    blocked = [row for row in open_rows if row.task.blocked_reason]
    prefetch_related_objects([row.task for row in blocked], "unblocker")
    return {
        "plan": plan,
        "rows": sieve(rows, wanted),
        "total": len(rows),
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "people": sorted(people.values(), key=str),
        "phases_of_work": Task.Phase,
        "opened": opened if opened in plan.by_id else None,
        "may_plan": request.user.may("campaigns.edit") and plan.campaign.may_be_planned,
        "launch": plan.launch_day(),
        "late_by": plan.late_by(),
        "path": plan.path_tasks(),
        "overdue": sum(row.is_overdue for row in open_rows),
        "blocked": blocked,
        "done": sum(row.task.is_done for row in rows if not row.parts),
        "count": sum(not row.parts for row in rows),
        "here_url": request.get_full_path(),
    }


def _on_a_phone(row: Row) -> tuple[bool, bool, int]:
    return row.task.is_done, not row.is_critical, row.when.early_start


def _urgency(row: Row) -> tuple[bool, bool, int, int]:
    return not row.task.blocked_reason, not row.is_late, row.left, row.when.early_start


def _too_many(cards: list[Row]) -> str:
    counts: dict[User, int] = {}
    for row in cards:
        for user in row.people:
            counts[user] = counts.get(user, 0) + 1
    over = {user: count for user, count in counts.items() if count > _MANY}
    if not over:
        return ""
    user = max(over, key=lambda one: over[one])
    words = gettext("%(who)s has %(count)s in progress at once.")
    return words % {"who": user, "count": over[user]}


# One task.


@allow("work.see")
def own_task(request: TeamRequest, task_id: int) -> HttpResponse:
    """One task for who does it: in its plan for those who see that, else on a page of its own."""
    rows = Task.objects.visible_to(request.user).select_related("campaign__owner", "unblocker")
    found = get_object_or_404(rows, pk=task_id)
    if request.user.may("campaigns.see"):
        return redirect(f"{reverse('plan:board', args=[found.campaign_id])}?task={found.public_id}")
    look(found.campaign)
    return render(request, OWN, _shown(request, found.campaign, found))


@allow("work.see")
@require_http_methods(["GET", "POST"])
def task(request: TeamRequest, campaign_id: int, task_id: int) -> HttpResponse:
    """A task in the drawer; a POST changes the fields that it brings."""
    campaign, found = _task(request, campaign_id, task_id)
    if request.method == "GET":
        return _drawer(request, campaign, found)
    fields = reading.fields(request.POST, campaign)
    _may_change(request, found, fields)
    version = _number(request.POST.get("version", ""))
    note = ""
    try:
        change = actions.edit_task(found, fields, by=request.user, version=version)
    except actions.Stale as stale:
        if stale.fields & set(fields) or not stale.fields:
            return _drawer(request, campaign, found, conflict=_conflict(request, stale, fields))
        # Both may have their way: they changed different things.
        change = actions.edit_task(found, fields, by=request.user)
        note = worded(stale.text, stale.params)
    shown = _drawer(request, campaign, found)
    return said(shown, note or gettext("Saved."), change, request.user)


@allow("campaigns.edit")
@require_POST
def add(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Write down tasks, one for each line."""
    campaign = of_page(request, campaign_id)
    phase = request.POST.get("phase") or Task.Phase.PREPARE
    made = write_tasks(campaign, request.POST.get("text", ""), by=request.user, phase=phase)
    words = ngettext("%(n)s task is written down.", "%(n)s tasks are written down.", len(made))
    text = words % {"n": len(made)}
    return close_dialog(said(HttpResponse(status=204), text))


@allow("work.see")
@require_POST
def move(request: TeamRequest, campaign_id: int, task_id: int) -> HttpResponse:
    """Put a card into another column."""
    _campaign, found = _task(request, campaign_id, task_id)
    _may_change(request, found, ["status"])
    status = request.POST.get("status", "")
    change = actions.edit_task(found, {"status": status}, by=request.user)
    words = {"task": found, "column": Task.Status(status).label}
    text = gettext("“%(task)s”: %(column)s.") % words
    return said(HttpResponse(status=204), text, change, request.user)


@allow("work.see")
@require_POST
def checklist(request: TeamRequest, campaign_id: int, task_id: int) -> HttpResponse:
    """Tick an item, add one, or take one away."""
    campaign, found = _task(request, campaign_id, task_id)
    item = _number(request.POST.get("item", ""))
    # Whoever does a task ticks what is done; what has to be done is planned.
    ticks = item is not None and "remove" not in request.POST
    _may_change(request, found, ["status" if ticks else "checklist"])
    change = None
    seen = request.POST.get("seen")
    if "remove" in request.POST and item is not None:
        change = actions.drop_item(found, item, by=request.user, text=seen)
    elif item is not None:
        is_done = "done" in request.POST
        change = actions.check_item(found, item, is_done, by=request.user, text=seen)
    elif text := request.POST.get("text", "").strip():
        items = [*found.checklist, {"text": text[:200], "done": False}]
        change = actions.edit_task(found, {"checklist": items}, by=request.user)
    shown = _drawer(request, campaign, found)
    return said(shown, gettext("Saved."), change, request.user)


@allow("campaigns.edit")
@require_POST
def give(request: TeamRequest, campaign_id: int, task_id: int) -> HttpResponse:
    """Make somebody responsible, or no longer."""
    campaign, found = _task(request, campaign_id, task_id)
    changes = []
    if who := reading.who(request.POST.get("to", "")):
        changes.append(actions.give(found, who, by=request.user))
    if who := reading.who(request.POST.get("not", "")):
        changes.append(actions.relieve(found, who, by=request.user))
    return said(_drawer(request, campaign, found), gettext("Saved."), as_one(changes))


@allow("campaigns.edit")
@require_POST
def link(request: TeamRequest, campaign_id: int, task_id: int) -> HttpResponse:
    """Let this task wait for one that is named."""
    campaign, found = _task(request, campaign_id, task_id)
    before = reading.named(campaign, request.POST.get("before", ""))
    kind = request.POST.get("kind", Dependency.Kind.FINISH_START)
    lag = _number(request.POST.get("lag", "")) or 0
    change = linking.add_dependency(before, found, by=request.user, kind=kind, lag=lag)
    text = gettext("“%(task)s” waits for “%(before)s”.") % {"task": found, "before": before}
    return said(_drawer(request, campaign, found), text, change)


@allow("campaigns.edit")
@require_POST
def unlink(
    request: TeamRequest, campaign_id: int, task_id: int, dependency_id: int
) -> HttpResponse:
    """Cut a link of this task."""
    campaign, found = _task(request, campaign_id, task_id)
    rows = Dependency.objects.select_related("before", "after")
    row = get_object_or_404(rows, pk=dependency_id, after__campaign=campaign)
    change = linking.drop_dependency(row, by=request.user)
    text = gettext("“%(task)s” no longer waits for “%(before)s”.")
    words = {"task": row.after, "before": row.before}
    return said(_drawer(request, campaign, found), text % words, change)


@allow("campaigns.edit")
@require_POST
def drop(request: TeamRequest, campaign_id: int, task_id: int) -> HttpResponse:
    """Put a task away."""
    _campaign, found = _task(request, campaign_id, task_id)
    change = actions.drop_task(found, by=request.user)
    text = gettext("“%(task)s” is put away.") % {"task": found}
    return close_dialog(said(HttpResponse(status=204), text, change))


@allow("campaigns.edit")
@require_POST
def bulk(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Change all tasks that are ticked."""
    campaign = of_page(request, campaign_id)
    numbers = [ids.number("task", one) for one in request.POST.getlist("task")]
    chosen = list(campaign.tasks.filter(pk__in=[n for n in numbers if n is not None]))
    posted = {name: str(value) for name, value in request.POST.items() if value}
    posted.pop("task", None)
    fields = reading.fields(posted, campaign)
    who = reading.who(posted.get("to", ""))
    if "drop" in posted:
        change = actions.drop_tasks(chosen, by=request.user)
    else:
        change = actions.edit_tasks(chosen, fields, to=who, by=request.user)
    words = ngettext("%(n)s task is changed.", "%(n)s tasks are changed.", len(chosen))
    return said(HttpResponse(status=204), words % {"n": len(chosen)}, change)


def _drawer(
    request: TeamRequest,
    campaign: Campaign,
    found: Task,
    *,
    conflict: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {**_shown(request, campaign, found), "conflict": conflict}
    return render(request, f"{TASK}#task", context, status=409 if conflict else 200)


def _shown(request: TeamRequest, campaign: Campaign, found: Task) -> dict[str, Any]:
    plan = plan_of(campaign)
    row = next((one for one in rows_of(plan) if one.task.pk == found.pk), None)
    if row is None:
        raise Refused(_("“%(task)s” was put away in the meantime."), task=found.title)
    return {
        "campaign": campaign,
        "row": row,
        "task": row.task,
        "plan": plan,
        # Who only does a task sees nothing else of the plan.
        "sees_plan": request.user.may("campaigns.see"),
        "may_plan": request.user.may("campaigns.edit") and campaign.may_be_planned,
        "may_work": campaign.may_be_planned and actions.may_change(request.user, found, ["status"]),
        "colleagues": User.objects.filter(is_active=True).order_by("name"),
        "teams": Team.objects.all(),
        "statuses": Task.Status.choices,
        "phases_of_work": Task.Phase.choices,
        "link_kinds": Dependency.Kind.choices,
        "others": [one for one in plan.tasks if one.pk != found.pk],
        "wholes": [one for one in plan.tasks if one.pk != found.pk and one.parent_id is None],
        "things": artefacts.choices(campaign),
    }


def _conflict(
    request: TeamRequest, stale: actions.Stale, fields: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "text": worded(stale.text, stale.params),
        "mine": [
            (name, request.POST[name]) for name in request.POST if name not in {"version", "csrf"}
        ],
        "shown": [
            (gettext(actions.FIELDS.get(name, name)), reading.said(value))
            for name, value in fields.items()
            if name in actions.FIELDS
        ],
        "theirs": [
            (gettext(actions.FIELDS[name]), reading.said(getattr(stale.task, name)))
            for name in fields
            if name in actions.FIELDS
        ],
    }


# Moving in time.


@allow("campaigns.edit")
@require_POST
def shift(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Move one task in time: at once if nothing else moves, else the answer asks first.

    In the sandbox it is only tried.
    """
    campaign = of_page(request, campaign_id)
    plan = plan_of(campaign)
    tried = _tried(request, campaign)
    pk = ids.number("task", request.POST.get("task", ""))
    if pk is None or pk not in plan.network.works:
        raise Refused(_("A task with parts moves with its parts; one that is put away stays."))
    now = plan if tried is None else plan.trying(plan.changed(_fields(plan, tried)))
    wish = reading.move(now, pk, request.POST)
    if tried is not None:
        before = tried.get(pk, Move())
        merged = Move(wish.not_before or before.not_before, wish.days or before.days)
        _keep(request, campaign, {**tried, pk: merged})
        return said(HttpResponse(status=204), gettext("Tried; nothing is saved yet."))
    way = request.POST.get("way", "")
    if way in {one.value for one in Way}:
        versions = {pk: _number(request.POST.get("version", "")) or 0}
        change = replan(campaign, {pk: wish}, by=request.user, way=Way(way), versions=versions)
        text = gettext("“%(task)s” is moved.") % {"task": plan.by_id[pk]}
        return close_dialog(said(HttpResponse(status=204), text, change))
    found = preview(plan, {pk: wish})
    if found.changes_nothing and not found.held:
        return toast(HttpResponse(status=204), gettext("It stays where it is."))
    if not found.others and not found.held and found.late_after <= found.late_before:
        change = replan(campaign, {pk: wish}, by=request.user)
        text = gettext("“%(task)s” is moved.") % {"task": plan.by_id[pk]}
        return said(HttpResponse(status=204), text, change)
    ways = [found, preview(plan, {pk: wish}, Way.ALONE), preview(plan, {pk: wish}, Way.SQUEEZE)]
    context = {
        "campaign": campaign,
        "task": plan.by_id[pk],
        "wish": wish,
        "plan": plan,
        "found": found,
        "ways": ways,
        "by_id": plan.by_id,
        "shifts": [(plan.by_id[one.id], one) for one in found.others[:12]],
        "more": max(len(found.others) - 12, 0),
    }
    answer = render(request, PREVIEW, context)
    answer.headers["HX-Retarget"] = "#dialog"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


@allow("campaigns.edit")
@require_POST
def baseline(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Keep the present dates to compare later ones with."""
    change = set_baseline(of_page(request, campaign_id), by=request.user)
    return said(HttpResponse(status=204), gettext("These dates are the baseline now."), change)


@allow("campaigns.edit")
@require_POST
def sandbox(request: TeamRequest, campaign_id: int, step: str) -> HttpResponse:
    """Begin to try things, save what was tried, or forget it."""
    campaign = of_page(request, campaign_id)
    tried = _tried(request, campaign)
    if step == "begin":
        _keep(request, campaign, tried or {})
        return said(
            HttpResponse(status=204), gettext("Sandbox: move what you like, it is not saved.")
        )
    _keep(request, campaign, None)
    if step == "apply" and tried:
        change = replan(campaign, tried, by=request.user)
        return said(HttpResponse(status=204), gettext("What you tried is the plan now."), change)
    return said(HttpResponse(status=204), gettext("The plan is as it was."))


def _tried(request: TeamRequest, campaign: Campaign) -> dict[int, Move] | None:
    """What this person tries out in this campaign; None outside the sandbox."""
    kept = request.session.get(_TRIED, {}).get(campaign.public_id)
    if kept is None:
        return None
    return {
        int(pk): Move(date.fromisoformat(day) if day else None, days)
        for pk, (day, days) in kept.items()
    }


def _keep(request: TeamRequest, campaign: Campaign, tried: Mapping[int, Move] | None) -> None:
    every = dict(request.session.get(_TRIED, {}))
    every.pop(campaign.public_id, None)
    if tried is not None:
        every[campaign.public_id] = {
            str(pk): [one.not_before.isoformat() if one.not_before else "", one.days]
            for pk, one in tried.items()
        }
    request.session[_TRIED] = every


def _fields(plan: Plan, tried: Mapping[int, Move]) -> dict[int, dict[str, object]]:
    found: dict[int, dict[str, object]] = {}
    for pk, one in tried.items():
        if pk in plan.network.works:
            given = {"not_before": one.not_before, "days": one.days}
            found[pk] = {name: value for name, value in given.items() if value is not None}
    return found


def _diff(real: Plan, tried: Plan) -> list[tuple[Task, Any, Any]]:
    changed = []
    for one in real.tasks:
        before, after = real.when(one.pk), tried.when(one.pk)
        if (before.start, before.end) != (after.start, after.end):
            changed.append((one, before, after))
    return changed


def _task(request: TeamRequest, campaign_id: int, task_id: int) -> tuple[Campaign, Task]:
    rows = Task.objects.visible_to(request.user).select_related("campaign__owner", "unblocker")
    found = get_object_or_404(rows, pk=task_id, campaign=campaign_id)
    if request.method in {"GET", "HEAD"}:
        look(found.campaign)
    return found.campaign, found


def _may_change(request: TeamRequest, task: Task, names: Iterable[str]) -> None:
    if not actions.may_change(request.user, task, names):
        raise lacking("campaigns.edit")


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
