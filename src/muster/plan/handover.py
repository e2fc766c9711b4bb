"""What of the plan goes to a colleague when somebody leaves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
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
    if to is None:
        return rows.values("task").distinct().count()
    moved = rows.values("task").distinct().count()
    # A colleague who has the same duty already keeps one.
    for letter in Duty.Letter.values:
        of_kind = rows.filter(letter=letter)
        theirs = list(Duty.objects.filter(user=to, letter=letter).values_list("task_id", flat=True))
        of_kind.filter(task__in=theirs).delete()
        of_kind.update(user=to)
    Task.objects.filter(unblocker=leaving).exclude(status=Task.Status.DONE).update(unblocker=to)
    return moved
