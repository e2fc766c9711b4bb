"""Whoever is assigned sees and finishes their own tasks, and nothing else of the campaign (S02)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from muster.plan.campaigns.days import today
from muster.plan.tasks import actions, linking
from muster.plan.tasks.models import Duty, Task
from muster.team.changes.actions import may_undo
from muster.team.comments.models import Comment
from muster.team.members.models import Team
from muster.team.notices.models import Notice

pytestmark = pytest.mark.django_db
HX = {"headers": {"HX-Request": "true"}}
SECRET = "Secret discount for members"


@pytest.fixture
def campaign(start):
    return start(goals=[])


@pytest.fixture(params=["vendor", "store", "service"])
def guest(request, user_with):
    """Somebody whose role sees no campaign."""
    return user_with(request.param, "Hong Press")


@pytest.fixture
def task(campaign, owner, guest):
    """Theirs, due tomorrow, waiting for one that is not theirs."""
    fields = {"title": "Print the flyers", "due": today() + timedelta(days=1), "note": "On matt."}
    mine = actions.add_task(
        campaign, {**fields, "checklist": [{"text": "Proof"}]}, by=owner, to=[guest]
    )
    other = actions.add_task(campaign, {"title": SECRET}, by=owner)
    linking.add_dependency(other, mine, by=owner)
    return mine


@pytest.fixture
def other():
    return lambda: Task.objects.get(title=SECRET)


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


class TestMyWork:
    def test_lists_it_and_finishes_it(self, client_for, guest, task):
        client = client_for(guest)
        text = page(client, "/my")
        assert "Print the flyers" in text
        assert SECRET not in text
        form = {"item": f"tasks:{task.public_id}", "act": "done"}
        assert client.post("/my/do", form, **HX).status_code == 204
        task.refresh_from_db()
        assert task.is_done
        assert "Print the flyers" not in page(client, "/my")

    def test_lists_what_one_only_answers_for_or_has_by_a_team(
        self, client_for, guest, campaign, owner
    ):
        team = Team.objects.create(name="Printers")
        team.members.add(guest)
        actions.add_task(campaign, {"title": "Fold"}, by=owner, to=[team])
        Duty.objects.create(
            task=actions.add_task(campaign, {"title": "Deliver"}, by=owner), user=guest, letter="A"
        )
        text = page(client_for(guest), "/my")
        assert "Fold" in text
        assert "Deliver" in text


class TestThePage:
    def test_shows_the_task_and_nothing_else_of_the_plan(self, client_for, guest, task):
        text = page(client_for(guest), f"/my/tasks/{task.public_id}")
        for shown in ("Print the flyers", "On matt.", "Proof", "Double 11"):
            assert shown in text
        assert SECRET not in text
        assert f"/c/{task.campaign.public_id}/brief" not in text

    def test_says_how_it_stands(self, client_for, guest, task):
        client = client_for(guest)
        at = f"/c/{task.campaign.public_id}/plan/{task.public_id}"
        answer = client.post(at, {"blocked_reason": "No paper", "version": task.version}, **HX)
        assert "No paper" in answer.content.decode()
        assert SECRET not in answer.content.decode()
        client.post(f"{at}/checklist", {"item": "0", "done": "on"}, **HX)
        task.refresh_from_db()
        assert (task.blocked_reason, task.checked, task.status) == ("No paper", 1, "doing")

    @pytest.mark.parametrize("field", ["title", "due", "days", "note"])
    def test_plans_nothing(self, client_for, guest, task, field):
        at = f"/c/{task.campaign.public_id}/plan/{task.public_id}"
        before = getattr(task, field)
        answer = client_for(guest).post(at, {field: "7" if field == "days" else ""}, **HX)
        assert answer.status_code == 403
        task.refresh_from_db()
        assert getattr(task, field) == before

    def test_is_closed_to_who_has_no_part_in_it(self, client_for, guest, task, other):
        client = client_for(guest)
        campaign = task.campaign.public_id
        for path in (
            f"/my/tasks/{other().public_id}",
            f"/c/{campaign}/plan/{other().public_id}",
        ):
            assert client.get(path).status_code == 404
        form = {"status": "done"}
        for path in (
            f"/c/{campaign}/plan/{other().public_id}",
            f"/c/{campaign}/plan/{other().public_id}/move",
        ):
            assert client.post(path, form, **HX).status_code == 404
        for path in ("", "/plan", "/plan/list", "/budget", "/brief", "/activity"):
            assert client.get(f"/c/{campaign}{path}").status_code == 403
        actions.relieve(task, guest, by=task.campaign.owner)
        assert client.get(f"/my/tasks/{task.public_id}").status_code == 404

    def test_of_a_colleague_who_sees_the_plan_is_the_plan(self, client_for, manager, task):
        answer = client_for(manager).get(f"/my/tasks/{task.public_id}")
        assert answer.headers["Location"].endswith(f"/plan?task={task.public_id}")

    def test_is_where_the_notice_leads(self, client_for, guest, task):
        notice = Notice.objects.get(to=guest, event="task_given")
        assert "Print the flyers" in page(client_for(guest), notice.url)


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


class TestTakingBack:
    def test_what_one_did_to_ones_own_task(self, client_for, guest, task):
        client = client_for(guest)
        at = f"/c/{task.campaign.public_id}/plan/{task.public_id}"
        for path, form in (
            (at, {"blocked_reason": "No paper"}),
            (f"{at}/checklist", {"item": "0", "done": "on", "seen": "Proof"}),
            ("/my/do", {"item": f"tasks:{task.public_id}", "act": "done"}),
        ):
            before = Task.objects.values().get(pk=task.pk)
            undo = toast(client.post(path, form, **HX))["undo"]
            assert undo, path
            client.post(undo, **HX)
            now = Task.objects.values().get(pk=task.pk)
            assert now | {"version": 0} == before | {"version": 0}

    def test_all_that_was_done_at_once(self, client_for, guest, task, owner):
        other = actions.add_task(task.campaign, {"title": "Fold"}, by=owner, to=[guest])
        keys = [f"tasks:{one.public_id}" for one in (task, other)]
        client = client_for(guest)
        said = toast(client.post("/my/do", {"item": keys, "act": "done"}, **HX))
        assert said["text"] == "2 done."
        assert Task.objects.filter(status="done").count() == 2
        client.post(said["undo"], **HX)
        assert not Task.objects.filter(status="done").exists()

    def test_not_after_one_was_relieved(self, client_for, guest, task, owner):
        client = client_for(guest)
        form = {"item": f"tasks:{task.public_id}", "act": "done"}
        undo = toast(client.post("/my/do", form, **HX))["undo"]
        actions.relieve(task, guest, by=owner)
        assert client.post(undo, **HX).status_code == 403
        assert Task.objects.get(pk=task.pk).is_done

    def test_not_what_one_planned_before(self, user_with, guest, task):
        planner = user_with("manager")
        actions.give(task, planner, by=planner)
        change = actions.edit_task(task, {"title": "Print"}, by=planner)
        assert may_undo(change, planner)
        planner.role = "legal"
        assert not may_undo(change, planner)


class TestTheChecklist:
    @pytest.fixture
    def seen(self, task, owner):
        """Another item stands first by now."""
        items = [{"text": "Paper", "done": False}, {"text": "Proof", "done": False}]
        actions.edit_task(task, {"checklist": items}, by=owner)
        return {"item": 0, "text": "Proof"}

    @pytest.mark.parametrize("what", ["done", "remove"])
    def test_on_the_page(self, client_for, guest, owner, task, seen, what):
        at = f"/c/{task.campaign.public_id}/plan/{task.public_id}"
        client = client_for(guest if what == "done" else owner)
        assert 'name="seen" value="Paper"' in client.get(at, **HX).content.decode()
        form = {"item": "0", "seen": "Proof", what: "1"}
        answer = client.post(f"{at}/checklist", form, **HX)
        assert answer.status_code == 409
        assert "changed in the meantime" in answer.content.decode()
        task.refresh_from_db()
        assert (task.checked, len(task.checklist)) == (0, 2)

    def test_in_the_api(self, api, guest, task, seen):
        at = f"/tasks/{task.public_id}/checklist"
        for body in (seen, {"item": 0, "version": 1}):
            answer = api("POST", at, body, user=guest)
            assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
        task.refresh_from_db()
        assert task.checked == 0
        assert api("POST", at, {**seen, "item": 1}, user=guest).status_code == 200


class TestComments:
    def test_go_both_ways(self, client_for, guest, owner, task, other):
        client = client_for(guest)
        at = f"/comments/{task.public_id}"
        client.post(at, {"text": "Which paper, @Wang Min?"}, **HX)
        assert Notice.objects.filter(to=owner, event="mention").exists()
        client_for(owner).post(at, {"text": "Matt, 200 g."}, **HX)
        told = Notice.objects.get(to=guest, event="comment")
        assert "Matt, 200 g." in page(client, told.url.partition("#")[0])
        assert client.get(f"/comments/{other().public_id}").status_code == 404
        assert client.get(f"/comments/{task.campaign.public_id}").status_code == 404


class TestTheApi:
    def test_gives_ones_own_and_takes_how_it_stands(self, api, guest, task, other):
        (found,) = api("GET", "/tasks", user=guest).json()["items"]
        assert (found["id"], found["due"]) == (task.public_id, task.due.isoformat())
        assert found["campaign"]["name"] == "Double 11"
        at = f"/tasks/{task.public_id}"
        body = {"status": "doing", "blocked_reason": "No paper"}
        assert api("PATCH", at, body, user=guest).json()["blocked_reason"] == "No paper"
        ticked = api("POST", f"{at}/checklist", {"item": 0}, user=guest).json()
        assert ticked["checklist"] == [{"text": "Proof", "done": True}]
        assert api("PATCH", at, {"status": "done"}, user=guest).json()["status"] == "done"
        assert api("GET", "/tasks?status=todo", user=guest).json()["items"] == []
        assert api("PATCH", at, {"title": "Mine"}, user=guest).status_code == 422
        assert api("GET", f"/tasks/{other().public_id}", user=guest).status_code == 404
        assert api("PATCH", f"/tasks/{other().public_id}", {"status": "done"}, user=guest
                   ).status_code == 404  # fmt: skip
        assert api("GET", f"/campaigns/{task.campaign.public_id}/tasks", user=guest
                   ).status_code == 403  # fmt: skip

    def test_takes_an_empty_place_for_nobody(self, api, guest, owner, task):
        actions.edit_task(task, {"unblocker": owner}, by=owner)
        mine = api("PATCH", f"/tasks/{task.public_id}", {"unblocker": ""}, user=guest)
        assert mine.json()["unblocker"] is None
        at = f"/campaigns/{task.campaign.public_id}/tasks/{task.public_id}"
        for name in ("unblocker", "parent"):
            assert api("PATCH", at, {name: ""}).json()[name] is None

    def test_refuses_an_old_version(self, api, guest, task, owner):
        actions.edit_task(task, {"note": "Glossy."}, by=owner)
        body = {"status": "done", "version": 1}
        answer = api("PATCH", f"/tasks/{task.public_id}", body, user=guest)
        assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")

    def test_talks_about_them(self, api, guest, task):
        body = {"about": task.public_id, "text": "Done by noon."}
        assert api("POST", "/comments", body, user=guest).status_code == 201
        assert Comment.objects.get().by == guest
