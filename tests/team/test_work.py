"""My work: what waits for me, worst first, and nothing that is not mine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from muster.plan.brief.actions import submit
from muster.plan.overview.actions import start_campaign
from muster.team.jobs.actions import start_job
from muster.team.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(user_with):
    return user_with("manager", "Li Qiang")


@pytest.fixture
def campaign(owner, manager):
    return start_campaign(
        name="Double 11",
        starts=date(2027, 11, 4),
        ends=date(2027, 11, 15),
        currency="CNY",
        owner=manager,
        by=owner,
        goals=[{"metric": "buyers", "target": Decimal(500)}],
    )


class TestTheFirstPage:
    def test_leads_to_my_work(self, client_for, owner):
        assert client_for(owner).get("/").headers["Location"] == "/my"

    def test_asks_strangers_to_sign_in(self, client, workspace):
        assert "/login" in client.get("/").headers["Location"]


class TestMyWork:
    def test_without_anything_says_so(self, client_for, owner):
        assert "All done" in client_for(owner).get("/my").content.decode()

    def test_shows_decisions_to_those_who_may_decide(self, client_for, owner, manager, campaign):
        submit(campaign, by=manager)
        assert "For me to decide" in client_for(owner).get("/my").content.decode()
        assert "For me to decide" not in client_for(manager).get("/my").content.decode()

    def test_shows_the_gaps_of_my_own_campaigns(self, client_for, owner, manager, campaign):
        assert "Double 11" in client_for(manager).get("/my").content.decode()
        assert "Double 11" not in client_for(owner).get("/my").content.decode()

    def test_shows_my_jobs_and_why_one_failed(self, client_for, owner, manager):
        job = start_job("x", {}, title="Import of members.csv", by=owner)
        Job.objects.filter(pk=job.pk).update(state="failed", error="The file is empty.")
        assert "The file is empty." in client_for(owner).get("/my").content.decode()
        assert "Import of members.csv" not in client_for(manager).get("/my").content.decode()

    def test_narrows_to_one_lane(self, client_for, owner, manager, campaign):
        submit(campaign, by=manager)
        start_job("x", {}, title="Import of members.csv", by=owner)
        text = client_for(owner).get("/my?lane=approvals").content.decode()
        assert "Import of members.csv" not in text
        assert client_for(owner).get("/my?lane=nonsense").status_code == 302
