"""Our own lanes of My work (S02): alerts, what was said to me, and long work that I started."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.team.changes.models import Change
from muster.team.jobs.models import Job
from muster.team.notices.actions import mark_read
from muster.team.notices.events import EVENTS
from muster.team.notices.models import Notice
from muster.team.users.models import User
from muster.team.work.registry import Act, Item, lane
from muster.ui.middleware import said

_RECENT = timedelta(days=7)
_MOST = 50
ALERTS = (
    "plan_late",
    "budget_line_crossed",
    "vault_reached",
    "risk_fired",
    "stock_low",
    "approval_overdue",
    "checkpoint_missed",
    "guardrail_broken",
)
SAID = ("mention", "comment")


@lane("alerts", _("Alerts"), 30)
def alerts(user: User) -> Iterator[Item]:
    for notice in _unread(user, ALERTS):
        urgent = EVENTS[notice.event].urgent
        yield _item(notice, str(notice), gettext(EVENTS[notice.event].name), 15 if urgent else 30)


@lane("mentions", _("Said to me"), 40)
def mentions(user: User) -> Iterator[Item]:
    for notice in _unread(user, SAID):
        rank = 45 if notice.event == "mention" else 70
        quote = str(notice.params.get("quote", ""))
        yield _item(notice, str(notice), quote or gettext(EVENTS[notice.event].why), rank)


def _unread(user: User, events: Iterable[str]) -> Iterable[Notice]:
    rows = Notice.objects.filter(to=user, read_at=None, closed_at=None, event__in=events)
    return rows.select_related("by")[:_MOST]


def _item(notice: Notice, title: str, line: str, rank: int) -> Item:
    return Item(
        title=title,
        line=line,
        url=notice.url,
        icon=EVENTS[notice.event].icon,
        at=notice.at,
        rank=rank,
        key=notice.public_id,
        acts=(Act("done", _("Mark as read"), _reading(notice), said=_("Marked as read.")),),
        pane=lambda: ("team/notice_pane.html", _pane(notice)),
    )


def _reading(notice: Notice) -> Callable[[User, Mapping[str, str]], Change | None]:
    def read(user: User, data: Mapping[str, str]) -> None:
        mark_read(user, [notice.pk])

    return read


def _pane(notice: Notice) -> dict[str, Any]:
    return {"notice": notice, "event": EVENTS[notice.event]}


@lane("jobs", _("My jobs"), 50)
def my_jobs(user: User) -> Iterator[Item]:
    recent = Job.objects.filter(by=user, created_at__gt=timezone.now() - _RECENT).order_by("-pk")
    for job in recent[:10]:
        failed = job.state == Job.State.FAILED
        line = said(job.error) if failed and job.error else str(Job.State(job.state).label)
        if job.state == Job.State.RUNNING and job.total:
            line = gettext("%(done)s of %(total)s done") % {"done": job.done, "total": job.total}
        yield Item(
            title=job.title,
            line=line,
            url=reverse("team:job", args=[job.pk]),
            icon="alert-triangle" if failed else "refresh" if not job.is_over else "check",
            at=job.ended_at or job.created_at,
            rank=30 if failed else 90,
            key=job.public_id,
        )
