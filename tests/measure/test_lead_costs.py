"""What leads cost, and how many of the people who were captured became leads for sales."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from muster.kit import clock
from muster.people.leads.costs import costs
from muster.plan.budget.models import Cost
from muster.plan.campaigns.models import Campaign
from muster.warehouse.captured import Captured, captured
from tests.warehouse.world import World

NOW = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
START = NOW - timedelta(days=90)


@pytest.fixture
def world():
    """Ann and Bob came by search, Cid by mail and search, Dee without a touch, Eve long ago."""
    world = World()
    for person, channel, at in (
        (1, "search", "2026-10-01 10:00"),
        (2, "search", "2026-10-01 11:00"),
        (3, "search", "2026-10-02 10:00"),
        (3, "mail", "2026-10-03 10:00"),
        (3, "search", "2026-10-06 10:00"),
        (5, "search", "2026-08-01 10:00"),
    ):
        world.event(person, "Ad Clicked", at, channel=channel, campaign=f"{channel}-1")
    for person in (1, 2, 3, 4, 5):
        world.event(person, "Form Submitted", "2026-10-05 10:00")
    world.event(1, "Form Submitted", "2026-10-05 12:00")
    world.event(6, "Form Submitted", "2026-01-05 10:00")
    for person in (1, 3, 4):
        world.event(person, "Lead Created", "2026-10-07 10:00")
    world.event(1, "Deal Created", "2026-10-08 10:00")
    world.event(3, "Deal Created", "2026-10-08 11:00")
    world.event(3, "Deal Won", "2026-10-09 10:00")
    return world


def test_everybody_is_captured_once_by_their_last_touch(world):
    by_channel = captured(world.db, "channel", start=START, end=NOW, window="30d")
    assert by_channel == [
        Captured("search", 2, 1, 1, 0),
        Captured("(none)", 2, 1, 0, 0),
        Captured("mail", 1, 1, 1, 1),
    ]
    by_campaign = captured(world.db, "campaign", start=START, end=NOW, window="30d")
    assert {one.key: one.people for one in by_campaign} == {"search-1": 2, "(none)": 2, "mail-1": 1}


def track(name, who, at, campaign="", channel=""):
    call = {
        "type": "track", "event": name, "userId": who, "timestamp": at.isoformat(),
        "messageId": f"{name}-{who}", "properties": {"channel": channel} if channel else {},
        "context": {"campaign": {"name": campaign}} if campaign else {},
    }  # fmt: skip
    return json.dumps(call).encode()


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def campaign(self, workspace, owner):
        return Campaign.objects.create(
            name="Autumn", starts=date(2026, 9, 1), ends=date(2026, 11, 1), currency="CNY",
            owner=owner,
        )  # fmt: skip

    @pytest.fixture
    def booked(self, stores, workspace, owner, campaign):
        """Four people of the campaign by ads, one of them a lead; 100 for ads, 20 for nothing."""
        day = NOW - timedelta(days=3)
        events = []
        for n in range(4):
            said = {"campaign": campaign.public_id, "channel": "ads"}
            events.append(track("Ad Clicked", f"m{n}", day, **said))
            events.append(track("Form Submitted", f"m{n}", day + timedelta(hours=1)))
        events.append(track("Lead Created", "m0", day + timedelta(hours=2)))
        stores.stores.spool.append("muster", events)
        stores.settle()
        for amount, channel, at, kind in (
            ("100", "ads", date(2026, 10, 10), "actual"),
            ("20", "", date(2026, 10, 10), "actual"),
            ("999", "ads", date(2026, 10, 10), "committed"),
            ("999", "ads", date(2026, 1, 10), "actual"),
        ):
            Cost.objects.create(
                campaign=campaign, kind=kind, category="media", amount=Decimal(amount),
                at=at, channel=channel, by=owner,
            )  # fmt: skip
        with clock.starting_at(NOW):
            yield campaign

    def test_divides_what_was_booked_by_those_who_were_captured(self, booked, owner):
        found = costs(owner, NOW)
        (row,) = found.by_campaign
        assert (row.label, row.people, row.became, row.rate) == (booked.name, 4, 1, 0.25)
        assert (row.cost.amount, row.per_lead.amount, row.per_became.amount) == (120, 30, 120)
        rows = {one.key: one for one in found.by_channel}
        assert (rows["ads"].per_lead.amount, rows["(not set)"].per_lead) == (25, None)
        assert rows["(not set)"].cost.amount == 20

    def test_shows_no_money_to_who_sees_no_budget(self, booked, user_with):
        reader = user_with("sales")
        assert (reader.may("insights.see"), reader.may("budget.see")) == (True, False)
        found = costs(reader, NOW)
        assert [row.people for row in found.by_channel] == [4]
        assert {row.cost for row in (*found.by_channel, *found.by_campaign)} == {None}

    def test_and_in_the_api(self, booked, client_for, owner, api):
        page = client_for(owner).get("/leads/costs").content.decode()
        assert booked.name in page
        assert "25.0" in page
        told = api("GET", "/leads/costs").json()
        assert told["by_campaign"][0]["per_lead"] == {"amount": "30.00", "currency": "CNY"}
        assert told["by_campaign"][0]["mql_rate"] == 0.25
