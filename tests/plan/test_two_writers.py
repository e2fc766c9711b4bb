"""Two people in one sheet: nothing is overwritten unseen, and whoever comes second decides."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.html import escape

from muster.plan.budget.actions import edit_line, set_months
from muster.plan.budget.cells import Cell, WrittenMeanwhile, set_cells
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.actions import change_fact, write_down
from muster.plan.risks.actions import add_risk, edit_risk
from muster.plan.vendors.actions import add_vendor, edit_vendor

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(campaign):
    return f"/c/{campaign.public_id}/budget/cells"


@pytest.fixture
def lines(campaign):
    return {line.category: line for line in campaign.lines.all()}


def cell(line, field, text, was=None):
    return {"line": line.public_id, "field": field, "text": text, "was": was}


def post(client, url, *cells):
    return client.post(url, {"cells": json.dumps(cells)}, headers=HTMX)


@pytest.mark.django_db
class TestACellOfTheBudget:
    def test_that_a_colleague_changed_is_asked_about(
        self, client_for, owner, manager, url, campaign, lines
    ):
        line, tools = lines["creative"], lines["tools"]
        was = str(line.planned)
        edit_line(line, {"planned": Decimal(9000)}, by=manager)
        mine = cell(line, "planned", "=12*800", was), cell(tools, "vendor", "Abacus", "")
        answer = post(client_for(owner), url, *mine)
        assert answer.status_code == 409
        assert answer.headers["HX-Retarget"] == "#messages"
        page = answer.content.decode()
        assert "Li Qiang wrote: 9,000" in page
        assert "You wrote: 9,600" in page
        assert "1 more cell that you wrote is kept either way" in page
        # Nothing is kept yet, and nothing is lost: each button sends what it keeps.
        assert campaign.lines.get(pk=line.pk).planned == 9000
        assert campaign.lines.get(pk=tools.pk).vendor == ""
        kept = [
            cell(line, "planned", "=12*800", "9000.00"),
            cell(tools, "vendor", "Abacus", ""),
        ]
        assert escape(json.dumps(kept)) in page
        assert post(client_for(owner), url, *kept).status_code == 204
        assert campaign.lines.get(pk=line.pk).planned == 9600
        assert campaign.lines.get(pk=tools.pk).vendor == "Abacus"

    def test_is_asked_about_again_when_a_third_one_comes_between(
        self, client_for, owner, manager, url, campaign, lines
    ):
        line = lines["creative"]
        edit_line(line, {"vendor": "Other"}, by=manager)
        mine = cell(line, "vendor", "Studio", "Somebody")
        assert post(client_for(owner), url, mine).status_code == 409

    def test_that_says_the_same_is_kept(self, client_for, owner, manager, url, lines):
        line = lines["creative"]
        was = str(line.planned)
        edit_line(line, {"planned": Decimal(9600)}, by=manager)
        assert post(client_for(owner), url, cell(line, "planned", "9,600", was)).status_code == 204

    @pytest.mark.parametrize(
        ("field", "was", "text"),
        [
            ("planned", "{planned}", "7"),
            ("estimate", "", "5000"),
            ("core", "0", "1"),
            ("status", "planned", "contracted"),
            ("label", "{label}", "Film"),
        ],
    )
    def test_that_nobody_touched_is_kept(self, owner, campaign, lines, field, was, text):
        line = lines["creative"]
        was = was.format(planned=line.planned, label=line.label)
        assert len(set_cells(campaign, [Cell(line.pk, field, text, was)], by=owner)) == 1

    def test_beside_another_that_changed_is_kept(self, owner, manager, campaign, lines):
        line = lines["creative"]
        edit_line(line, {"vendor": "Studio"}, by=manager)
        assert len(set_cells(campaign, [Cell(line.pk, "channel", "Web", "")], by=owner)) == 1
        line.refresh_from_db()
        assert (line.vendor, line.channel) == ("Studio", "Web")

    def test_of_a_month_is_asked_about_too(self, owner, manager, campaign, lines):
        line = lines["creative"]
        month = campaign.starts.replace(day=1)
        set_months(line, {month: Decimal(100)}, by=manager)
        with pytest.raises(WrittenMeanwhile) as clash:
            set_cells(campaign, [Cell(line.pk, "2026-11", "70", "50")], by=owner)
        ((asked, both),) = clash.value.clashes
        assert (asked.was, both.theirs, both.mine, both.who) == ("100.00", "100", "70", manager)


@pytest.mark.django_db
class TestADrawer:
    """A form that saves all its fields keeps what only one changed and asks about the rest."""

    def since(self):
        return (timezone.now() - timedelta(minutes=5)).isoformat()

    def test_of_a_line(self, client_for, owner, manager, campaign, lines):
        line = lines["creative"]
        form = {
            "whole": "1", "label": line.label, "category": "creative", "channel": "Web",
            "vendor": "Mine", "planned": str(line.planned), "status": "planned", "currency": "",
            "estimate": "", "expected_return": "", "since": self.since(),
        }  # fmt: skip
        edit_line(line, {"vendor": "Theirs", "estimate": Decimal(700)}, by=manager)
        at = f"/c/{campaign.public_id}/budget/lines/{line.public_id}"
        answer = client_for(owner).post(at, form, headers=HTMX)
        assert answer.status_code == 409, answer.content
        assert answer.headers["HX-Retarget"] == "#line-clash"
        page = answer.content.decode()
        assert "Li Qiang wrote: Theirs" in page
        assert "You wrote: Mine" in page
        line.refresh_from_db()
        # The estimate that the form did not know of stays.
        assert (line.vendor, line.channel, line.estimate) == ("Theirs", "Web", 700)
        assert (
            client_for(owner).post(at, {**form, "mine": "vendor"}, headers=HTMX).status_code == 204
        )
        line.refresh_from_db()
        assert line.vendor == "Mine"

    def test_of_a_fact(self, client_for, owner, manager, campaign):
        fields = {"key": "price.hero", "name": "Price", "kind": "price", "values": {"": "199"}}
        fact = write_down(campaign, fields, by=owner)
        form = {"key": "price.hero", "name": "Price", "kind": "price", "value": "189",
                "evidence": "List", "since": self.since()}  # fmt: skip
        change_fact(fact, {"values": {"": "179"}, "unit": "¥"}, by=manager)
        at = f"/c/{campaign.public_id}/brief/facts/{fact.public_id}"
        answer = client_for(owner).post(at, form, headers=HTMX)
        assert answer.status_code == 409, answer.content
        page = answer.content.decode()
        assert "Li Qiang wrote: 179" in page
        assert "You wrote: 189" in page
        fact.refresh_from_db()
        assert (fact.values, fact.unit, fact.evidence) == ({"": "179"}, "¥", "List")

    def test_of_a_risk(self, client_for, owner, manager, campaign):
        risk = add_risk(campaign, {"title": "Stock"}, by=owner)
        form = {"title": "Stock", "category": "market", "likelihood": "3", "impact": "5",
                "response": "", "money": "0", "since": self.since()}  # fmt: skip
        edit_risk(risk, {"impact": 4, "response": "Order more"}, by=manager)
        at = f"/c/{campaign.public_id}/plan/risks/{risk.public_id}"
        answer = client_for(owner).post(at, form, headers=HTMX)
        assert answer.status_code == 409, answer.content
        risk.refresh_from_db()
        assert (risk.impact, risk.response) == (4, "Order more")

    def test_of_a_vendor(self, client_for, owner, manager):
        vendor = add_vendor({"name": "Studio", "contact": "1"}, by=owner)
        form = {"name": "Studio", "contact": "2", "scope": "Film", "since": self.since()}
        edit_vendor(vendor, {"contact": "3"}, by=manager)
        answer = client_for(owner).post(f"/vendors/{vendor.public_id}", form, headers=HTMX)
        assert answer.status_code == 409, answer.content
        vendor.refresh_from_db()
        assert (vendor.contact, vendor.scope) == ("3", "Film")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")
def test_of_two_who_write_at_once_one_is_asked(start, owner):
    campaign = start()
    line = campaign.lines.get(category="creative")
    ready = threading.Barrier(2)
    said = []

    def write(text):
        try:
            ready.wait(10)
            mine = [Cell(line.pk, "planned", text, str(line.planned))]
            said.append(len(set_cells(Campaign.objects.get(pk=campaign.pk), mine, by=owner)))
        except WrittenMeanwhile as clash:
            said.append(clash.clashes[0][1].theirs)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(text,)) for text in ("111", "222")]
    for one in writers:
        one.start()
    for one in writers:
        one.join(30)
    line.refresh_from_db()
    winner = f"{line.planned:.0f}"
    assert winner in {"111", "222"}
    assert sorted(map(str, said)) == sorted(["1", winner])
