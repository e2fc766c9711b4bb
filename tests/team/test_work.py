"""My work: what waits for me, worst first, and nothing that is not mine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from muster.plan.brief.actions import submit
from muster.plan.overview.actions import start_campaign
from muster.team.jobs.actions import start_job
from muster.team.jobs.models import Job
from muster.team.models import Notice, Snooze
from muster.team.notices.actions import notify
from muster.team.work.rules import Reason, weight

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


class TestWhatHurtsFirst:
    NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
    MIDNIGHT = datetime(2026, 11, 26, 16, tzinfo=UTC)

    def weight(self, rank, hours=None, money=None):
        due = None if hours is None else self.NOW + timedelta(hours=hours)
        return weight(rank, due, money, self.NOW, self.MIDNIGHT)

    def test_the_deadline_comes_before_the_day_after(self):
        order = [-1, 2, 8, 20, 60, 24 * 30]
        scores = [self.weight(50, hours).score for hours in order]
        assert scores == sorted(scores, reverse=True)
        assert len(set(scores)) == len(order)

    def test_a_million_weighs_twice_what_nothing_does(self):
        heavy, light = self.weight(50, money=Decimal(999_999)), self.weight(50)
        assert heavy.score / light.score == pytest.approx(2)

    def test_says_why(self):
        reasons = self.weight(10, 2, Decimal(5)).reasons
        assert reasons == (Reason.HOURS, Reason.BLOCKS, Reason.MONEY)
        assert self.weight(90).reasons == (Reason.NEWS,)


class TestDoingItFromTheList:
    @pytest.fixture
    def asked(self, campaign, manager):
        return submit(campaign, by=manager)

    def key(self, asked):
        return f"approvals:{asked.public_id}"

    def test_the_pane_shows_the_thing_itself(self, client_for, owner, asked):
        page = client_for(owner).get("/my/item", {"item": self.key(asked)}).content.decode()
        assert "Approve" in page
        assert "Send back" in page

    def test_approving_takes_it_off_the_list(self, client_for, owner, asked, campaign):
        client = client_for(owner)
        answer = client.post("/my/do", {"item": self.key(asked), "act": "done"})
        assert answer.status_code == 204
        assert "work-changed" in answer.headers["HX-Trigger"]
        campaign.refresh_from_db()
        assert campaign.status == "ready"
        assert client.post("/my/do", {"item": self.key(asked), "act": "done"}).status_code == 409

    def test_sending_back_needs_a_reason(self, client_for, owner, asked, campaign):
        body = {"item": self.key(asked), "act": "send_back"}
        assert client_for(owner).post("/my/do", body).status_code == 422
        client_for(owner).post("/my/do", {**body, "note": "No goal yet"})
        campaign.refresh_from_db()
        assert campaign.status != "in_review"

    def test_nobody_does_what_is_not_on_their_list(self, client_for, manager, asked):
        body = {"item": self.key(asked), "act": "done"}
        assert client_for(manager).post("/my/do", body).status_code == 409

    def test_nothing_is_put_off_for_good(self, client_for, owner, asked):
        until = (timezone.now() + timedelta(days=366 * 20)).isoformat()
        answer = client_for(owner).post("/my/snooze", {"item": self.key(asked), "until": until})
        assert answer.status_code == 422
        assert not Snooze.objects.exists()

    def test_what_is_put_off_comes_back_by_itself(self, client_for, owner, asked, campaign):
        client = client_for(owner)
        until = (timezone.now() + timedelta(hours=2)).isoformat()
        client.post("/my/snooze", {"item": self.key(asked), "until": until})
        page = client.get("/my").content.decode()
        assert "All done" in page
        assert "1 thing is put off" in page
        assert "Double 11" in client.get("/my?lane=snoozed").content.decode()
        Snooze.objects.update(until=timezone.now() - timedelta(seconds=1))
        assert "Double 11" in client.get("/my").content.decode()

    def test_the_pane_stays_when_the_list_refreshes_itself(self, client_for, owner, manager, asked):
        other = start_campaign(
            name="Double 12",
            starts=date(2027, 12, 1),
            ends=date(2027, 12, 12),
            currency="CNY",
            owner=manager,
            by=owner,
            goals=[{"metric": "buyers", "target": Decimal(500)}],
        )
        keys = {self.key(asked), self.key(submit(other, by=manager))}
        for key in keys:
            page = client_for(owner).get("/my", {"open": key}, headers={"HX-Request": "true"})
            assert 'class="pane" id="pane" aria-label' in page.content.decode()
            assert f'data-open="{key}"' in page.content.decode()

    def test_several_are_done_at_once(self, client_for, owner, user_with, workspace):
        for event, who in (("mention", "A"), ("comment", "B")):
            notify(event, workspace, [owner], "%(who)s wrote.", url="/", params={"who": who})
        keys = [f"mentions:{notice.public_id}" for notice in Notice.objects.all()]
        client_for(owner).post("/my/do", {"item": keys, "act": "done"})
        assert not Notice.objects.filter(read_at=None).exists()
