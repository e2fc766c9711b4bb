"""The morning page: true as of now, ticked by the day, and notes that become tasks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.models import Duty, Task
from muster.team.models import Notice
from muster.team.robots import actions as robots
from tests.connect.robots import KEY, Service, listening
from tests.plan.conftest import GOAL

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(start, manager, stores):
    campaign = start(
        starts=today() - timedelta(days=3),
        ends=today() + timedelta(days=7),
        goals=[{**GOAL, "checkpoints": []}],
    )
    Campaign.objects.filter(pk=campaign.pk).update(status="running", owner=manager)
    return Campaign.objects.get(pk=campaign.pk)


class TestTheMorning:
    def test_says_what_is_due_late_and_blocked_with_its_owner(
        self, client_for, owner, manager, running, user_with
    ):
        designer = user_with("content", "Li Na")
        due = Task.objects.create(campaign=running, title="Poster", due=today())
        Duty.objects.create(task=due, user=designer, letter="R")
        Task.objects.create(campaign=running, title="Copy", due=today() - timedelta(days=2))
        Task.objects.create(
            campaign=running, title="Shop page", blocked_reason="No prices yet", unblocker=manager
        )
        Task.objects.create(campaign=running, title="Later", due=today() + timedelta(days=9))
        page = client_for(owner).get("/my/standup").content.decode()
        for said in ("Poster is due today", "Copy is 2 days late", "blocked: No prices yet"):
            assert said in page
        assert "Li Na" in page
        assert f'href="/my/tasks/{due.public_id}"' in page
        assert "Later is due" not in page

    def test_leaves_money_to_those_who_may_see_it(self, client_for, owner, user_with, running):
        assert "spent, 0% bound" in client_for(owner).get("/my/standup").content.decode()
        designer = user_with("content")
        assert "% bound" not in client_for(designer).get("/my/standup").content.decode()

    def test_a_tick_stays_for_the_day(self, client_for, owner, running):
        key = f"{running.public_id}:goal"
        client = client_for(owner)
        assert "is-done" in client.post("/my/standup/tick", {"key": key}).content.decode()
        assert "is-done" not in client.post("/my/standup/tick", {"key": key}).content.decode()
        assert client.post("/my/standup/tick", {"key": "nonsense"}).status_code == 404

    def test_asks_the_database_no_more_for_more_tasks(
        self, client_for, owner, running, django_assert_max_num_queries
    ):
        for n in range(30):
            task = Task.objects.create(campaign=running, title=f"T{n}", due=today())
            Duty.objects.create(task=task, user=owner, letter="R")
        client = client_for(owner)
        with django_assert_max_num_queries(40):
            client.get("/my/standup")


class TestNotes:
    def say(self, client, campaign, text):
        body = {"campaign": campaign.public_id, "notes": text}
        return client.post("/my/standup/notes", body, headers={"HX-Request": "true"})

    def test_become_tasks_with_people_and_days(self, client_for, owner, running, user_with):
        designer = user_with("content", "李娜")
        answer = self.say(client_for(owner), running, "@李娜 海报定稿 明天\n\n订场地")
        assert answer.status_code == 200
        poster, place = Task.objects.order_by("place")
        assert (poster.title, poster.due) == ("海报定稿", today() + timedelta(days=1))
        assert (place.title, place.due) == ("订场地", None)
        assert [duty.user for duty in poster.duties.filter(letter="R")] == [designer]
        assert Notice.objects.get().to == designer

    def test_that_name_nobody_are_refused_whole(self, client_for, owner, running):
        answer = self.say(client_for(owner), running, "订场地\n@王五 海报")
        assert answer.status_code == 422
        assert "王五" in answer.content.decode()
        assert not Task.objects.exists()


def test_the_page_is_posted_to_a_group(client_for, owner, running, monkeypatch):
    robot = robots.add(
        "早会群",
        "wecom",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        "",
        by=owner,
    )
    service = Service()
    with listening(service) as address:
        monkeypatch.setitem(robots.HOSTS, "wecom", address)
        client_for(owner).post("/my/standup/post", {"robot": robot.public_id})
    assert "Double 11" in service.taken[0]["markdown"]["content"]
