"""What the plan of tasks has to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check
from muster.plan.tasks.models import Task
from muster.plan.tasks.planning import plan_of


@check("plan", _("The plan reaches the launch in time"), severity=None)
def ends_before_the_launch(campaign: Campaign) -> Iterator[Finding]:
    place = reverse("plan:gantt", args=[campaign.pk])
    plan = plan_of(campaign)
    if not plan.tasks:
        yield Finding(
            _("Nothing is planned yet. Write down what has to be done, one line for each task."),
            reverse("plan:board", args=[campaign.pk]),
            Severity.WARN,
        )
        return
    late = plan.late_by()
    path = [task.title for task in plan.path_tasks() if not task.milestone]
    if late:
        yield Finding(
            _(
                "The plan reaches the launch %(days)s working days late, because of: %(tasks)s. "
                "Shorten one of them, or move the first day."
            ),
            place,
            Severity.BLOCK,
            {"days": late, "tasks": " → ".join(path[-4:])},
        )


@check("plan", _("Every task has a date"), severity=Severity.WARN)
def every_task_has_a_date(campaign: Campaign) -> Iterator[Finding]:
    open_tasks = Task.objects.filter(campaign=campaign, due=None, parts=None)
    without = open_tasks.exclude(status=Task.Status.DONE).values_list("title", flat=True)
    found = list(without[:50])
    if found:
        yield Finding(
            _("%(count)s tasks have no due date, first: “%(task)s”. Give each a date."),
            reverse("plan:tasks", args=[campaign.pk]) + "?dates=none",
            Severity.WARN,
            {"count": len(found), "task": found[0]},
        )
