"""Notices: one per thing and person, told over the channels that the person chose, never twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from django.utils import timezone

from muster.connect.robots.wire import Place
from muster.team.jobs.actions import start_job
from muster.team.jobs.models import Job
from muster.team.models import Delivery, Mute, Notice, Preference, Robot
from muster.team.notices.actions import choose, close, mark_read, mute, notify
from muster.team.notices.delivering import deliver
from muster.team.notices.jobs import tell_of_damage
from muster.team.notices.rules import Habits, digest_at, tell_at
from muster.team.robots import actions as robots
from muster.team.robots.sealing import opened
from muster.warehouse.store import Rebuilding, damaged_files
from tests.connect.robots import KEY, SECRET

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOLIDAY = {date(2026, 10, day) for day in range(1, 8)}


@pytest.fixture
def legal(user_with):
    return user_with("legal", "Chen Chen")


def mails(inbox):
    return [inbox.message(name) for name in reversed(inbox.names())]


def tell(event, thing, to, text="Please decide.", **more):
    return notify(event, thing, [to], text, url="/reviews/x", **more)


def in_a(span):
    return timezone.now() + span


def in_two_weeks():
    # Past every quiet day that the workspace's calendar may have next.
    return timezone.now() + timedelta(days=14)


class TestTelling:
    def test_news_of_the_same_thing_renews_the_notice(self, owner, legal, workspace):
        for times in (1, 2, 3):
            (notice,) = notify(
                "approval_asked", workspace, [legal, legal], "Please decide.", url="/x", by=owner
            )
            assert (notice.times, Notice.objects.count()) == (times, 1)

    def test_whoever_did_it_is_not_told(self, owner, workspace):
        assert notify("mention", workspace, [owner], "Hello.", url="/", by=owner) == []

    def test_what_is_done_goes_away_and_comes_back_as_new(self, owner, legal, workspace):
        tell("approval_asked", workspace, legal, by=owner)
        assert close(workspace, "approval_asked") == 1
        (notice,) = tell("approval_asked", workspace, legal, "Again.", by=owner)
        assert (notice.times, notice.closed_at) == (1, None)

    def test_a_muted_thing_says_nothing_until_the_moment_is_over(self, legal, workspace):
        row = mute(legal, "team.workspace", workspace.pk, "x", until=in_a(timedelta(hours=1)))
        (notice,) = tell("approval_asked", workspace, legal)
        assert notice.read_at is not None
        assert not Delivery.objects.exists()
        Mute.objects.filter(pk=row.pk).update(until=in_a(-timedelta(seconds=1)))
        assert tell("approval_asked", workspace, legal)[0].read_at is None

    def test_a_muted_campaign_silences_everything_in_it(self, legal, workspace):
        mute(legal, "plan.campaign", 7, "Double 11", until=None)
        assert tell("approval_asked", workspace, legal, campaign=7)[0].read_at is not None
        assert tell("risk_fired", workspace, legal, campaign=8)[0].read_at is None


@pytest.mark.parametrize(
    ("now", "urgent", "moment"),
    [
        ("2026-10-09 14:00", False, "2026-10-09 14:00"),
        ("2026-10-09 23:00", False, "2026-10-10 08:00"),
        ("2026-10-09 03:00", True, "2026-10-09 08:00"),
        ("2026-09-30 23:00", False, "2026-10-08 08:00"),  # the holiday lies between
        ("2026-09-30 23:00", True, "2026-10-01 08:00"),  # urgent news waits for the night only
        ("2026-10-03 12:00", False, "2026-10-08 08:00"),
    ],
)
def test_quiet_hours_and_days_off_hold_news_back(now, urgent, moment):
    habits = Habits(SHANGHAI, time(22), time(8), 9, lambda day: day in HOLIDAY)
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    told = tell_at(at.astimezone(UTC), habits, urgent=urgent, wait=timedelta(0))
    assert told == datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-10-09 08:59", "2026-10-09 09:00"),
        ("2026-10-09 09:00", "2026-10-10 09:00"),
        ("2026-09-30 18:00", "2026-10-08 09:00"),
    ],
)
def test_the_summary_comes_at_its_hour_of_the_next_day_on_which_one_works(now, moment):
    habits = Habits(SHANGHAI, digest_hour=9, is_off=lambda day: day in HOLIDAY)
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert digest_at(at, habits) == datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


class TestADamagedWarehouseFile:
    def test_is_news_for_those_who_look_after_muster_once_a_file(self, owner, legal, stores):
        warehouse, now = stores.stores.warehouse, timezone.now()
        tell_of_damage(now)
        assert Notice.objects.count() == 0
        for times in (1, 2):
            with pytest.raises(Rebuilding), warehouse.write():
                raise duckdb.IOException("IO Error: Corrupt database file: computed checksum 1 …")
            stores.settle()
            for _again in range(3):
                tell_of_damage(now)
            (notice,) = Notice.objects.all()
            assert (notice.to, notice.event, notice.times) == (owner, "warehouse_damaged", times)
            assert damaged_files(warehouse.path)[-1].name in str(notice)


class TestMail:
    def test_goes_out_once_however_often_the_clock_looks(self, legal, workspace, inbox):
        tell("approval_asked", workspace, legal, "“%(t)s” waits.", params={"t": "双11"})
        assert [deliver(in_two_weeks()) for _ in range(3)] == [1, 0, 0]
        (mail,) = mails(inbox)
        assert mail["To"] == legal.email
        assert "“双11” waits." in mail["Subject"]
        assert "/reviews/x" in mail.get_body(("plain",)).get_content()
        assert "/reviews/x" in mail.get_body(("html",)).get_content()

    def test_more_news_of_a_thing_one_has_not_looked_at_is_no_second_mail(
        self, legal, workspace, inbox
    ):
        for _ in range(3):
            tell("approval_asked", workspace, legal)
            deliver(in_two_weeks())
        assert len(mails(inbox)) == 1
        mark_read(legal)
        tell("approval_asked", workspace, legal)
        deliver(in_two_weeks())
        assert len(mails(inbox)) == 2

    def test_about_a_mention_comes_only_if_it_is_unread_for_fifteen_minutes(
        self, owner, legal, workspace, inbox
    ):
        tell("mention", workspace, legal, by=owner)
        due = Delivery.objects.get().due_at
        assert due - timezone.now() > timedelta(minutes=14)
        assert deliver(due - timedelta(seconds=1)) == 0
        mark_read(legal)
        assert deliver(due) == 0
        assert mails(inbox) == []
        assert Delivery.objects.get().state == Delivery.State.DROPPED

    def test_of_ordinary_news_is_one_summary_a_day(self, owner, legal, user_with, workspace, inbox):
        for thing in (workspace, owner, legal):
            tell("task_due", thing, legal, "A task is due.")
        deliver(in_two_weeks())
        (mail,) = mails(inbox)
        assert mail.get_body(("plain",)).get_content().count("A task is due.") == 3

    def test_is_not_sent_about_what_is_done(self, legal, workspace, inbox):
        tell("approval_asked", workspace, legal)
        close(workspace, "approval_asked")
        assert deliver(in_two_weeks()) == 0

    def test_is_tried_again_when_the_server_is_away(self, legal, workspace, settings, inbox):
        here, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
        tell("approval_asked", workspace, legal)
        start = in_two_weeks()
        assert deliver(start) == 0
        settings.EMAIL_PORT = here
        assert deliver(start) == 0  # not at once
        assert deliver(start + timedelta(hours=1)) == 1

    def test_that_was_being_sent_when_the_machine_died_is_not_sent_again(
        self, legal, workspace, inbox
    ):
        tell("approval_asked", workspace, legal)
        Delivery.objects.update(state=Delivery.State.TAKEN, due_at=timezone.now())
        assert deliver(in_two_weeks()) == 0
        row = Delivery.objects.get()
        assert (row.state, row.trouble) == (Delivery.State.FAILED, "interrupted")

    def test_speaks_the_language_of_the_person(self, legal, workspace, inbox):
        legal.language = "zh-hans"
        legal.save()
        tell("approval_asked", workspace, legal)
        deliver(in_two_weeks())
        (mail,) = mails(inbox)
        assert "在 Muster 中打开" in mail.get_body(("html",)).get_content()

    def test_is_not_sent_to_those_who_do_not_want_it(self, legal, workspace, inbox):
        choose(legal, "approval_asked", "email", "off")
        tell("approval_asked", workspace, legal)
        assert not Delivery.objects.exists()


class TestGroupRobots:
    @pytest.fixture
    def robot(self, owner):
        return robots.add(
            "双11 作战群", "dingtalk", f"https://oapi.dingtalk.com/robot/send?access_token={KEY}",
            SECRET, by=owner,
        )  # fmt: skip

    def test_one_message_per_thing_however_many_are_told(
        self, robot, chat, owner, legal, user_with, workspace
    ):
        boss = user_with("executive", "Wang Boss")
        for user in (legal, boss):
            Preference.objects.create(user=user, robot=robot)
            choose(user, "approval_asked", "email", "off")
        notify("approval_asked", workspace, [legal, boss], "Please decide.", url="/r", by=owner)
        assert deliver(in_two_weeks()) == 2
        (message,) = chat.taken
        assert "@Chen Chen @Wang Boss" in message["markdown"]["text"]

    def test_waits_when_the_service_says_too_many(self, robot, chat, legal, workspace):
        Preference.objects.create(user=legal, robot=robot)
        choose(legal, "approval_asked", "email", "off")
        chat.most = 0
        tell("approval_asked", workspace, legal)
        start = in_two_weeks()
        assert deliver(start) == 0
        robot.refresh_from_db()
        assert "130101" in robot.trouble
        chat.most = 20
        assert deliver(start + timedelta(hours=1)) == 1

    def test_keeps_address_and_secret_out_of_the_database_and_off_the_page(
        self, robot, client_for, owner
    ):
        assert KEY.encode() not in bytes(robot.sealed)
        assert opened(robot.sealed) == Place(KEY, SECRET)
        page = client_for(owner).get("/settings/robots").content.decode()
        assert "双11 作战群" in page
        assert KEY not in page
        assert SECRET not in page

    @pytest.mark.parametrize(
        ("kind", "address"),
        [
            ("wecom", "https://evil.example/cgi-bin/webhook/send?key=" + KEY),
            ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
            ("feishu", "http://127.0.0.1/open-apis/bot/v2/hook/x"),
            ("telegram", "https://api.telegram.org/bot"),
        ],
    )
    def test_takes_only_addresses_of_the_services(self, client_for, owner, kind, address):
        answer = client_for(owner).post(
            "/settings/robots/add", {"name": "x", "kind": kind, "address": address}
        )
        assert answer.status_code == 422
        assert not Robot.objects.exists()

    def test_the_test_button_says_what_the_service_said(self, robot, chat, client_for, owner):
        client = client_for(owner)
        url = f"/settings/robots/{robot.public_id}/test"
        assert client.post(url).status_code == 204
        Robot.objects.update(sealed=_sealed(Place(KEY, "SECwrong")))
        answer = client.post(url)
        assert answer.status_code == 409
        assert "sign not match (310000)" in answer.content.decode()


def _sealed(place):
    from muster.team.robots.sealing import sealed

    return sealed(place)


class TestThePages:
    def test_the_bell_counts_what_is_unseen(self, client_for, legal, workspace):
        client = client_for(legal)
        assert "badge-n" not in client.get("/notices/bell").content.decode()
        tell("approval_asked", workspace, legal)
        assert ">1</span>" in client.get("/notices/bell").content.decode()
        client.post("/notices/read")
        assert "badge-n" not in client.get("/notices/bell").content.decode()

    def test_opening_a_notice_leads_there_and_marks_it(self, client_for, owner, legal, workspace):
        (notice,) = tell("approval_asked", workspace, legal)
        url = f"/notices/{notice.public_id}"
        assert client_for(owner).get(url).status_code == 404
        assert client_for(legal).get(url).headers["Location"] == "/reviews/x"
        notice.refresh_from_db()
        assert notice.read_at is not None

    def test_a_cell_of_the_matrix_is_kept(self, client_for, legal, workspace):
        client = client_for(legal)
        body = {"event": "risk_fired", "channel": "email", "value": "off"}
        assert client.post("/settings/profile/notices", body).status_code == 204
        assert Preference.objects.get().chosen == {"risk_fired": {"email": "off"}}
        client.post("/settings/profile/notices", {**body, "value": "at_once"})
        assert Preference.objects.get().chosen == {}
        assert client.post("/settings/profile/notices", {**body, "event": "x"}).status_code == 422

    def test_muting_from_the_list(self, client_for, legal, workspace):
        (notice,) = tell("approval_asked", workspace, legal)
        client_for(legal).post(
            "/notices/mute", {"notice": notice.public_id, "what": "thing", "for": "1w"}
        )
        ahead = Mute.objects.get().until - timezone.now()
        assert timedelta(days=6, hours=23) < ahead <= timedelta(days=7)

    def test_a_test_mail_goes_out_at_once(self, client_for, legal, inbox):
        assert client_for(legal).post("/settings/profile/test?channel=email").status_code == 204
        assert len(mails(inbox)) == 1

    def test_nobody_follows_the_notices_of_another(self, client_for, owner, legal):
        from muster.team.stream.views import TOPICS

        assert "notices" not in TOPICS


def test_whoever_started_long_work_hears_that_it_failed(owner, run_jobs):
    from muster.kit.errors import Refused
    from muster.team.jobs.registry import job

    @job("fails")
    def fails(run):
        raise Refused("The file is empty.")

    start_job("fails", {}, title="members.csv", by=owner)
    run_jobs()
    assert Job.objects.get().state == Job.State.FAILED
    assert str(Notice.objects.get()) == "“members.csv” failed: The file is empty."
