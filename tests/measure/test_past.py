"""What the past says of a goal, worked out by hand from a handful of people (PL2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache

from muster.measure.workspace import channel_returns
from muster.plan.budget.actions import book_cost
from muster.plan.budget.rules import Return
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.history import baseline_of, baselines_of, ended_of, rates_of, reach_of
from muster.plan.goals.solver import solve
from muster.warehouse.metrics import evaluate
from tests.measure.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(owner, stores):
    """Eight got a mail, four clicked, two ordered; it cost 60 and is over."""
    cache.clear()
    world = World(owner, stores)
    send = world.send(A=8, held_out=2)
    for person in world.people[:4]:
        world.message("Message Clicked", person, send)
        world.did(person, "Page Viewed", url="https://shop.example/")
    world.order(world.people[0], 100)
    world.order(world.people[1], 50)
    world.order(world.people[8], 20)
    world.cost(60)
    world.settle()
    Campaign.objects.filter(pk=world.campaign.pk).update(status="ended")
    return world


@pytest.fixture
def planned(owner):
    def make(starts=date(2026, 11, 20), ends=date(2026, 11, 29), **more):
        return Campaign.objects.create(
            name="Next", starts=starts, ends=ends, currency="CNY", owner=owner, **more
        )

    return make


class TestBaselines:
    def test_the_last_comparable_campaign_says_from_where(self, world, planned):
        campaign = planned()
        found = baseline_of(campaign, "orders", campaign.starts, campaign.ends)
        # The held-out person's order is not the campaign's.
        assert found.value == 2
        assert "Spring tea" in found.source

    def test_without_one_the_same_number_of_days_before(self, world, planned):
        Campaign.objects.filter(pk=world.campaign.pk).update(status="running")
        campaign = planned(starts=date(2026, 11, 4), ends=date(2026, 11, 8))
        found = baseline_of(campaign, "orders", campaign.starts, campaign.ends)
        # Five days before the fourth: 30 October to 3 November, everybody.
        assert found.value == 3
        assert found.params["length"] == 5

    def test_of_several_metrics_are_those_of_each(self, world, planned, monkeypatch):
        campaign = planned()
        metrics = ["orders", "click_rate", "average_order_value", "cpl", "no_such_metric"]
        one_by_one = [baseline_of(campaign, key, campaign.starts, campaign.ends) for key in metrics]
        cache.clear()
        asked = []
        monkeypatch.setattr(
            "muster.measure.goals.past.evaluate",
            lambda db, keys, *a, **k: asked.append(tuple(keys)) or evaluate(db, keys, *a, **k),
        )
        found = baselines_of(campaign, metrics, campaign.starts, campaign.ends)
        assert [found.get(key) for key in metrics] == one_by_one
        assert [found[key].value for key in metrics[:3]] == [2, Decimal("0.5"), 75]
        assert asked[0] == ("orders", "click_rate", "average_order_value")
        assert [keys for keys in asked[1:] if set(keys) & set(asked[0])] == []

    def test_nothing_is_made_up(self, world, planned):
        campaign = planned(starts=date(2025, 3, 1), ends=date(2025, 3, 10))
        Campaign.objects.filter(pk=campaign.pk).update(currency="USD")
        campaign.refresh_from_db()
        assert baseline_of(campaign, "orders", campaign.starts, campaign.ends) is None
        assert baseline_of(campaign, "no_such_metric", campaign.starts, campaign.ends) is None


class TestEndedCampaigns:
    def test_say_what_they_reached(self, world, planned):
        (one,) = ended_of(planned(), "orders")
        assert (one.campaign.name, one.value) == ("Spring tea", 2)

    def test_are_not_the_campaign_itself(self, world):
        assert ended_of(world.campaign, "orders") == []


class TestOwnRates:
    def test_step_by_step_with_the_campaigns_that_show_them(self, world, planned):
        rates = rates_of(planned(), "orders")
        assert [(one.key, one.middle) for one in rates.steps] == [
            ("delivered", 1),
            ("clicked", Decimal("0.5")),
            ("reached_goal", Decimal("0.5")),
        ]
        assert [seen.name for seen in rates.steps[0].seen] == ["Spring tea"]
        # 60 for two orders, and for eight messages.
        assert (rates.cost_per_result.middle, rates.cost_per_person.middle) == (30, Decimal("7.5"))
        # 10 orders ÷ 0.5 ÷ 0.5 = 40 people.
        assert solve(Decimal(10), rates, 12).gap.middle == 28

    def test_rates_have_no_way_back(self, world, planned):
        assert rates_of(planned(), "conversion_rate") is None

    def test_nobody_can_be_reached_before_a_send_is_planned(self, world, planned):
        assert reach_of(planned()) is None
        assert reach_of(world.campaign).people == 8


class TestNewVisitors:
    def test_count_once_on_the_first_visit_of_their_life(self, owner, stores):
        from datetime import UTC, datetime

        from muster.team.stores import warehouse
        from muster.warehouse.metrics import Scope, evaluate

        world = World(owner, stores)
        world.send(A=3)
        first, second, _third = world.people
        world.did(first, "Page Viewed", hours=-72, url="https://shop.example/")
        world.did(first, "Page Viewed", hours=5, url="https://shop.example/")
        world.did(second, "Page Viewed", hours=5, url="https://shop.example/")
        world.did(second, "Page Viewed", hours=9, url="https://shop.example/")
        world.settle()
        with warehouse() as db:
            scope = Scope(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC))
            found = evaluate(db, ["visitors", "new_visitors"], scope)
        assert (found["visitors"].value, found["new_visitors"].value) == (2, 1)


class TestChannels:
    def test_tell_what_they_cost_and_brought(self, world):
        book_cost(
            world.campaign, kind="actual", amount=Decimal(30), at=world.campaign.starts,
            by=None, channel="email",
        )  # fmt: skip
        campaign = Campaign.objects.get(pk=world.campaign.pk)
        # Two who clicked the mail ordered for 100 and 50; the other 60 belong to no channel.
        found = channel_returns(campaign)
        assert found["email"] == Return(Decimal(30), Decimal(2), Decimal(150))
