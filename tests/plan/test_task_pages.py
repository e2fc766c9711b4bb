"""The pages of the plan (S11), as the people who use them see them."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.kit.days import WorkCalendar
from muster.plan.risks.models import Risk
from muster.plan.tasks import actions, linking
from muster.plan.tasks.models import Task
from muster.plan.tasks.planning import plan_of
from muster.plan.work import my_tasks
from muster.team.work.registry import lanes_of
from muster.ui.palette import find

pytestmark = pytest.mark.django_db
CN = WorkCalendar("CN")
HX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def today(workspace):
    return timezone.now().astimezone(workspace.zone).date()


@pytest.fixture
def campaign(start, today):
    first = CN.shift(today, 30)
    return start(starts=first, ends=first + timedelta(days=10), goals=[])


@pytest.fixture
def plan(campaign, owner, manager, today):
    """Design 3 days (R Li Qiang), legal 2 days after it, then the launch; and one late task."""

    def add(title, **fields):
        to = fields.pop("to", ())
        return actions.add_task(campaign, {"title": title, **fields}, by=owner, to=to)

    tasks = {
        "design": add("Key visual", days=3, to=[manager], checklist=[{"text": "Sketch"}]),
        "legal": add("Legal check", days=2),
        "go": add("Launch day", milestone=True, phase="launch"),
        "late": add("Forgotten", due=today - timedelta(days=10)),
    }
    linking.add_dependency(tasks["design"], tasks["legal"], by=owner)
    linking.add_dependency(tasks["legal"], tasks["go"], by=owner)
    return tasks


@pytest.fixture
def client(client_for, owner):
    return client_for(owner)


@pytest.fixture
def page(client):
    def text(path, status=200, **more):
        answer = client.get(path, **more)
        assert answer.status_code == status, answer.content[:500]
        return answer.content.decode()

    return text


@pytest.fixture
def post(client):
    return lambda path, data=None, **more: client.post(path, data or {}, **{**HX, **more})


def events(answer):
    return json.loads(answer.headers["HX-Trigger"])


class TestTheThreeViews:
    @pytest.mark.parametrize("view", ["", "/list", "/gantt"])
    def test_show_every_task(self, page, campaign, plan, view):
        text = page(f"/c/{campaign.public_id}/plan{view}")
        for task in plan.values():
            assert task.title in text
        assert "The plan reaches the launch on" in text
        assert "1 is overdue" in text
        assert '>Plan<span class="tabn">1</span>' in text

    @pytest.mark.parametrize("view", ["", "/list", "/gantt"])
    def test_ask_the_same_number_of_questions_however_many_tasks(
        self, client_for, owner, campaign, plan, view
    ):
        client = client_for(owner)

        def count():
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"/c/{campaign.public_id}/plan{view}", **HX).status_code == 200
            return len(asked)

        count()  # the first page after the start asks whether there is a workspace
        before = count()
        for number in range(20):
            actions.add_task(campaign, {"title": f"More {number}"}, by=owner, to=[owner])
        assert count() == before < 25

    @pytest.mark.parametrize("view", ["", "/list", "/gantt"])
    def test_begin_with_writing_lines(self, page, campaign, view):
        assert "Write the work as a few lines of text" in page(
            f"/c/{campaign.public_id}/plan{view}"
        )

    def test_are_sieved_alike(self, page, campaign, plan, manager):
        for view in ("", "/list", "/gantt"):
            text = page(f"/c/{campaign.public_id}/plan{view}?who={manager.public_id}", **HX)
            assert "Key visual" in text
            assert "Legal check</a>" not in text
        assert "Forgotten" in page(f"/c/{campaign.public_id}/plan?show=late", **HX)
        assert "No task fits" in page(f"/c/{campaign.public_id}/plan?q=nothing", **HX)

    def test_are_read_only_for_readers(self, client_for, user_with, campaign, plan):
        client = client_for(user_with("analyst"))
        text = client.get(f"/c/{campaign.public_id}/plan").content.decode()
        assert "Key visual" in text
        assert "New task" not in text
        path = f"/c/{campaign.public_id}/plan/{plan['design'].public_id}"
        assert client.post(path, {"title": "x"}).status_code == 403
        assert client.post(f"{path}/move", {"status": "done"}).status_code == 403
        assert (
            client_for(user_with("store")).get(f"/c/{campaign.public_id}/plan").status_code == 403
        )


class TestOnesOwnTask:
    """Whoever does a task or answers for it says how far it is, and plans nothing else."""

    @pytest.fixture
    def content(self, user_with, plan, owner):
        one = user_with("content", "Zhao Lei")
        actions.give(plan["design"], one, by=owner)
        return one

    def test_is_moved_ticked_and_blocked(self, client_for, content, campaign, plan):
        client = client_for(content)
        path = f"/c/{campaign.public_id}/plan/{plan['design'].public_id}"
        answer = client.post(f"{path}/move", {"status": "doing"}, **HX)
        assert answer.status_code == 204
        assert events(answer)["toast"]["undo"]
        assert client.post(f"{path}/checklist", {"item": 0, "done": "on"}).status_code == 200
        assert client.post(path, {"blocked_reason": "No photos yet"}).status_code == 200
        task = Task.objects.get(pk=plan["design"].pk)
        assert (task.status, task.blocked_reason) == ("doing", "No photos yet")
        assert task.checklist[0]["done"]

    def test_is_not_replanned(self, client_for, content, campaign, plan):
        client = client_for(content)
        path = f"/c/{campaign.public_id}/plan/{plan['design'].public_id}"
        assert client.post(path, {"title": "Something else"}).status_code == 403
        assert client.post(f"{path}/checklist", {"item": 0, "remove": ""}).status_code == 403
        other = f"/c/{campaign.public_id}/plan/{plan['legal'].public_id}"
        assert client.post(f"{other}/move", {"status": "done"}).status_code == 403

    def test_is_finished_from_my_work(self, content, plan):
        (item,) = my_tasks(content)
        (act,) = item.acts
        act.do(content, {})
        assert Task.objects.get(pk=plan["design"].pk).status == "done"
        assert not list(my_tasks(content))


class TestTheBoard:
    def test_moves_a_card_and_offers_the_way_back(self, post, campaign, plan):
        path = f"/c/{campaign.public_id}/plan/{plan['design'].public_id}/move"
        answer = post(path, {"status": "doing"})
        assert events(answer)["toast"]["text"] == "“Key visual”: In progress."
        assert Task.objects.get(pk=plan["design"].pk).status == "doing"
        post(events(answer)["toast"]["undo"])
        assert Task.objects.get(pk=plan["design"].pk).status == "todo"

    def test_says_who_has_too_much_at_once(self, page, campaign, owner):
        for number in range(4):
            task = actions.add_task(campaign, {"title": f"T{number}"}, by=owner, to=[owner])
            actions.edit_task(task, {"status": "doing"}, by=owner)
        assert "Wang Min has 4 in progress at once." in page(f"/c/{campaign.public_id}/plan")

    def test_writes_lines_down(self, post, campaign):
        answer = post(
            f"/c/{campaign.public_id}/plan/add", {"text": "Copy\nPrint 4d", "phase": "peak"}
        )
        assert events(answer)["toast"]["text"] == "2 tasks are written down."
        assert [(t.title, t.days, t.phase) for t in Task.objects.all()] == [
            ("Copy", 1, "peak"), ("Print", 4, "peak"),
        ]  # fmt: skip


class TestTheList:
    def test_changes_all_that_are_ticked(self, post, campaign, plan, owner):
        ticked = [plan["design"].public_id, plan["legal"].public_id]
        data = {"task": ticked, "due": "2027-02-01", "to": owner.public_id, "status": ""}
        assert post(f"/c/{campaign.public_id}/plan/bulk", data).status_code == 204
        for name in ("design", "legal"):
            task = Task.objects.get(pk=plan[name].pk)
            assert task.due.isoformat() == "2027-02-01"
            assert task.duties.filter(user=owner, letter="R").exists()
        assert Task.objects.get(pk=plan["late"].pk).due == plan["late"].due
        answer = post(f"/c/{campaign.public_id}/plan/bulk", {"task": ticked, "drop": "1"})
        assert Task.objects.count() == 2
        post(events(answer)["toast"]["undo"])
        assert Task.objects.count() == 4


class TestTheDrawer:
    def test_saves_each_field_by_itself(self, post, page, campaign, plan):
        path = f"/c/{campaign.public_id}/plan/{plan['legal'].public_id}"
        assert "Who can unblock it" in page(path)
        answer = post(path, {"days": "4", "version": Task.objects.get(pk=plan["legal"].pk).version})
        assert answer.status_code == 200
        assert "plan-changed" in events(answer)
        assert Task.objects.get(pk=plan["legal"].pk).days == 4
        assert post(path, {"due": "soon"}).status_code == 422

    def test_shows_both_when_two_changed_the_same(self, post, campaign, plan, manager):
        task = plan["legal"]
        path = f"/c/{campaign.public_id}/plan/{task.public_id}"
        known = Task.objects.get(pk=task.pk).version
        actions.edit_task(task, {"title": "Law"}, by=manager)
        answer = post(path, {"title": "Legal review", "version": known})
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "Li Qiang changed “Law” in the meantime: title" in text
        assert "<dd>Law</dd>" in text
        assert "<dd>Legal review</dd>" in text
        now = Task.objects.get(pk=task.pk)
        assert now.title == "Law"
        assert post(path, {"title": "Legal review", "version": now.version}).status_code == 200
        assert Task.objects.get(pk=task.pk).title == "Legal review"

    def test_keeps_both_when_two_changed_different_things(self, post, campaign, plan, manager):
        task = plan["legal"]
        known = Task.objects.get(pk=task.pk).version
        actions.edit_task(task, {"title": "Law"}, by=manager)
        path = f"/c/{campaign.public_id}/plan/{task.public_id}"
        answer = post(path, {"days": "5", "version": known})
        assert answer.status_code == 200
        assert "Li Qiang changed" in events(answer)["toast"]["text"]
        now = Task.objects.get(pk=task.pk)
        assert (now.title, now.days) == ("Law", 5)

    def test_ticks_gives_links_and_puts_away(self, post, campaign, plan, owner):
        path = f"/c/{campaign.public_id}/plan/{plan['late'].public_id}"
        post(f"{path}/checklist", {"text": "Call them"})
        post(f"{path}/checklist", {"item": "0", "done": "on"})
        post(f"{path}/give", {"to": owner.public_id})
        assert post(f"{path}/link", {"before": "legal", "lag": "2"}).status_code == 200
        task = Task.objects.get(pk=plan["late"].pk)
        assert task.checklist == [{"text": "Call them", "done": True}]
        assert task.status == "doing"
        link = task.waits_for.get()
        assert (link.before, link.lag) == (plan["legal"], 2)
        assert post(f"{path}/link", {"before": "nonsense"}).status_code == 422
        assert post(f"{path}/link/{link.public_id}/cut").status_code == 200
        assert not task.waits_for.exists()
        undo = events(post(f"{path}/drop"))["toast"]["undo"]
        assert not Task.objects.filter(pk=task.pk).exists()
        post(undo)
        assert Task.objects.filter(pk=task.pk).exists()


class TestTheGanttChart:
    def test_asks_before_others_move(self, post, campaign, plan):
        path = f"/c/{campaign.public_id}/plan/shift"
        before = plan_of(campaign).when(plan["legal"].pk).end
        answer = post(path, {"task": plan["design"].public_id, "by": "2"})
        text = answer.content.decode()
        assert "1 other task moves." in text
        assert "The launch stays on" in text
        assert plan_of(campaign).when(plan["legal"].pk).end == before
        version = Task.objects.get(pk=plan["design"].pk).version
        data = {"task": plan["design"].public_id, "by": "2", "way": "all", "version": version}
        assert post(path, data).status_code == 204
        assert plan_of(campaign).when(plan["legal"].pk).end == CN.shift(before, 2)

    def test_moves_at_once_what_moves_nothing_else(self, post, campaign, plan):
        answer = post(
            f"/c/{campaign.public_id}/plan/shift", {"task": plan["late"].public_id, "end_by": "1"}
        )
        assert answer.status_code == 204
        assert events(answer)["toast"]["undo"]
        assert Task.objects.get(pk=plan["late"].pk).days == 2

    def test_tries_without_saving(self, post, page, campaign, plan):
        base = f"/c/{campaign.public_id}/plan"
        post(f"{base}/sandbox/begin")
        post(f"{base}/shift", {"task": plan["design"].public_id, "end_by": "40"})
        text = page(f"{base}/gantt")
        assert "nothing here is saved" in text
        assert "working days late." in text
        assert Task.objects.get(pk=plan["design"].pk).days == 3
        assert "working days late." not in page(base)
        post(f"{base}/sandbox/apply")
        assert Task.objects.get(pk=plan["design"].pk).days == 43
        assert "nothing here is saved" not in page(f"{base}/gantt")

    def test_warns_early_and_shows_who_has_too_much(
        self, page, post, campaign, plan, owner, manager
    ):
        for number in range(3):
            actions.add_task(
                campaign, {"title": f"Busy {number}", "days": 4}, by=owner, to=[manager]
            )
        text = page(f"/c/{campaign.public_id}/plan/gantt")
        assert "days over" in text
        post(f"/c/{campaign.public_id}/plan/baseline")
        actions.edit_task(plan["design"], {"days": 9}, by=owner)
        assert "g-base" in page(f"/c/{campaign.public_id}/plan/gantt?zoom=day")


class TestElsewhere:
    def test_my_tasks_come_to_my_work(self, plan, owner, today):
        actions.give(plan["late"], owner, by=None)
        [lane] = [items for lane, items in lanes_of(owner) if lane.key == "tasks"]
        assert [item.title for item in lane] == ["Forgotten"]
        assert "late" in lane[0].line
        actions.edit_task(plan["late"], {"status": "done"}, by=owner)
        [lane] = [items for lane, items in lanes_of(owner) if lane.key == "tasks"]
        assert lane == []

    def test_the_overview_shows_the_next_seven_days(self, page, campaign, plan):
        text = page(f"/c/{campaign.public_id}")
        assert "Next 7 days" in text
        assert "Forgotten" in text

    def test_the_palette_goes_there(self, campaign, owner):
        titles = [str(entry.title) for entry in find(owner, "double")]
        assert "Plan of Double 11" in titles
        assert "New task in Double 11" in titles


class TestTheViewsUnderATab:
    """Their badges stand outside of the header and renew themselves as it does."""

    def test_renew_their_badges_where_they_stand(self, page, campaign, plan, owner):
        text = page(f"/c/{campaign.public_id}/plan/raci")
        assert f'id="subviews" aria-label="Views" data-live="campaign:{campaign.public_id}"' in text
        address = re.search(r'hx-get="(/c/[^"]+/subviews\?here=plan/raci)"', text)[1]
        before = page(address)
        assert before.count('aria-current="page"') == 1
        assert "/plan/raci" in before.partition('aria-current="page"')[0].rpartition("<a ")[2]
        fired = r'/plan/risks"[^>]*>[^<]*<span class="tabn">1<'
        assert not re.search(fired, before)
        Risk.objects.create(campaign=campaign, title="Rain", status="fired")
        assert re.search(fired, page(address))

    def test_of_another_tab_are_its_own(self, page, campaign):
        assert "/plan/raci" not in page(f"/c/{campaign.public_id}/subviews?here=brief/goals")
        assert page(f"/c/{campaign.public_id}/subviews?here=overview/").strip() == ""
