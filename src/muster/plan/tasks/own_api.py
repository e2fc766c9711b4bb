"""A person's own tasks in the API: also for those who see nothing else of the campaign."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from muster.plan.campaigns.found import caller
from muster.plan.campaigns.schemas import colleague_or_nobody
from muster.plan.tasks import actions
from muster.plan.tasks.api import shown
from muster.plan.tasks.models import Task
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["tasks"])


class OwnTaskPatch(Strict):
    """How a task stands; what is left out stays as it is."""

    status: str = ""
    progress: int = 0
    blocked_reason: str = ""
    unblocker: str | None = None
    version: int | None = None
    """The version that the caller knows; an older one than the task's is refused."""


class ItemTick(Strict):
    """One item of the checklist, counted from 0."""

    item: int
    done: bool = True
    text: str | None = None
    """What the item says as far as the caller knows; refused if it says something else by now."""
    version: int | None = None
    """The version that the caller knows; an older one than the task's is refused."""


def _shown(task: Task) -> dict[str, Any]:
    campaign = {"id": task.campaign.public_id, "name": task.campaign.name}
    # What it is a part of, and what it makes, are other things of the plan.
    hidden = {"parent", "about"}
    return {"campaign": campaign} | {
        name: value for name, value in shown(task).items() if name not in hidden
    }


@router.get("", auth=scope("tasks:read"), response=Page[dict[str, Any]])
def list_own_tasks(
    request: HttpRequest, paging: Query[Paging], status: str = ""
) -> dict[str, object]:
    """What the caller does or answers for, over all campaigns."""
    rows = Task.objects.visible_to(caller(request)).worked_on_by(caller(request))
    rows = rows.select_related("campaign", "unblocker")
    rows = rows.prefetch_related("duties__user", "duties__team")
    if status:
        rows = rows.filter(status=status)
    return page(rows, paging, _shown, newest_first=False)


@router.get("/{task_id}", auth=scope("tasks:read"), response=dict[str, Any])
def get_own_task(request: HttpRequest, task_id: str) -> dict[str, Any]:
    """One of the caller's own tasks."""
    return _shown(_own(caller(request), task_id))


@router.patch("/{task_id}", auth=scope("tasks:write"), response=dict[str, Any])
def report_on_task(request: HttpRequest, task_id: str, body: OwnTaskPatch) -> dict[str, Any]:
    """Say how one's own task stands: finished, in progress, blocked by what."""
    user = caller(request)
    task = _own(user, task_id)
    fields = {name: getattr(body, name) for name in body.model_fields_set - {"version"}}
    if "unblocker" in fields:
        fields["unblocker"] = colleague_or_nobody(fields["unblocker"], "/unblocker")
    actions.edit_task(task, fields, by=user, version=body.version)
    return _shown(_own(user, task_id))


@router.post("/{task_id}/checklist", auth=scope("tasks:write"), response=dict[str, Any])
def tick_item(request: HttpRequest, task_id: str, body: ItemTick) -> dict[str, Any]:
    """Tick an item of the checklist of one's own task, or take the tick away."""
    user = caller(request)
    task = _own(user, task_id)
    actions.check_item(task, body.item, body.done, by=user, text=body.text, version=body.version)
    return _shown(_own(user, task_id))


def _own(user: User, task_id: str) -> Task:
    rows = Task.objects.visible_to(user).select_related("campaign", "unblocker")
    return found(rows.worked_on_by(user), "task", task_id)
