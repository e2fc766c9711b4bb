"""The team: who is here, who is away, who takes over, and what a colleague sees."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from muster.plan.campaigns.models import Campaign
from muster.plan.overview.actions import start_campaign
from muster.plan.tasks.models import Duty, Task
from muster.team.calendars.year import months_from
from muster.team.changes.models import Change
from muster.team.models import CustomDay, Leave, Team
from muster.team.roles import PERMISSIONS, ROLES
from muster.team.users.models import User, Workspace

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
    )


class TestLeavingTheTeam:
    def test_needs_somebody_who_takes_the_work_over(
        self, client_for, owner, manager, campaign, user_with
    ):
        other = user_with("manager", "Zhou Ting", "zhou@muster.test")
        task = Task.objects.create(campaign=campaign, title="Poster", unblocker=manager)
        done = Task.objects.create(campaign=campaign, title="Done", status="done")
        Duty.objects.create(task=task, user=manager, letter="R")
        Duty.objects.create(task=task, user=manager, letter="A")
        Duty.objects.create(task=task, user=other, letter="R")
        Duty.objects.create(task=done, user=manager, letter="R")
        client = client_for(owner)
        page = client.get(f"/settings/members/{manager.public_id}").content.decode()
        assert "Who takes it over" in page
        url = f"/settings/members/{manager.public_id}/remove"
        assert client.post(url).status_code == 409
        assert client.post(url, {"to": other.public_id}).status_code == 302
        manager.refresh_from_db()
        assert not manager.is_active
        assert Campaign.objects.get().owner == other
        assert sorted(Duty.objects.filter(task=task).values_list("user", "letter")) == [
            (other.pk, "A"),
            (other.pk, "R"),
        ]
        assert Duty.objects.get(task=done).user == manager  # what was done stays
        assert Task.objects.get(pk=task.pk).unblocker == other

    def test_is_quick_for_who_has_nothing(self, client_for, owner, user_with):
        analyst = user_with("analyst")
        client_for(owner).post(f"/settings/members/{analyst.public_id}/remove")
        analyst.refresh_from_db()
        assert not analyst.is_active
        client_for(owner).post(f"/settings/members/{analyst.public_id}/back")
        analyst.refresh_from_db()
        assert analyst.is_active


class TestSeeingAsAnother:
    def view(self, client, user):
        return client.post(f"/settings/members/{user.public_id}/view")

    def test_shows_what_the_colleague_sees_and_lets_nothing_be_changed(
        self, client_for, owner, user_with, campaign
    ):
        store = user_with("store", "Store One")
        client = client_for(owner)
        self.view(client, store)
        page = client.get("/my").content.decode()
        assert "You see Muster as Store One does" in page
        assert client.get("/campaigns").status_code == 403
        assert client.post("/notices/read").status_code == 403
        assert client.post(f"/c/{campaign.public_id}/delete").status_code == 403
        client.post("/settings/members/view/end")
        assert client.get("/campaigns").status_code == 200
        assert Change.objects.get(verb="viewed_as").by == owner

    def test_never_gives_more_rights_than_ones_own(self, owner, user_with):
        admin = user_with("analyst")
        owner.within = frozenset({"work.see"})
        assert not owner.may("people.pii")
        assert owner.may("work.see")
        assert admin.within is None

    def test_is_for_those_who_manage_the_team(self, client_for, manager, owner):
        assert self.view(client_for(manager), owner).status_code == 403

    def test_ends_when_the_right_is_lost(self, client_for, owner, user_with):
        admin, analyst = user_with("admin"), user_with("analyst", "Zhou Ting")
        client = client_for(admin)
        self.view(client, analyst)
        User.objects.filter(pk=admin.pk).update(role="analyst")
        assert "You see Muster as" not in client.get("/my").content.decode()


class TestTeams:
    def test_are_made_changed_and_dissolved(self, client_for, owner, manager):
        client = client_for(owner)
        client.post("/settings/members/teams", {"name": "Design", "member": [manager.public_id]})
        team = Team.objects.get()
        assert list(team.members.all()) == [manager]
        body = {"team": team.public_id, "name": "Studio"}
        client.post("/settings/members/teams", body)
        assert "Studio" in client.get("/settings/members").content.decode()
        assert client.post("/settings/members/teams", {"name": "Studio"}).status_code == 422
        client.post(f"/settings/members/teams/{team.public_id}/drop")
        assert not Team.objects.exists()

    def test_in_the_api(self, api, owner, manager):
        made = api("POST", "/teams", {"name": "Design", "members": [manager.public_id]})
        assert made.status_code == 201
        path = f"/teams/{made.json()['id']}"
        assert api("PUT", path, {"name": "Studio"}).json()["members"] == []
        assert api("GET", "/teams", user=manager).json()["items"][0]["name"] == "Studio"
        assert api("DELETE", path, user=manager).status_code == 403
        assert api("DELETE", path).status_code == 204


class TestAColleague:
    def test_gets_hours_and_skills(self, client_for, owner, manager):
        body = {"role": "content", "hours_per_day": "6.5", "skills": "设计、视频, copy"}
        client_for(owner).post(f"/settings/members/{manager.public_id}", body)
        manager.refresh_from_db()
        assert (manager.role, manager.hours_per_day) == ("content", Decimal("6.5"))
        assert manager.skills == ["设计", "视频", "copy"]

    def test_in_the_api(self, api, manager):
        path = f"/users/{manager.public_id}"
        assert api("PATCH", path, {"skills": ["copy"]}).json()["skills"] == ["copy"]
        assert api("PATCH", path, {"hours_per_day": "25"}).status_code == 422
        assert api("POST", f"{path}/deactivate", {}).json()["active"] is False

    def test_was_last_here_a_moment_ago(self, client_for, owner, manager):
        client_for(manager).get("/my")
        manager.refresh_from_db()
        assert timezone.now() - manager.seen_at < timedelta(minutes=1)


class TestLeave:
    def test_ones_own(self, client_for, owner, manager):
        day = timezone.localdate() + timedelta(days=3)
        client = client_for(manager)
        assert client.post("/settings/leave", {"first": day, "last": day}).status_code == 302
        assert client.post("/settings/leave", {"first": day, "last": day}).status_code == 422
        leave = Leave.objects.get()
        assert "Li Qiang" in client_for(owner).get("/settings/leave").content.decode()
        client.post(f"/settings/leave/{leave.public_id}/cancel")
        assert not Leave.objects.exists()

    def test_of_a_colleague_is_for_those_who_manage_the_team(self, api, owner, manager):
        body = {"first": "2026-12-01", "last": "2026-12-04", "user": manager.public_id}
        assert api("POST", "/calendar/leave", body).status_code == 201
        body["user"] = owner.public_id
        assert api("POST", "/calendar/leave", body, user=manager).status_code == 403
        leave = api("GET", "/calendar/leave?since=2026-12-04").json()["items"]
        assert [one["user"]["name"] for one in leave] == ["Li Qiang"]
        assert api("GET", "/calendar/leave?since=2026-12-05").json()["items"] == []
        assert api("DELETE", f"/calendar/leave/{leave[0]['id']}", user=manager).status_code == 204


class TestWorkingDays:
    def test_of_2026_are_as_decreed(self, workspace):
        # 2026 has 248 working days by the decree of November 2025; October has 18 of them.
        months = months_from(date(2026, 1, 15))
        assert sum(month.worked for month in months) == 248
        assert months[9].worked == 18

    def test_change_with_days_of_our_own(self, client_for, owner):
        client = client_for(owner)
        first = timezone.localdate().replace(day=1) + timedelta(days=62)
        before = months_from(timezone.localdate())
        body = {
            "name": "Works holiday",
            "first": first,
            "last": first + timedelta(days=6),
            "effect": "off",
            "recurrence": "once",
        }
        client.post("/settings/holidays", body)
        page = client.get("/settings/holidays").content.decode()
        assert "Works holiday" in page
        after = months_from(timezone.localdate())
        assert sum(m.worked for m in after) < sum(m.worked for m in before)
        client.post(f"/settings/holidays/{CustomDay.objects.get().public_id}/remove")
        assert not CustomDay.objects.exists()

    def test_follow_the_country(self, client_for, owner):
        client_for(owner).post("/settings/holidays", {"country": "TW"})
        assert Workspace.here().country == "TW"
        assert client_for(owner).post("/settings/holidays", {"country": "XX"}).status_code == 422

    def test_in_the_api(self, api, workspace):
        answer = api("GET", "/calendar/working-days?since=2026-10-01&until=2026-10-10").json()
        assert answer["worked"] == ["2026-10-08", "2026-10-09", "2026-10-10"]
        made = api(
            "POST", "/calendar/days", {"name": "Brand day", "first": "2026-10-09", "effect": "off"}
        )
        answer = api("GET", "/calendar/working-days?since=2026-10-01&until=2026-10-10").json()
        assert answer["worked"] == ["2026-10-08", "2026-10-10"]
        answer = api("GET", "/calendar/working-days?from=2026-09-30&to=2026-10-08").json()
        assert answer["worked"] == ["2026-09-30", "2026-10-08"]
        assert (answer["from"], answer["to"], answer["count"]) == ("2026-09-30", "2026-10-08", 2)
        assert api("DELETE", f"/calendar/days/{made.json()['id']}").status_code == 204

    @pytest.mark.parametrize(
        ("query", "at", "code"),
        [
            ("from=2026-10-02&to=2026-10-01", "/to", "ends_before_start"),
            ("from=2026-01-01&to=2029-01-01", "/to", "too_long"),
            ("from=9999-12-31", "/from", "out_of_range"),
            ("from=tomorrow", "/from", "date_from_datetime_parsing"),
        ],
    )
    def test_in_the_api_refuse_a_span_that_is_none(self, api, workspace, query, at, code):
        answer = api("GET", f"/calendar/working-days?{query}")
        assert answer.status_code == 422
        assert [(one["at"], one["code"]) for one in answer.json()["errors"]] == [(at, code)]

    def test_leave_in_the_api_lies_within_the_span(self, api, owner):
        body = {"first": "2026-12-01", "last": "2026-12-04"}
        api("POST", "/calendar/leave", body)
        at = "/calendar/leave?from={}&to={}"
        assert len(api("GET", at.format("2026-12-04", "2026-12-09")).json()["items"]) == 1
        assert api("GET", at.format("2026-12-05", "2026-12-09")).json()["items"] == []
        assert api("GET", at.format("2026-12-05", "2026-12-04")).status_code == 422


def test_the_roles_page_says_what_the_table_says(client_for, owner, manager):
    page = client_for(owner).get("/settings/roles").content.decode()
    assert page.count('scope="row"') == len(PERMISSIONS)
    assert page.count("icon-s good") == sum(len(role.permissions) for role in ROLES.values())
    assert "Vendor guest" in page
    assert client_for(manager).get("/settings/roles").status_code == 403


class TestNoticesAndCommentsInTheApi:
    def test_one_reads_ones_own(self, api, owner, manager, campaign):
        said = api("POST", "/comments", {"about": campaign.public_id, "text": "@Li Qiang look"})
        assert said.json()["mentions"] == [manager.public_id]
        (notice,) = api("GET", "/notices?unread=true", user=manager).json()["items"]
        assert notice["event"] == "mention"
        assert notice["campaign"] == campaign.public_id
        assert api("GET", f"/notices/{notice['id']}").status_code == 404
        answer = api("POST", "/notices/read", {"notices": [notice["id"]]}, user=manager)
        assert answer.json() == {"read": 1}

    def test_comments_are_changed_and_settled(self, api, owner, manager, campaign):
        said = api("POST", "/comments", {"about": campaign.public_id, "text": "Look"}).json()
        path = f"/comments/{said['id']}"
        assert api("PATCH", path, {"text": "No"}, user=manager).status_code == 403
        assert api("PATCH", path, {"resolved": True}, user=manager).json()["resolved_at"]
        listed = api("GET", f"/comments?about={campaign.public_id}").json()["items"]
        assert [one["text"] for one in listed] == ["Look"]
        assert api("DELETE", path).status_code == 204
        assert api("GET", f"/comments?about={campaign.public_id}").json()["items"] == []

    def test_what_one_may_not_see_is_not_there(self, api, user_with, campaign):
        store = user_with("store")
        answer = api("GET", f"/comments?about={campaign.public_id}", user=store)
        assert answer.status_code == 404
