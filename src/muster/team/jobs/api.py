"""Jobs in the API: how far, what failed, and stop."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, HttpRequest
from ninja import Query, Router

from muster.team.jobs.actions import cancel_job, errors_of, visible_to
from muster.team.jobs.models import Job
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User
from muster.ui.middleware import said

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
        "error": said(job.error) or None,
        "errors_url": f"/api/v1/jobs/{job.public_id}/errors" if job.errors_file else None,
        "created_at": job.created_at,
        "ended_at": job.ended_at,
    }


@router.get("", auth=scope("jobs:read"), response=Page[dict[str, Any]])
def list_jobs(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The jobs, newest first."""
    return page(visible_to(_user(request)), paging, shown)


@router.get("/{job_id}", auth=scope("jobs:read"), response=dict[str, Any])
def get_job(request: HttpRequest, job_id: str) -> dict[str, Any]:
    """How far a job is."""
    return shown(found(visible_to(_user(request)), "job", job_id))


@router.get("/{job_id}/errors", auth=scope("people:write"))
def errors(request: HttpRequest, job_id: str) -> FileResponse:
    """The rows that could not be used, with the reasons, as a file."""
    path = errors_of(found(visible_to(_user(request)), "job", job_id))
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@router.delete("/{job_id}", auth=scope("jobs:read"), response=dict[str, Any])
def cancel(request: HttpRequest, job_id: str) -> dict[str, Any]:
    """Ask a job to stop."""
    job = found(visible_to(_user(request)), "job", job_id)
    return shown(cancel_job(job, by=request.user))  # type: ignore[arg-type]


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
