"""Objectives above campaigns: what stands under what, and what adds up (PL14)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from muster.kit.errors import Invalid, Refused
from muster.plan.goals.cascade import channel_kpis
from muster.plan.objectives.rules import KPIS, Part, part_of
from muster.plan.strategy.actions import set_cell

pytestmark = pytest.mark.django_db
YEAR = {"starts": date(2026, 1, 1), "ends": date(2026, 12, 31)}
QUARTER = {"starts": date(2026, 10, 1), "ends": date(2026, 12, 31)}


@pytest.fixture
def make(owner):
    from muster.plan.objectives.actions import make_objective

    return lambda name, **more: make_objective({"name": name, **YEAR, **more}, by=owner)


@pytest.fixture
def measured():
    """Says what goals reached: `measured({goal: 300})`."""
    from muster.plan.goals import progress

    values = {}

    def source(campaign, goal):
        value = values.get((campaign.pk, goal.metric))
        return (
            progress.Progress(Decimal(value), datetime(2026, 11, 10, tzinfo=UTC)) if value else None
        )

    progress._sources.insert(0, source)
    yield values
    progress._sources.remove(source)


class TestWhatStandsUnderWhat:
    def test_a_plan_lies_within_the_objective_it_serves(self, make):
        top = make("New customers +30 %")
        plan = make("Fourth quarter", kind="plan", parent=top, **QUARTER)
        assert plan.parent == top
        with pytest.raises(Invalid, match="within"):
            make("Too long", kind="plan", parent=plan)

    def test_nothing_serves_itself(self, make, owner):
        from muster.plan.objectives.actions import edit_objective

        one = make("One", kind="plan")
        other = make("Other", kind="plan", parent=one)
        with pytest.raises(Invalid, match="cannot serve itself"):
            edit_objective(one, {"parent": other}, by=owner)

    def test_a_company_objective_stands_at_the_top(self, make):
        with pytest.raises(Invalid, match="at the top"):
            make("Below", parent=make("Above"))

    def test_is_kept_while_goals_stand_on_it(self, campaign, owner):
        from muster.plan.objectives.actions import drop_objective
        from muster.plan.objectives.models import Objective

        with pytest.raises(Refused, match="1 goals"):
            drop_objective(Objective.objects.get(name="New customers"), by=owner)


class TestWhatAddsUp:
    def test_goals_money_and_people_of_everything_below(
        self, make, start, owner, manager, measured
    ):
        from muster.plan.budget.actions import book_cost
        from muster.plan.objectives.models import Objective
        from muster.plan.overview.actions import start_campaign
        from muster.plan.rollup.rows import rollup

        top = make("Customers", metric="first_time_buyers", target=Decimal(1000))
        first = start(name="One")
        plan = Objective.objects.get(name="New customers")
        plan.kind, plan.parent = "plan", top
        plan.save()
        goal = {"metric": "first_time_buyers", "target": Decimal(300), "objective": "New customers"}
        second = start_campaign(
            name="Two", starts=date(2026, 11, 20), ends=date(2026, 11, 30), currency="CNY",
            total_budget=Decimal(100_000), goals=[goal], by=manager,
        )  # fmt: skip
        measured[(first.pk, "first_time_buyers")] = 320
        measured[(second.pk, "first_time_buyers")] = 80
        book_cost(
            first,
            category="media",
            kind="actual",
            amount=Decimal("1200.50"),
            at=date(2026, 11, 5),
            by=owner,
        )
        above, below = rollup()
        assert (above.objective, below.objective) == (top, plan)
        # 320 + 80 of 1,000; the goals aim at 500 + 300.
        assert (above.value, above.reached, above.planned) == (400, Decimal("0.4"), 800)
        assert [str(one.amount) for one in above.budget] == ["600000.00"]
        assert [str(one.amount) for one in above.spent] == ["1200.50"]
        assert (above.people, len(above.campaigns)) == (2, 2)

    def test_rates_are_never_added(self, make, start):
        from muster.plan.rollup.rows import rollup

        one = make("Rate", metric="conversion_rate", target=Decimal("0.05"))
        start(goals=[{"metric": "conversion_rate", "target": Decimal("0.04"), "objective": "Rate"}])
        row = next(row for row in rollup() if row.objective == one)
        assert (row.value, row.planned, len(row.goals)) == (None, None, 1)


class TestTheCascade:
    @pytest.mark.parametrize(
        ("channel", "strategy", "part"),
        [
            ("ads", "acquire", Part.AWARENESS),
            ("email", "acquire", Part.DECISION),
            ("email", "awareness", Part.AWARENESS),
            ("email", "retain", Part.LOYALTY),
            ("wecom", "acquire", Part.LOYALTY),
            ("kiosk", "acquire", Part.CONSIDERATION),
        ],
    )
    def test_a_channel_has_a_part_in_the_journey(self, channel, strategy, part):
        assert part_of(channel, strategy) is part

    @pytest.mark.parametrize(
        ("channel", "stages", "part"),
        [
            ("email", ["awareness"], Part.AWARENESS),
            ("email", ["loyalty", "interest"], Part.CONSIDERATION),  # what comes first
            ("email", ["awareness", "purchase"], Part.DECISION),  # the usual one is among them
            ("ads", ["purchase"], Part.DECISION),
            ("ads", ["service"], Part.LOYALTY),
            ("wecom", ["nonsense"], Part.LOYALTY),
        ],
    )
    def test_or_the_part_that_the_map_gives_it(self, channel, stages, part):
        assert part_of(channel, "acquire", stages) is part

    def test_of_a_campaign_follows_its_map(self, start, owner):
        campaign = start(channels=["email", "ads"])
        before = {one.channel: one.part for one in channel_kpis(campaign)}
        assert before == {"ads": Part.AWARENESS, "email": Part.DECISION}
        set_cell(campaign, "interest", "email", {"text": "Why loose leaf"}, by=owner)
        set_cell(campaign, "purchase", "ads", {"status": "left_out"}, by=owner)
        after = {one.channel: (one.part, one.metrics[0]) for one in channel_kpis(campaign)}
        assert after == {
            "ads": (Part.AWARENESS, "people_reached"),
            "email": (Part.CONSIDERATION, "click_rate"),
        }

    def test_awareness_is_judged_by_exposure_and_decision_by_orders(self):
        assert KPIS[Part.AWARENESS][0] == "people_reached"
        assert KPIS[Part.DECISION][0] == "orders"


class TestTheDoors:
    def test_the_api(self, api):
        body = {"name": "Customers", "starts": "2026-01-01", "ends": "2026-12-31",
                "metric": "first_time_buyers", "target": 1000}  # fmt: skip
        made = api("POST", "/objectives", body)
        assert made.status_code == 201, made.content
        one = made.json()
        assert (one["target"], one["value"], one["goals"]) == (1000, None, [])
        patched = api("PATCH", f"/objectives/{one['id']}", {"target": 1200})
        assert patched.json()["target"] == 1200
        assert [row["name"] for row in api("GET", "/objectives").json()["items"]] == ["Customers"]
        assert api("DELETE", f"/objectives/{one['id']}").status_code == 204
        assert api("GET", f"/objectives/{one['id']}").status_code == 404

    def test_a_goal_is_linked_by_name_or_id(self, api, campaign):
        goals = api("GET", f"/campaigns/{campaign.public_id}/goals").json()
        assert goals["items"][0]["objective"]["name"] == "New customers"
        path = f"/campaigns/{campaign.public_id}/goals/{goals['items'][0]['id']}"
        kept = api("PATCH", path, {"objective": "Some other aim"}).json()
        assert (kept["objective"], kept["supports"]) == (None, "Some other aim")
        linked = api("PATCH", path, {"objective": goals["items"][0]["objective"]["id"]}).json()
        assert (linked["objective"]["name"], linked["supports"]) == ("New customers", "")


class TestCheckpointsAndGuardrails:
    def test_are_told_once_and_closed_when_they_hold_again(
        self, campaign, manager, owner, measured
    ):
        from muster.plan.campaigns.models import Campaign
        from muster.plan.goals.models import Look
        from muster.plan.goals.watching import look_at_goals
        from muster.team.notices.models import Notice

        Campaign.objects.filter(pk=campaign.pk).update(status="running", owner=manager)
        campaign.goals.update(owner=manager)
        measured[(campaign.pk, "first_time_buyers")] = 150
        measured[(campaign.pk, "unsubscribe_rate")] = "0.006"
        assert look_at_goals(date(2026, 11, 8)) == 1
        assert Notice.objects.get(event="guardrail_broken").to == manager
        # The checkpoint is the eighth; it is looked at when that day is over.
        assert look_at_goals(date(2026, 11, 9)) == 1
        look = Look.objects.get(kind="checkpoint")
        # Five of twelve days of 500: 208.33.
        assert (look.expected, look.actual, look.state) == (Decimal("208.3333"), 150, "missed")
        assert look_at_goals(date(2026, 11, 10)) == 0
        measured[(campaign.pk, "unsubscribe_rate")] = "0.003"
        assert look_at_goals(date(2026, 11, 10)) == 0
        assert Notice.objects.get(event="guardrail_broken").closed_at is not None
