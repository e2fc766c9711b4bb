"""Vendors: money follows the work, and nothing is accepted that does not meet its criteria."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from muster.kit.errors import Invalid, Refused
from muster.plan.budget.models import bound, spent
from muster.plan.readiness.checks import readiness
from muster.plan.vendors import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def printer(owner):
    return actions.add_vendor({"name": "Hong Press", "critical": True}, by=owner)


@pytest.fixture
def posters(campaign, owner, printer):
    return actions.plan_delivery(
        campaign, printer, "300 posters", date(2026, 11, 2), by=owner,
        amount=Decimal("9600.00"), criteria=["colours as proofed", "300 counted"],
    )  # fmt: skip


def committed(campaign):
    return bound([campaign.pk])[campaign.pk].committed


class TestTheWayOfADelivery:
    def test_binds_money_when_ordered_and_spends_it_when_paid(self, campaign, owner, posters):
        actions.order(posters, by=owner)
        assert (committed(campaign), spent(campaign)) == (Decimal("9600.00"), 0)
        actions.deliver(posters, by=owner)
        for place in (0, 1):
            actions.tick(posters, place, met=True, by=owner)
        actions.accept(posters, 4, by=owner)
        actions.pay(posters, by=owner)
        assert (committed(campaign), spent(campaign)) == (0, Decimal("9600.00"))

    def test_ends_before_acceptance_while_a_criterion_is_not_met(self, owner, posters):
        actions.order(posters, by=owner)
        actions.deliver(posters, by=owner)
        actions.tick(posters, 0, met=True, by=owner)
        with pytest.raises(actions.NotAcceptable, match="300 counted"):
            actions.accept(posters, 5, by=owner)

    def test_back_to_the_vendor_needs_a_reason(self, owner, posters):
        actions.order(posters, by=owner)
        actions.deliver(posters, by=owner)
        with pytest.raises(Invalid):
            actions.send_back(posters, " ", by=owner)
        assert actions.send_back(posters, "Colours are off", by=owner).state == "rejected"
        assert actions.deliver(posters, by=owner).state == "delivered"

    def test_leaves_no_step_out(self, owner, posters):
        with pytest.raises(Refused, match="cannot become"):
            actions.pay(posters, by=owner)

    def test_over_the_total_is_refused_at_the_order(self, start, owner, printer):
        poor = start(name="Poor", total_budget=Decimal(1000))
        delivery = actions.plan_delivery(
            poor, printer, "Booth", date(2026, 11, 2), by=owner, amount=Decimal(1001)
        )
        with pytest.raises(Invalid, match=r"1\.00 CNY over the total"):
            actions.order(delivery, by=owner)
        delivery.refresh_from_db()
        assert delivery.state == "planned"


class TestReadiness:
    def test_names_a_vendor_nobody_steps_in_for(self, campaign, owner, posters, printer):
        assert "Nobody steps in for Hong Press" in " ".join(map(str, readiness(campaign).warnings))
        backup = actions.add_vendor({"name": "Lan Press"}, by=owner)
        actions.edit_vendor(printer, {"backup": backup}, by=owner)
        campaign = type(campaign).objects.get(pk=campaign.pk)
        assert "steps in" not in " ".join(map(str, readiness(campaign).warnings))

    def test_names_what_comes_too_late(self, campaign, owner, printer):
        actions.plan_delivery(campaign, printer, "Booth", date(2026, 11, 5), by=owner)
        assert "due after the first day" in " ".join(map(str, readiness(campaign).warnings))


def test_the_api_walks_the_same_way(api, campaign):
    vendor = api("POST", "/vendors", {"name": "Film house"}).json()["id"]
    path = f"/campaigns/{campaign.public_id}/deliveries"
    body = {"vendor": vendor, "title": "Film", "due": "2026-11-01", "amount": "500.00"}
    made = api("POST", path, body).json()["id"]
    states = [
        api("POST", f"{path}/{made}/step", {"step": step, "score": 5}).json()["state"]
        for step in ("order", "deliver", "accept", "pay")
    ]
    assert states == ["ordered", "delivered", "accepted", "paid"]
    again = api("POST", f"{path}/{made}/step", {"step": "order"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_status")


class TestMoney:
    def test_is_for_those_who_may_see_budgets(self, api, client_for, user_with, campaign, posters):
        campaign.risks.create(title="Rain", likelihood=2, impact=2, money=Decimal(8765))
        path = f"/campaigns/{campaign.public_id}"
        for kind, key in (("deliveries", "amount"), ("risks", "money")):
            few = api("GET", f"{path}/{kind}", scopes=["campaigns:read"])
            more = api("GET", f"{path}/{kind}", scopes=["campaigns:read", "budget:read"])
            assert few.json()["items"][0][key] is None
            assert more.json()["items"][0][key]["amount"] in {"9600.00", "8765.00"}
        assert api("GET", path, scopes=["campaigns:read"]).json()["total_budget"] is None
        page = f"/c/{campaign.public_id}/plan/risks"
        assert "8,765" in client_for(user_with("analyst")).get(page).content.decode()
        assert "8,765" not in client_for(user_with("sales")).get(page).content.decode()

    def test_is_bound_only_by_a_token_that_may(self, api, campaign, posters):
        path = f"/campaigns/{campaign.public_id}/deliveries/{posters.public_id}/step"
        few = ["campaigns:read", "campaigns:write"]
        assert api("POST", path, {"step": "order"}, scopes=few).status_code == 403
        patch = api("PATCH", path.split("/deliveries")[0], {"total_budget": "9"}, scopes=few)
        assert patch.status_code == 403
        assert api("POST", path, {"step": "order"}).status_code == 200


class TestNonsense:
    def test_is_no_fault_of_ours(self, api, client_for, owner, campaign, printer):
        answer = api("PATCH", f"/vendors/{printer.public_id}", {"backup": ""})
        assert answer.json()["backup"] is None
        browser = client_for(owner)
        ticked = {"do": "owner", "campaign": campaign.public_id}
        for number in ("NaN", "9" * 30, "a\x00b"):
            assert browser.post("/campaigns/bulk", ticked | {"to": number}).status_code < 500
            rival = {"rival": number, "name": "X"}
            path = f"/c/{campaign.public_id}/brief/strategy/rival"
            assert browser.post(path, rival).status_code == 404
        huge = {"metric": "first_time_buyers", "target": "9" * 30, "name": "X"}
        answer = browser.post("/campaigns/new", huge | {"starts": "2027-01-04", "length": "5"})
        assert answer.status_code == 422
        assert "This number is too large." in answer.content.decode()
