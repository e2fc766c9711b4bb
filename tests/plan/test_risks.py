"""Risks: graded, watched by their numbers, and answered with a plan that runs in one click."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, connections

from muster.kit.errors import Invalid, Refused
from muster.plan.campaigns.models import Campaign
from muster.plan.materials import actions as materials
from muster.plan.readiness.checks import readiness
from muster.plan.risks import actions, registry, rules
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Task
from muster.plan.vendors import actions as vendors
from muster.team.notices.models import Notice

PLAN = [
    {"kind": "statement", "text": "We are sorry and look into it."},
    {"kind": "task", "text": "Call the carrier"},
]


@pytest.mark.parametrize(
    ("likelihood", "impact", "level"),
    [(1, 1, "low"), (2, 2, "low"), (1, 5, "medium"), (3, 3, "medium"), (2, 5, "high"),
     (3, 4, "high"), (3, 5, "extreme"), (5, 5, "extreme")],
)  # fmt: skip
def test_grades(likelihood, impact, level):
    assert rules.level(likelihood, impact) == level


@pytest.mark.parametrize(
    ("trigger", "now", "fires"),
    [
        ({"metric": "m", "op": "lt", "value": "2"}, "1.9", True),
        ({"metric": "m", "op": "lt", "value": "2"}, "2", False),
        ({"metric": "m", "op": "gt", "value": "0.004"}, "0.005", True),
    ],
)
def test_fires_past_its_line(trigger, now, fires):
    assert rules.read_trigger(trigger).fires(Decimal(now)) is fires


@pytest.mark.parametrize("given", [{}, {"metric": "m"}, {"metric": "m", "op": "lt", "value": "x"}])
def test_reads_no_trigger_from_half_of_one(given):
    assert rules.read_trigger(given) is None


@pytest.mark.django_db
class TestWatching:
    @pytest.fixture
    def running(self, campaign):
        Campaign.objects.filter(pk=campaign.pk).update(status="running")
        campaign.refresh_from_db()
        return campaign

    def test_fires_when_stock_runs_low_and_tells_whoever_watches(self, running, owner, user_with):
        watcher = user_with("operator")
        place = materials.add_place("Shanghai", by=owner)
        gift = materials.add_material("Gift", by=owner)
        materials.receive(gift, place, 100, by=owner)
        materials.reserve(running, gift, place, 60, by=owner)
        trigger = {"metric": "free_stock", "op": "lt", "value": "30"}
        risk = actions.add_risk(
            running, {"title": "Gifts run out", "trigger": trigger, "owner": watcher}, by=owner
        )
        assert actions.watch() == 0
        materials.reserve(running, gift, place, 20, by=owner)
        assert actions.watch() == 1
        assert actions.watch() == 0
        risk.refresh_from_db()
        assert (risk.status, risk.fired_at is not None) == ("fired", True)
        notice = Notice.objects.get(event="risk_fired", to=watcher)
        assert str(notice).startswith("“Gifts run out” has come true in “Double 11”")

    def test_leaves_campaigns_alone_that_do_not_run(self, campaign, owner, monkeypatch):
        monkeypatch.setattr(registry, "_values", [lambda campaign, metric: Decimal(0)])
        actions.add_risk(
            campaign,
            {"title": "Late", "trigger": {"metric": "orders", "op": "lt", "value": "5"}},
            by=owner,
        )
        assert actions.watch() == 0


@pytest.mark.django_db
class TestThePlan:
    def test_does_every_step_and_says_what_came_of_it(self, campaign, owner):
        risk = actions.add_risk(campaign, {"title": "Carrier strike", "plan": PLAN}, by=owner)
        done = actions.run_plan(risk, by=owner)
        assert [one.ok for one in done] == [True, True]
        assert "We are sorry" in done[0].said
        task = Task.objects.get(title="Call the carrier")
        assert set(task.duties.values_list("letter", "user")) == {("A", owner.pk), ("R", owner.pk)}
        risk.refresh_from_db()
        assert risk.status == "fired"

    def test_goes_on_after_a_step_that_fails(self, campaign, owner):
        plan = [{"kind": "call", "text": "nobody@muster.test"}, *PLAN]
        risk = actions.add_risk(campaign, {"title": "Storm", "plan": plan}, by=owner)
        done = actions.run_plan(risk, by=owner)
        assert [one.ok for one in done] == [False, True, True]
        assert "nobody@muster.test" in done[0].said

    def test_is_run_once_for_each_time_it_comes_true(self, campaign, owner, manager, client_for):
        risk = actions.add_risk(campaign, {"title": "Carrier strike", "plan": PLAN}, by=owner)
        actions.run_plan(risk, by=owner)
        with pytest.raises(Refused, match="Wang Min has run the plan of “Carrier strike” already"):
            actions.run_plan(risk, by=manager)
        url = f"/c/{campaign.public_id}/plan/risks"
        again = client_for(manager).post(f"{url}/{risk.public_id}/run", headers={"HX-Request": "1"})
        assert again.status_code == 409
        assert "Wang Min ran the plan" in client_for(manager).get(url).content.decode()
        assert Task.objects.filter(title="Call the carrier").count() == 1
        # When it comes true another time, its plan is run another time.
        actions.settle(risk, "handled", by=owner)
        actions.run_plan(risk, by=manager)
        assert Task.objects.filter(title="Call the carrier").count() == 2

    def test_lets_another_vendor_step_in(self, campaign, owner):
        backup = vendors.add_vendor({"name": "Lan Press", "contact": "021-555"}, by=owner)
        press = vendors.add_vendor({"name": "Hong Press", "backup": backup}, by=owner)
        vendors.plan_delivery(campaign, press, "Posters", date(2026, 11, 2), by=owner)
        risk = actions.add_risk(
            campaign,
            {"title": "Press down", "plan": [{"kind": "backup_vendor", "text": "Hong Press"}]},
            by=owner,
        )
        (one,) = actions.run_plan(risk, by=owner)
        assert one.said == "Lan Press takes over from Hong Press: 1 deliveries, 021-555"
        assert campaign.deliveries.get().vendor == backup

    def test_with_an_unknown_step_is_refused_with_its_place(self, campaign, owner):
        with pytest.raises(Invalid) as no:
            actions.add_risk(campaign, {"title": "X", "plan": [{"kind": "pray"}]}, by=owner)
        assert no.value.errors[0].at == "/plan/0/kind"


@pytest.mark.django_db
class TestEarlierCampaigns:
    def test_suggest_what_happened_most_often(self, campaign, start, owner):
        for number in range(3):
            other = start(name=f"Earlier {number}")
            late = actions.add_risk(other, {"title": "Delivery late", "plan": PLAN}, by=owner)
            actions.add_risk(other, {"title": "Rain"}, by=owner)
            if number:
                actions.fire(late, by=owner)
        assert actions.suggestions(campaign) == [("Delivery late", 3, 2), ("Rain", 3, 0)]
        taken = actions.take_from_earlier(campaign, "Delivery late", by=owner)
        assert (taken.plan, taken.status) == (PLAN, "open")
        assert [title for title, *_ in actions.suggestions(campaign)] == ["Rain"]


@pytest.mark.django_db
class TestDoors:
    def test_the_page_shows_the_gravest_first(self, campaign, owner, client_for):
        actions.add_risk(campaign, {"title": "Small", "likelihood": 1, "impact": 1}, by=owner)
        actions.add_risk(campaign, {"title": "Grave", "likelihood": 5, "impact": 5}, by=owner)
        text = client_for(owner).get(f"/c/{campaign.public_id}/plan/risks").content.decode()
        assert text.index("Grave") < text.index("Small")
        assert "Extreme" in text

    def test_the_form_writes_sign_and_plan(self, campaign, owner, client_for):
        form = {
            "title": "Complaints", "category": "opinion", "likelihood": 2, "impact": 4,
            "metric": "unsubscribe_rate", "op": "gt", "value": "0.4%",
            "kind_0": "task", "text_0": "Answer everybody",
        }  # fmt: skip
        answer = client_for(owner).post(f"/c/{campaign.public_id}/plan/risks/add", form)
        assert answer.status_code == 200, answer.content
        risk = Risk.objects.get()
        assert rules.read_trigger(risk.trigger).value == Decimal("0.004")
        assert risk.plan == [{"kind": "task", "text": "Answer everybody"}]

    def test_the_api_runs_the_plan(self, api, campaign):
        path = f"/campaigns/{campaign.public_id}/risks"
        made = api("POST", path, {"title": "Strike", "plan": PLAN, "impact": 5}).json()
        assert (made["score"], made["level"]) == (15, "extreme")
        done = api("POST", f"{path}/{made['id']}/run").json()["steps"]
        assert [one["ok"] for one in done] == [True, True]
        assert api("GET", path).json()["items"][0]["status"] == "fired"

    def test_the_api_watches_only_what_there_is(self, api, campaign):
        path = f"/campaigns/{campaign.public_id}/risks"
        for metric, status in (("sunshine", 422), ("free_stock", 201), ("orders", 201)):
            body = {"title": metric, "trigger": {"metric": metric, "op": "lt", "value": 5}}
            answer = api("POST", path, body)
            assert answer.status_code == status, answer.content
        no = api("POST", path, {"title": "x", "trigger": {"metric": "x", "op": "lt", "value": 5}})
        assert no.json()["errors"][0]["at"] == "/trigger/metric"
        assert "There is no metric “x”" in no.json()["errors"][0]["detail"]

    def test_a_grave_risk_without_a_plan_is_a_finding(self, campaign, owner):
        actions.add_risk(campaign, {"title": "Strike", "plan": PLAN}, by=owner)
        actions.add_risk(campaign, {"title": "Flood", "likelihood": 4, "impact": 4}, by=owner)
        assert "“Flood” is serious" in " ".join(map(str, readiness(campaign).warnings))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", ["open", "fired"])
def test_of_two_who_run_a_plan_at_once_one_does(campaign, owner, manager, status):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("one connection only; the PostgreSQL run tries it with many")
    risk = actions.add_risk(campaign, {"title": "Carrier strike", "plan": PLAN}, by=owner)
    if status == "fired":
        actions.fire(risk, by=owner)
    start, ran, told = threading.Barrier(4), [], []

    def press(who):
        start.wait()
        try:
            ran.append(actions.run_plan(Risk.objects.get(pk=risk.pk), by=who))
        except Refused as refused:
            told.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(who,)) for who in (owner, manager) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(ran), told) == (1, ["already_run"] * 3)
    assert Task.objects.filter(title="Call the carrier").count() == 1
