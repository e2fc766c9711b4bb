"""Everybody is scored again every few minutes, and what waits too long is told (PE7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.kit import clock
from muster.people.accounts.matching import match
from muster.people.leads.becoming import rescore
from muster.people.leads.late import watch
from muster.people.leads.models import LeadStep
from muster.people.leads.telling import tell
from muster.people.scoring.models import ScoreModel
from muster.team.jobs.registry import Run, job
from muster.team.jobs.repeating import repeated


@repeated(every=timedelta(minutes=5), beside=True)
def keep_scores_true(now: datetime) -> None:
    """Find the companies of new people, and score everybody anew."""
    match(now)
    if ScoreModel.objects.filter(on=True).exists():
        rescore(now)


@repeated(every=timedelta(seconds=30))
def watch_leads(now: datetime) -> None:
    """Tell of leads that wait too long, and the log of what cannot be taken back any more."""
    watch(now)
    if LeadStep.objects.filter(told=False).exists():
        tell(now)


@job("people.score")
def score_now(run: Run) -> None:
    """Somebody does not want to wait for the next look."""
    done = rescore(clock.now())
    run.result.update(became=done.became, opened=done.opened, given=done.given)
    run.progress(done.ready, done.ready)
