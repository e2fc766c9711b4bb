"""Long work that this person started: how far it is, and what came of it (S02)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.team.jobs.models import Job
from muster.team.users.models import User
from muster.team.work.registry import Item, lane
from muster.ui.middleware import said

_RECENT = timedelta(days=7)


@lane("jobs", _("My jobs"), 40)
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
        )
