"""Tasks (PL4): what people do with them, through the API and the actions behind the pages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from muster.kit.days import WorkCalendar
from muster.kit.errors import Invalid, Refused
from muster.plan.approvals.actions import decide
from muster.plan.brief.actions import submit
from muster.plan.budget.actions import drop_line, edit_line
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import readiness
from muster.plan.tasks import actions, linking, replanning
from muster.plan.tasks.models import Dependency, Duty, Task
from muster.plan.tasks.planning import plan_of
from muster.plan.tasks.schedule.cascade import Way
from muster.plan.tasks.typed import read_lines
from muster.team.calendars.models import CustomDay
from muster.team.changes.actions import undo
from muster.team.members.models import Team
from muster.team.notices.models import Notice
from tests.plan.conftest import GOAL

pytestmark = pytest.mark.django_db
CN = WorkCalendar("CN")


@pytest.fixture
def today(workspace):
    return timezone.now().astimezone(workspace.zone).date()


@pytest.fixture
def campaign(start, today):
    """It begins in thirty working days, so that everything fits before."""
    first = CN.shift(today, 30)
    return start(starts=first, ends=first + timedelta(days=10), goals=[GOAL | {"checkpoints": []}])


@pytest.fixture
def add(campaign, owner):
    return lambda title, **fields: actions.add_task(
        campaign, {"title": title, **fields}, by=fields.pop("by", owner)
    )


def spans(campaign):
    plan = plan_of(campaign)
    return {
        plan.by_id[pk].title: (span.start, span.end) for pk, span in plan.schedule.spans.items()
    }


class TestTheApi:
    def test_writes_reads_changes_and_puts_away(self, api, campaign, manager):
        path = f"/campaigns/{campaign.public_id}/tasks"
        made = api(
            "POST",
            path,
            {
                "title": "Key visual",
                "days": 3,
                "due": "2027-01-08",
                "checklist": [{"text": "Sketch"}],
                "responsible": [manager.email],
            },
        )
        assert made.status_code == 201
        task = made.json()
        assert task["responsible"] == [{"id": manager.public_id, "name": "Li Qiang"}]
        assert api("GET", path).json()["items"][0]["title"] == "Key visual"
        changed = api("PATCH", f"{path}/{task['id']}", {"status": "doing", "progress": 40})
        assert changed.json()["started_on"] is not None
        assert changed.json()["checklist"] == [{"text": "Sketch", "done": False}]
        assert api("DELETE", f"{path}/{task['id']}").status_code == 204
        assert api("GET", path).json()["items"] == []
        assert api("GET", f"{path}/{task['id']}").status_code == 404

    def test_refuses_an_old_version_and_says_who_changed_what(self, api, campaign, add, manager):
        task = add("Key visual")
        path = f"/campaigns/{campaign.public_id}/tasks/{task.public_id}"
        known = api("GET", path).json()["version"]
        assert (
            api("PATCH", path, {"title": "Hero", "version": known}, user=manager).status_code == 200
        )
        answer = api("PATCH", path, {"title": "Banner", "version": known})
        assert answer.status_code == 409
        assert answer.json()["code"] == "changed_meanwhile"
        assert "Li Qiang changed “Hero” in the meantime: title" in answer.json()["detail"]
        assert api("GET", path).json()["title"] == "Hero"

    def test_schedules_and_names_the_critical_path(self, api, campaign, add, today):
        path = f"/campaigns/{campaign.public_id}"
        design, copy, launch = (
            add("Design", days=3),
            add("Copy", days=1),
            add("Go", milestone=True, phase="launch"),
        )
        for before in (design, copy):
            body = {"before": before.public_id, "after": launch.public_id}
            assert api("POST", f"{path}/dependencies", body).status_code == 201
        found = api("GET", f"{path}/tasks/schedule").json()
        by_id = {one["id"]: one for one in found["tasks"]}
        first = CN.first_from(today)
        assert by_id[design.public_id]["start"] == first.isoformat()
        assert by_id[design.public_id]["end"] == CN.shift(first, 2).isoformat()
        assert found["launch"] == campaign.starts.isoformat()
        assert found["late_by"] == 0
        assert found["critical_path"] == [design.public_id, launch.public_id]
        # Thirty working days until the launch, and it may be reached on its day.
        assert by_id[design.public_id]["slack"] == 31 - 3
        assert by_id[copy.public_id]["slack"] == 31 - 1
        links = api("GET", f"{path}/dependencies").json()["items"]
        assert api("DELETE", f"{path}/dependencies/{links[0]['id']}").status_code == 204
        assert Dependency.objects.count() == 1

    def test_shows_what_a_move_would_bring_about(self, api, campaign, add, owner):
        design, legal = add("Design", days=3), add("Legal", days=2)
        linking.add_dependency(design, legal, by=owner)
        before = spans(campaign)
        path = f"/campaigns/{campaign.public_id}/tasks"
        moves = {"moves": [{"task": design.public_id, "days": 5}]}
        found = api("POST", f"{path}/preview", moves).json()
        assert [(one["title"], one["days"]) for one in found["shifts"]] == [
            ("Design", 2),
            ("Legal", 2),
        ]
        assert spans(campaign) == before
        assert api("POST", f"{path}/replan", {**moves, "way": "squeeze"}).status_code == 200
        legal.refresh_from_db()
        assert legal.days == 1

    def test_names_a_circle(self, api, campaign, add, owner):
        one, two, three = add("One"), add("Two"), add("Three")
        linking.add_dependency(one, two, by=owner)
        linking.add_dependency(two, three, by=owner)
        body = {"before": three.public_id, "after": one.public_id}
        answer = api("POST", f"/campaigns/{campaign.public_id}/dependencies", body)
        assert answer.status_code == 422
        assert "One → Two → Three → One" in answer.json()["detail"]
        assert Dependency.objects.count() == 2

    def test_in_a_circle_that_should_not_be_there_are_still_moved(self, api, campaign, add):
        one, two = add("One"), add("Two")
        # No action ties it; a restored copy of other makes could hold it.
        Dependency.objects.create(before=one, after=two)
        Dependency.objects.create(before=two, after=one)
        path = f"/campaigns/{campaign.public_id}/tasks"
        moves = {"moves": [{"task": one.public_id, "not_before": "2026-11-09"}]}
        assert api("POST", f"{path}/preview", moves).status_code == 200

    def test_makes_no_part_of_what_waits_for_its_whole(self, api, campaign, add, owner):
        one, two, three = add("One"), add("Two"), add("Three")
        linking.add_dependency(one, two, by=owner)
        linking.add_dependency(one, three, by=owner)
        url = f"/campaigns/{campaign.public_id}/tasks"
        for part, whole in ((one, two), (two, one)):
            answer = api("PATCH", f"{url}/{part.public_id}", {"parent": whole.public_id})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["at"] == "/parent"
            assert "waits for the other" in answer.json()["errors"][0]["detail"]
        # Not by a détour either: one part of what waits for a task that waits for it.
        linking.add_dependency(two, add("Four"), by=owner)
        four = Task.objects.get(title="Four")
        answer = api("PATCH", f"{url}/{one.public_id}", {"parent": four.public_id})
        assert answer.status_code == 422
        assert "One → Two → One" in answer.json()["detail"]
        assert not Task.objects.exclude(parent=None).exists()
        answer = api("PATCH", f"{url}/{two.public_id}", {"parent": three.public_id})
        assert answer.status_code == 200, answer.content

    def test_says_what_is_wrong_with_every_field(self, api, campaign):
        body = {"title": "x", "phase": "later", "progress": 140, "checklist": [{"text": ""}]}
        answer = api("POST", f"/campaigns/{campaign.public_id}/tasks", body)
        assert {one["at"] for one in answer.json()["errors"]} == {
            "/phase",
            "/progress",
            "/checklist",
        }

    def test_is_closed_to_readers(self, api, campaign, user_with):
        analyst = user_with("analyst")
        path = f"/campaigns/{campaign.public_id}/tasks"
        assert api("POST", path, {"title": "x"}, user=analyst).status_code == 403
        assert api("GET", path, user=analyst).status_code == 200


class TestLines:
    def test_say_what_who_until_when_and_how_long(self):
        today = date(2026, 11, 4)  # a Wednesday
        text = "定稿文案 @李娜 明天\n  - 拍摄 3天\n◆ 上线 11-11\n\n预算表 @陈晨 周五前 2 天"
        found = read_lines(text, today, CN, ["李娜", "陈晨"])
        assert [(one.title, one.names, one.due, one.days) for one in found] == [
            ("定稿文案", ("李娜",), date(2026, 11, 5), 1),
            ("拍摄", (), None, 3),
            ("上线", (), date(2026, 11, 11), 0),
            ("预算表", ("陈晨",), date(2026, 11, 6), 2),
        ]
        assert [one.is_part for one in found] == [False, True, False, False]
        assert [one.milestone for one in found] == [False, False, True, False]

    def test_become_tasks_all_or_none(self, api, campaign, user_with):
        anna = user_with("content", "Anna")
        path = f"/campaigns/{campaign.public_id}/tasks/lines"
        answer = api("POST", path, {"text": "Copy @Anna\nVisual @Nobody"})
        assert answer.status_code == 422
        assert "Line 2: nobody here is called “Nobody”" in answer.json()["detail"]
        assert not Task.objects.exists()
        api("POST", path, {"text": "Copy @Anna\n  Headline 2d"})
        copy, headline = Task.objects.all()
        assert headline.parent == copy
        assert headline.days == 2
        assert copy.duties.get().user == anna


class TestTimeThatReallyPassed:
    def test_follows_the_status(self, add, owner, today):
        task = add("Copy", days=4)
        actions.edit_task(task, {"status": "doing"}, by=owner)
        assert task.started_on == today
        change = actions.edit_task(task, {"status": "done"}, by=owner)
        assert (task.done_on, task.progress) == (today, 100)
        undo(change, by=owner)
        task.refresh_from_db()
        assert (task.status, task.done_on, task.progress) == ("doing", None, 0)

    def test_own_days_off_count(self, campaign, add, today):
        add("Copy", days=3)
        before = spans(campaign)["Copy"]
        assert before[1] == CN.shift(CN.first_from(today), 2)
        CustomDay.objects.create(name="Inventory", first=before[1], last=before[1], effect="off")
        assert spans(campaign)["Copy"] == (before[0], CN.shift(before[1], 1))

    def test_a_whole_lasts_as_long_as_its_parts(self, campaign, add, owner, today):
        whole, after = add("Film", days=9), add("Cut")
        one, two = add("Shoot", days=2, parent=whole), add("Grade", days=3, parent=whole)
        linking.add_dependency(one, two, by=owner)
        linking.add_dependency(whole, after, by=owner)
        plan = plan_of(campaign)
        first = CN.first_from(today)
        assert (plan.when(whole.pk).start, plan.when(whole.pk).end) == (first, CN.shift(first, 4))
        assert plan.when(after.pk).start == CN.shift(first, 5)
        with pytest.raises(Invalid):
            add("Too deep", parent=one)

    def test_the_launch_comes_late_when_the_work_does(self, campaign, add, owner):
        launch, work = add("Go", milestone=True, phase="launch"), add("Everything", days=33)
        linking.add_dependency(work, launch, by=owner)
        first = CN.first_from(plan_of(campaign).today)
        # 33 working days from the first one: the launch day is number 31 or 30.
        late = 33 - CN.count(first, campaign.starts)
        assert plan_of(campaign).late_by() == late
        texts = [str(finding) for finding in readiness(campaign).blockers]
        assert any(f"reaches the launch {late} working days late" in text for text in texts)
        notice = Notice.objects.get(event="plan_late")
        assert notice.to == owner
        actions.edit_task(work, {"days": 5}, by=owner)
        assert not Notice.objects.filter(event="plan_late", closed_at=None).exists()


class TestUndo:
    def test_brings_back_the_parts_that_went_with_a_task(self, add, owner):
        whole = add("Event")
        room, food = add("Room", parent=whole), add("Food", parent=whole)
        actions.drop_task(food, by=owner)
        gone = actions.drop_task(whole, by=owner)
        assert not Task.objects.exists()
        undo(gone, by=owner)
        assert set(Task.objects.all()) == {whole, room}

    def test_of_a_part_whose_whole_is_put_away_is_refused(self, add, owner):
        whole = add("Event")
        gone = actions.drop_task(add("Room", parent=whole), by=owner)
        actions.drop_task(whole, by=owner)
        with pytest.raises(Refused, match=r"put away"):
            undo(gone, by=owner)

    def test_never_reuses_a_number_that_a_page_may_hold(self, add, owner, manager):
        task = add("Copy")
        change = actions.edit_task(task, {"title": "Texts"}, by=owner)
        actions.give(task, manager, by=owner)
        held = Task.objects.get(pk=task.pk).version
        undo(change, by=owner)
        with pytest.raises(actions.Stale):
            actions.edit_task(task, {"days": 3}, by=manager, version=held)

    def test_ends_when_the_campaign_is_closed(self, campaign, add, owner):
        task = add("Copy")
        changes = [
            actions.edit_task(task, {"days": 3}, by=owner),
            edit_campaign(campaign, {"name": "Other"}, by=owner),
        ]
        Campaign.objects.filter(pk=campaign.pk).update(status="archived")
        for change in changes:
            with pytest.raises(Refused, match=r"closed"):
                undo(change, by=owner)

    def test_of_what_is_gone_says_so(self, campaign, owner):
        line = campaign.lines.create(category="media", label="Posters", planned=0)
        change = edit_line(line, {"label": "Flyers"}, by=owner)
        drop_line(line, by=owner)
        with pytest.raises(Refused, match=r"gone"):
            undo(change, by=owner)


class TestReplanning:
    def test_alone_leaves_the_others_where_they_are(self, campaign, add, owner):
        design, legal = add("Design", days=3), add("Legal", days=2)
        linking.add_dependency(design, legal, by=owner)
        link = Dependency.objects.get()
        before = spans(campaign)
        moves = {design.pk: replanning.Move(days=5)}
        replanning.replan(campaign, moves, by=owner, way=Way.ALONE)
        assert spans(campaign)["Legal"] == before["Legal"]
        link.refresh_from_db()
        assert link.lag == -2

    def test_refuses_what_was_moved_meanwhile(self, campaign, add, owner, manager):
        task = add("Design", days=3)
        actions.edit_task(task, {"days": 4}, by=manager)
        with pytest.raises(actions.Stale):
            replanning.replan(
                campaign, {task.pk: replanning.Move(days=9)}, by=owner, versions={task.pk: 1}
            )

    def test_keeps_a_baseline(self, campaign, add, owner):
        task = add("Design", days=3)
        was = spans(campaign)["Design"]
        replanning.set_baseline(campaign, by=owner)
        actions.edit_task(task, {"days": 6}, by=owner)
        assert (task.baseline_start, task.baseline_end) == was
        assert spans(campaign)["Design"][1] > was[1]

    def test_a_closed_campaign_keeps_its_plan(self, campaign, add, owner):
        task = add("Design")
        Campaign.objects.update(status="archived")
        task.refresh_from_db()
        with pytest.raises(Refused):
            actions.edit_task(Task.objects.get(), {"days": 4}, by=owner)


class TestPeopleAreTold:
    def test_when_they_get_a_task_are_needed_or_can_begin(self, add, owner, manager, user_with):
        anna = user_with("content", "Anna")
        team = Team.objects.create(name="Design")
        team.members.add(manager)
        copy, page = add("Copy"), add("Page")
        linking.add_dependency(copy, page, by=owner)
        actions.give(copy, anna, by=owner)
        actions.give(page, team, by=owner)
        assert str(Notice.objects.get(to=anna)) == "You are responsible for “Copy” in Double 11."
        actions.edit_task(copy, {"blocked_reason": "No brief", "unblocker": manager}, by=anna)
        assert str(Notice.objects.get(event="task_blocked")) == "“Copy” is blocked: No brief"
        Duty.objects.create(task=copy, user=owner, letter="I")
        actions.edit_task(copy, {"status": "done"}, by=anna)
        assert str(Notice.objects.get(event="informed")) == "“Copy” in Double 11 is done."
        free = Notice.objects.get(to=manager, event="task_given", closed_at=None)
        assert str(free) == "“Page” can begin: “Copy” is done."
        copy.refresh_from_db()
        assert copy.blocked_reason == ""
        assert not Notice.objects.filter(event="task_blocked", closed_at=None).exists()


class TestApproval:
    def test_of_what_it_makes_finishes_a_task(self, campaign, add, owner, manager):
        task = add("Brief", about_kind="campaign", about_id=campaign.pk)
        other = add("Mail", about_kind="email", about_id=campaign.pk)
        asked = submit(campaign, by=manager)
        decide(asked, "approved", by=owner)
        task.refresh_from_db()
        other.refresh_from_db()
        assert task.status == "done"
        assert other.status == "todo"

    def test_sent_back_finishes_nothing(self, campaign, add, owner, manager):
        task = add("Brief", about_kind="campaign", about_id=campaign.pk)
        decide(submit(campaign, by=manager), "sent_back", by=owner, note="The goal is vague")
        task.refresh_from_db()
        assert task.status == "todo"


class TestMany:
    """What is done to many tasks in one go is taken back in one go."""

    def test_are_changed_and_given_and_come_back_by_one_undo(self, add, owner, manager):
        copy, page = add("Copy", days=3), add("Page", days=2)
        fields = {"phase": Task.Phase.PEAK, "not_before": date(2026, 11, 2)}
        change = actions.edit_tasks([copy, page], fields, to=manager, by=owner)
        assert set(Task.objects.values_list("phase", "not_before")) == {("peak", date(2026, 11, 2))}
        assert Duty.objects.filter(user=manager, letter="R").count() == 2
        versions = {task.pk: task.version for task in Task.objects.all()}
        assert len(undo(change, by=owner)) == 4
        assert set(Task.objects.values_list("title", "phase", "not_before", "days")) == {
            ("Copy", "prepare", None, 3),
            ("Page", "prepare", None, 2),
        }
        assert not Duty.objects.filter(user=manager).exists()
        assert all(task.version > versions[task.pk] for task in Task.objects.all())
        with pytest.raises(Refused, match=r"no longer"):
            undo(change, by=owner)

    def test_one_of_many_is_not_undone_by_itself(self, add, owner):
        copy, page = add("Copy"), add("Page")
        last = actions.edit_tasks([copy, page], {"days": 9}, by=owner)
        first = last.parts.get()
        with pytest.raises(Refused, match=r"no longer"):
            undo(first, by=owner)
        assert Task.objects.filter(days=9).count() == 2

    def test_are_undone_all_or_none(self, add, owner, manager):
        copy, page = add("Copy"), add("Page")
        change = actions.edit_tasks([copy, page], {"days": 9}, by=owner)
        actions.edit_task(copy, {"days": 4}, by=manager)
        with pytest.raises(Refused, match=r"again since"):
            undo(change, by=owner)
        assert set(Task.objects.values_list("title", "days")) == {("Copy", 4), ("Page", 9)}

    def test_are_changed_all_or_none(self, add, owner):
        whole = add("Event")
        room, food = add("Room", parent=whole), add("Food")
        with pytest.raises(Invalid, match=r"part"):
            actions.edit_tasks([food, whole], {"parent": room}, by=owner)
        assert Task.objects.filter(parent=room).count() == 0

    def test_are_put_away_with_their_parts_and_come_back(self, add, owner):
        whole, other = add("Event"), add("Copy")
        room = add("Room", parent=whole)
        change = actions.drop_tasks([room, whole, other], by=owner)
        assert not Task.objects.exists()
        undo(change, by=owner)
        assert set(Task.objects.all()) == {whole, room, other}


class TestUndoOfPeopleAndLinks:
    def test_gives_back_whoever_was_relieved_with_their_share(self, add, owner, manager):
        copy = add("Copy")
        actions.give(copy, manager, by=owner)
        Duty.objects.update(share="0.50")
        change = actions.relieve(copy, manager, by=owner)
        assert not Duty.objects.exists()
        undo(change, by=owner)
        assert str(Duty.objects.get(user=manager, letter="R").share) == "0.50"

    def test_cuts_a_new_link_and_ties_an_old_one_as_it_was(self, add, owner):
        design, legal = add("Design"), add("Legal")
        new = linking.add_dependency(design, legal, by=owner)
        other = linking.add_dependency(design, legal, by=owner, kind="SS", lag=2)
        undo(other, by=owner)
        assert [(one.kind, one.lag) for one in Dependency.objects.all()] == [("FS", 0)]
        undo(new, by=owner)
        assert not Dependency.objects.exists()
        linking.add_dependency(design, legal, by=owner, kind="FF", lag=1)
        cut = linking.drop_dependency(Dependency.objects.get(), by=owner)
        undo(cut, by=owner)
        assert [(one.kind, one.lag) for one in Dependency.objects.all()] == [("FF", 1)]

    def test_never_ties_a_circle(self, add, owner):
        design, legal = add("Design"), add("Legal")
        linking.add_dependency(design, legal, by=owner)
        cut = linking.drop_dependency(Dependency.objects.get(), by=owner)
        linking.add_dependency(legal, design, by=owner)
        with pytest.raises(Invalid, match=r"circle"):
            undo(cut, by=owner)
        assert [one.before for one in Dependency.objects.all()] == [legal]

    def test_moves_back_all_that_followed_a_moved_task(self, campaign, add, owner):
        design, legal = add("Design", days=3), add("Legal", days=2)
        linking.add_dependency(design, legal, by=owner)
        before = spans(campaign)
        change = replanning.replan(
            campaign, {design.pk: replanning.Move(days=5)}, by=owner, way=Way.ALONE
        )
        assert spans(campaign) != before
        assert Dependency.objects.get().lag == -2
        undo(change, by=owner)
        assert spans(campaign) == before
        assert Dependency.objects.get().lag == 0
