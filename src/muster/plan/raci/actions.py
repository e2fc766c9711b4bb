"""What people do with the matrix: set cells, which moves work and approvals at once (PL5)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from muster.kit.errors import Forbidden, Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.models import Campaign
from muster.plan.raci import effects, rules
from muster.plan.raci.matrix import RaciMatrix
from muster.plan.tasks.models import Duty
from muster.team.changes.actions import record_change
from muster.team.users.models import User

Changes = Mapping[rules.Cell, frozenset[str]]


def matrix_with(campaign: Campaign, changes: Changes) -> RaciMatrix:
    """The matrix, with a column for everybody whom the changes name; refuses the unknown."""
    matrix = RaciMatrix(campaign, more=dict.fromkeys(key for _task, key in changes))
    tasks = {task.pk for task in matrix.tasks}
    problems = []
    for task, key in changes:
        if task not in tasks:
            problems.append(Problem("/duties", "unknown_task", _("There is no such task here.")))
        elif key not in matrix.holders:
            problems.append(Problem("/duties", "unknown_user", _("There is no such colleague.")))
        elif matrix.holders[key].is_guest and "A" in changes[task, key]:
            problems.append(
                Problem(
                    "/duties",
                    "guest_accountable",
                    _("%(name)s is a vendor guest and cannot answer for a task (A)."),
                    {"name": matrix.holders[key].name},
                )
            )
    if problems:
        raise Invalid.of(problems)
    return matrix


def preview(campaign: Campaign, changes: Changes) -> effects.Effects:
    """What these changes would bring about; nothing happens yet."""
    matrix = matrix_with(campaign, changes)
    return effects.preview(matrix, rules.applied(matrix.cells, changes))


@transaction.atomic
def set_duties(campaign: Campaign, changes: Changes, *, by: User) -> int:
    """Set these cells, and let work, comments and approvals follow; how many letters changed."""
    if not by.may("campaigns.edit"):
        raise Forbidden
    # Two people who change the matrix at once wait for each other: an A stays single.
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not campaign.may_be_planned:
        raise Refused(
            _("“%(name)s” is closed: its duties are kept as they were."), name=campaign.name
        )
    matrix = matrix_with(campaign, changes)
    after = rules.applied(matrix.cells, changes)
    found = rules.differences(matrix.cells, after)
    if not found:
        return 0
    _write(matrix, found)
    tasks = {task.pk: task.title for task in matrix.tasks}
    record_change(
        "duties_set",
        campaign,
        by=by,
        campaign=campaign.pk,
        duties=[
            {
                "task": tasks[one.task],
                "who": matrix.holders[one.key].name,
                "letter": one.letter,
                "given": one.is_new,
            }
            for one in found
            if one.key in matrix.holders
        ],
    )
    effects.announce(matrix, after, by=by)
    touch(campaign)
    return len(found)


def _write(matrix: RaciMatrix, found: list[rules.Difference]) -> None:
    gone = {(one.task, one.key, one.letter) for one in found if not one.is_new}
    rows = [one.pk for one in matrix.held if (one.task, one.key, one.letter) in gone]
    Duty.objects.filter(pk__in=rows).delete()
    Duty.objects.bulk_create(
        Duty(
            task_id=one.task,
            letter=one.letter,
            user_id=int(one.key[1:]) if one.key[0] == "u" else None,
            team_id=int(one.key[1:]) if one.key[0] == "t" else None,
        )
        for one in found
        if one.is_new
    )
