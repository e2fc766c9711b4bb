"""Does the jobs, one after the other, in a thread of the server."""

from __future__ import annotations

import logging
import os
import threading
import time
from datetime import timedelta

from django.db import close_old_connections, transaction
from django.db.models import Q
from django.utils import timezone, translation

from muster.kit import clock
from muster.kit.errors import Refused, Unavailable, written_down
from muster.kit.words import _
from muster.team.jobs.models import Job
from muster.team.jobs.registry import ENDED, Cancelled, work_of
from muster.team.jobs.repeating import REPEATED
from muster.team.users.models import Workspace

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
_SAY_EVERY = 0.25  # seconds between two writes of progress


class JobRun:
    """One job while it runs."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._said = 0.0
        self.input: dict[str, object] = job.input
        self.result: dict[str, object] = dict(job.result)

    def progress(self, done: int, total: int | None = None) -> None:
        self._job.done = done
        if total is not None:
            self._job.total = total
        if time.monotonic() - self._said < _SAY_EVERY:
            return
        self._said = time.monotonic()
        self.say()

    def say(self) -> None:
        """Write the progress down, renew the lease, and notice a wish to stop."""
        rows = Job.objects.filter(pk=self._job.pk, owner=self._job.owner, state=Job.State.RUNNING)
        rows.update(
            done=self._job.done,
            total=self._job.total,
            result=self.result,
            lease_until=timezone.now() + LEASE,
        )
        if not rows.filter(cancel_asked=False).exists():
            raise Cancelled

    def errors_file(self, name: str) -> None:
        self._job.errors_file = name
        Job.objects.filter(pk=self._job.pk).update(errors_file=name)


class Runner:
    """Claims jobs and does them until it is told to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._clock = threading.Thread(target=self._repeat, name="clock", daemon=True)
        self._owner = f"{os.getpid()}-{id(self):x}"

    def start(self) -> None:
        self._thread.start()
        self._clock.start()

    def stop(self) -> None:
        """Ends after the present step; an unfinished job goes on after the next start."""
        self._stop.set()
        self._thread.join(10)
        self._clock.join(5)

    def run_waiting(self) -> int:
        """Do every waiting job now, in this thread."""
        count = 0
        while (job := self._claim()) is not None:
            self._do(job)
            count += 1
        return count

    def _work(self) -> None:
        while not self._stop.is_set():
            close_old_connections()
            try:
                worked = self.run_waiting()
            except Exception:
                log.exception("The job runner stumbled")
                worked = 0
            if not worked:
                self._stop.wait(0.3)

    def _repeat(self) -> None:
        while not self._stop.wait(1):
            close_old_connections()
            for work in REPEATED:
                try:
                    work(clock.now())
                except Exception:
                    log.exception("What is repeated stumbled")

    @transaction.atomic
    def _claim(self) -> Job | None:
        now = timezone.now()
        free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
        job = (
            Job.objects.select_for_update(skip_locked=_can_skip())
            .filter(free)
            .order_by("id")
            .first()
        )
        if job is None or self._stop.is_set():
            return None
        job.state = Job.State.RUNNING
        job.owner = self._owner
        job.lease_until = now + LEASE
        job.started_at = job.started_at or now
        job.save(update_fields=["state", "owner", "lease_until", "started_at"])
        return job

    def _do(self, job: Job) -> None:
        run = JobRun(job)
        state, error = Job.State.DONE, ""
        try:
            with translation.override(_language_of(job)):
                work_of(job.kind)(run)
        except Cancelled:
            state = Job.State.CANCELLED
        except Exception as failure:
            state, error = Job.State.FAILED, written_down(told(failure))
            if not isinstance(failure, Refused):
                log.exception("Job %s failed", job.kind)
        Job.objects.filter(pk=job.pk, owner=self._owner).update(
            state=state,
            error=error,
            unique=None,
            done=job.done,
            total=job.total,
            result=run.result,
            ended_at=timezone.now(),
        )
        job.refresh_from_db()
        for listener in ENDED:
            listener(job)


def told(failure: Exception) -> Refused | Unavailable:
    """A failure in a sentence for people, also when it is a mistake of ours."""
    if isinstance(failure, Refused | Unavailable):
        return failure
    return Unavailable(
        _("Something broke on our side and was noted: %(why)s. Try again, or ask for help."),
        why=f"{type(failure).__name__}: {failure}",
    )


def _language_of(job: Job) -> str:
    """Files that a job makes are written in the language of whoever started it."""
    return (job.by.language if job.by else "") or Workspace.here().language


def _can_skip() -> bool:
    from django.db import connection

    return connection.features.has_select_for_update_skip_locked


def recover_jobs() -> None:
    """After a start of the only server: what was running when it died is done again."""
    Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.QUEUED, owner="")
