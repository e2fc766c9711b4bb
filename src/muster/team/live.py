"""News of jobs, notices, comments, and of who is on a page."""

from __future__ import annotations

from django.db.models import Count, Max

from muster.kit import ids
from muster.team.jobs.models import Job
from muster.team.notices.models import Notice
from muster.ui.live import topic


@topic("job")
def job_version(public_id: str) -> str:
    """Changes with every step of the job."""
    job = Job.objects.filter(pk=ids.number("job", public_id) or 0).first()
    return f"{job.state}-{job.done}-{job.total}-{job.cancel_asked}" if job else ""


@topic("notices")
def notices_version(public_id: str) -> str:
    """Changes when this person is told something, or has seen it."""
    rows = Notice.objects.filter(to=ids.number("user", public_id) or 0, read_at=None)
    found = rows.filter(closed_at=None).aggregate(n=Count("pk"), last=Max("at"))
    return f"{found['n']}-{found['last']}"
