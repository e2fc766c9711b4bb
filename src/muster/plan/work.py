"""What the plan brings to My work (S02): decisions that wait, and campaigns with gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from muster.plan.approvals.actions import decide
from muster.plan.approvals.deciders import waiting_for
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.approvals.subjects import Subject, current_fingerprint, subject_of
from muster.plan.brief.review import KIND
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.plan.readiness.checks import lately
from muster.plan.tasks.actions import edit_task, task_url
from muster.plan.tasks.models import Task
from muster.plan.tasks.schedule.axis import axis_of
from muster.plan.tasks.shown import working_days_left
from muster.plan.training.models import Training
from muster.plan.training.rules import is_passed
from muster.team.calendars.working import work_calendar
from muster.team.changes.models import Change
from muster.team.users.models import User, Workspace
from muster.team.work.registry import Act, Do, Item, Pane, lane

_MOST = 20
_MOST_TASKS = 50


@lane("approvals", _("For me to decide"), 10)
def approvals(user: User) -> Iterator[Item]:
    plan = gettext("%(who)s asks for approval of the plan")
    other = gettext("%(who)s asks, for %(campaign)s")
    for asked in waiting_for(user)[:50]:
        yield Item(
            title=asked.title,
            line=(plan if asked.kind == KIND else other)
            % {"who": asked.asked_by, "campaign": asked.campaign},
            url=reverse("plan:review", args=[asked.pk]),
            icon="clipboard-check",
            at=asked.asked_at,
            # One's own request can only be waived, so a colleague's comes first.
            rank=20 if asked.asked_by_id == user.pk else 10,
            key=asked.public_id,
            at_stake=asked.campaign.budget if asked.kind == KIND else None,
            acts=_verdicts(asked) if asked.asked_by_id != user.pk else (),
            pane=_pane(asked, user),
        )


def _verdicts(asked: ApprovalRequest) -> tuple[Act, ...]:
    def decide_as(verdict: str) -> Do:
        def do(user: User, data: Mapping[str, str]) -> None:
            decide(asked, verdict, by=user, note=data.get("note", ""))

        return do

    return (
        Act("done", _("Approve"), decide_as("approved"), said=_("Approved.")),
        Act("send_back", _("Send back"), decide_as("sent_back"), "reason", _("Sent back.")),
    )


def _pane(asked: ApprovalRequest, user: User) -> Pane:
    def shown() -> tuple[str, dict[str, Any]]:
        subject = subject_of(asked.kind)
        is_there = subject is not None and current_fingerprint(asked) is not None
        return "plan/approvals/pane.html", {
            "asked": asked,
            "is_changed": current_fingerprint(asked) != asked.fingerprint,
            "template": subject.template if subject and is_there else Subject.template,
            "shown": subject.context(asked.object_id, user) if subject and is_there else {},
            "checks": list(subject.checks(asked.object_id)) if subject and is_there else [],
        }

    return shown


@lane("tasks", _("My tasks"), 20)
def my_tasks(user: User) -> Iterator[Item]:
    """What this person is responsible for, the most urgent first.

    Who sees no plan, such as a vendor, also finds here what they answer for.
    """
    rows = Task.objects.visible_to(user)
    if user.may("campaigns.see"):
        rows = rows.of(user)
    rows = rows.exclude(status=Task.Status.DONE).filter(parts=None).at_work()
    rows = rows.select_related("campaign").order_by(F("due").asc(nulls_last=True), "place")
    now = today()
    axis = axis_of(work_calendar(now), now.year - 1)
    zone = Workspace.here().zone
    for task in rows[:_MOST_TASKS]:
        left = working_days_left(axis, now, task.due) if task.due else None
        at = datetime.combine(task.due, time(18), zone) if task.due else None
        yield Item(
            title=task.title,
            line=_standing(task, left),
            url=task_url(task),
            icon="alert-triangle" if left is not None and left < 0 else "list-check",
            at=at,
            rank=_task_rank(left),
            key=task.public_id,
            due=at,
            acts=(_finished(task),) if task.campaign.may_be_planned else (),
        )


def _finished(task: Task) -> Act:
    def do(user: User, data: Mapping[str, str]) -> Change | None:
        return edit_task(task, {"status": Task.Status.DONE}, by=user)

    return Act("done", _("Finish"), do, said=_("Finished."))


def _standing(task: Task, left: int | None) -> str:
    campaign = str(task.campaign)
    if task.blocked_reason:
        words = gettext("%(campaign)s: blocked, %(reason)s")
        return words % {"campaign": campaign, "reason": task.blocked_reason}
    if left is None:
        return campaign
    if left < 0:
        words = ngettext(
            "%(campaign)s: %(n)s working day late", "%(campaign)s: %(n)s working days late", -left
        )
        return words % {"campaign": campaign, "n": -left}
    if left == 0:
        return gettext("%(campaign)s: due today") % {"campaign": campaign}
    words = ngettext(
        "%(campaign)s: %(n)s working day left", "%(campaign)s: %(n)s working days left", left
    )
    return words % {"campaign": campaign, "n": left}


def _task_rank(left: int | None) -> int:
    if left is None:
        return 70
    return 15 if left < 0 else 25 if left == 0 else 45 if left <= 3 else 65


@lane("trainings", _("What I learn"), 25)
def trainings(user: User) -> Iterator[Item]:
    """What a campaign needs this person to be able to do, the earliest first."""
    rows = Training.objects.filter(trainee=user, finished_at=None)
    rows = rows.filter(campaign__in=Campaign.objects.visible_to(user)).exclude(
        campaign__status__in=OVER
    )
    now, zone = today(), Workspace.here().zone
    for one in rows.select_related("campaign", "trainee")[:_MOST]:
        left = [item["text"] for item in one.items if not is_passed(item)]
        words = ngettext(
            "%(campaign)s: %(n)s thing to pass, next: %(next)s",
            "%(campaign)s: %(n)s things to pass, next: %(next)s",
            len(left),
        )
        due = datetime.combine(one.due, time(18), zone)
        page = reverse("plan:resources", args=[one.campaign_id])
        yield Item(
            title=gettext("Learn “%(skill)s”") % {"skill": one.skill},
            line=words % {"campaign": one.campaign, "n": len(left), "next": "".join(left[:1])},
            url=f"{page}#{one.public_id}",
            icon="notebook",
            at=due,
            rank=30 if one.due < now else 55,
            key=one.public_id,
            due=due,
        )


@lane("campaigns", _("My campaigns with something missing"), 30)
def gaps(user: User) -> Iterator[Item]:
    mine = Campaign.objects.visible_to(user).open().filter(owner=user).order_by("starts")
    mine = mine.exclude(status=Campaign.Status.IN_REVIEW)
    for campaign in mine[:_MOST]:
        answers = lately(campaign)
        first = answers.findings[:1]
        if not first:
            continue
        count = len(answers.findings)
        more = ngettext("%(count)s thing: %(first)s", "%(count)s things, first: %(first)s", count)
        yield Item(
            title=campaign.name,
            line=more % {"count": count, "first": first[0]},
            url=first[0].fix_at,
            icon="target",
            rank=40 if answers.blockers else 60,
            key=campaign.public_id,
        )
