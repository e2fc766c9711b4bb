"""Every second: is there a notice to send out? And: long work that ended is news, and damage."""

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
from muster.team.notices.models import Notice
from muster.team.stores import stores
from muster.team.users.models import User, Workspace
from muster.ui.middleware import said
from muster.warehouse.store import damaged_files

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


@repeated(every=timedelta(minutes=1))
def tell_of_damage(now: datetime) -> None:
    """Owners and admins hear once of each warehouse file that was damaged and moved aside."""
    store = stores().warehouse
    files = damaged_files(store.path) if store is not None and store.path is not None else []
    here = Workspace.objects.first() if files else None
    if here is None:
        return
    newest, event = files[-1].name, "warehouse_damaged"
    before = Notice.objects.filter(event=event, kind=here._meta.label_lower, object_id=here.pk)
    if any(notice.params["file"] >= newest for notice in before):
        return
    notify(
        event,
        here,
        User.objects.filter(is_active=True, role__in=("owner", "admin")),
        _(
            "The warehouse file was damaged. It was moved aside as %(file)s, and the numbers are "
            "built anew from the event log; nothing is lost. Have the disk looked at."
        ),
        params={"file": newest},
        url=reverse("team:jobs"),
    )
