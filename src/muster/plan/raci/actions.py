"""What people do with the matrix: set cells, which moves work and approvals at once (PL5)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.models import Campaign
from muster.plan.raci import effects, rules
from muster.plan.raci.matrix import RaciMatrix
from muster.plan.tasks.held import Held
from muster.plan.tasks.models import Duty
from muster.team.changes.actions import record_change, takes_back
from muster.team.changes.keeping import CHANGED
from muster.team.changes.models import Change
from muster.team.lacking import lacking
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
def set_duties(
    campaign: Campaign,
    changes: Changes,
    *,
    by: User,
    again: Mapping[tuple[int, str, str], tuple[int, Decimal]] | None = None,
) -> Change | None:
    """Set these cells, and let work, comments and approvals follow; None if all is as it was.

    `again`: number and share of the duties, by task, holder and letter, that come back.
    """
    if not by.may("campaigns.edit"):
        raise lacking("campaigns.edit")
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
        return None
    gone, made = _write(matrix, found, again or {})
    tasks = {task.pk: task.title for task in matrix.tasks}
    change = record_change(
        "duties_set",
        campaign,
        by=by,
        undo={
            "back": {
                "given": [[one.task_id, _key(one), one.letter, one.pk] for one in made],
                "gone": [[one.task, one.key, one.letter, one.pk, str(one.share)] for one in gone],
            }
        },
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
    return change


@takes_back("duties_set")
def take_back(change: Change, back: Mapping[str, Any], by: User) -> None:
    """Set the cells as they were, by the same way: work and approvals move back with them."""
    campaign = Campaign.objects.select_for_update().get(pk=change.object_id)
    matrix = RaciMatrix(campaign)
    given = {(task, key, letter) for task, key, letter, _pk in back["given"]}
    gone = {
        (task, key, letter): (pk, Decimal(share)) for task, key, letter, pk, share in back["gone"]
    }
    held = {(one.task, one.key, one.letter) for one in matrix.held}
    # By number: what was taken away and given anew since is somebody else's decision.
    ours = {pk for _task, _key, _letter, pk in back["given"]}
    if not ours <= {one.pk for one in matrix.held} or held & gone.keys():
        raise Refused(CHANGED)
    cells: dict[rules.Cell, frozenset[str]] = {}
    for task, key, _letter in [*given, *gone]:
        letters = {letter for where, who, letter in held - given if (where, who) == (task, key)}
        letters |= {letter for where, who, letter in gone if (where, who) == (task, key)}
        cells[task, key] = frozenset(letters)
    set_duties(campaign, cells, by=by, again=gone)


def _key(duty: Duty) -> str:
    return f"u{duty.user_id}" if duty.user_id else f"t{duty.team_id}"


def _whom(key: str) -> dict[str, int]:
    return {"user_id" if key[0] == "u" else "team_id": int(key[1:])}


def _write(
    matrix: RaciMatrix,
    found: list[rules.Difference],
    again: Mapping[tuple[int, str, str], tuple[int, Decimal]],
) -> tuple[list[Held], list[Duty]]:
    """Put the differences into the table; gives the duties that are gone, and the new ones."""
    lost = {(one.task, one.key, one.letter) for one in found if not one.is_new}
    gone = [one for one in matrix.held if (one.task, one.key, one.letter) in lost]
    Duty.objects.filter(pk__in=[one.pk for one in gone]).delete()
    new = []
    for one in found:
        if one.is_new:
            number, share = again.get((one.task, one.key, one.letter), (None, Decimal(1)))
            duty = Duty(pk=number, task_id=one.task, letter=one.letter, share=share)
            for name, value in _whom(one.key).items():
                setattr(duty, name, value)
            new.append(duty)
    return gone, Duty.objects.bulk_create(new)
