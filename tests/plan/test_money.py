"""Money of a campaign: promised, paid, taken back, and never more than there is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from muster.kit.errors import Invalid, Refused
from muster.plan.budget.actions import add_line, book_cost, drop_line, reverse_cost, set_lines
from muster.plan.budget.models import Cost, costs_by, spent
from muster.plan.budget.standing import standing

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 8)


@pytest.fixture
def book(campaign, owner):
    def enter(kind, amount, line=None, **more):
        return book_cost(
            campaign, kind=kind, amount=Decimal(str(amount)), at=DAY, by=owner, line=line, **more
        )

    return enter


class TestTheLedger:
    def test_sums_to_the_cent(self, campaign, book):
        for amount in ("0.10", "0.20", "123456.89"):
            book("actual", amount, channel="email")
        assert spent(campaign) == Decimal("123457.19")
        assert costs_by(campaign, "channel") == {"email": Decimal("123457.19")}

    def test_knows_categories(self, campaign, book):
        media, creative = campaign.lines.all()[:2]
        book("actual", 100, media)
        book("actual", 40, creative)
        book("actual", 5, category="venue")
        book("committed", 900, media)
        assert costs_by(campaign, "category") == {"media": 100, "creative": 40, "venue": 5}

    def test_takes_an_entry_back_by_a_counter_entry(self, campaign, book, owner):
        entry = book("actual", 100)
        reverse_cost(entry, by=owner, at=DAY)
        assert spent(campaign) == 0
        assert Cost.objects.count() == 2
        with pytest.raises(Refused, match="taken back already"):
            reverse_cost(entry, by=owner, at=DAY)

    def test_does_not_take_a_counter_entry_back(self, book, owner):
        counter = reverse_cost(book("actual", 100), by=owner, at=DAY)
        with pytest.raises(Refused):
            reverse_cost(counter, by=owner, at=DAY)


class TestSpendingTooMuch:
    def test_is_refused_with_the_exact_sum(self, campaign, book):
        book("actual", 450_000)
        with pytest.raises(Invalid) as caught:
            book("actual", "50000.01")
        assert caught.value.code == "over_budget"
        assert "0.01 CNY over the total of 500,000.00 CNY" in str(caught.value)
        assert spent(campaign) == 450_000

    def test_counts_promises_too(self, book):
        book("committed", 450_000)
        with pytest.raises(Invalid):
            book("committed", 60_000)

    def test_lets_what_was_promised_be_paid(self, campaign, book):
        line = campaign.lines.first()
        book("committed", 500_000, line)
        book("actual", 500_000, line)
        assert standing(campaign).free == 0

    def test_is_none_after_an_entry_was_taken_back(self, book, owner):
        reverse_cost(book("actual", 500_000), by=owner, at=DAY)
        book("actual", 500_000)

    @pytest.mark.parametrize("amount", ["0", "-5", "0.001", "1e13"])
    def test_amounts_are_amounts(self, book, amount):
        with pytest.raises(Invalid) as caught:
            book("actual", amount)
        assert caught.value.errors[0].at == "/amount"


class TestLines:
    def test_of_another_campaign_are_refused(self, start, book):
        with pytest.raises(Invalid, match="another campaign"):
            book("actual", 1, start(name="Other").lines.first())

    def test_with_money_on_them_stay(self, campaign, book, owner):
        line = campaign.lines.first()
        book("actual", 1, line)
        with pytest.raises(Refused, match="Money is booked"):
            drop_line(line, by=owner)
        with pytest.raises(Refused, match="Money is booked"):
            set_lines(campaign, [], by=owner)

    def test_are_all_replaced_or_none(self, campaign, owner):
        lines = [
            {"category": "media", "planned": Decimal(1)},
            {"category": "x", "planned": Decimal(1)},
        ]
        with pytest.raises(Invalid) as caught:
            set_lines(campaign, lines, by=owner)
        assert caught.value.errors[0].at == "/lines/1/category"
        assert campaign.lines.count() == 6

    def test_without_a_label_are_called_after_their_category(self, campaign, owner):
        line = add_line(campaign, {"category": "venue", "planned": Decimal(10)}, by=owner)
        assert line.label == "Venue"


class TestStanding:
    def test_of_each_line_the_larger_of_promised_and_paid_is_bound(self, campaign, book):
        media, creative = campaign.lines.all()[:2]
        book("committed", 170_400, media)
        book("actual", 120_300, media)
        book("actual", 28_000, creative)
        now = standing(campaign)
        assert (now.committed, now.actual, now.bound) == (170_400, 148_300, 198_400)
        assert now.free == 301_600
        assert now.keeps_rules
