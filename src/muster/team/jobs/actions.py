"""What people do with jobs: start and cancel them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from muster.kit.errors import NotFound, Refused
from muster.kit.words import _
from muster.team.jobs.models import Job
from muster.team.users.models import User


def start_job(
    kind: str, input: dict[str, object], *, title: str, by: User | None, unique: str | None = None
) -> Job:
    """Put a job in the queue; with `unique`, refused while one of that name is open."""
    try:
        with transaction.atomic():
            return Job.objects.create(kind=kind, input=input, title=title, by=by, unique=unique)
    except IntegrityError as error:
        raise Refused(_("The same work is already under way. Wait for it or cancel it.")) from error


def cancel_job(job: Job, *, by: User) -> Job:
    """Ask a job to stop; one that has not begun ends at once."""
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if not waiting.update(state=Job.State.CANCELLED, unique=None, ended_at=timezone.now()):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)
    job.refresh_from_db()
    return job


def visible_to(user: User) -> QuerySet[Job]:
    """Everybody sees the jobs they started; who manages Muster sees all."""
    jobs = Job.objects.select_related("by")
    return jobs if user.may("settings.manage") else jobs.filter(by=user)


def errors_of(job: Job) -> Path:
    """The file with the rows that could not be used. Raises NotFound where there is none."""
    path: Path = settings.DATA.uploads / job.errors_file
    if not job.errors_file or path.parent != settings.DATA.uploads or not path.is_file():
        raise NotFound
    return path
