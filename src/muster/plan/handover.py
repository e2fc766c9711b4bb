"""What of the plan goes to a colleague when somebody leaves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Duty, Task
from muster.team.members.handing import hands_over
from muster.team.users.models import User


@hands_over(_("Campaigns"))
def campaigns(leaving: User, to: User | None) -> int:
    rows = Campaign.objects.filter(owner=leaving, deleted_at=None).exclude(
        status__in=[Campaign.Status.REVIEWED, Campaign.Status.ARCHIVED]
    )
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
    rows = Risk.objects.filter(owner=leaving, campaign__deleted_at=None).exclude(
        status=Risk.Status.CLOSED
    )
    return rows.update(owner=to) if to else rows.count()
