"""News of jobs."""

from __future__ import annotations

from muster.kit import ids
from muster.team.jobs.models import Job
from muster.ui.live import topic


@topic("job")
def job_version(public_id: str) -> str:
    """Changes with every step of the job."""
    job = Job.objects.filter(pk=ids.number("job", public_id) or 0).first()
    return f"{job.state}-{job.done}-{job.total}-{job.cancel_asked}" if job else ""
