"""Every second: is there a notice to send out? And: long work that ended is news."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from muster.kit.words import _
from muster.team.jobs.models import Job
from muster.team.jobs.registry import ended
from muster.team.jobs.repeating import repeated
from muster.team.notices.actions import notify
from muster.team.notices.delivering import deliver, waiting
from muster.ui.middleware import said

_LONG = timedelta(seconds=10)
"""Work that took less was seen to end."""


@repeated(beside=True, only_if=waiting)
def send_out(now: datetime) -> None:
    """Deliver; a mail server may be slow."""
    deliver(now)


@ended
def tell(job: Job) -> None:
    """Whoever started it hears that it ended, if it took a while or failed."""
    failed = job.state == Job.State.FAILED
    took = (job.ended_at or timezone.now()) - job.created_at
    if job.by is None or job.state == Job.State.CANCELLED or (took < _LONG and not failed):
        return
    text = _("“%(title)s” failed: %(why)s") if failed else _("“%(title)s” is done.")
    notify(
        "job_done",
        job,
        [job.by],
        text,
        params={"title": job.title, "why": said(job.error)[:120]},
        url=reverse("team:job", args=[job.pk]),
    )
