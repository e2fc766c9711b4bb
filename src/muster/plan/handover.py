"""What of the plan goes to a colleague when somebody leaves."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.goals.models import Goal
from muster.plan.materials.models import Material
from muster.plan.objectives.models import Objective
from muster.plan.risks.models import Risk
from muster.plan.strategy.models import Cell
from muster.plan.tasks.models import Duty, Task
from muster.plan.tools.models import Tool
from muster.plan.training.actions import pass_on
from muster.plan.training.models import Training
from muster.team.members.handing import hands_over
from muster.team.users.models import User

_CLOSED = (Campaign.Status.REVIEWED, Campaign.Status.ARCHIVED)


@hands_over(_("Campaigns"))
def campaigns(leaving: User, to: User | None) -> int:
    rows = _open().filter(owner=leaving)
    return rows.update(owner=to) if to else rows.count()


@hands_over(_("Open tasks"))
def duties(leaving: User, to: User | None) -> int:
    rows = Duty.objects.filter(user=leaving).exclude(task__status=Task.Status.DONE)
    # Tasks that were put away change hands too, as they may come back, but are no open work.
    moved = rows.filter(task__deleted_at=None).values("task").distinct().count()
    if to is None:
        return moved
    # A colleague who has the same duty already keeps one.
    for letter in Duty.Letter.values:
        of_kind = rows.filter(letter=letter)
        theirs = list(Duty.objects.filter(user=to, letter=letter).values_list("task_id", flat=True))
        of_kind.filter(task__in=theirs).delete()
        of_kind.update(user=to)
    Task.objects.filter(unblocker=leaving).exclude(status=Task.Status.DONE).update(unblocker=to)
    return moved


@hands_over(_("Risks"))
def risks(leaving: User, to: User | None) -> int:
    rows = Risk.objects.filter(owner=leaving, campaign__in=_open())
    rows = rows.exclude(status=Risk.Status.CLOSED)
    return rows.update(owner=to) if to else rows.count()


@hands_over(_("Goals"))
def goals(leaving: User, to: User | None) -> int:
    rows = Goal.objects.filter(owner=leaving, campaign__in=_open())
    return rows.update(owner=to) if to else rows.count()


@hands_over(_("Facts"))
def facts(leaving: User, to: User | None) -> int:
    rows = Fact.objects.filter(owner=leaving, campaign__in=_open())
    return rows.update(owner=to) if to else rows.count()


@hands_over(_("Objectives"))
def objectives(leaving: User, to: User | None) -> int:
    # What has ended stays the work of whoever answered for it.
    rows = Objective.objects.filter(owner=leaving, ends__gte=today())
    return rows.update(owner=to) if to else rows.count()


@hands_over(_("Touchpoints"))
def touchpoints(leaving: User, to: User | None) -> int:
    rows = Cell.objects.filter(owner=leaving, campaign__in=_open())
    rows = rows.exclude(status__in=[Cell.Status.READY, Cell.Status.LEFT_OUT])
    return rows.update(owner=to) if to else rows.count()


@hands_over(_("Materials"))
def materials(leaving: User, to: User | None) -> int:
    rows = Material.objects.filter(owner=leaving)
    return rows.update(owner=to) if to else rows.count()


@hands_over(_("Trainings"))
def trainings(leaving: User, to: User | None) -> int:
    rows = Training.objects.filter(trainee=leaving, finished_at=None, campaign__in=_open())
    if to is None:
        return rows.count()
    return sum(pass_on(one, to) for one in rows.select_related("campaign"))


@hands_over(_("Tools"))
def tools(leaving: User, to: User | None) -> int:
    rows = Tool.objects.filter(owner=leaving)
    return rows.update(owner=to) if to else rows.count()


def _open() -> QuerySet[Campaign]:
    """Campaigns whose plan may still change."""
    return Campaign.objects.filter(deleted_at=None).exclude(status__in=_CLOSED)
