"""The morning page goes out by itself: at its time, on working days, once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.standup import posting
from muster.plan.standup.actions import set_rhythm
from muster.plan.standup.models import Morning, Rhythm
from muster.plan.standup.rules import is_time
from muster.team.changes.actions import undo
from muster.team.models import CustomDay, Delivery, Notice
from muster.team.notices.delivering import deliver
from muster.team.robots.actions import add as add_robot
from tests.connect.robots import KEY
from tests.plan.conftest import GOAL

pytestmark = pytest.mark.django_db


def at(text):
    """A moment on the clock in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


FRIDAY = at("2026-11-06 09:15")


@pytest.fixture
def running(start, manager, stores):
    days = {"starts": today() - timedelta(days=3), "ends": today() + timedelta(days=7)}
    campaign = start(**days, goals=[{**GOAL, "checkpoints": []}])
    Campaign.objects.filter(pk=campaign.pk).update(status="running", owner=manager)
    return campaign


@pytest.fixture
def robot(owner):
    address = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
    return add_robot("早会群", "wecom", address, "", by=owner)


@pytest.fixture
def rhythm(owner, running):
    """Chooses when and where: `rhythm(mail=True)`."""

    def choose(at=time(9, 15), robot=None, tell=True, mail=False, by=owner):
        return set_rhythm(at, robot=robot, tell=tell, mail=mail, by=by)

    return choose


@pytest.mark.parametrize(
    ("now", "goes"),
    [("09:14:59", False), ("09:15:00", True), ("11:14:59", True), ("11:15:00", False)],
)
def test_the_page_goes_out_at_its_time_and_not_long_after_it(now, goes):
    assert is_time(at(f"2026-11-06 {now}"), time(9, 15)) is goes


class TestTheDay:
    @pytest.mark.parametrize(
        ("day", "posts"),
        [
            ("2026-11-06", 1),  # a Friday
            ("2026-11-07", 0),  # a Saturday
            ("2026-10-02", 0),  # a Friday of the National Day holiday
            ("2026-10-10", 1),  # a Saturday that is worked for it
        ],
    )
    def test_is_one_on_which_people_work(self, rhythm, day, posts):
        rhythm()
        posting.post_due(at(f"{day} 09:20"))
        assert Morning.objects.count() == posts
        assert Notice.objects.filter(event="standup").exists() == bool(posts)

    def test_may_be_a_day_off_of_the_house(self, rhythm, owner):
        rhythm()
        day = FRIDAY.date()
        CustomDay.objects.create(
            name="Founding day", first=day, last=day, effect=CustomDay.Effect.OFF
        )
        posting.post_due(FRIDAY)
        assert not Morning.objects.exists()

    def test_counts_by_the_clock_of_the_workspace(self, rhythm, workspace):
        workspace.time_zone = "America/New_York"
        workspace.save()
        rhythm()
        posting.post_due(FRIDAY)
        assert not Morning.objects.exists()
        posting.post_due(FRIDAY.replace(tzinfo=ZoneInfo("America/New_York")))
        assert Morning.objects.count() == 1

    def test_is_told_once_however_often_and_by_whomever_the_clock_is_read(
        self, rhythm, owner, manager
    ):
        rhythm()
        posting.post_due(FRIDAY)
        told = list(Notice.objects.values_list("pk", "times"))
        assert len(told) == 2
        posting.post_due(FRIDAY + timedelta(seconds=10))
        # Another server looked before the row was there, and comes too late.
        assert posting.begin(FRIDAY.date(), FRIDAY) is None
        assert list(Notice.objects.values_list("pk", "times")) == told

    def test_closes_what_was_said_the_day_before(self, rhythm, owner):
        rhythm()
        posting.post_due(FRIDAY)
        posting.post_due(FRIDAY + timedelta(days=3))
        mine = Notice.objects.filter(to=owner)
        assert [one.closed_at is None for one in mine.order_by("pk")] == [False, True]

    def test_without_a_choice_nothing_goes_out(self, rhythm, running):
        posting.post_due(FRIDAY)
        undo(rhythm(), by=Rhythm.objects.get().by)
        posting.post_due(FRIDAY)
        assert not Morning.objects.exists()


class TestPeople:
    def test_get_the_page_by_mail_in_their_language_with_what_they_may_see(
        self, rhythm, owner, user_with, inbox
    ):
        owner.language = "zh-hans"
        owner.save()
        designer = user_with("content", "Chen Chen")
        guest = user_with("vendor")
        rhythm(mail=True)
        posting.post_due(FRIDAY)
        deliver(Delivery.objects.latest("due_at").due_at)
        mails = {mail["To"]: mail for mail in map(inbox.message, inbox.names())}
        assert guest.email not in mails
        chinese, english = (
            mails[one.email].get_body(("plain",)).get_content() for one in (owner, designer)
        )
        assert "【Double 11】" in chinese
        assert "【Double 11】" in english
        assert "bound" not in english
        assert "已占用" in chinese

    def test_get_no_mail_unless_that_was_chosen(self, rhythm):
        rhythm()
        posting.post_due(FRIDAY)
        assert Notice.objects.exists()
        assert not Delivery.objects.exists()


class TestTheGroup:
    def test_gets_it_once(self, rhythm, robot, chat):
        rhythm(robot=robot, tell=False)
        for seconds in (0, 10, 3600):
            posting.post_due(FRIDAY + timedelta(seconds=seconds))
        (message,) = chat.taken
        assert "Double 11" in message["markdown"]["content"]
        assert Morning.objects.get().group == "sent"
        assert not Notice.objects.exists()

    def test_gets_it_later_when_the_service_was_busy(self, rhythm, robot, chat):
        rhythm(robot=robot)
        chat.most = 0
        posting.post_due(FRIDAY)
        assert Morning.objects.get().group == "waiting"
        chat.most = 20
        posting.post_due(FRIDAY + timedelta(minutes=1))
        assert chat.taken == []
        posting.post_due(FRIDAY + timedelta(minutes=3))
        assert len(chat.taken) == 1
        assert Notice.objects.filter(event="standup", times=1).count() == Notice.objects.count()

    def test_does_not_get_again_what_may_have_arrived(self, rhythm, robot, chat):
        rhythm(robot=robot)
        chat.silent = True
        posting.post_due(FRIDAY)
        chat.silent = False
        posting.post_due(FRIDAY + timedelta(minutes=30))
        assert chat.asked == 1
        assert Morning.objects.get().group == "failed"

    def test_of_a_server_that_died_while_it_wrote_is_left_alone(self, rhythm, robot, chat):
        rhythm(robot=robot)
        posting.begin(FRIDAY.date(), FRIDAY)
        Morning.objects.update(group="taken")
        posting.post_due(FRIDAY + timedelta(minutes=1))
        assert chat.asked == 0

    def test_sees_what_an_owner_sees_when_whoever_chose_it_is_gone(
        self, rhythm, robot, chat, user_with
    ):
        admin = user_with("admin")
        rhythm(robot=robot, by=admin)
        admin.is_active = False
        admin.save()
        posting.post_due(FRIDAY)
        assert len(chat.taken) == 1


class TestThePage:
    def test_says_and_sets_when_it_is_posted(self, client_for, owner, manager, robot, running):
        client = client_for(owner)
        answer = client.post(
            "/my/standup/rhythm",
            {"at": "08:45", "robot": robot.pk, "tell": "on", "mail": "on"},
            headers={"HX-Request": "true"},
        )
        assert answer.status_code == 204
        assert "/undo/" in answer.headers["HX-Trigger"]
        chosen = Rhythm.objects.get()
        assert (chosen.at, chosen.robot, chosen.tell, chosen.mail) == (
            time(8, 45),
            robot,
            True,
            True,
        )
        page = client_for(manager).get("/my/standup").content.decode()
        assert "on working days at 08:45" in page
        assert "/my/standup/rhythm" not in page
        assert client_for(manager).get("/my/standup/rhythm").status_code == 403
        assert client.post("/my/standup/rhythm", {"at": "soon"}).status_code == 422
