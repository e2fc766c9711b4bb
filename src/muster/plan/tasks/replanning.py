"""Moving tasks in time: what would follow, doing it, trying it first, and keeping the promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import check_open
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.actions import Stale, announce, edit_task
from muster.plan.tasks.linking import record_link
from muster.plan.tasks.models import Dependency, Task
from muster.plan.tasks.planning import Plan, plan_of
from muster.plan.tasks.schedule.cascade import Cascade, Shift, Way, cascade
from muster.team.changes.actions import as_one, record_change
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.users.models import User

MOST_MOVED = 200


@dataclass(frozen=True)
class Move:
    """Another first day, or another length, for one task; None: as it is."""

    not_before: date | None = None
    days: int | None = None


@dataclass(frozen=True)
class Preview:
    """What a change of plan would bring about, for people to decide."""

    plan: Plan
    way: Way
    found: Cascade
    moved: Sequence[Task]
    """The tasks that were moved by hand."""
    others: Sequence[Shift]
    """The tasks that move because of it."""
    launch_before: date | None
    launch_after: date | None
    late_before: int
    late_after: int
    path_before: Sequence[Task]
    path_after: Sequence[Task]
    shortened: Sequence[tuple[Task, int, int]]
    """Tasks that get shorter: days before and after."""
    overlaps: int
    """Dependencies that become overlaps."""
    held: Sequence[Task]
    """Moved tasks that cannot begin when it was wanted, because of what they wait for."""

    @property
    def ends_before(self) -> date | None:
        """When the whole plan ends as it is."""
        return self.found.before.last_day

    @property
    def ends_after(self) -> date | None:
        return self.found.after.last_day

    @property
    def is_path_changed(self) -> bool:
        return list(self.path_before) != list(self.path_after)

    @property
    def changes_nothing(self) -> bool:
        return not self.found.shifts


def preview(plan: Plan, moves: Mapping[int, Move], way: Way = Way.ALL) -> Preview:
    """What the moves would bring about; nothing is changed."""
    for move in moves.values():
        if problems := far_away({"/not_before": move.not_before}):
            raise Invalid.of(problems)
    fields: dict[int, dict[str, object]] = {}
    for pk, move in moves.items():
        fields[pk] = {}
        if move.not_before is not None:
            fields[pk]["not_before"] = move.not_before
        if move.days is not None and not plan.by_id[pk].milestone:
            fields[pk]["days"] = max(move.days, 1)
    works = plan.changed(fields)
    found = cascade(plan.sound, works, way, plan.goal)
    by_id = plan.by_id
    held = [
        by_id[pk]
        for pk, work in works.items()
        if "not_before" in fields[pk]
        and work.not_before is not None
        and found.after.spans[pk].early_start > found.after.axis.start(work.not_before)
    ]
    return Preview(
        plan,
        way,
        found,
        [by_id[pk] for pk in works],
        [shift for shift in found.shifts if shift.id not in works],
        plan.launch_day(found.before),
        plan.launch_day(found.after),
        plan.late_by(found.before),
        plan.late_by(found.after),
        [by_id[pk] for pk in plan.path_in(found.before)],
        [by_id[pk] for pk in plan.path_in(found.after)],
        [
            (by_id[pk], plan.network.works[pk].days, work.days)
            for pk, work in found.works.items()
            if pk not in works and work.days < plan.network.works[pk].days
        ],
        len(found.links),
        held,
    )


@transaction.atomic
def replan(
    campaign: Campaign,
    moves: Mapping[int, Move],
    *,
    by: User,
    way: Way = Way.ALL,
    versions: Mapping[int, int] | None = None,
) -> Change | None:
    """Move tasks, and on the way that was chosen what follows them; None if nothing changed.

    Raises Stale when one of `versions` is no longer the task's.
    """
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    plan = plan_of(campaign)
    missing = [pk for pk in moves if pk not in plan.network.works]
    if missing:
        raise Refused(_("One of these tasks was put away, or got parts, in the meantime."))
    if len(moves) > MOST_MOVED:
        raise Refused(_("At most %(most)s tasks are moved at once."), most=MOST_MOVED)
    for pk, version in (versions or {}).items():
        if pk in plan.by_id and plan.by_id[pk].version != version:
            raise Stale(plan.by_id[pk], None, ())
    shown = preview(plan, moves, way)
    changes: list[Change | None] = []
    for pk, work in shown.found.works.items():
        fields: dict[str, Any] = {"days": work.days}
        asked = moves.get(pk)
        if asked is None or asked.not_before is not None:
            fields["not_before"] = work.not_before
        changes.append(edit_task(plan.by_id[pk], fields, by=by, may_be_late=True))
    for link in shown.found.links:
        row = Dependency.objects.get(before_id=link.before, after_id=link.after)
        before, after = plan.by_id[link.before], plan.by_id[link.after]
        changes.append(record_link(before, after, row, by=by, kind=link.kind, lag=link.lag))
        Dependency.objects.filter(pk=row.pk).update(kind=link.kind, lag=link.lag)
    if shown.found.links:
        announce(campaign)
    return as_one(changes)


@transaction.atomic
def set_baseline(campaign: Campaign, *, by: User) -> Change:
    """Keep the present dates of all tasks, to compare later ones with."""
    check_open(campaign)
    plan = plan_of(campaign)
    with kept(Task.objects.filter(campaign=campaign)) as rows:
        for task in plan.tasks:
            when = plan.when(task.pk)
            task.baseline_start, task.baseline_end = when.start, when.end
        Task.objects.bulk_update(plan.tasks, ["baseline_start", "baseline_end"], batch_size=200)
    announce(campaign, plan)
    return record_change(
        "baseline_set",
        campaign,
        by=by,
        undo=rows.undo,
        campaign=campaign.pk,
        tasks=len(plan.tasks),
    )


def next_day(plan: Plan, day: date, by: int) -> date:
    """The working day so many working days after (or before) this one."""
    axis = plan.schedule.axis
    return axis.day_from(max(axis.start(day) + by, 0))
