"""Every second: is there a notice to send out? And: long work that ended is news."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.urls import reverse
from django.utils import timezone

from muster.kit.words import _
from muster.team.jobs.models import Job
from muster.team.jobs.registry import ended, repeated
from muster.team.notices.actions import notify
from muster.team.notices.delivering import deliver, waiting
from muster.ui.middleware import said

log = logging.getLogger("muster.notices")
_busy = threading.Lock()
_LONG = timedelta(seconds=10)
"""Work that took less was seen to end."""


@repeated
def send_out(now: datetime) -> None:
    """Deliver in a thread of its own: a slow mail server must not hold up the clock."""
    if not _busy.locked() and waiting(now):
        threading.Thread(target=_deliver, name="notices", daemon=True).start()


def _deliver() -> None:
    with _busy:
        try:
            deliver(timezone.now())
        except Exception:
            log.exception("Notices stumbled")
        finally:
            close_old_connections()


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
