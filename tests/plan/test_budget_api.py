"""The budget in the API: what is read can be put back, and nobody writes over a colleague."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from muster.plan.budget.actions import add_line, book_cost, edit_line
from muster.plan.budget.models import BudgetLine
from muster.plan.facts.actions import change_fact, write_down
from muster.team.changes.actions import undo

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 8)


@pytest.fixture
def url(campaign):
    return f"/campaigns/{campaign.public_id}/budget"


@pytest.fixture
def auto(campaign, owner):
    fields = {"category": "people", "planned": Decimal(0), "auto": "labour"}
    return add_line(campaign, fields, by=owner)


def by_label(budget):
    return {line["label"]: line for line in budget["lines"]}


class TestALineInAnotherCurrency:
    @pytest.fixture
    def line(self, campaign):
        line = campaign.lines.first()
        BudgetLine.objects.filter(pk=line.pk).update(
            currency="USD", rate=Decimal("7.12345678"), rate_on=DAY,
            own_planned=1000, planned=Decimal("7123.46"),
        )  # fmt: skip
        return line

    @pytest.fixture
    def patch(self, api, url, line):
        return lambda body: api("PATCH", f"{url}/{line.public_id}", body)

    def test_stays_as_it_is_when_its_plan_is_given_as_it_was_read(self, api, url, patch):
        read = api("GET", url).json()["lines"][0]
        for body in ({"planned": read["planned"]}, {"own": read["own"]}, {"vendor": "Studio"}):
            answer = patch(body)
            assert answer.status_code == 200, answer.content
            assert answer.json()["own"] == read["own"]
            assert answer.json()["planned"] == read["planned"]

    @pytest.mark.parametrize(
        "body",
        [
            {"planned": {"amount": "500", "currency": "USD"}},
            {"own": {"planned": {"amount": "500", "currency": "USD"}}},
            {"planned": {"amount": "500", "currency": "USD"}, "currency": "USD"},
        ],
    )
    def test_is_planned_in_its_own(self, patch, body):
        answer = patch(body)
        assert answer.status_code == 200, answer.content
        assert answer.json()["own"]["planned"] == {"amount": "500.00", "currency": "USD"}
        assert answer.json()["planned"] == {"amount": "3561.73", "currency": "CNY"}

    @pytest.mark.parametrize(
        ("currency", "code"), [("CNY", "own_currency"), ("EUR", "other_currency")]
    )
    def test_is_not_planned_in_a_third_nor_in_that_of_the_campaign(self, patch, currency, code):
        answer = patch({"planned": {"amount": "500", "currency": currency}})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code


class TestPuttingBackWhatWasRead:
    def test_changes_nothing(self, api, url, campaign, owner, auto):
        line = campaign.lines.first()
        book_cost(campaign, kind="actual", amount=Decimal(9), at=DAY, by=owner, line=line)
        before = api("GET", url).json()
        answer = api("PUT", url, before)
        assert answer.status_code == 200, answer.content
        after = answer.json()
        for lines in (before, after):
            for one in lines["lines"]:
                one.pop("version")
        assert after == before
        assert set(campaign.lines.values_list("pk", "auto")) >= {(auto.pk, "labour")}

    def test_also_of_a_line_in_another_currency(self, api, url, campaign, owner):
        line = campaign.lines.first()
        BudgetLine.objects.filter(pk=line.pk).update(
            currency="USD", rate=7, rate_on=DAY, own_planned=10, planned=70
        )
        before = api("GET", url).json()
        answer = api("PUT", url, before)
        assert answer.status_code == 200, answer.content
        assert answer.json()["lines"][0]["own"] == before["lines"][0]["own"]
        before["lines"][0]["own"]["planned"]["amount"] = "11"
        answer = api("PUT", url, {"lines": before["lines"]}).json()
        assert answer["lines"][0]["planned"]["amount"] == "77.00"

    def test_changes_what_was_changed_and_keeps_the_line(self, api, url, campaign, owner):
        budget = api("GET", url).json()
        budget["lines"][0] |= {"planned": {"amount": "7", "currency": "CNY"}, "vendor": "Studio"}
        budget["lines"].pop()
        budget["lines"].append({"category": "venue", "planned": 12})
        before = set(campaign.lines.values_list("pk", flat=True))
        after = api("PUT", url, budget).json()["lines"]
        assert (after[0]["id"], after[0]["planned"]["amount"]) == (budget["lines"][0]["id"], "7.00")
        assert (after[0]["vendor"], after[-1]["category"]) == ("Studio", "venue")
        assert len(before - set(campaign.lines.values_list("pk", flat=True))) == 1

    def test_lines_that_count_themselves_stay(self, api, url, auto):
        answer = api("PUT", url, {"lines": [{"category": "media", "planned": 5}]})
        assert answer.status_code == 200, answer.content
        assert [line["auto"] for line in answer.json()["lines"]] == [None, "labour"]

    @pytest.mark.parametrize("name", ["actual", "committed", "forecast", "variance"])
    def test_what_is_counted_cannot_be_set(self, api, url, auto, name):
        budget = api("GET", url).json()
        place = next(at for at, one in enumerate(budget["lines"]) if one["auto"])
        budget["lines"][place][name] = {"amount": "77", "currency": "CNY"}
        answer = api("PUT", url, budget)
        assert answer.status_code == 422
        problem = answer.json()["errors"][0]
        assert problem["at"] == f"/lines/{place}/{name}"
        assert "is counted and cannot be set; it is 0.00 CNY now" in problem["detail"]

    def test_whether_a_line_counts_itself_is_not_changed(self, api, url, auto):
        budget = api("GET", url).json()
        budget["lines"][0]["auto"] = "sending"
        problem = api("PUT", url, budget).json()["errors"][0]
        assert problem["at"] == "/lines/0/auto"

    def test_a_line_of_elsewhere_is_unknown(self, api, url, start):
        other = start(name="Other").lines.first()
        line = {"id": other.public_id, "category": "media", "planned": 5}
        assert api("PUT", url, {"lines": [line]}).json()["errors"][0]["at"] == "/lines/0/id"

    def test_money_keeps_a_line_from_going(self, api, url, campaign, owner):
        line = campaign.lines.first()
        book_cost(campaign, kind="actual", amount=Decimal(9), at=DAY, by=owner, line=line)
        budget = api("GET", url).json()
        answer = api("PUT", url, {"lines": budget["lines"][1:]})
        assert answer.status_code == 409
        assert campaign.lines.filter(pk=line.pk).exists()

    def test_after_the_launch_only_plans_are_fixed(self, api, url, campaign):
        type(campaign).objects.filter(pk=campaign.pk).update(status="running")
        budget = api("GET", url).json()
        budget["lines"][0]["vendor"] = "Studio"
        assert api("PUT", url, budget).status_code == 200
        budget = api("GET", url).json()
        budget["lines"][0]["planned"]["amount"] = "1"
        assert api("PUT", url, budget).json()["code"] == "launched"

    def test_needs_the_scope(self, api, url):
        budget = api("GET", url).json()
        assert api("PUT", url, budget, scopes=["budget:read"]).status_code == 403


class TestTwoWriters:
    def test_of_a_line_the_later_is_refused(self, api, url, campaign, owner, manager):
        seen = api("GET", url).json()["lines"][0]
        line = campaign.lines.first()
        edit_line(line, {"vendor": "Studio"}, by=manager)
        one = f"{url}/{seen['id']}"
        answer = api("PATCH", one, {"label": "Ads", "version": seen["version"]})
        assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
        assert "Li Qiang changed “Media” in the meantime: vendor" in answer.json()["detail"]
        answer = api("PUT", url, {"lines": [seen]})
        assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
        now = api("GET", url).json()["lines"][0]
        answer = api("PATCH", one, {"label": "Ads", "version": now["version"]})
        assert (answer.json()["label"], answer.json()["vendor"]) == ("Ads", "Studio")
        assert answer.json()["version"] > now["version"]
        assert api("PATCH", one, {"label": "Banners"}).status_code == 200  # nobody asked

    def test_an_undo_counts_as_well(self, api, url, campaign, manager):
        line = campaign.lines.first()
        change = edit_line(line, {"vendor": "Studio"}, by=manager)
        seen = api("GET", url).json()["lines"][0]
        undo(change, by=manager)
        answer = api("PATCH", f"{url}/{seen['id']}", {"label": "x", "version": seen["version"]})
        assert answer.status_code == 409

    def test_of_a_fact_the_later_is_refused(self, api, campaign, owner, manager):
        fields = {"key": "price.hero", "name": "Price", "values": {"": "99"}}
        fact = write_down(campaign, fields, by=owner)
        url = f"/campaigns/{campaign.public_id}/facts"
        seen = api("GET", url).json()["items"][0]
        change_fact(fact, {"values": {"": "89"}}, by=manager)
        one = f"{url}/{seen['id']}"
        answer = api("PATCH", one, {"values": {"": "79"}, "version": seen["version"]})
        assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
        assert "Li Qiang changed “Price” in the meantime: values" in answer.json()["detail"]
        now = api("GET", url).json()["items"][0]
        answer = api("PATCH", one, {"values": {"": "79"}, "version": now["version"]})
        assert answer.json()["values"] == {"": "79"}
