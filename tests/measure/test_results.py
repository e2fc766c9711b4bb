"""The numbers of a campaign, each worked out by hand from a handful of people."""

from __future__ import annotations

import pytest
from scipy import stats

from muster.measure.results.answer import as_json
from muster.measure.results.numbers import results
from muster.measure.results.rules import Course
from tests.measure.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(owner, stores):
    """Four got mail A, four mail B, four nothing.

    A: three came by, two bought (100 with 10 off, 50). B: one came by and bought for 30.
    Held out: one came by, one bought for 20.
    """
    world = World(owner, stores)
    send = world.send(A=4, B=4, held_out=4)
    a, b, none = world.people[:4], world.people[4:8], world.people[8:]
    for person in (*a[:3], b[0], none[0]):
        world.did(person, "Page Viewed", url="https://shop.example/")
    for person in (a[0], a[1], b[0]):
        world.message("Message Opened", person, send)
        world.message("Message Clicked", person, send)
    world.order(a[0], 100, discount=10)
    world.order(a[1], 50)
    world.order(b[0], 30)
    world.order(none[0], 20)
    world.cost(40, channel="email")
    world.cost(20, "people")
    world.settle()
    return world


class TestACampaignThatWasSent:
    def test_counts_the_people_it_was_meant_for_and_not_the_held_out(self, world):
        r = results(world.campaign, NOW)
        assert (r.revenue, r.orders, r.buyers) == (180, 3, 3)

    def test_counts_what_the_ledger_says_and_the_discounts_as_cost(self, world):
        r = results(world.campaign, NOW)
        assert r.cost.by_category == {"media": 40, "people": 20}
        assert (r.cost.booked, r.cost.discounts, r.cost.total) == (60, 10, 70)
        assert r.roi == pytest.approx((180 - 70) / 70)

    def test_shows_how_many_went_how_far(self, world):
        r = results(world.campaign, NOW)
        assert {s.name: s.people for s in r.funnel} == {
            "audience": 12, "sent": 8, "delivered": 8, "opened": 3, "clicked": 3, "visited": 4,
            "ordered": 3,
        }  # fmt: skip

    def test_compares_each_mail_with_those_held_out(self, world):
        a, b, none = results(world.campaign, NOW).groups
        assert [(g.name, g.role, g.people) for g in (a, b, none)] == [
            ("A", "variant", 4), ("B", "variant", 4), ("", "holdout", 4),
        ]  # fmt: skip
        assert a.figures["visit_rate"].value == 0.75
        assert a.figures["visit_rate"].lift.relative == pytest.approx(2)
        assert b.figures["visit_rate"].lift.absolute == 0
        assert none.figures["visit_rate"].value == 0.25
        assert none.figures["visit_rate"].lift is None
        spend = a.figures["revenue_per_person"]
        assert spend.value == 37.5
        welch = stats.ttest_ind([100, 50, 0, 0], [20, 0, 0, 0], equal_var=False)
        assert spend.lift.p_value == pytest.approx(welch.pvalue)
        assert spend.lift.absolute_interval == pytest.approx(tuple(welch.confidence_interval(0.95)))

    def test_says_how_much_came_beyond_what_would_have_come_anyway(self, world):
        (trial,) = results(world.campaign, NOW).trials
        assert trial.extra_revenue == pytest.approx(180 - 20 / 4 * 8)

    def test_gives_the_credit_of_its_orders_to_the_mail(self, world):
        credit = results(world.campaign, NOW).attribution
        assert credit.conversions == 3
        assert [(c.key, c.conversions) for c in credit.models["last"]] == [("email", 3)]

    def test_leaves_out_what_happened_after_its_window(self, world):
        world.order(world.people[0], 999, hours=24 * 8 + 15)
        world.order(world.people[1], 1, hours=24 * 15 + 13)
        world.order(world.people[2], 1000, hours=24 * 15 + 15)
        world.settle()
        # 10 November and seven days in Shanghai end on the 17th at 16:00 UTC.
        assert results(world.campaign, NOW).revenue == 180 + 999 + 1

    def test_shows_other_currencies_apart(self, world):
        world.order(world.people[0], 7, currency="USD")
        world.settle()
        r = results(world.campaign, NOW)
        assert (r.revenue, dict(r.apart)) == (180, {"USD": 7})


class TestItsGoal:
    def test_is_compared_with_the_plan_of_the_day(self, world):
        world.goal("buyers", 10)
        (goal,) = results(world.campaign, NOW).goals
        assert goal.actual == 3
        assert goal.pace.expected == 6
        assert goal.pace.course == Course.BEHIND

    def test_may_be_a_rate(self, world):
        world.goal("conversion_rate", 0.25, baseline=0.1)
        (goal,) = results(world.campaign, NOW).goals
        assert goal.actual == 3 / 8
        assert goal.pace.course == Course.AHEAD

    def test_may_be_the_return(self, world):
        world.goal("roi", 1)
        (goal,) = results(world.campaign, NOW).goals
        assert goal.actual == pytest.approx(110 / 70)

    def test_is_not_known_before_a_send(self, owner, stores):
        world = World(owner, stores)
        world.goal("buyers", 10)
        r = results(world.campaign, NOW)
        assert not r.is_sent
        assert r.goals[0].actual is None
        assert r.groups == []


class TestTheApi:
    def test_gives_the_numbers_of_the_contract(self, world, api):
        world.goal("buyers", 10)
        answer = api("GET", f"/campaigns/{world.campaign.public_id}/results")
        assert answer.status_code == 200
        body = answer.json()
        assert body["cost"] == {"amount": "70.00", "currency": "CNY"}
        assert body["revenue"] == {"amount": "180.00", "currency": "CNY"}
        assert body["roi"] == pytest.approx(110 / 70)
        assert body["funnel"][1] == {"step": "sent", "people": 8}
        assert [g["role"] for g in body["groups"]] == ["variant", "variant", "holdout"]
        visits = body["groups"][0]["metrics"]["visit_rate"]
        assert (visits["value"], visits["lift"]) == (0.75, 2)
        assert visits["interval"][0] < 2 < visits["interval"][1]
        assert "lift" not in body["groups"][2]["metrics"]["visit_rate"]
        assert body["goals"][0]["actual"] == 3
        assert body["attribution"]["models"]["linear"][0]["conversions"] == 3
        assert body["as_of"]

    def test_hides_money_from_those_who_do_not_see_budgets(self, world, api, user_with):
        answer = api(
            "GET", f"/campaigns/{world.campaign.public_id}/results", user=user_with("sales")
        )
        body = answer.json()
        assert (body["cost"], body["roi"]) == (None, None)

    def test_knows_no_campaign_that_is_not_there(self, world, api):
        assert api("GET", "/campaigns/cmp_00000000/results").status_code == 404

    def test_says_the_same_as_the_function(self, world):
        r = results(world.campaign, NOW)
        assert as_json(r)["orders"] == r.orders


class TestAutomaticBudgetLines:
    """Discounts are shown in the budget and sending is booked; neither counts twice."""

    def test_leave_cost_and_return_right(self, world, owner):
        from decimal import Decimal

        from muster.plan.budget.actions import add_line
        from muster.plan.budget.automatic import refresh
        from muster.plan.budget.measured import outcome
        from muster.plan.budget.models import BudgetPolicy
        from muster.plan.budget.standing import standing

        BudgetPolicy.objects.create(prices={"email": "0.50"})
        type(world.campaign).objects.update(status="draft")
        world.campaign.refresh_from_db()
        for category, auto in (("discounts", "discounts"), ("tools", "sending")):
            fields = {"category": category, "planned": Decimal(0), "auto": auto}
            add_line(world.campaign, fields, by=owner)
        for _again in range(2):
            refresh(world.campaign, at_once=True)
        # 60 booked by hand, 8 mails × 0.50 booked once, 10 of discounts beside the ledger.
        assert standing(world.campaign).actual == 74
        r = results(world.campaign, NOW)
        assert (r.cost.booked, r.cost.discounts, r.cost.total) == (64, 10, 74)
        found = outcome(world.campaign)
        assert (found.cost, found.revenue, found.buyers) == (74, 180, 3)
        assert found.per_buyer == Decimal(74) / 3
