"""Everybody is scored again every few minutes, and what waits too long is told (PE7)."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections

from muster.kit import clock
from muster.people.accounts.matching import match
from muster.people.leads.becoming import rescore
from muster.people.leads.late import watch
from muster.people.leads.models import LeadStep
from muster.people.leads.telling import tell
from muster.people.scoring.models import ScoreModel
from muster.team.jobs.registry import Run, job, repeated

log = logging.getLogger(__name__)

SCORE_EVERY, LOOK_EVERY = timedelta(minutes=5), timedelta(seconds=30)
_busy = threading.Lock()
_last: dict[str, datetime] = {}


@repeated
def keep_scores_true(now: datetime) -> None:
    """Work in a thread of its own: it takes seconds, and the clock must not wait."""
    if _busy.locked() or not _is_due("score", now, SCORE_EVERY):
        return
    threading.Thread(target=_work, name="leads", daemon=True).start()


@repeated
def watch_leads(now: datetime) -> None:
    """Tell of leads that wait too long, and the log of what cannot be taken back any more."""
    if not _is_due("look", now, LOOK_EVERY):
        return
    watch(now)
    if LeadStep.objects.filter(told=False).exists():
        tell(now)


def _is_due(what: str, now: datetime, every: timedelta) -> bool:
    if what in _last and now - _last[what] < every:
        return False
    _last[what] = now
    return True


def _work() -> None:
    with _busy:
        try:
            match(clock.now())
            if ScoreModel.objects.filter(on=True).exists():
                rescore(clock.now())
        except Exception:
            log.exception("The leads could not be scored; trying again")
        finally:
            close_old_connections()


@job("people.score")
def score_now(run: Run) -> None:
    """Somebody does not want to wait for the next look."""
    done = rescore(clock.now())
    run.result.update(became=done.became, opened=done.opened, given=done.given)
    run.progress(done.ready, done.ready)
