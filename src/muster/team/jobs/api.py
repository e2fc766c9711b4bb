"""Jobs in the API: how far, what failed, and stop."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from muster.team.jobs.actions import cancel_job
from muster.team.jobs.models import Job
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope

router = Router(tags=["jobs"])


def shown(job: Job) -> dict[str, Any]:
    """A job as the API speaks of it."""
    return {
        "id": job.public_id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "result": job.result,
        "error": job.error or None,
        "errors_url": f"/jobs/{job.public_id}/errors" if job.errors_file else None,
        "created_at": job.created_at,
        "ended_at": job.ended_at,
    }


@router.get("", auth=scope("jobs:read"), response=Page[dict[str, Any]])
def list_jobs(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The jobs, newest first."""
    return page(Job.objects.all(), paging, shown)


@router.get("/{job_id}", auth=scope("jobs:read"), response=dict[str, Any])
def get_job(request: HttpRequest, job_id: str) -> dict[str, Any]:
    """How far a job is."""
    return shown(found(Job.objects.all(), "job", job_id))


@router.delete("/{job_id}", auth=scope("jobs:read"), response=dict[str, Any])
def cancel(request: HttpRequest, job_id: str) -> dict[str, Any]:
    """Ask a job to stop."""
    job = found(Job.objects.all(), "job", job_id)
    return shown(cancel_job(job, by=request.user))  # type: ignore[arg-type]
