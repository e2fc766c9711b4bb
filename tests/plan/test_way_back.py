"""Whatever is taken away in the plan comes back whole: by the toast, and long after in Activity."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core import serializers
from django.db.models import Sum
from django.utils import timezone

from muster.kit.errors import Forbidden, Refused
from muster.plan.approvals.actions import appoint, set_policy
from muster.plan.approvals.models import Policy
from muster.plan.approvals.rules import Step, Who
from muster.plan.budget.actions import (
    add_line,
    book_cost,
    drop_line,
    set_lines,
    set_months,
    set_shares,
    split_by_suggestion,
)
from muster.plan.budget.documents import add_document
from muster.plan.budget.models import BudgetLine, LineMonth, PlanEntry
from muster.plan.calendar.actions import keep_calendar
from muster.plan.calendar.importing import read
from muster.plan.calendar.models import ImportedCalendar, ImportedEvent
from muster.plan.facts.actions import change_fact, drop_fact, verify, write_down
from muster.plan.goals.actions import drop_goal, set_goal
from muster.plan.materials.actions import add_material, add_place, receive, release, reserve
from muster.plan.objectives.actions import make_objective
from muster.plan.readiness.actions import waive
from muster.plan.risks.actions import add_risk, drop_risk
from muster.plan.strategy.actions import set_cell, set_competitor
from muster.plan.tasks.actions import add_task
from muster.plan.vendors.actions import add_vendor, edit_vendor
from muster.team.calendars.actions import add_day, take_leave
from muster.team.calendars.models import CustomDay
from muster.team.changes.actions import undo
from muster.team.changes.models import Change
from muster.team.changes.restoring import restore
from muster.team.members.actions import save_team
from muster.team.robots.actions import add as add_robot
from muster.team.robots.models import Robot
from muster.team.users.models import User

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY, END = date(2027, 3, 1), date(2027, 3, 5)
ROBOT = "https://open.feishu.cn/open-apis/bot/v2/hook/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
SUMMARY:Fair
DTSTART;VALUE=DATE:20270305
DTEND;VALUE=DATE:20270308
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Harvest
DTSTART;VALUE=DATE:20270401
DTEND;VALUE=DATE:20270402
END:VEVENT
END:VCALENDAR"""


@dataclass
class Removal:
    """A thing, what on a page takes it away, and the rows that have to come back."""

    url: str
    rows: list = field(default_factory=list)
    data: dict = field(default_factory=dict)
    api: str = ""


def _goal(campaign, owner):
    goal = campaign.goals.get()
    set_goal(campaign, {"metric": "orders", "target": Decimal(9)}, by=owner)
    url = f"/c/{campaign.public_id}/goals/{goal.public_id}"
    return Removal(f"{url}/drop", [campaign.goals], api=f"/campaigns/{url[3:]}")


def _line(campaign, owner):
    line = campaign.lines.first()
    set_months(line, {date(2026, 11, 1): Decimal(7)}, by=owner)
    url = f"/c/{campaign.public_id}/budget/lines/{line.public_id}/drop"
    months = LineMonth.objects.filter(line__campaign=campaign)
    address = f"/campaigns/{campaign.public_id}/budget/{line.public_id}"
    return Removal(url, [campaign.lines, months], api=address)


def _risk(campaign, owner):
    risk = add_risk(campaign, {"title": "Rain"}, by=owner)
    url = f"/c/{campaign.public_id}/plan/risks/{risk.public_id}/drop"
    address = f"/campaigns/{campaign.public_id}/risks/{risk.public_id}"
    return Removal(url, [campaign.risks], api=address)


def _objective(campaign, owner):
    one = make_objective({"name": "More", "starts": DAY, "ends": END}, by=owner)
    url = f"/objectives/{one.public_id}"
    return Removal(f"{url}/drop", [type(one).objects], api=url)


def _day(campaign, owner):
    day = add_day("Inventory", DAY, END, "off", by=owner)
    return Removal(f"/calendar/days/{day.public_id}/drop", [type(day).objects])


def _day_in_settings(campaign, owner):
    day = add_day("Inventory", DAY, END, "off", by=owner)
    return Removal(f"/settings/holidays/{day.public_id}/remove", [type(day).objects])


def _vendor(campaign, owner):
    vendor = add_vendor({"name": "Studio", "contact": "Ms. Wu"}, by=owner)
    return Removal(f"/vendors/{vendor.public_id}", [type(vendor).objects], {"name": "Workshop"})


def _baseline(campaign, owner):
    add_task(campaign, {"title": "Film"}, by=owner)
    return Removal(f"/c/{campaign.public_id}/plan/baseline", [campaign.tasks])


def _fact(campaign, owner):
    fields = {"key": "price.hero", "name": "Price", "values": {"": "99"}}
    fact = write_down(campaign, fields, by=owner)
    url = f"/c/{campaign.public_id}/brief/facts/{fact.public_id}/drop"
    address = f"/campaigns/{campaign.public_id}/facts/{fact.public_id}"
    return Removal(url, [campaign.facts], api=address)


def _rival(campaign, owner):
    rival = set_competitor(campaign, {"name": "Other Tea"}, by=owner)
    url = f"/c/{campaign.public_id}/brief/strategy/rival"
    return Removal(url, [campaign.rivals], {"rival": rival.pk, "drop": "1"})


def _cell(campaign, owner):
    cell = set_cell(campaign, "interest", "email", {"text": "Teaser"}, by=owner)
    assert cell is not None
    data = {"stage": "interest", "channel": "email", "text": "", "status": "planned", "version": 1}
    return Removal(f"/c/{campaign.public_id}/brief/strategy/cell", [campaign.cells], data)


def _leave(campaign, owner):
    leave = take_leave(owner, DAY, END, "Sea", by=owner)
    return Removal(f"/settings/leave/{leave.public_id}/cancel", [type(leave).objects])


def _team(campaign, owner):
    team = save_team(None, "Design", [owner], by=owner)
    task = add_task(campaign, {"title": "Film"}, by=owner, to=[team])
    rows = [type(team).objects, task.duties, type(team).members.through.objects]
    return Removal(f"/settings/members/teams/{team.public_id}/drop", rows)


def _team_edit(campaign, owner):
    team = save_team(None, "Design", [owner], by=owner)
    rows = [type(team).objects, type(team).members.through.objects]
    return Removal("/settings/members/teams", rows, {"team": team.public_id, "name": "Drawing"})


def _stand_in(campaign, owner):
    to = User.objects.create_user("si@muster.test", "x", name="Si", role="manager")
    row = appoint(to, DAY, END, by=owner)
    return Removal(f"/settings/approvals/stand-in/{row.pk}/end", [type(row).objects])


def _months(campaign, owner):
    line = campaign.lines.first()
    set_months(line, {date(2026, 11, 1): Decimal(7)}, by=owner)
    cells = [{"line": line.public_id, "field": "2026-11", "text": "5", "was": "7"}]
    months = LineMonth.objects.filter(line=line)
    url = f"/c/{campaign.public_id}/budget/cells"
    return Removal(url, [months], {"cells": json.dumps(cells)})


def _split(campaign, owner):
    line = campaign.lines.last()
    set_months(line, {date(2026, 11, 1): Decimal(7)}, by=owner)
    months = LineMonth.objects.filter(line__campaign=campaign)
    return Removal(f"/c/{campaign.public_id}/budget/split", [campaign.lines, months])


def _shares(campaign, owner):
    data = {"core": "300000", "contingency": "50000", "flexible": "50000"}
    return Removal(f"/c/{campaign.public_id}/budget/parts", [campaign.lines], data)


def _released(campaign, owner):
    bag, store = add_material("Bag", by=owner), add_place("Store 1", by=owner)
    receive(bag, store, 10, by=owner)
    held = reserve(campaign, bag, store, 4, by=owner)
    url = f"/c/{campaign.public_id}/plan/resources/{held.public_id}/release"
    return Removal(url, [campaign.reservations, bag.stock])


def _paper(campaign, owner):
    line = campaign.lines.first()
    paper = add_document(line, kind="order", link="https://erp.example/118", by=owner)
    url = f"/c/{campaign.public_id}/budget/papers/{paper.public_id}/drop"
    return Removal(url, [line.documents])


def _robot(campaign, owner):
    robot = add_robot("Tea group", "feishu", ROBOT, "secret", by=owner)
    return Removal(f"/settings/robots/{robot.public_id}/remove", [type(robot).objects])


def _policy(campaign, owner):
    set_policy("campaign", [Step("a", name="Head", who=Who.ROLE, value="owner")], by=owner)
    form = {"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"}
    return Removal("/settings/approvals/campaign", [Policy.objects], form)


def _imported(campaign, owner):
    keep_calendar("Fairs", read(ICS.encode(), ZoneInfo("UTC"), DAY), by=owner)
    calendar = ImportedCalendar.objects.get()
    url = f"/calendar/import/{calendar.public_id}/drop"
    return Removal(url, [ImportedCalendar.objects, ImportedEvent.objects])


REMOVALS = [
    _paper, _robot, _policy, _imported,
    _goal, _line, _risk, _objective, _day, _day_in_settings, _vendor, _baseline, _fact, _rival,
    _cell, _leave, _team, _team_edit, _stand_in, _months, _split, _shares, _released,
]  # fmt: skip


def rows_of(removal):
    return [json.loads(serializers.serialize("json", one.order_by("pk"))) for one in removal.rows]


def offered(client, answer):
    """Where the toast takes it back: in the answer, or on the page that is shown next."""
    if "HX-Trigger" in answer.headers:
        return json.loads(answer.headers["HX-Trigger"])["toast"].get("undo")
    there = answer.headers.get("Location") or answer.headers.get("HX-Redirect")
    assert there, answer.content[:400]
    text = client.get(there).content.decode()
    found = re.search(r'data-undo="([^"]+)"', text)
    return found[1] if found else None


@pytest.mark.parametrize("removal", REMOVALS, ids=lambda one: one.__name__)
def test_the_toast_brings_back_what_was_taken_away(client_for, owner, campaign, removal):
    client, thing = client_for(owner), removal(campaign, owner)
    before = rows_of(thing)
    back = offered(client, client.post(thing.url, thing.data, headers=HTMX))
    assert back, "no way back was offered"
    assert rows_of(thing) != before
    assert client.post(back).status_code in (204, 302)
    assert rows_of(thing) == before


def _added(campaign):
    """What forms add: where, with what, and the rows that have to go again."""
    line, here = campaign.lines.first(), f"/c/{campaign.public_id}"
    rival = {"name": "Other Tea", "does": "", "link": "", "difference": ""}
    robot = {"name": "Tea group", "kind": "feishu", "address": ROBOT, "secret": "x"}
    return {
        "paper": Removal(
            f"{here}/budget/lines/{line.public_id}/papers",
            [line.documents],
            {"kind": "order", "link": "https://erp.example/118"},
        ),
        "rival": Removal(f"{here}/brief/strategy/rival", [campaign.rivals], rival),
        "robot": Removal("/settings/robots/add", [Robot.objects], robot),
        "calendar": Removal(
            "/calendar/import",
            [ImportedCalendar.objects, ImportedEvent.objects],
            {"text": ICS, "keep": "layer"},
        ),
        "days": Removal("/calendar/import", [CustomDay.objects], {"text": ICS, "keep": "days"}),
    }


@pytest.mark.parametrize("name", ["paper", "rival", "robot", "calendar", "days"])
def test_the_toast_takes_away_what_was_added(client_for, owner, campaign, name):
    client, thing = client_for(owner), _added(campaign)[name]
    before = rows_of(thing)
    back = offered(client, client.post(thing.url, thing.data, headers=HTMX))
    assert back, "no way back was offered"
    assert rows_of(thing) != before
    assert client.post(back).status_code in (204, 302)
    assert rows_of(thing) == before


def test_a_group_that_was_written_to_goes_and_a_renamed_one_stays(client_for, owner, campaign):
    client, thing = client_for(owner), _added(campaign)["robot"]
    back = offered(client, client.post(thing.url, thing.data, headers=HTMX))
    Robot.objects.update(used_at=timezone.now(), trouble="no such group")
    Robot.objects.update(name="Tea people")
    client.post(back)
    assert [robot.name for robot in Robot.objects.all()] == ["Tea people"]
    Robot.objects.update(name="Tea group")
    client.post(back)
    assert not Robot.objects.exists()


def test_days_that_came_in_and_were_changed_since_stay(client_for, owner, campaign):
    client, thing = client_for(owner), _added(campaign)["days"]
    back = offered(client, client.post(thing.url, thing.data, headers=HTMX))
    CustomDay.objects.filter(name="Fair").update(name="Tea fair")
    client.post(back)
    assert [day.name for day in CustomDay.objects.all()] == ["Tea fair"]


@pytest.mark.parametrize(
    "removal", [_goal, _line, _risk, _fact, _cell, _split], ids=lambda one: one.__name__
)
def test_activity_brings_it_back_for_colleagues(client_for, owner, manager, campaign, removal):
    thing = removal(campaign, owner)
    before = rows_of(thing)
    client_for(owner).post(thing.url, thing.data, headers=HTMX)
    change = Change.objects.exclude(undo={}).latest("pk")
    Change.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(days=3))
    client, room = client_for(manager), f"/c/{campaign.public_id}/activity"
    way = f"{room}/{change.public_id}/restore"
    assert way in client.get(room).content.decode()
    client.post(way)
    assert rows_of(thing) == before
    text = client.get(room).content.decode()
    assert way not in text
    assert "Li Qiang brought back" in text


@pytest.mark.parametrize(
    "removal", [_goal, _line, _risk, _fact, _objective], ids=lambda one: one.__name__
)
def test_what_the_api_takes_away_comes_back(api, owner, campaign, removal):
    thing = removal(campaign, owner)
    before = rows_of(thing)
    assert api("DELETE", thing.api).status_code == 204
    undo(Change.objects.exclude(undo={}).latest("pk"), by=owner)
    assert rows_of(thing) == before


class TestNothingComesBack:
    def test_into_a_place_that_is_taken(self, campaign, owner):
        fields = {"key": "price.hero", "name": "Price", "values": {"": "99"}}
        change = drop_fact(write_down(campaign, fields, by=owner), by=owner)
        write_down(campaign, fields, by=owner)
        with pytest.raises(Refused, match="taken the place of “Price”"):
            undo(change, by=owner)
        assert campaign.facts.count() == 1

    def test_under_a_name_that_is_taken(self, owner, campaign):
        vendor = add_vendor({"name": "Studio"}, by=owner)
        change = edit_vendor(vendor, {"name": "Workshop"}, by=owner)
        add_vendor({"name": "Studio"}, by=owner)
        with pytest.raises(Refused, match="taken the place of “Workshop”"):
            undo(change, by=owner)

    def test_into_a_campaign_that_was_closed(self, campaign, owner):
        change = drop_risk(add_risk(campaign, {"title": "Rain"}, by=owner), by=owner)
        type(campaign).objects.filter(pk=campaign.pk).update(status="archived")
        with pytest.raises(Refused, match="closed since"):
            undo(change, by=owner)

    def test_into_a_campaign_that_was_put_away(self, campaign, owner):
        change = drop_risk(add_risk(campaign, {"title": "Rain"}, by=owner), by=owner)
        type(campaign).objects.filter(pk=campaign.pk).update(deleted_at=timezone.now())
        with pytest.raises(Refused, match="gone"):
            undo(change, by=owner)

    def test_for_those_who_lost_the_right(self, campaign, owner, manager, user_with):
        change = drop_risk(add_risk(campaign, {"title": "Rain"}, by=owner), by=manager)
        with pytest.raises(Forbidden):
            restore(change, by=user_with("analyst"))
        User.objects.filter(pk=manager.pk).update(role="analyst")
        with pytest.raises(Forbidden):
            undo(change, by=manager)
        assert not campaign.risks.exists()

    def test_twice(self, campaign, owner):
        change = drop_risk(add_risk(campaign, {"title": "Rain"}, by=owner), by=owner)
        undo(change, by=owner)
        change.refresh_from_db()
        assert restore(change, by=owner) is None
        with pytest.raises(Refused):
            undo(change, by=owner)
        assert campaign.risks.count() == 1

    def test_of_a_sixth_goal(self, campaign, owner):
        change = drop_goal(campaign.goals.get(), by=owner)
        for metric in ("orders", "revenue", "buyers", "leads", "first_time_buyers"):
            set_goal(campaign, {"metric": metric, "target": Decimal(9)}, by=owner)
        with pytest.raises(Refused):
            undo(change, by=owner)

    def test_over_what_a_colleague_wrote_since(self, campaign, owner, manager):
        line = campaign.lines.first()
        set_months(line, {date(2026, 11, 1): Decimal(7)}, by=owner)
        change = set_months(line, {date(2026, 11, 1): Decimal(9)}, by=owner)
        set_months(line, {date(2026, 11, 1): Decimal(5)}, by=manager)
        with pytest.raises(Refused, match="changed it again"):
            undo(change, by=owner)

    def test_of_a_split_that_money_rests_on(self, campaign, owner):
        change = split_by_suggestion(campaign, by=owner)
        new = campaign.lines.first()
        book_cost(
            campaign, kind="actual", amount=Decimal(1), at=date(2026, 11, 8), by=owner, line=new
        )
        with pytest.raises(Refused):
            undo(change, by=owner)


class TestTheLedgerOfThePlan:
    def sums(self, campaign):
        found = PlanEntry.objects.filter(campaign=campaign).values("line").annotate(s=Sum("amount"))
        return {row["line"]: row["s"] for row in found if row["s"]}

    @pytest.mark.parametrize("act", ["drop", "split", "lines", "shares"])
    def test_still_adds_up_after_undo(self, campaign, owner, act):
        before = {line.pk: line.planned for line in campaign.lines.all()}
        if act == "drop":
            change = drop_line(campaign.lines.first(), by=owner)
        elif act == "split":
            change = split_by_suggestion(campaign, by=owner)
        elif act == "lines":
            kept = campaign.lines.last()
            fields = [{"planned": Decimal(3)}, {"category": "media", "planned": Decimal(5)}]
            change = set_lines(campaign, fields, by=owner, present={0: kept})
        else:
            parts = {"core": 300_000, "other": 100_000, "contingency": 50_000, "flexible": 50_000}
            change = set_shares(campaign, {k: Decimal(v) for k, v in parts.items()}, by=owner)
        after = {line.pk: line.planned for line in campaign.lines.all()}
        assert after != before
        assert self.sums(campaign) == {pk: planned for pk, planned in after.items() if planned}
        undo(change, by=owner)
        assert {line.pk: line.planned for line in campaign.lines.all()} == before
        assert self.sums(campaign) == {pk: planned for pk, planned in before.items() if planned}

    def test_automatic_lines_outlive_a_split(self, campaign, owner):
        auto = add_line(
            campaign, {"category": "people", "planned": Decimal(0), "auto": "labour"}, by=owner
        )
        split_by_suggestion(campaign, by=owner)
        assert BudgetLine.objects.get(pk=auto.pk).auto == "labour"


def test_a_waiver_that_is_taken_back_stays_written_down(campaign, owner, client_for):
    from muster.plan.readiness.checks import readiness

    found = readiness(campaign)
    key = next(
        answer.question.key
        for answer in found.answers
        if answer.question.may_be_waived and answer.open and not answer.question.by_hand
    )
    client, url = client_for(owner), f"/c/{campaign.public_id}/readiness/{key}"
    back = offered(client, client.post(f"{url}/waive", {"reason": "Not here"}))
    assert client.post(back).status_code == 302
    waiver = campaign.waivers.get()
    assert waiver.revoked_by == owner
    waive(campaign, key, "Not here", by=owner)
    back = offered(client, client.post(f"{url}/revoke"))
    client.post(back)
    assert campaign.waivers.filter(revoked_at=None).count() == 1


def test_a_fact_that_says_what_it_said_is_verified_anew(campaign, owner, manager):
    fields = {"key": "price.hero", "name": "Price", "values": {"": "99"}, "evidence": "List"}
    fact = write_down(campaign, fields, by=owner)
    verify(fact, by=manager)
    change = change_fact(fact, {"values": {"": "89"}}, by=manager)
    undo(change, by=manager)
    fact.refresh_from_db()
    assert (fact.values, fact.is_verified) == ({"": "99"}, False)


def test_materials_given_back_are_reserved_again_only_if_free(campaign, owner):
    bag, store = add_material("Bag", by=owner), add_place("Store 1", by=owner)
    receive(bag, store, 4, by=owner)
    held = reserve(campaign, bag, store, 4, by=owner)
    release(held, by=owner)
    change = Change.objects.get(verb="released")
    reserve(campaign, bag, store, 3, by=owner)
    with pytest.raises(Refused):
        undo(change, by=owner)


class TestActivityReadsLikeASentence:
    def test_without_keys_and_bookkeeping(self, client_for, owner, campaign):
        from muster.plan.campaigns.actions import edit_campaign
        from muster.plan.goals.actions import edit_goal
        from muster.plan.tasks.actions import edit_task

        task = add_task(campaign, {"title": "Film"}, by=owner)
        edit_task(task, {"status": "done", "checklist": [{"text": "Cut", "done": True}]}, by=owner)
        edit_task(task, {"title": "Movie"}, by=owner)
        goal = campaign.goals.get()
        edit_goal(goal, {"metric": "revenue", "guardrails": []}, by=owner)
        edit_campaign(campaign, {"channels": ["email", "sms"]}, by=owner)
        fields = {"key": "price.hero", "name": "Price", "values": {"": "99"}}
        change_fact(write_down(campaign, fields, by=owner), {"values": {"": "89"}}, by=owner)
        text = client_for(owner).get(f"/c/{campaign.public_id}/activity").content.decode()
        listed = text[text.index('class="timeline"') :]
        shown = re.sub(r"<[^>]+>", " ", listed.split("</ol>")[0])
        for raw in ("ersion", "first_time_buyers", "unsubscribe_rate", "fact changed",
                    "fact written", "{", "Baseline start", "email,"):  # fmt: skip
            assert raw not in shown, raw
        assert "Mail" in shown
        assert "99" in shown

    def test_every_verb_about_a_campaign_has_a_sentence(self):
        import ast
        from pathlib import Path

        import muster
        from muster.plan.overview.changes import SENTENCES

        verbs = set()
        for file in Path(muster.__file__).parent.rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text())):
                if (
                    isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") in {"record_change", "take_away"}
                    and any(word.arg == "campaign" for word in call.keywords)
                    and isinstance(call.args[0], ast.Constant)
                ):
                    verbs.add(call.args[0].value)
        assert len(verbs) > 40
        assert not verbs - SENTENCES.keys()
