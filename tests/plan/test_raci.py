"""RACI: what a row needs, what people can bear, and what a change of duties moves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from muster.kit.errors import Forbidden, Invalid, Refused
from muster.plan.approvals.actions import ask, set_policy
from muster.plan.approvals.deciders import waiting_for
from muster.plan.approvals.rules import Step
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.raci import actions, rules
from muster.plan.raci.actions import set_duties
from muster.plan.raci.matrix import RaciMatrix, hours_per_week
from muster.plan.raci.rules import Fault, Row, faults, own_hours, per_week, pressed, read_pasted
from muster.plan.readiness.checks import readiness
from muster.plan.tasks.models import Duty, Task
from muster.team.calendars.models import Leave
from muster.team.changes.actions import undo
from muster.team.members.models import Team
from muster.team.notices.models import Notice

pytestmark = pytest.mark.django_db


def letters(**cells):
    return {key: frozenset(held) for key, held in cells.items()}


class TestARow:
    @pytest.mark.parametrize(
        ("expected", "cells", "more"),
        [
            ([], letters(u1="A", u2="R"), {}),
            ([], letters(u1="AR"), {}),
            ([Fault.NO_A], letters(u2="R", u3="C"), {}),
            ([Fault.NO_R], letters(u1="A", u2="C"), {}),
            ([], letters(u1="A"), {"is_milestone": True}),
            ([Fault.MANY_A], letters(u1="A", u2="AR"), {}),
            ([Fault.NO_A, Fault.NO_R], {}, {}),
            ([Fault.GUEST_A], letters(u9="A", u2="R"), {}),
            ([], letters(u1="A", u9="R"), {}),
            ([Fault.AWAY], letters(u1="A", u8="R"), {}),
            ([Fault.AWAY], letters(u8="A", u2="R"), {}),
            ([], letters(u1="A", u2="R", u8="I"), {}),
            ([], letters(u1="A", u2="R", u3="C", u4="C", u5="C", u6="C"), {}),
            ([Fault.MANY_C], letters(u1="AR", u3="C", u4="C", u5="C", u6="C", u7="C"), {}),
        ],
    )
    def test_is_judged(self, expected, cells, more):
        guests, away = frozenset({"u9"}), frozenset({"u8"})
        assert faults(Row(cells, **more), guests, away) == expected

    @pytest.mark.parametrize(
        ("held", "letter", "after"),
        [("", "R", "R"), ("R", "A", "AR"), ("AR", "R", "A"), ("C", "R", "R"), ("AR", "I", "I")],
    )
    def test_cell_changes_by_one_key(self, held, letter, after):
        assert pressed(frozenset(held), letter) == frozenset(after)

    def test_gives_its_a_away(self):
        before = {(1, "u1"): frozenset("AR"), (2, "u1"): frozenset("A")}
        after = rules.applied(before, {(1, "u2"): frozenset("A"), (2, "u1"): frozenset()})
        assert after == {(1, "u1"): frozenset("R"), (1, "u2"): frozenset("A")}


class TestLoad:
    def test_is_spread_over_the_days_of_a_task(self):
        # 12 hours over Thursday, Friday and Monday: 8 in one week, 4 in the next.
        days = [date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9)]
        assert per_week([rules.Work("u1", days, Decimal(12))]) == {
            "u1": {date(2026, 11, 2): 8, date(2026, 11, 9): 4}
        }

    @pytest.mark.parametrize(
        ("hours", "share", "expected"),
        [(None, "1", 24), (None, "0.5", 12), ("20", "1", 10), ("20", "0.5", 5)],
    )
    def test_of_one_of_two_who_do_it(self, hours, share, expected):
        work = Decimal(hours) if hours else None
        assert own_hours(work, 3, Decimal(share), Decimal(2), Decimal(8)) == expected


class TestAPastedMatrix:
    @pytest.mark.parametrize("mark", ["\t", "，", " | "])
    def test_is_read_with_its_roles(self, mark):
        text = "\n".join(
            mark.join(row)
            for row in (["Task", "Manager", "Design"], ["Copy", "A", "r"], ["Page", "A/R", "x"])
        )
        found = read_pasted(text)
        assert found.roles == ("Manager", "Design")
        assert found.rows == (
            ("Copy", letters(Manager="A", Design="R")),
            ("Page", letters(Manager="AR")),
        )

    def test_may_be_markdown(self):
        found = read_pasted("| Task | Ops |\n|---|:-:|\n| Copy | C |")
        assert found.rows == (("Copy", letters(Ops="C")),)

    @pytest.mark.parametrize("text", ["", "Copy", "one line\ntwo lines", "Task\tManager"])
    def test_is_not_just_any_text(self, text):
        assert read_pasted(text) is None


@pytest.fixture
def team(owner, manager, user_with):
    return {
        "owner": owner,
        "manager": manager,
        "design": user_with("content", "Chen Chen"),
        "legal": user_with("legal", "Zhao Yi"),
    }


@pytest.fixture
def tasks(campaign):
    made = [("Copy", date(2026, 11, 2), 3), ("Picture", date(2026, 11, 3), 2)]
    return {
        title: Task.objects.create(
            campaign=campaign, title=title, due=due, days=days, about_kind="thing", about_id=place
        )
        for place, (title, due, days) in enumerate(made, 7)
    }


@pytest.fixture
def put(campaign, team, tasks, owner):
    """Sets duties: `put(Copy={"manager": "A"})`."""

    def act(by=None, **rows):
        changes = {
            (tasks[title].pk, f"u{team[who].pk}"): frozenset(held)
            for title, row in rows.items()
            for who, held in row.items()
        }
        return set_duties(campaign, changes, by=by or owner)

    return act


def told(user, event):
    return [str(one) for one in Notice.objects.filter(to=user, event=event, closed_at=None)]


class TestUndo:
    def test_gives_everybody_their_letters_back(self, campaign, put, owner):
        put(Copy={"manager": "A", "owner": "R"})
        Duty.objects.filter(letter="R").update(share="0.40")
        before = RaciMatrix(campaign).cells
        change = put(Copy={"design": "A", "owner": "C"}, Picture={"design": "R"})
        assert RaciMatrix(campaign).cells != before
        undo(change, by=owner)
        assert RaciMatrix(campaign).cells == before
        assert str(Duty.objects.get(letter="R").share) == "0.40"

    def test_leaves_what_others_did_meanwhile(self, campaign, put, owner):
        change = put(Copy={"manager": "A"})
        put(Picture={"design": "R"}, Copy={"design": "C"})
        undo(change, by=owner)
        assert set(RaciMatrix(campaign).cells.values()) == {frozenset("R"), frozenset("C")}

    def test_is_refused_when_the_same_letter_moved_on(self, campaign, put, owner):
        change = put(Copy={"manager": "A"})
        put(Copy={"design": "A"})
        with pytest.raises(Refused, match=r"again since"):
            undo(change, by=owner)

    def test_does_not_stand_in_the_way_of_another_undo(self, campaign, put, owner):
        change = edit_campaign(campaign, {"name": "Double 12"}, by=owner)
        put(Copy={"manager": "A"})
        undo(change, by=owner)
        campaign.refresh_from_db()
        assert campaign.name == "Double 11"


class TestAChange:
    def test_tells_everybody_what_it_means_to_them(self, put, team):
        put(Copy={"manager": "A", "design": "R", "legal": "C", "owner": "I"})
        assert told(team["design"], "task_given") == [
            "You are responsible for “Copy” in Double 11."
        ]
        assert told(team["legal"], "comment_asked") == [
            "Your comment on “Copy” is asked for, by 2026-11-02."
        ]
        assert told(team["manager"], "informed") == ["You are accountable for “Copy” in Double 11."]
        assert told(team["owner"], "informed") == []  # the owner did it
        put(Copy={"design": ""})
        assert told(team["design"], "task_given") == []

    def test_moves_the_a_and_the_approvals_with_it(self, put, team, tasks, campaign, owner):
        set_policy("thing", [Step("a", name="A", who="accountable", value="")], by=owner)
        put(Copy={"manager": "A", "design": "R"})
        request = ask("thing", 7, title="The copy", url="/x", fingerprint="f" * 64,
                      campaign=campaign, by=team["design"])  # fmt: skip
        assert waiting_for(team["manager"]) == [request]
        changes = {(tasks["Copy"].pk, f"u{team['legal'].pk}"): frozenset("A")}
        said = actions.preview(campaign, changes).sentences
        assert said == [
            "Zhao Yi answers for “Copy” instead of Li Qiang.",
            "1 approval moves from Li Qiang to Zhao Yi.",
        ]
        assert waiting_for(team["manager"]) == [request]  # nothing happened yet
        put(Copy={"legal": "A"})
        assert waiting_for(team["manager"]) == []
        assert waiting_for(team["legal"]) == [request]
        assert told(team["manager"], "approval_asked") == []
        assert told(team["legal"], "approval_asked")
        assert Duty.objects.get(letter="A").user == team["legal"]

    def test_says_what_stays_broken(self, campaign, team, tasks):
        changes = {(tasks["Copy"].pk, f"u{team['design'].pk}"): frozenset("AR")}
        found = actions.preview(campaign, changes)
        assert found.still_broken == ["Picture"]
        assert "Chen Chen is given 1 task." in found.sentences

    def test_is_refused_for_guests_strangers_and_closed_campaigns(
        self, campaign, put, team, tasks, owner, user_with
    ):
        guest, cell = user_with("vendor"), tasks["Copy"].pk
        with pytest.raises(Invalid, match="vendor guest"):
            set_duties(campaign, {(cell, f"u{guest.pk}"): frozenset("A")}, by=owner)
        set_duties(campaign, {(cell, f"u{guest.pk}"): frozenset("R")}, by=owner)
        with pytest.raises(Invalid):
            set_duties(campaign, {(99_999, f"u{owner.pk}"): frozenset("A")}, by=owner)
        with pytest.raises(Forbidden):
            put(by=team["design"], Copy={"design": "A"})
        campaign.status = "archived"
        campaign.save()
        with pytest.raises(Refused, match="closed"):
            put(Copy={"manager": "A"})

    def test_cannot_leave_two_a_even_beside_the_door(self, put, team, tasks):
        put(Copy={"manager": "A"})
        with pytest.raises(IntegrityError), transaction.atomic():
            Duty.objects.create(task=tasks["Copy"], user=team["legal"], letter="A")


class TestTheMatrix:
    def test_counts_load_and_leave(self, campaign, put, team):
        # Copy takes Thursday, Friday and Monday (Oct 29, 30, Nov 2), Picture Nov 2 and 3.
        put(Copy={"design": "AR"}, Picture={"design": "AR", "legal": "R"})
        Leave.objects.create(user=team["design"], first=date(2026, 11, 3), last=date(2026, 11, 6))
        matrix = RaciMatrix(campaign)
        mine = matrix.figures[f"u{team['design'].pk}"]
        assert (mine.accountable, mine.responsible, mine.hours) == (2, 2, Decimal(40))
        # In the week of Nov 2 there are 8 + 16 hours of work, and one day of 8 hours.
        assert (mine.load, mine.week) == (Decimal(3), date(2026, 11, 2))
        assert mine.days_away == 4
        away = {row.task.title: row.faults for row in matrix.rows()}
        assert away == {"Copy": (), "Picture": (Fault.AWAY,)}

    def test_lays_work_over_as_many_days_as_it_takes(self, campaign, put, team):
        # Begun on Monday, Nov 2, due on Friday: 15 days of 8 hours are three weeks of 40 hours,
        # and not 120 hours in the one week until the date.
        task = Task.objects.create(
            campaign=campaign, title="Film", days=15, not_before=date(2026, 11, 2),
            due=date(2026, 11, 6),
        )  # fmt: skip
        Duty.objects.create(task=task, user=team["design"], letter="R")
        matrix = RaciMatrix(campaign)
        for monday in (date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)):
            weeks = hours_per_week(
                [team["design"]], matrix.calendar, monday, monday + timedelta(days=6)
            )
            assert weeks[f"u{team['design'].pk}"][monday] == Decimal(40)
        mine = matrix.figures[f"u{team['design'].pk}"]
        assert (mine.hours, mine.load) == (Decimal(120), Decimal(1))

    def test_counts_the_work_of_parts_once(self, campaign, team):
        whole = Task.objects.create(campaign=campaign, title="All", days=5, due=date(2026, 11, 6))
        for day in (3, 5):
            part = Task.objects.create(
                campaign=campaign,
                title=f"Part {day}",
                days=2,
                due=date(2026, 11, day),
                parent=whole,
            )
            Duty.objects.create(task=part, user=team["design"], letter="R")
        Duty.objects.create(task=whole, user=team["design"], letter="R")
        mine = RaciMatrix(campaign).figures[f"u{team['design'].pk}"]
        # Two parts of two days; the five days of the whole are these again.
        assert (mine.hours, mine.load) == (Decimal(32), Decimal(32) / 40)

    def test_counts_other_campaigns_too(self, campaign, put, team, start):
        other = start(name="Other")
        task = Task.objects.create(campaign=other, title="X", due=date(2026, 11, 3), days=2)
        Duty.objects.create(task=task, user=team["design"], letter="R")
        put(Picture={"design": "R"})
        matrix = RaciMatrix(campaign)
        mine = matrix.figures[f"u{team['design'].pk}"]
        assert (mine.hours, mine.load) == (Decimal(16), Decimal(32) / 40)

    def test_shares_known_hours_among_all_who_are_responsible(self, campaign, team, start):
        # 30 hours for three: half a day each of two people, and a whole day of a third one who
        # is not asked about. The whole of 2 is 30 hours, so a half is 7.5 hours.
        other = start(name="Other")
        design, legal = team["design"], team["legal"]
        for where, hours in ((campaign, Decimal(30)), (other, None)):
            task = Task.objects.create(
                campaign=where, title="Film", due=date(2026, 11, 4), days=2, hours=hours
            )
            for user, share in ((design, "0.5"), (legal, "0.5"), (team["manager"], "1")):
                Duty.objects.create(task=task, user=user, letter="R", share=Decimal(share))
            Duty.objects.create(task=task, user=legal, letter="A")
        week = date(2026, 11, 2)
        calendar = RaciMatrix(campaign).calendar
        found = hours_per_week([design, legal], calendar, week, week + timedelta(days=6))
        # In the other campaign half of two days of 8 hours are 8 hours.
        expected = {week: Decimal("7.5") + Decimal(8)}
        assert found == {f"u{design.pk}": expected, f"u{legal.pk}": expected}

    def test_asks_the_store_as_much_for_many_tasks(self, campaign, team, tasks):
        def cost():
            with CaptureQueriesContext(connection) as asked:
                matrix = RaciMatrix(campaign)
                matrix.rows(), matrix.figures
            return len(asked)

        Duty.objects.create(task=tasks["Copy"], user=team["design"], letter="R")
        few = cost()
        for number in range(30):
            task = Task.objects.create(campaign=campaign, title=str(number), due=date(2026, 11, 3))
            Duty.objects.create(task=task, user=team["legal"], letter="R")
        assert cost() == few


class TestReadiness:
    def found(self, campaign, key):
        return [str(one) for one in readiness(campaign).answer(key).open]

    def test_blocks_while_a_task_is_not_covered(self, campaign, put):
        put(Copy={"manager": "A", "design": "R"}, Picture={"design": "R"})
        key = "team.every_task_has_its_people"
        assert self.found(campaign, key) == ["“Picture” has nobody accountable (A)."]
        put(Picture={"manager": "A"})
        assert self.found(campaign, key) == []

    def test_warns_of_too_much_work_in_the_week_of_the_launch(
        self, campaign, put, team, monkeypatch
    ):
        monkeypatch.setattr("muster.plan.raci.matrix.today", lambda: date(2026, 10, 1))
        key = "team.nobody_is_overworked"
        put(Copy={"design": "R"}, Picture={"design": "R"})
        assert self.found(campaign, key) == []  # 24 of 40 hours
        Task.objects.update(days=6, due=date(2026, 11, 6))
        # Two tasks of six days each: five of them in this week, so 80 of 40 hours.
        assert self.found(campaign, key) == [
            "Chen Chen has work for 200% of the time in the week of the launch."
        ]


class TestThePage:
    def test_shows_the_grid_and_what_a_change_would_do(
        self, campaign, put, team, tasks, client_for, owner
    ):
        put(Copy={"manager": "A", "design": "R"})
        client, url = client_for(owner), f"/c/{campaign.public_id}/plan/raci"
        page = client.get(url).content.decode()
        assert 'aria-label="Copy, Li Qiang: A (Accountable)"' in page
        assert "nobody answers for it (A)" in page
        assert page.count('tabindex="0" data-cell') == 1
        broken = client.get(f"{url}?broken=1").content.decode()
        assert "Picture, Li Qiang" in broken
        assert "Copy, Li Qiang" not in broken
        cells = f"{tasks['Copy'].public_id}:{team['design'].public_id}:AR"
        said = client.post(f"{url}/preview", {"cells": cells}).content.decode()
        assert "Chen Chen answers for “Copy” instead of Li Qiang." in said
        assert Duty.objects.get(letter="A").user == team["manager"]
        assert client.post(f"{url}/apply", {"cells": cells}).status_code == 204
        assert Duty.objects.get(letter="A").user == team["design"]
        assert client.post(f"{url}/apply", {"cells": "tsk_1:usr_2:A"}).status_code == 422

    def test_adds_columns_and_filters_mine(self, campaign, put, team, client_for):
        put(Copy={"manager": "A"}, Picture={"design": "R"})
        url = f"/c/{campaign.public_id}/plan/raci"
        page = client_for(team["design"]).get(f"{url}?mine=1").content.decode()
        assert "Picture, Chen Chen" in page
        assert "Copy, Chen Chen" not in page
        assert "data-may-set" not in page
        group = Team.objects.create(name="Brand")
        page = client_for(team["manager"]).get(f"{url}?with={group.public_id}").content.decode()
        assert "Copy, Brand: no duty" in page

    def test_changes_one_task_by_a_form(self, campaign, put, team, tasks, client_for, owner):
        put(Copy={"manager": "A", "legal": "C"})
        client = client_for(owner)
        url = f"/c/{campaign.public_id}/plan/raci/{tasks['Copy'].public_id}"
        assert "Chen Chen" in client.get(url).content.decode()
        form = {f"u{team['design'].pk}": "A/R", f"u{team['legal'].pk}": "C",
                f"u{team['manager'].pk}": "A"}  # fmt: skip
        assert client.post(url, form).status_code == 204
        held = set(Duty.objects.values_list("user__name", "letter"))
        assert held == {("Chen Chen", "A"), ("Chen Chen", "R"), ("Zhao Yi", "C")}

    def test_takes_over_a_pasted_matrix(self, campaign, team, tasks, client_for, owner):
        client, url = client_for(owner), f"/c/{campaign.public_id}/plan/raci/paste"
        text = "Task\tChen Chen\tLead\nCopy\tR\tA\nUnknown\tR\tA"
        page = client.post(url, {"text": text}).content.decode()
        assert f'<option value="{team["design"].public_id}" selected>' in page
        assert "Unknown" in page
        mapped = {"text": text, "mapped": "1", "role-0": team["design"].public_id,
                  "role-1": team["manager"].public_id}  # fmt: skip
        page = client.post(url, mapped).content.decode()
        assert "Li Qiang answers for “Copy”." in page
        assert not Duty.objects.exists()
        assert client.post(url, {"text": "nothing"}).status_code == 422


class TestTheApi:
    def test_reads_previews_and_sets(self, campaign, team, tasks, api):
        url = f"/campaigns/{campaign.public_id}/raci"
        duties = [
            {"task": tasks["Copy"].public_id, "who": team["manager"].public_id, "letters": "A"},
            {"task": tasks["Copy"].public_id, "who": team["design"].public_id, "letters": "R"},
        ]
        said = api("PUT", f"{url}?preview=true", {"duties": duties}).json()
        assert "Li Qiang answers for “Copy”." in said["effects"]
        assert said["still_broken"] == ["Picture"]
        assert api("GET", url).json()["people"] == []
        shown = api("PUT", url, {"duties": duties}).json()
        copy = next(one for one in shown["tasks"] if one["title"] == "Copy")
        assert copy["faults"] == []
        assert {one["letters"] for one in copy["duties"]} == {"A", "R"}
        assert api("PUT", url, {"duties": duties}, user=team["design"]).status_code == 403
        odd = api("PUT", url, {"duties": [{**duties[0], "letters": "XYZ"}]})
        assert (odd.status_code, odd.json()["errors"][0]["at"]) == (422, "/duties/0/letters")
        assert api("GET", url).json()["tasks"] == shown["tasks"]
        wrong = [{"task": "tsk_x", "who": "usr_x", "letters": "A"}]
        assert api("PUT", url, {"duties": wrong}).status_code == 422
