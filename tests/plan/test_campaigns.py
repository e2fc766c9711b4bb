"""The life of a campaign: begun, approved, launched, paused, ended, put away, brought back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps

from muster.kit.errors import Invalid, Refused
from muster.plan.approvals.actions import decide
from muster.plan.approvals.models import open_request
from muster.plan.brief.actions import rework, submit
from muster.plan.campaigns.actions import delete_campaign, edit_campaign, take_step
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.actions import write_down
from muster.plan.facts.models import Fact
from muster.plan.goals.actions import drop_goal, edit_goal, set_goal
from muster.plan.objectives.models import Objective
from muster.plan.readiness import checks
from muster.plan.readiness.actions import NotReady, launch
from muster.plan.readiness.checks import Finding
from muster.plan.risks.actions import add_risk
from muster.plan.strategy.models import Cell
from muster.team.changes.actions import may_undo, undo
from muster.team.changes.models import Change
from muster.team.members.actions import deactivate
from muster.team.members.handing import left_behind
from muster.team.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def only_ours(monkeypatch):
    """Asks the plan's own questions only: other parts have tests of their own."""
    ours = {key: q for key, q in checks._questions.items() if "muster.plan" in q.ask.__module__}
    monkeypatch.setattr(checks, "_questions", ours)
    return ours


def approved(campaign, asker, approver):
    asked = submit(campaign, by=asker)
    decide(asked, "approved", by=approver)
    campaign.refresh_from_db()
    return campaign


class TestANewCampaign:
    def test_has_goal_and_budget_that_keep_the_rules(self, campaign):
        assert campaign.status == "draft"
        assert [goal.primary for goal in campaign.goals.all()] == [True]
        lines = campaign.lines.all()
        assert sum(line.planned for line in lines) == Decimal(500_000)

    def test_counts_its_days_in_the_zone_of_the_workspace(self, campaign):
        # Midnight in Shanghai is four in the afternoon before, in UTC.
        assert campaign.window() == (
            datetime(2026, 11, 3, 16, tzinfo=UTC),
            datetime(2026, 11, 15, 16, tzinfo=UTC),
        )
        clock = campaign.clock(date(2026, 11, 8))
        assert (clock.day, clock.days, clock.days_to_start, clock.is_over) == (5, 12, 0, False)
        assert campaign.clock(date(2026, 10, 23)).days_to_start == 12

    def test_is_not_begun_by_half_when_a_goal_is_wrong(self, start):
        with pytest.raises(Invalid) as caught:
            start(goals=[{"metric": "awareness", "target": Decimal(1)}])
        assert caught.value.errors[0].at == "/goals/0/metric"
        assert not Campaign.objects.exists()

    def test_names_every_field_that_is_wrong(self, start):
        with pytest.raises(Invalid) as caught:
            start(name=" ", ends=date(2026, 11, 1), currency="¥")
        assert [problem.at for problem in caught.value.errors] == ["/name", "/ends", "/currency"]


class TestTheWayToTheLaunch:
    def test_asks_approves_and_launches(self, campaign, owner, manager, only_ours):
        approved(campaign, manager, owner)
        assert campaign.status == "ready"
        launch(campaign, by=owner)
        campaign.refresh_from_db()
        assert campaign.status == "running"

    def test_stops_at_a_blocker_and_lists_it(self, campaign, owner, manager, only_ours):
        approved(campaign, manager, owner)
        campaign.lines.filter(category="contingency").update(planned=Decimal(30_000))
        with pytest.raises(NotReady) as caught:
            launch(campaign, by=owner)
        texts = [problem.text % problem.params for problem in caught.value.errors]
        # 6 % instead of 10 %: 20,000 short; the sum lacks 30,000; and the approval is void.
        assert any("Add CN¥20,000" in text for text in texts)
        assert any("CN¥30,000 short" in text for text in texts)
        assert any("changed after it was approved" in text for text in texts)
        campaign.refresh_from_db()
        assert campaign.status == "ready"

    def test_asks_other_parts_as_well(self, campaign, owner, manager, only_ours):
        @checks.check("content", "Somebody wrote a mail")
        def no_mail(campaign):
            yield Finding("No mail.", "/emails")

        approved(campaign, manager, owner)
        with pytest.raises(NotReady):
            launch(campaign, by=owner)

    def test_a_plan_that_was_sent_back_is_worked_on_again(self, campaign, owner, manager):
        decide(submit(campaign, by=manager), "sent_back", by=owner, note="Which audience?")
        campaign.refresh_from_db()
        assert campaign.status == "preparing"

    def test_taking_a_plan_back_closes_its_request(self, campaign, manager):
        submit(campaign, by=manager)
        rework(campaign, by=manager)
        assert open_request("campaign", campaign.pk) is None

    def test_needs_a_goal_first(self, start, manager):
        with pytest.raises(Refused, match="no goal"):
            submit(start(goals=[]), by=manager)

    def test_cannot_be_cut_short_by_resuming(self, campaign, owner, manager):
        approved(campaign, manager, owner)
        with pytest.raises(Refused, match="cannot go"):
            take_step(campaign, "resume", by=owner)


class TestARunningCampaign:
    @pytest.fixture(autouse=True)
    def _running(self, campaign):
        Campaign.objects.update(status="running")
        campaign.refresh_from_db()

    def test_is_paused_and_the_pause_taken_back(self, campaign, owner):
        change = take_step(campaign, "pause", by=owner)
        undo(change, by=owner)
        campaign.refresh_from_db()
        assert campaign.status == "running"

    def test_is_not_put_away(self, campaign, owner):
        with pytest.raises(Refused, match="running"):
            delete_campaign(campaign, by=owner)

    def test_keeps_its_goals(self, campaign, owner):
        with pytest.raises(Refused, match="not dropped"):
            drop_goal(campaign.goals.get(), by=owner)


class TestChangingIt:
    def test_touches_only_what_is_named(self, campaign, owner):
        before = Campaign.objects.values().get()
        edit_campaign(campaign, {"message": " 新茶上市 "}, by=owner)
        after = Campaign.objects.values().get()
        assert {name for name in after if after[name] != before[name]} == {"message", "updated_at"}
        assert after["message"] == " 新茶上市 "

    def test_is_undone_whole(self, campaign, owner):
        change = edit_campaign(campaign, {"ends": date(2026, 11, 20), "name": "11.11"}, by=owner)
        undo(change, by=owner)
        campaign.refresh_from_db()
        assert (campaign.ends, campaign.name) == (date(2026, 11, 15), "Double 11")

    def test_without_a_difference_leaves_no_trace(self, campaign, owner):
        assert edit_campaign(campaign, {"name": "Double 11"}, by=owner) is None

    def test_ends_when_it_is_archived(self, campaign, owner):
        take_step(campaign, "archive", by=owner)
        with pytest.raises(Refused, match="closed"):
            edit_campaign(campaign, {"name": "other"}, by=owner)

    def test_putting_it_away_can_be_undone(self, campaign, owner):
        change = delete_campaign(campaign, by=owner)
        assert not Campaign.objects.visible_to(owner).exists()
        undo(change, by=owner)
        assert Campaign.objects.visible_to(owner).get() == campaign


class TestItsGoals:
    def test_one_is_the_main_goal(self, campaign, owner):
        second = set_goal(campaign, {"metric": "revenue", "target": Decimal(9)}, by=owner)
        assert not second.primary
        edit_goal(second, {"primary": True}, by=owner)
        assert [goal.metric for goal in campaign.goals.filter(primary=True)] == ["revenue"]

    def test_an_heir_takes_the_place_of_the_main_goal(self, campaign, owner):
        second = set_goal(campaign, {"metric": "revenue", "target": Decimal(9)}, by=owner)
        drop_goal(campaign.goals.exclude(pk=second.pk).get(), by=owner)
        second.refresh_from_db()
        assert second.primary

    def test_are_five_at_most(self, campaign, owner):
        for _ in range(4):
            set_goal(campaign, {"metric": "revenue", "target": Decimal(9)}, by=owner)
        with pytest.raises(Refused, match="at most 5"):
            set_goal(campaign, {"metric": "revenue", "target": Decimal(9)}, by=owner)

    @pytest.mark.parametrize(
        ("fields", "at"),
        [
            ({"metric": "fame"}, "/metric"),
            ({"target": None}, "/target"),
            ({"due": date(2026, 11, 1)}, "/due"),
            ({"checkpoints": ["soon"]}, "/checkpoints/0"),
            ({"checkpoints": ["2026-12-24"]}, "/checkpoints/0"),
            ({"guardrails": [{"metric": "fame"}]}, "/guardrails/0/metric"),
            ({"guardrails": [{"metric": "roi", "op": "gte", "value": "x"}]}, "/guardrails/0/value"),
            ({"colour": "red"}, "/colour"),
        ],
    )
    def test_say_what_is_wrong_and_where(self, campaign, owner, fields, at):
        with pytest.raises(Invalid) as caught:
            edit_goal(campaign.goals.get(), fields, by=owner)
        assert at in [problem.at for problem in caught.value.errors]


class TestWhoeverLeaves:
    def test_hands_over_what_they_own(self, campaign, start, owner, manager, user_with):
        heir = user_with("operator")
        goal = campaign.goals.get()
        goal.owner = manager
        goal.save()
        fields = {"key": "limit.each", "name": "Limit", "kind": "limit", "values": {"": "2"}}
        fact = write_down(campaign, fields, by=manager)
        risk = add_risk(campaign, {"title": "Stock", "owner": manager}, by=owner)
        cell = Cell.objects.create(
            campaign=campaign, stage="interest", channel="email", text="Hello", owner=manager
        )
        ahead = Objective.objects.create(
            name="Ahead", starts=date(2026, 1, 1), ends=date(2099, 12, 31), owner=manager
        )
        past = Objective.objects.create(
            name="Past", starts=date(2020, 1, 1), ends=date(2020, 12, 31), owner=manager
        )
        closed = start(name="Closed")
        Campaign.objects.filter(pk=closed.pk).update(status=Campaign.Status.ARCHIVED)
        old = write_down(campaign, {**fields, "key": "limit.all"}, by=manager)
        Fact.objects.filter(pk=old.pk).update(campaign=closed)
        left = {str(name): count for name, count in left_behind(manager)}
        assert left == {"Goals": 1, "Facts": 1, "Objectives": 1, "Risks": 1, "Touchpoints": 1}
        with pytest.raises(Refused, match="open work"):
            deactivate(manager, by=owner)
        deactivate(manager, by=owner, to=heir)
        for thing in (goal, fact, risk, cell, ahead):
            thing.refresh_from_db()
            assert thing.owner == heir, thing
        for thing in (past, old):
            thing.refresh_from_db()
            assert thing.owner == manager, thing
        assert left_behind(manager) == []


class TestUndo:
    def test_asks_for_the_right_again(self, campaign, manager, client_for):
        change = edit_campaign(campaign, {"message": "Fresh"}, by=manager)
        User.objects.filter(pk=manager.pk).update(role="analyst")
        answer = client_for(manager).post(f"/undo/{change.public_id}")
        assert answer.status_code == 403
        assert "may no longer change" in answer.content.decode()
        campaign.refresh_from_db()
        assert campaign.message == "Fresh"
        User.objects.filter(pk=manager.pk).update(role="manager")
        undo(change, by=manager)
        campaign.refresh_from_db()
        assert campaign.message == ""

    def test_knows_what_each_kind_of_thing_asks(self, campaign, owner):
        """Whatever can be changed so that it can be undone says whose right that is."""
        for kind in ("plan.budgetline", "plan.task", "plan.fact", "content.email", "channels.send",
                     "people.segment", "people.persona", "learn.card", "learn.retro", "team.user",
                     "team.workspace", "team.comment", "plan.risk", "plan.objective"):  # fmt: skip
            assert may_undo(Change(kind=kind, verb="edited"), owner), kind
            model = apps.get_model(kind)
            assert model._meta.label_lower == kind
        assert not may_undo(Change(kind="plan.nothing", verb="edited"), owner)


class TestAClosedCampaign:
    """What was reviewed or archived is kept as it was, through every door."""

    @pytest.fixture(params=["reviewed", "archived"])
    def closed(self, request, campaign, owner):
        add_risk(campaign, {"title": "Rain"}, by=owner)
        Campaign.objects.filter(pk=campaign.pk).update(status=request.param)
        return Campaign.objects.get(pk=campaign.pk)

    def test_takes_no_goal_no_risk_and_no_answer_to_a_check(self, closed, api):
        goals = closed.goals.count()
        url = f"/campaigns/{closed.public_id}"
        risk = f"{url}/risks/{closed.risks.get().public_id}"
        goal = {"metric": "orders", "baseline": "0", "target": "10"}
        for method, path, body in (
            ("POST", f"{url}/goals", goal),
            ("POST", f"{url}/risks", {"title": "Storm"}),
            ("PATCH", risk, {"title": "Storm"}),
            ("POST", f"{risk}/status", {"status": "fired"}),
            ("POST", f"{risk}/status", {"status": "closed"}),
            ("DELETE", risk, None),
            ("POST", f"{url}/readiness/plan.goal/waive", {"reason": "Known"}),
            ("POST", f"{url}/readiness/plan.goal/confirm", {}),
        ):
            answer = api(method, path, body) if body is not None else api(method, path)
            assert answer.status_code == 409, (path, answer.content)
            assert "The campaign is closed" in answer.json()["detail"]
        assert (closed.goals.count(), closed.risks.get().title) == (goals, "Rain")

    def test_lets_what_still_happens_be_settled(self, closed, api):
        risk = closed.risks.get()
        type(risk).objects.update(status="fired")
        url = f"/campaigns/{closed.public_id}/risks/{risk.public_id}/status"
        assert api("POST", url, {"status": "open"}).status_code == 409
        assert api("POST", url, {"status": "handled"}).status_code == 200

    def test_offers_no_risk_to_add(self, closed, client_for, owner):
        page = client_for(owner).get(f"/c/{closed.public_id}/plan/risks").content.decode()
        assert "Rain" in page
        assert 'data-opens="add-risk"' not in page


@pytest.mark.parametrize(("status", "code"), [("ended", 201), ("reviewed", 201), ("archived", 409)])
def test_a_late_invoice_is_booked_until_the_campaign_is_archived(
    campaign, api, client_for, owner, status, code
):
    url = f"/campaigns/{campaign.public_id}/costs"
    body = {"amount": "10", "category": "media"}
    first = api("POST", url, body).json()["id"]
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    assert api("POST", url, body).status_code == code
    assert api("POST", f"{url}/{first}/reverse").status_code == code
    page = client_for(owner).get(f"/c/{campaign.public_id}/budget").content.decode()
    assert ('data-opens="book"' in page) is (code == 201)
