"""News of jobs, notices, comments, and of who is on a page."""

from __future__ import annotations

from django.db.models import Count, Max

from muster.kit import ids
from muster.team.comments.models import Comment
from muster.team.jobs.models import Job
from muster.team.notices.models import Notice
from muster.team.presence import here
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


@topic("comments")
def comments_version(public_id: str) -> str:
    """Changes with every comment that is written, changed, settled or taken back."""
    prefix = public_id.partition("_")[0]
    kind = next((kind for kind, known in ids.KINDS.items() if known == prefix), "")
    number = ids.number(kind, public_id) if kind else None
    found = Comment.objects.filter(kind=kind, object_id=number or 0).aggregate(
        n=Count("pk"),
        last=Max("edited_at"),
        settled=Count("resolved_at"),
        gone=Count("deleted_at"),
    )
    return " ".join(map(str, found.values()))


@topic("here")
def here_version(page: str) -> str:
    """Changes when somebody opens or leaves the page."""
    return here.version(page)
