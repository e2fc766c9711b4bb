"""Long work: progress, cancelling, restarts."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.jobs.actions import cancel_job, start_job
from muster.team.jobs.models import Job
from muster.team.jobs.registry import job
from muster.team.jobs.repeating import Repeated
from muster.team.jobs.runner import Runner, recover_jobs
from muster.ui.middleware import said

SEEN: list[int] = []


@job("test.count")
def count(run):
    for step in range(1, 4):
        if run.input.get("cancel_at") == step:
            Job.objects.update(cancel_asked=True)
            run._said = 0
        if run.input.get("refuse_at") == step:
            raise Refused(_("Step %(step)s cannot be done."), step=step)
        if run.input.get("break_at") == step:
            raise ZeroDivisionError("a bug")
        SEEN.append(step)
        run.progress(step, 3)
    run.result["steps"] = 3


@pytest.fixture(autouse=True)
def _clean(db):
    SEEN.clear()


def done(**input):
    started = start_job("test.count", input, title="Count", by=None)
    Runner().run_waiting()
    started.refresh_from_db()
    return started


class TestAJob:
    def test_ends_with_its_result(self):
        job = done()
        assert (job.state, job.done, job.total, job.result) == ("done", 3, 3, {"steps": 3})

    def test_that_is_refused_says_why(self):
        job = done(refuse_at=2)
        assert (job.state, said(job.error)) == ("failed", "Step 2 cannot be done.")

    def test_that_breaks_fails_and_the_next_still_runs(self, caplog):
        assert done(break_at=1).state == "failed"
        assert done().state == "done"
        assert "a bug" in caplog.text

    def test_stops_where_it_was_when_cancelled(self):
        job = done(cancel_at=2)
        assert job.state == "cancelled"
        assert SEEN == [1, 2]

    def test_that_waits_is_cancelled_at_once(self, owner):
        waiting = start_job("test.count", {}, title="Count", by=owner)
        assert cancel_job(waiting, by=owner).state == "cancelled"
        assert Runner().run_waiting() == 0

    def test_that_ran_when_the_server_died_is_done_again(self):
        started = start_job("test.count", {}, title="Count", by=None)
        Job.objects.update(state="running", owner="a dead process")
        recover_jobs()
        Runner().run_waiting()
        started.refresh_from_db()
        assert started.state == "done"

    def test_of_one_name_is_open_once(self):
        start_job("test.count", {}, title="Count", by=None, unique="count")
        with pytest.raises(Refused, match="already under way"):
            start_job("test.count", {}, title="Count", by=None, unique="count")
        Runner().run_waiting()
        start_job("test.count", {}, title="Count", by=None, unique="count")


class TestWhatRepeats:
    def test_is_done_when_its_time_has_come_and_there_is_something_to_do(self):
        done, waits = [], [False]
        often = Repeated(done.append, timedelta(minutes=5), False, lambda now: waits[0])
        start = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
        moments = [start + timedelta(minutes=n) for n in (0, 4, 5, 6, 12)]
        often(moments[0])
        waits[0] = True
        for moment in moments[1:]:
            often(moment)
        assert done == [moments[2], moments[4]]

    def test_beside_the_clock_is_not_done_twice_at_once_and_goes_on_after_a_fault(self, caplog):
        began, goes_on, done = threading.Event(), threading.Event(), []

        def work(now):
            done.append(now)
            began.set()
            assert goes_on.wait(10)
            raise ValueError("no luck")

        slow = Repeated(work, timedelta(0), True, None)
        first, second, third = (datetime(2026, 6, 1, 8, n, tzinfo=UTC) for n in range(3))
        slow(first)
        assert began.wait(10)
        slow(second)
        assert done == [first]
        goes_on.set()
        _join("work")
        assert "work stumbled" in caplog.text
        slow(third)
        _join("work")
        assert done == [first, third]


def _join(name):
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(10)


class TestJobsInTheApi:
    def test_tell_how_far_they_are(self, api):
        job = done()
        answer = api("GET", f"/jobs/{job.public_id}").json()
        assert (answer["state"], answer["done"], answer["total"]) == ("done", 3, 3)

    def test_that_do_not_exist_are_a_problem_in_the_callers_language(self, api):
        answer = api("GET", "/jobs/job_00000000", headers={"Accept-Language": "zh-hans"})
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"] == "没有这项内容，或你无权查看。"

    def test_are_cancelled_by_delete(self, api, owner):
        waiting = start_job("test.count", {}, title="Count", by=owner)
        assert api("DELETE", f"/jobs/{waiting.public_id}").json()["state"] == "cancelled"


class TestTheJobsPage:
    def test_shows_ones_own_jobs_only(self, owner, user_with, client_for):
        other = user_with("operator")
        mine = start_job("test.count", {}, title="Mine", by=owner)
        client = client_for(other)
        assert "Mine" not in client.get("/settings/jobs").content.decode()
        assert client.get(f"/jobs/{mine.public_id}").status_code == 404
        assert "Mine" in client_for(owner).get("/settings/jobs").content.decode()
