"""What has to follow when a change of a task is undone (PL4)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.tasks.actions import announce, check_open
from muster.plan.tasks.models import Task
from muster.team.changes.actions import before_undo
from muster.team.changes.models import Change
from muster.team.users.models import User


@before_undo("plan.task")
def plan_holds(change: Change, fields: dict[str, Any], by: User) -> None:
    """An undo passes the guards of an edit, and open pages hear of it like of any other."""
    rows = Task._base_manager.select_for_update(of=("self",))
    task = rows.select_related("campaign", "parent").get(pk=change.object_id)
    check_open(task.campaign)
    if change.verb == "task_dropped":
        if task.parent is not None and task.parent.deleted_at:
            raise Refused(_("“%(task)s” was put away in the meantime."), task=task.parent.title)
        # Its parts went with it, in the same moment: those come back, and no earlier ones.
        Task._base_manager.filter(parent=task, deleted_at=task.deleted_at).update(deleted_at=None)
    elif task.deleted_at:
        raise Refused(_("“%(task)s” was put away in the meantime."), task=task.title)
    # Duties and links count as well, so the number kept with the change may be used by now.
    fields["version"] = task.version + 1
    transaction.on_commit(lambda: announce(task.campaign))
