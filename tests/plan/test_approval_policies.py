"""Approval policies: who signs what, in which order, until when, and in whose place."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.kit.days import WorkCalendar
from muster.kit.errors import Forbidden, Invalid, Refused
from muster.plan.approvals import actions, links
from muster.plan.approvals.actions import (
    ask,
    decide,
    escalate_overdue,
    hand_on,
    set_policy,
    tell_whom_steps_fall_to,
)
from muster.plan.approvals.deciders import Deciders, waiting_for
from muster.plan.approvals.models import ApprovalRequest, DecisionLink, is_approved
from muster.plan.approvals.rules import (
    Difference,
    Step,
    differences,
    due,
    needed,
    only_changed,
    open_now,
    stages,
    step_of,
)
from muster.plan.approvals.subjects import Subject, _subjects, subject
from muster.plan.brief.actions import submit
from muster.plan.tasks.models import Duty, Task
from muster.team.changes.models import Change
from muster.team.comments.models import Comment
from muster.team.members.models import Team
from muster.team.notices.actions import choose
from muster.team.notices.buttons import buttons_of
from muster.team.notices.delivering import deliver
from muster.team.notices.models import Notice, Preference
from muster.team.robots.actions import add as add_robot
from muster.team.users.models import OwnRole, User
from tests.connect.robots import KEY

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def step(key, **more):
    return Step(key, name=key.title(), **more)


COPY = step("copy", who="role", value="content")
LEGAL = step("legal", who="role", value="legal", beside=True)
RELEASE = step("release")


@pytest.fixture
def thing(monkeypatch):
    """A thing that can be approved; its version and words are in the fixture."""
    monkeypatch.setattr("muster.plan.approvals.subjects._subjects", dict(_subjects))
    state = {"version": "a" * 64, "words": [("Price", "199")], "decided": []}

    @subject("thing")
    class Thing(Subject):
        def fingerprint(self, object_id):
            return state["version"]

        def outline(self, object_id):
            return state["words"]

        def covers(self, object_id):
            return [("email", 70)]

        def decided(self, request, decision):
            state["decided"].append(decision.verdict)

    return state


@pytest.fixture
def asked(thing, campaign, manager):
    def request(by=manager, **more):
        return ask(
            "thing",
            7,
            title="The thing",
            url="/thing",
            fingerprint=thing["version"],
            campaign=campaign,
            by=by,
            **more,
        )

    return request


def told(user, event="approval_asked"):
    return Notice.objects.filter(to=user, event=event, closed_at=None).count()


class TestSteps:
    def test_that_are_asked_together_form_a_stage(self):
        assert stages([COPY, LEGAL, RELEASE]) == [[COPY, LEGAL], [RELEASE]]
        assert stages([LEGAL, RELEASE]) == [[LEGAL], [RELEASE]]

    @pytest.mark.parametrize(
        ("signed", "waiting"),
        [
            ([], [COPY, LEGAL]),
            (["legal"], [COPY]),
            (["copy", "legal"], [RELEASE]),
            (["release"], [COPY, LEGAL]),
            (["copy", "legal", "release"], []),
        ],
    )
    def test_open_stage_by_stage(self, signed, waiting):
        assert open_now([COPY, LEGAL, RELEASE], signed) == waiting

    @pytest.mark.parametrize(
        ("amount", "keys"),
        [
            ("10000", ["a"]),
            ("10000.01", ["a", "b"]),
            ("50001", ["a", "b", "c"]),
            (None, ["a", "b", "c"]),
        ],
    )
    def test_are_left_out_below_their_sum(self, amount, keys):
        steps = [Step("a"), Step("b", above=Decimal(10_000)), Step("c", above=Decimal(50_000))]
        found = needed(steps, Decimal(amount) if amount else None)
        assert [one.key for one in found] == keys

    def test_of_the_first_requests_are_still_read(self):
        assert step_of("release") == Step("release")

    @pytest.mark.parametrize(
        ("asked", "within", "unit", "until"),
        [
            # 2026-10-09 is a Friday after the National Day week, the Saturday is worked (调休).
            ("2026-10-09 10:00", 2, "hours", "2026-10-09 12:00"),
            ("2026-10-09 10:00:00.314506", 2, "hours", "2026-10-09 12:01"),
            ("2026-11-13 17:59:30", 1, "hours", "2026-11-16 10:00"),
            ("2026-10-09 17:00", 2, "hours", "2026-10-10 10:00"),
            ("2026-10-10 17:00", 2, "hours", "2026-10-12 10:00"),
            ("2026-10-09 07:30", 1, "hours", "2026-10-09 10:00"),
            ("2026-10-09 19:30", 1, "hours", "2026-10-10 10:00"),
            ("2026-09-30 11:00", 1, "days", "2026-10-08 11:00"),
            ("2026-11-13 11:00", 2, "days", "2026-11-17 11:00"),
            ("2026-11-14 11:00", 1, "days", "2026-11-17 09:00"),
            ("2026-11-13 09:00", 18, "hours", "2026-11-16 18:00"),
        ],
    )
    def test_are_due_in_working_time(self, asked, within, unit, until):
        def read(text):
            return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

        assert due(read(asked), within, unit, WorkCalendar("CN")) == read(until)

    def test_differences_name_what_changed_came_and_went(self):
        assert differences(
            [("a", "1"), ("b", "2"), ("c", "3")], [("a", "1"), ("b", "9"), ("d", "4")]
        ) == [
            Difference("b", "2", "9"),
            Difference("d", "", "4"),
            Difference("c", "3", ""),
        ]

    @pytest.mark.parametrize(
        ("before", "after", "shown"),
        [
            ("Ads: 72\nTools: 6", "Ads: 67\nTools: 6\nVideo: 5", ("Ads: 72", "Ads: 67\nVideo: 5")),
            ("Ads: 72\nTools: 6", "Ads: 72", ("Tools: 6", "")),
            ("One sentence", "Another sentence", ("One sentence", "Another sentence")),
        ],
    )
    def test_differences_of_a_list_are_its_changed_lines(self, before, after, shown):
        assert only_changed(before, after) == shown


class TestAPolicy:
    @pytest.fixture
    def people(self, user_with):
        return {role: user_with(role) for role in ("content", "legal", "executive")}

    def test_of_two_stages_opens_them_in_turn(self, thing, asked, owner, people):
        set_policy("thing", [COPY, LEGAL, RELEASE], by=owner)
        request = asked()
        assert [told(people[role]) for role in ("content", "legal", "executive")] == [1, 1, 0]
        with pytest.raises(Forbidden):
            decide(request, "approved", by=people["executive"])
        decide(request, "approved", by=people["legal"])
        assert is_approved("thing", 7, thing["version"]) is None
        assert told(people["executive"]) == 0
        decide(request, "approved", by=people["content"])
        assert told(people["executive"]) == 1
        assert told(people["content"]) == 0
        assert thing["decided"] == []
        decide(request, "approved", by=people["executive"])
        assert is_approved("thing", 7, thing["version"])
        assert thing["decided"] == ["approved"]
        assert not ApprovalRequest.objects.get().is_open
        assert told(request.asked_by, "approval_decided") == 1

    def test_ends_with_the_first_no(self, thing, asked, owner, people):
        set_policy("thing", [COPY, LEGAL, RELEASE], by=owner)
        request = asked()
        decide(request, "approved", by=people["content"])
        decide(request, "sent_back", by=people["legal"], note="No proof")
        assert is_approved("thing", 7, thing["version"]) is None
        assert not ApprovalRequest.objects.get().is_open
        assert told(people["legal"]) == 0

    def test_is_void_after_an_edit(self, thing, asked, owner, people):
        set_policy("thing", [COPY, RELEASE], by=owner)
        request = asked()
        decide(request, "approved", by=people["content"])
        thing["version"] = "b" * 64
        with pytest.raises(Refused, match="changed after"):
            decide(request, "approved", by=people["executive"])
        again = asked()
        assert [one.key for one in again.open_now] == ["copy", "release"][:1]

    def test_does_not_change_what_is_asked_already(self, thing, asked, owner, people):
        request = asked()
        set_policy("thing", [COPY, RELEASE], by=owner)
        decide(request, "approved", by=people["executive"])
        assert is_approved("thing", 7, thing["version"])

    def test_is_not_signed_twice_by_one_person(self, thing, asked, owner, manager, people):
        set_policy("thing", [step("one"), step("two")], by=owner)
        request = asked()
        decide(request, "approved", by=people["legal"])
        with pytest.raises(Refused, match="another step"):
            decide(request, "approved", by=people["legal"])
        assert request not in waiting_for(people["legal"])
        decide(request, "approved", by=people["executive"])
        assert is_approved("thing", 7, thing["version"])

    def test_names_people_by_team_person_and_duty(self, asked, owner, campaign, people, user_with):
        team = Team.objects.create(name="Brand")
        team.members.add(people["content"])
        designer = user_with("content", email="design@muster.test")
        steps = [
            step("team", who="team", value=str(team.pk)),
            step("person", who="person", value=str(designer.pk)),
            step("duty", who="accountable", value=""),
        ]
        set_policy("thing", steps, by=owner)
        request = asked()
        task = Task.objects.create(campaign=campaign, title="Mail", about_kind="email", about_id=70)
        Duty.objects.create(task=task, user=people["legal"], letter="A")
        deciders = Deciders([request])
        named = [deciders.named(request, one) for one in request.asked_steps]
        assert named == [[people["content"].pk], [designer.pk], [people["legal"].pk]]

    def test_that_names_nobody_falls_to_those_who_may_approve(self, asked, owner, manager, people):
        set_policy("thing", [step("duty", who="accountable", value="")], by=owner)
        request = asked()
        found = Deciders([request]).waiting(request)
        assert {user.role for user in found} == {"owner", "legal", "executive"}

    def test_falls_to_others_when_all_it_names_have_left(
        self, asked, owner, manager, people, client_for, api
    ):
        set_policy("thing", [step("legal", who="role", value="legal")], by=owner)
        request = asked()
        assert told(people["legal"]) == 1
        assert tell_whom_steps_fall_to() == 0
        User.objects.filter(pk=people["legal"].pk).update(is_active=False)
        assert tell_whom_steps_fall_to() == 1
        assert [told(one) for one in (owner, people["executive"], people["content"])] == [1, 1, 0]
        notice = Notice.objects.get(to=owner, event="approval_asked")
        assert str(notice) == (
            "Nobody else can decide on “The thing” any more, so it falls to you."
        )
        # Once is enough.
        assert tell_whom_steps_fall_to() == 0
        page = client_for(manager).get(request.room).content.decode()
        assert "Legal reviewer cannot decide" in page
        shown = api("GET", f"/campaigns/{request.campaign.public_id}/approvals").json()["items"][0]
        (only,) = shown["steps"]
        assert only["fell"] is True
        assert {one["name"] for one in only["deciders"]} == {"Wang Min", "Executive"}
        decide(request, "approved", by=people["executive"])

    def test_falls_to_others_when_only_the_asker_is_named(self, asked, owner, manager, people):
        set_policy("thing", [step("boss", who="person", value=str(manager.pk))], by=owner)
        request = asked()
        assert told(owner) == 1
        assert not Deciders([request]).step_for(request, people["content"])
        with pytest.raises(Refused, match="their own request"):
            decide(request, "approved", by=manager)
        decide(request, "approved", by=owner)

    def test_falls_to_owners_where_no_other_may_approve(self, asked, owner, manager, user_with):
        admin = user_with("admin")
        OwnRole.objects.create(name="Bare", base="admin", permissions=["campaigns.see"])
        User.objects.filter(pk__in=[owner.pk, admin.pk]).update(own_role=OwnRole.objects.get())
        set_policy("thing", [step("legal", who="role", value="legal")], by=owner)
        request = asked(by=manager)
        # The manager may approve, but asked for it.
        assert {user.role for user in Deciders([request]).waiting(request)} == {"owner", "admin"}

    def test_falls_to_others_when_the_only_one_signed_before(self, asked, owner, people):
        legal = {"who": "role", "value": "legal"}
        set_policy("thing", [step("law", **legal), step("price", **legal, beside=True)], by=owner)
        request = asked()
        assert told(people["executive"]) == 0
        decide(request, "approved", by=people["legal"])
        assert told(people["executive"]) == 1
        decide(request, "approved", by=people["executive"])
        assert Deciders([request]).waiting(request) == []

    def test_is_refused_when_truly_nobody_could_decide(
        self, asked, owner, manager, people, campaign, client_for, api
    ):
        set_policy("thing", [step("legal", who="role", value="legal")], by=owner)
        User.objects.exclude(pk=manager.pk).update(is_active=False)
        with pytest.raises(Refused, match="Nobody here could decide"):
            asked()
        assert not ApprovalRequest.objects.exists()
        answer = client_for(manager).post(f"/c/{campaign.public_id}/submit")
        assert answer.status_code == 409
        assert "Nobody here could decide" in answer.content.decode()

    def test_leaves_an_owner_alone_with_a_waiver(self, asked, owner, manager):
        User.objects.exclude(pk=owner.pk).update(is_active=False)
        request = asked(by=owner)
        with pytest.raises(Refused, match="their own request"):
            decide(request, "approved", by=owner)
        decide(request, "approved", by=owner, waiver=True)

    def test_never_lets_a_guest_decide(self, asked, owner, user_with):
        guest = user_with("vendor")
        set_policy("thing", [step("guest", who="person", value=str(guest.pk))], by=owner)
        with pytest.raises(Forbidden):
            decide(asked(), "approved", by=guest)

    @pytest.mark.parametrize("wrong", [Step("a"), step("a", who="star"), step("a", within=-1)])
    def test_with_a_senseless_step_is_refused(self, owner, wrong):
        with pytest.raises(Invalid):
            set_policy("thing", [wrong], by=owner)

    def test_skips_steps_below_their_sum(self, asked, owner):
        set_policy("thing", [step("one"), step("two", above=Decimal(1000))], by=owner)
        assert len(asked(amount=Decimal(1000)).steps) == 1


class TestTime:
    def test_that_runs_out_is_told_once_and_lets_owners_decide(
        self, thing, asked, owner, manager, user_with, campaign
    ):
        legal = user_with("legal")
        set_policy("thing", [step("legal", who="role", value="legal", within=1)], by=owner)
        request = asked()
        with pytest.raises(Forbidden):
            decide(request, "approved", by=owner)
        assert escalate_overdue(timezone.now()) == 0
        later = request.due_at + timedelta(minutes=1)
        assert escalate_overdue(later) == 1
        assert escalate_overdue(later) == 0
        assert [told(one, "approval_overdue") for one in (legal, manager, owner)] == [1, 1, 1]
        decide(request, "approved", by=owner)
        assert told(legal, "approval_overdue") == 0

    def test_of_a_nudge_is_an_hour_apart(self, asked, owner, manager):
        request = asked()
        Notice.objects.update(read_at=timezone.now())
        actions.nudge(request, by=manager)
        assert Notice.objects.get(to=owner).read_at is None
        with pytest.raises(Refused, match="less than an hour"):
            actions.nudge(request, by=manager)
        ApprovalRequest.objects.update(nudged_at=timezone.now() - timedelta(hours=2))
        actions.nudge(request, by=manager)


class TestAStandIn:
    def test_decides_on_one_request_in_the_others_place(self, thing, asked, owner, user_with):
        legal, sales = user_with("legal"), user_with("sales")
        set_policy("thing", [step("legal", who="role", value="legal")], by=owner)
        request = asked()
        with pytest.raises(Forbidden):
            hand_on(request, sales, by=user_with("analyst"))
        hand_on(request, sales, by=legal)
        assert told(sales) == 1
        decision = decide(request, "approved", by=sales)
        assert decision.instead_of == legal
        assert is_approved("thing", 7, thing["version"])

    def test_for_some_days_counts_on_those_days_only(self, asked, owner, user_with):
        legal, sales = user_with("legal"), user_with("sales")
        set_policy("thing", [step("legal", who="role", value="legal")], by=owner)
        request = asked()
        today = timezone.now().astimezone(SHANGHAI).date()
        past = actions.appoint(sales, today - timedelta(3), today - timedelta(1), by=legal)
        assert waiting_for(sales) == []
        past.delete()
        actions.appoint(sales, today, today, by=legal)
        assert waiting_for(sales) == [request]

    def test_is_never_the_one_who_asked(self, asked, owner, manager, user_with):
        legal = user_with("legal")
        set_policy("thing", [step("legal", who="role", value="legal")], by=owner)
        request = asked()
        with pytest.raises(Refused):
            hand_on(request, manager, by=legal)
        today = timezone.now().astimezone(SHANGHAI).date()
        actions.appoint(manager, today, today, by=legal)
        with pytest.raises(Refused, match="own request"):
            decide(request, "approved", by=manager)

    def test_does_not_let_the_one_who_asked_sign_through_another(
        self, asked, owner, manager, user_with
    ):
        """A stand-in of the person who asked has the same two eyes."""
        sales = user_with("sales")
        set_policy("thing", [step("one", who="person", value=str(manager.pk))], by=owner)
        request = asked()
        today = timezone.now().astimezone(SHANGHAI).date()
        actions.appoint(sales, today, today, by=manager)
        with pytest.raises(Refused, match="own request"):
            decide(request, "approved", by=sales)

    def test_is_not_a_guest_and_not_oneself(self, owner, user_with):
        for to in (owner, user_with("vendor")):
            with pytest.raises(Invalid):
                actions.appoint(to, date(2026, 1, 1), date(2026, 1, 2), by=owner)


@pytest.mark.usefixtures("stores")
class TestALink:
    @pytest.fixture
    def path(self, asked, owner):
        def make(user=owner):
            link = actions.make_link(asked(), user)
            return links.address(link).removeprefix("http://localhost:8000")

        return make

    def test_shows_and_then_decides_once_without_signing_in(self, thing, path, owner):
        address, client = path(), Client(headers={"Accept-Language": "en"})
        page = client.get(address)
        assert "You decide as Wang Min" in page.content.decode()
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert is_approved("thing", 7, thing["version"]) is None
        assert client.post(address, {"verdict": "approved"}).status_code == 200
        decision = is_approved("thing", 7, thing["version"])
        assert (decision.by, decision.by_link) == (owner, True)
        assert Change.objects.get(verb="approved").details["by_link"] is True
        assert client.post(address, {"verdict": "sent_back", "note": "x"}).status_code == 409
        assert "used already" in client.get(address).content.decode()

    def test_needs_a_note_to_send_back_and_stays_good_until_then(self, thing, path):
        address, client = path(), Client()
        assert client.post(address, {"verdict": "sent_back"}).status_code == 422
        assert client.post(address, {"verdict": "sent_back", "note": "Too dear"}).status_code == 200
        assert thing["decided"] == ["sent_back"]

    def test_counts_for_one_version(self, thing, path):
        address = path()
        thing["version"] = "b" * 64
        assert Client().post(address, {"verdict": "approved"}).status_code == 409

    def test_of_an_older_version_says_once_that_a_newer_one_was_asked_for(
        self, thing, path, asked, owner
    ):
        address, client = path(), Client(headers={"Accept-Language": "en"})
        thing["version"] = "b" * 64
        newer = asked()
        for answer in (client.get(address), client.post(address, {"verdict": "approved"})):
            page = answer.content.decode()
            assert page.count("Approval of a newer version was asked for since.") == 1
            assert "decided already" not in page
            assert newer.room in page
        assert newer.is_open
        decide(newer, "approved", by=owner)
        assert "decided already" not in client.get(address).content.decode()

    def test_of_what_was_withdrawn_says_so(self, path, owner):
        address, client = path(), Client(headers={"Accept-Language": "en"})
        actions.withdraw("thing", 7, by=owner)
        assert "withdrawn before it was decided" in client.get(address).content.decode()

    def test_expires(self, path):
        address = path()
        DecisionLink.objects.update(expires_at=timezone.now())
        assert Client().post(address, {"verdict": "approved"}).status_code == 409
        assert ApprovalRequest.objects.get().is_open

    def test_cannot_be_made_up(self, path):
        address = path()
        for forged in (address[:-1] + ("A" if address[-1] != "A" else "B"), "/reviews/decide/MQ"):
            assert Client().post(forged, {"verdict": "approved"}).status_code == 404

    def test_gives_no_right_that_its_owner_lost(self, path, owner, user_with):
        legal = user_with("legal")
        address = path(legal)
        legal.is_active = False
        legal.save()
        assert Client().post(address, {"verdict": "approved"}).status_code == 409

    def test_stands_in_the_message_of_those_who_decide(self, asked, owner, manager):
        asked()
        notice = Notice.objects.get(to=owner)
        assert [one.text for one in buttons_of(notice, private=True)] == ["Approve", "Send back"]
        notice.kind = "team.workspace"
        assert buttons_of(notice, private=True) == []


@pytest.mark.usefixtures("stores")
class TestAMessage:
    """The mail and the group's message that ask somebody to decide."""

    def test_by_mail_carries_two_links_that_decide_once_and_only_when_pressed(
        self, thing, asked, owner, inbox
    ):
        asked()
        deliver(timezone.now() + timedelta(days=14))
        mail = inbox.message(inbox.names()[0])
        assert mail["To"] == owner.email
        html, plain = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
        links = re.findall(r"http://localhost:8000(/reviews/decide/[^\s\"<]+)", html)
        assert len(links) == 2
        assert all(link in plain for link in links)
        browser = Client(headers={"Accept-Language": "en"})
        pages = [browser.get(link).content.decode() for link in links * 2]
        assert all("You decide as Wang Min" in page for page in pages)
        assert browser.head(links[0]).status_code == 200
        assert thing["decided"] == []
        approve, send_back = links
        first = [page.index('value="approved"') < page.index('value="sent_back"') for page in pages]
        assert first == [True, False, True, False]
        assert browser.post(send_back, {"verdict": "sent_back", "note": "x"}).status_code == 200
        assert thing["decided"] == ["sent_back"]
        assert browser.post(approve, {"verdict": "approved"}).status_code == 409
        assert thing["decided"] == ["sent_back"]

    @pytest.fixture
    def robot(self, owner):
        address = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
        return add_robot("Double 11", "wecom", address, "", by=owner)

    def test_into_a_group_asks_who_one_is(self, thing, asked, owner, robot, chat):
        Preference.objects.create(user=owner, robot=robot)
        choose(owner, "approval_asked", "email", "off")
        request = asked()
        deliver(timezone.now() + timedelta(days=14))
        text = chat.taken[0]["markdown"]["content"]
        assert f"[Approve or send back](http://localhost:8000{request.room})" in text
        assert "/reviews/decide/" not in text
        assert not DecisionLink.objects.exists()
        assert Client().get(request.room).status_code == 302


class TestThePages:
    def test_of_a_review_show_steps_differences_and_history(
        self, thing, asked, owner, manager, client_for, user_with
    ):
        legal = user_with("legal", "Zhao Yi")
        decide(asked(), "approved", by=owner)
        thing["version"], thing["words"] = "b" * 64, [("Price", "179")]
        set_policy("thing", [step("check", who="role", value="legal", within=2), RELEASE], by=owner)
        request = asked()
        client = client_for(legal)
        page = client.get(request.room).content.decode()
        assert "<del>199</del>" in page
        assert "<ins>179</ins>" in page
        assert "Check" in page
        assert "to be decided by" in page
        url = request.room
        client.post(f"/comments/{request.public_id}", {"text": "Is it 179?"})
        assert Comment.objects.get().text == "Is it 179?"
        assert told(manager, "comment") == 1
        assert client.post(f"{url}/hand-on", {"to": owner.pk}).status_code == 302
        assert client.post(f"{url}/nudge").status_code == 302
        page = client_for(owner).get(url).content.decode()
        assert "You decide in place of Zhao Yi" in page
        assert "let Wang Min decide in their place" in page
        assert client_for(owner).post(f"{url}/decide", {"verdict": "approved"}).status_code == 302
        assert "in place of Zhao Yi" in client.get(url).content.decode()

    def test_of_the_settings_change_a_policy(self, owner, manager, client_for, campaign, user_with):
        legal = user_with("legal")
        client = client_for(owner)
        assert "Anyone who may approve" in client.get("/settings/approvals").content.decode()
        page = client.get("/settings/approvals/campaign?more=1").content.decode()
        assert 'name="form-1-name"' in page
        form = {
            "form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 1,
            "form-0-name": "Legal", "form-0-decider": "role:legal", "form-0-within": 4,
            "form-0-unit": "hours", "form-1-name": "Release", "form-1-unit": "days",
            "form-1-decider": "permission:approvals.decide", "form-1-above": "10万",
        }  # fmt: skip
        assert client.post("/settings/approvals/campaign", form).status_code == 302
        page = client.get("/settings/approvals").content.decode()
        assert "within 4 working hours" in page
        assert "only above 100,000" in page
        asked = submit(campaign, by=manager)
        assert [one.name for one in asked.asked_steps] == ["Legal", "Release"]
        assert told(legal) == 1
        assert client_for(manager).get("/settings/approvals/campaign").status_code == 403

    def test_of_the_settings_offer_no_way_back_where_nothing_changed(self, owner, client_for):
        set_policy("campaign", [step("legal", who="role", value="owner")], by=owner)
        client, empty = client_for(owner), {"form-TOTAL_FORMS": 0, "form-INITIAL_FORMS": 0}
        page = client.post("/settings/approvals/send", empty, follow=True).text
        assert "Saved." in page
        assert 'data-undo="/' not in page

    def test_of_the_settings_appoint_a_stand_in(self, owner, manager, client_for):
        form = {"to": owner.pk, "first": "2026-11-20", "last": "2026-11-10"}
        client = client_for(manager)
        assert client.post("/settings/approvals/stand-in", form).status_code == 422
        form["last"] = "2026-11-30"
        assert client.post("/settings/approvals/stand-in", form).status_code == 302
        page = client.get("/settings/approvals").content.decode()
        assert "Wang Min" in page
        stand_in = manager.stand_ins.get()
        assert client.post(f"/settings/approvals/stand-in/{stand_in.pk}/end").status_code == 302
        assert not manager.stand_ins.exists()

    def test_ask_as_much_for_many_requests_as_for_one(self, thing, asked, owner, manager, campaign):
        def cost():
            with CaptureQueriesContext(connection) as done:
                waiting_for(owner)
            return len(done)

        set_policy("thing", [step("one", who="accountable", value="")], by=owner)
        asked()
        few = cost()
        for number in range(8, 28):
            ask("thing", number, title="x", url="/x", fingerprint=thing["version"],
                campaign=campaign, by=manager)  # fmt: skip
        assert len(waiting_for(owner)) == 21
        assert cost() == few


class TestTheApi:
    def test_shows_steps_and_lets_people_act(self, thing, asked, owner, manager, api, user_with):
        legal = user_with("legal")
        set_policy("thing", [step("legal", who="role", value="legal", within=1), RELEASE], by=owner)
        request = asked()
        url = f"/campaigns/{request.campaign.public_id}/approvals"
        (shown,) = api("GET", url).json()["items"]
        assert [(one["name"], one["state"]) for one in shown["steps"]] == [
            ("Legal", "open"),
            ("Release", "later"),
        ]
        assert [one["name"] for one in shown["steps"][0]["deciders"]] == ["Legal"]
        one = f"{url}/{request.public_id}"
        assert api("POST", f"{one}/decide", {"verdict": "approved"}).status_code == 403
        handed = api("POST", f"{one}/delegate", {"to": owner.email}, user=legal)
        assert handed.status_code == 200, handed.content
        assert api("POST", f"{one}/nudge").status_code == 200
        assert api("POST", f"{one}/nudge").json()["code"] == "nudged"
        decided = api("POST", f"{one}/decide", {"verdict": "approved"}).json()
        assert decided["decisions"][0]["instead_of"]["id"] == legal.public_id
        assert decided["open"]
        assert api("GET", one).json()["differences"] == []

    def test_deadlines_are_utc(self, thing, asked, owner, api, user_with):
        set_policy("thing", [step("legal", who="role", value="legal", within=1)], by=owner)
        request = asked()
        shown = api("GET", f"/campaigns/{request.campaign.public_id}/approvals").json()["items"][0]
        # JSON keeps thousandths of a second.
        due = datetime.fromisoformat(shown["due"]).astimezone(UTC)
        assert abs(request.due_at - due) < timedelta(milliseconds=1)
