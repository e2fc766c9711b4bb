"""Tasks, dependencies and the schedule in the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import colleague, colleague_or_nobody, person
from muster.plan.tasks import actions, artefacts, linking
from muster.plan.tasks.models import Dependency, Task
from muster.plan.tasks.planning import Plan, plan_of
from muster.plan.tasks.replanning import Move, Preview, preview, replan, set_baseline
from muster.plan.tasks.schedule.cascade import Way
from muster.plan.tasks.typed import write_tasks
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class Item(Strict):
    """One item of a checklist."""

    text: str
    done: bool = False


class TaskPatch(Strict):
    """The fields of a task; those that are left out stay as they are."""

    title: str = ""
    note: str = ""
    phase: str = ""
    status: str = ""
    milestone: bool = False
    days: int = 1
    not_before: date | None = None
    due: date | None = None
    progress: int = 0
    hours: Decimal | None = None
    skill: str = ""
    checklist: list[Item] = []
    blocked_reason: str = ""
    unblocker: str | None = None
    about_kind: str = ""
    about_id: str | None = None
    parent: str | None = None
    started_on: date | None = None
    done_on: date | None = None
    responsible: list[str] = []
    version: int | None = None
    """The version that the caller knows; an older one than the task's is refused."""


class TaskIn(TaskPatch):
    """A new task."""

    title: str


class TaskLines(Strict):
    """Several tasks as lines of text."""

    text: str
    phase: str = Task.Phase.PREPARE


class DependencyIn(Strict):
    """One task waits for another."""

    before: str
    after: str
    kind: str = Dependency.Kind.FINISH_START
    lag: int = 0


class TaskMoveIn(Strict):
    """Another first day, or another number of working days, for one task."""

    task: str
    not_before: date | None = None
    days: int | None = None
    version: int | None = None


class Moves(Strict):
    """A change of plan; `way`: all, alone or squeeze."""

    moves: list[TaskMoveIn]
    way: Way = Way.ALL


def shown(task: Task, responsible: list[dict[str, Any] | None] | None = None) -> dict[str, Any]:
    """A task as the API speaks of it."""
    return {
        "id": task.public_id,
        "title": task.title,
        "note": task.note,
        "phase": task.phase,
        "status": task.status,
        "milestone": task.milestone,
        "days": task.days,
        "not_before": task.not_before,
        "due": task.due,
        "started_on": task.started_on,
        "done_on": task.done_on,
        "progress": task.progress,
        "hours": None if task.hours is None else str(task.hours),
        "skill": task.skill,
        "checklist": task.checklist,
        "blocked_reason": task.blocked_reason,
        "unblocker": person(task.unblocker),
        "about": _about(task),
        "parent": ids.public("task", task.parent_id) if task.parent_id else None,
        "responsible": responsible if responsible is not None else _responsible(task),
        "baseline_start": task.baseline_start,
        "baseline_end": task.baseline_end,
        "version": task.version,
    }


def _responsible(task: Task) -> list[dict[str, Any] | None]:
    return [
        person(duty.user)
        if duty.user
        else {"id": duty.team.public_id, "name": duty.team.name}
        if duty.team
        else None
        for duty in task.duties.all()
        if duty.letter == "R"
    ]


def _about(task: Task) -> dict[str, str] | None:
    if task.about_id is None or task.about_kind not in ids.KINDS:
        return None
    return {"kind": task.about_kind, "id": ids.public(task.about_kind, task.about_id)}


def _fields(body: TaskPatch, campaign: Campaign) -> dict[str, Any]:
    given = body.model_fields_set - {"version", "responsible"}
    fields = {name: getattr(body, name) for name in given}
    if "checklist" in fields:
        fields["checklist"] = [item.dict() for item in body.checklist]
    if "unblocker" in fields:
        fields["unblocker"] = colleague_or_nobody(fields["unblocker"], "/unblocker")
    if "parent" in fields:
        rows = campaign.tasks.all()
        fields["parent"] = found(rows, "task", fields["parent"]) if fields["parent"] else None
    if "about_id" in fields or "about_kind" in fields:
        fields |= _thing(fields.get("about_kind", ""), fields.get("about_id"))
    return fields


def _thing(kind: str, public_id: str | None) -> dict[str, Any]:
    if not kind and not public_id:
        return {"about_kind": "", "about_id": None}
    number = ids.number(kind, public_id or "") if kind in ids.KINDS else None
    if kind not in artefacts.kinds() or number is None:
        raise Invalid.at(
            "/about_kind",
            "unknown_thing",
            _("A task is about one of: %(known)s; name it by kind and id."),
            known=", ".join(artefacts.kinds()),
        )
    return {"about_kind": kind, "about_id": number}


def _task(campaign: Campaign, task_id: str) -> Task:
    return found(campaign.tasks.select_related("campaign", "unblocker"), "task", task_id)


@router.get("/{campaign_id}/tasks", auth=scope("campaigns:read"), response=Page[dict[str, Any]])
def list_tasks(
    request: HttpRequest, campaign_id: str, paging: Query[Paging], status: str = ""
) -> dict[str, object]:
    """The tasks of a campaign, in the order in which they were written down."""
    rows = of_call(request, campaign_id).tasks.select_related("unblocker")
    rows = rows.prefetch_related("duties__user", "duties__team")
    if status:
        rows = rows.filter(status=status)
    return page(rows, paging, shown, newest_first=False)


@router.post("/{campaign_id}/tasks", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def add_task(request: HttpRequest, campaign_id: str, body: TaskIn) -> dict[str, Any]:
    """Write down a task."""
    campaign = of_call(request, campaign_id)
    to = [colleague(one, f"/responsible/{at}") for at, one in enumerate(body.responsible)]
    return shown(actions.add_task(campaign, _fields(body, campaign), by=caller(request), to=to))


@router.post(
    "/{campaign_id}/tasks/lines",
    auth=scope("campaigns:write"),
    response={201: dict[str, Any]},
)
def write_lines(request: HttpRequest, campaign_id: str, body: TaskLines) -> dict[str, Any]:
    """Write down one task for each line: what, `@who`, until when; indented lines are parts."""
    campaign = of_call(request, campaign_id)
    made = write_tasks(campaign, body.text, by=caller(request), phase=body.phase)
    return {"items": [shown(task) for task in made]}


@router.get("/{campaign_id}/tasks/schedule", auth=scope("campaigns:read"), response=dict[str, Any])
def get_schedule(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """When everything happens: dates, slack and the critical path."""
    plan = plan_of(of_call(request, campaign_id))
    path = set(plan.critical_path)
    return {
        "as_of": plan.today,
        "launch": plan.launch_day(),
        "late_by": plan.late_by(),
        "ends": plan.schedule.last_day,
        "critical_path": [ids.public("task", pk) for pk in plan.critical_path],
        "tasks": [_when(plan, task, path) for task in plan.tasks],
    }


def _when(plan: Plan, task: Task, path: set[int]) -> dict[str, Any]:
    when = plan.when(task.pk)
    return {
        "id": task.public_id,
        "start": when.start,
        "end": when.end,
        "latest_start": when.latest_start,
        "latest_end": when.latest_end,
        "slack": when.slack,
        "free_float": when.free,
        "critical": when.is_critical,
        "on_critical_path": task.pk in path,
    }


@router.post("/{campaign_id}/tasks/preview", auth=scope("campaigns:read"), response=dict[str, Any])
def preview_moves(request: HttpRequest, campaign_id: str, body: Moves) -> dict[str, Any]:
    """What a change of plan would bring about; nothing is changed."""
    campaign = of_call(request, campaign_id)
    moves, _versions = _moves(campaign, body)
    return _preview(preview(plan_of(campaign), moves, body.way))


@router.post("/{campaign_id}/tasks/replan", auth=scope("campaigns:write"), response=dict[str, Any])
def replan_tasks(request: HttpRequest, campaign_id: str, body: Moves) -> dict[str, Any]:
    """Make a change of plan; with `version` refused if somebody changed the task since."""
    campaign = of_call(request, campaign_id)
    moves, versions = _moves(campaign, body)
    replan(campaign, moves, by=caller(request), way=body.way, versions=versions)
    return get_schedule(request, campaign_id)


def _moves(campaign: Campaign, body: Moves) -> tuple[dict[int, Move], dict[int, int]]:
    moves, versions = {}, {}
    for move in body.moves:
        pk = found(campaign.tasks.all(), "task", move.task).pk
        moves[pk] = Move(move.not_before, move.days)
        if move.version is not None:
            versions[pk] = move.version
    return moves, versions


def _preview(shown: Preview) -> dict[str, Any]:
    return {
        "way": shown.way,
        "shifts": [
            {
                "id": ids.public("task", shift.id),
                "title": shown.plan.by_id[shift.id].title,
                "days": shift.days,
                "start_before": shift.start_before,
                "start_after": shift.start_after,
                "end_before": shift.end_before,
                "end_after": shift.end_after,
            }
            for shift in shown.found.shifts
        ],
        "launch_before": shown.launch_before,
        "launch_after": shown.launch_after,
        "late_by": shown.late_after,
        "critical_path_before": [task.public_id for task in shown.path_before],
        "critical_path_after": [task.public_id for task in shown.path_after],
        "shortened": [
            {"id": task.public_id, "days_before": before, "days_after": after}
            for task, before, after in shown.shortened
        ],
        "overlaps": shown.overlaps,
    }


@router.post(
    "/{campaign_id}/tasks/baseline", auth=scope("campaigns:write"), response=dict[str, Any]
)
def keep_baseline(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Keep the present dates, to compare later ones with."""
    change = set_baseline(of_call(request, campaign_id), by=caller(request))
    return {"tasks": change.details["tasks"]}


@router.get("/{campaign_id}/dependencies", auth=scope("campaigns:read"), response=dict[str, Any])
def list_dependencies(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """What waits for what."""
    campaign = of_call(request, campaign_id)
    rows = Dependency.objects.filter(after__campaign=campaign, after__deleted_at=None)
    return {"items": [_link(link) for link in rows.filter(before__deleted_at=None)]}


@router.post(
    "/{campaign_id}/dependencies",
    auth=scope("campaigns:write"),
    response={201: dict[str, Any]},
)
def add_dependency(request: HttpRequest, campaign_id: str, body: DependencyIn) -> dict[str, Any]:
    """Let one task wait for another; a circle is refused by name."""
    campaign = of_call(request, campaign_id)
    before, after = _task(campaign, body.before), _task(campaign, body.after)
    linking.add_dependency(before, after, by=caller(request), kind=body.kind, lag=body.lag)
    return _link(Dependency.objects.get(before=before, after=after))


@router.delete(
    "/{campaign_id}/dependencies/{dependency_id}",
    auth=scope("campaigns:write"),
    response={204: None},
)
def drop_dependency(request: HttpRequest, campaign_id: str, dependency_id: str) -> None:
    """Cut a link."""
    campaign = of_call(request, campaign_id)
    rows = Dependency.objects.filter(after__campaign=campaign).select_related("before", "after")
    linking.drop_dependency(found(rows, "dependency", dependency_id), by=caller(request))


def _link(link: Dependency) -> dict[str, Any]:
    return {
        "id": link.public_id,
        "before": ids.public("task", link.before_id),
        "after": ids.public("task", link.after_id),
        "kind": link.kind,
        "lag": link.lag,
    }


@router.get("/{campaign_id}/tasks/{task_id}", auth=scope("campaigns:read"), response=dict[str, Any])
def get_task(request: HttpRequest, campaign_id: str, task_id: str) -> dict[str, Any]:
    """One task, and when it happens."""
    campaign = of_call(request, campaign_id)
    task, plan = _task(campaign, task_id), plan_of(campaign)
    return {**shown(task), "schedule": _when(plan, task, set(plan.critical_path))}


@router.patch(
    "/{campaign_id}/tasks/{task_id}", auth=scope("campaigns:write"), response=dict[str, Any]
)
def edit_task(
    request: HttpRequest, campaign_id: str, task_id: str, body: TaskPatch
) -> dict[str, Any]:
    """Change some fields; with an old `version` refused, saying who changed what since."""
    campaign = of_call(request, campaign_id)
    task = _task(campaign, task_id)
    user = caller(request)
    actions.edit_task(task, _fields(body, campaign), by=user, version=body.version)
    if "responsible" in body.model_fields_set:
        wanted = [colleague(one, f"/responsible/{at}") for at, one in enumerate(body.responsible)]
        for duty in task.duties.filter(letter="R", user__isnull=False).exclude(user__in=wanted):
            if duty.user is not None:
                actions.relieve(task, duty.user, by=user)
        for one in wanted:
            actions.give(task, one, by=user)
    return shown(_task(campaign, task_id))


@router.delete(
    "/{campaign_id}/tasks/{task_id}", auth=scope("campaigns:write"), response={204: None}
)
def drop_task(request: HttpRequest, campaign_id: str, task_id: str) -> None:
    """Put a task and its parts away."""
    actions.drop_task(_task(of_call(request, campaign_id), task_id), by=caller(request))
