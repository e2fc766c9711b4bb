"""A task whose work is approved is done (PL4): approvals tell it here."""

from __future__ import annotations

from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.approvals.subjects import covered, on_decision
from muster.plan.tasks.actions import edit_task
from muster.plan.tasks.models import Task


@on_decision
def finish(request: ApprovalRequest, decision: Decision) -> None:
    """Finish the tasks about what was approved."""
    if decision.verdict != Decision.Verdict.APPROVED or not request.campaign.may_be_planned:
        return
    tasks = Task.objects.filter(campaign=request.campaign).exclude(status=Task.Status.DONE)
    for kind, ids in covered(request).items():
        for task in tasks.filter(about_kind=kind, about_id__in=ids):
            edit_task(task, {"status": Task.Status.DONE}, by=decision.by)
