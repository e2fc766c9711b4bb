"""How changes of tasks, their people and their links are taken back (PL4)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import check_open
from muster.plan.tasks.actions import announce, moved_on
from muster.plan.tasks.linking import tie
from muster.plan.tasks.models import Dependency, Duty, Task
from muster.plan.tasks.planning import check_no_circle, plan_of
from muster.team.changes.actions import before_undo, takes_back
from muster.team.changes.keeping import CHANGED
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
    if {"deleted_at", "parent"} & fields.keys():
        # At once, to look at the plan with it: others may wait for each other through it by now.
        Task._base_manager.filter(pk=task.pk).update(**fields)
        check_no_circle(plan_of(task.campaign))
    # Duties and links count as well, so the number kept with the change may be used by now.
    fields["version"] = task.version + 1
    _announced(change, task)


@takes_back("task_given")
def relieve_again(change: Change, back: Mapping[str, Any], by: User) -> None:
    """Whoever was made responsible is so no longer."""
    task = _present(change)
    duty = task.duties.filter(letter=Duty.Letter.RESPONSIBLE, **_whom(back)).first()
    if duty is None or duty.pk != back["duty"] or duty.share != Decimal(back["share"]):
        raise Refused(CHANGED)
    duty.delete()
    moved_on(task)
    _announced(change, task)


@takes_back("task_taken")
def give_again(change: Change, back: Mapping[str, Any], by: User) -> None:
    """Whoever was relieved is responsible again, with the share they had."""
    task = _present(change)
    _duty, is_new = Duty.objects.get_or_create(
        task=task,
        letter=Duty.Letter.RESPONSIBLE,
        defaults={"pk": back["duty"], "share": Decimal(back["share"])},
        **_whom(back),
    )
    if not is_new:
        raise Refused(CHANGED)
    moved_on(task)
    _announced(change, task)


@takes_back("task_linked")
@takes_back("task_unlinked")
def link_as_before(change: Change, back: Mapping[str, Any], by: User) -> None:
    """The task waits for the other one as it did before, or not at all."""
    after = _present(change)
    before = Task.objects.filter(pk=back["before"], campaign=after.campaign_id).first()
    link = Dependency.objects.filter(before_id=back["before"], after=after).first()
    if ([link.kind, link.lag] if link else None) != back["now"]:
        raise Refused(CHANGED)
    if back["was"] is None:
        Dependency.objects.filter(before_id=back["before"], after=after).delete()
    elif before is None:
        raise Refused(_("One of these tasks was put away in the meantime."))
    else:
        kind, lag = back["was"]
        tie(before, after, kind, lag)
    moved_on(after)
    _announced(change, after)


def _present(change: Change) -> Task:
    task = Task.objects.select_related("campaign").filter(pk=change.object_id).first()
    if task is None:
        raise Refused(_("“%(task)s” was put away in the meantime."), task=change.label)
    check_open(task.campaign)
    return task


def _whom(back: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_id": back[name] for name in ("user", "team") if name in back}


def _announced(change: Change, task: Task) -> None:
    # Of many that are undone in one go, the last one speaks for all.
    if change.together_id is None:
        transaction.on_commit(lambda: announce(task.campaign))
