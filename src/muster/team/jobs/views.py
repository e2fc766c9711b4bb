"""Pages of jobs: the list, and the progress of one wherever it is shown."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from muster.team.http import TeamRequest
from muster.team.jobs.actions import cancel_job, errors_of, visible_to
from muster.team.permissions import allow


@allow("work.see")
def jobs(request: TeamRequest) -> HttpResponse:
    """What the machine does and did."""
    return render(
        request, "team/jobs.html", {"jobs": visible_to(request.user).order_by("-id")[:50]}
    )


@allow("work.see")
def job(request: TeamRequest, job_id: int) -> HttpResponse:
    """One job; asked for by htmx it is the progress component alone."""
    found = get_object_or_404(visible_to(request.user), pk=job_id)
    template = "team/job.html#progress" if request.htmx else "team/job.html"
    return render(request, template, {"job": found})


@allow("work.see")
@require_POST
def cancel(request: TeamRequest, job_id: int) -> HttpResponse:
    found = cancel_job(get_object_or_404(visible_to(request.user), pk=job_id), by=request.user)
    return render(request, "team/job.html#progress", {"job": found})


@allow("people.import")
def errors(request: TeamRequest, job_id: int) -> HttpResponseBase:
    """The rows that could not be used, with the reasons."""
    found = get_object_or_404(visible_to(request.user), pk=job_id)
    path = errors_of(found)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
