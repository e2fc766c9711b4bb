"""A small budget goes to the channels that brought most, by numbers that can be worked out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from muster.kit.errors import Invalid, Refused
from muster.plan.budget.actions import add_line
from muster.plan.budget.models import BudgetLine
from muster.plan.budget.rules import SHARES, Policy, Return, Share
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import views
from muster.plan.frugal.actions import take_over
from muster.plan.frugal.proposing import known, propose
from muster.plan.frugal.rules import Try, chosen, records, split
from muster.team.changes.actions import may_undo, undo
from muster.team.users.models import OwnRole

HTMX = {"HX-Request": "true"}
D = Decimal


def told(*pairs):
    return [Try(f"No. {n}", D(cost), D(revenue)) for n, (cost, revenue) in enumerate(pairs)]


class TestRecords:
    def test_weigh_campaigns_by_their_money(self):
        [mail] = records({"email": told((1000, 4000), (3000, 6000))})
        # (10,000 − 4,000) ÷ 4,000; alone they were 3 and 1.
        assert (mail.n, mail.roi, mail.least, mail.most) == (2, D("1.5"), 1, 3)

    def test_leave_out_what_cost_nothing(self):
        found = records({"email": told((0, 4000), (1000, 1500)), "site": told((0, 900))})
        assert [(one.channel, one.n, one.roi) for one in found] == [("email", 1, D("0.5"))]

    def test_come_with_the_best_first(self):
        found = records(
            {"ads": told((100, 150)), "sms": told((100, 300)), "email": told((100, 90))}
        )
        assert [one.channel for one in found] == ["sms", "ads", "email"]


class TestTheChoice:
    def of(self, **channels):
        return [one.channel for one in chosen(records({k: told(*v) for k, v in channels.items()}))]

    def test_needs_two_campaigns_of_two_channels(self):
        assert self.of(email=[(100, 300), (100, 300)], sms=[(100, 900)]) == []
        assert self.of(email=[(100, 300), (100, 300)], sms=[(100, 200), (50, 60)]) == [
            "email",
            "sms",
        ]

    def test_takes_three_at_most(self):
        twice = {name: [(100, n * 100)] * 2 for n, name in enumerate("abcd", 2)}
        assert self.of(**twice) == ["d", "c", "b"]

    def test_takes_only_what_earned_its_cost(self):
        twice = {name: [(100, brought)] * 2 for name, brought in (("a", 100), ("b", 99))}
        assert self.of(**twice) == ["a"]
        assert self.of(b=twice["b"], c=twice["b"]) == []

    def test_knows_what_was_never_tried(self):
        [mail] = records({"email": told((1000, 4000), (3000, 6000))})
        assert not mail.is_beyond(D(6000))
        assert mail.is_beyond(D(6001))


class TestTheSplit:
    def of(self, total, channels, policy=None, taken=0):
        parts = split(D(total), channels, policy or Policy(), D(taken))
        return parts and [(one.channel or one.category, one.planned, one.core) for one in parts]

    def test_of_two_channels(self):
        assert self.of(30_000, ["email", "sms"]) == [
            ("email", D(18_000), True),
            ("sms", D(6_000), False),
            ("contingency", D(3_000), False),
            ("flexible", D(3_000), False),
        ]

    def test_of_one_channel(self):
        assert self.of(30_000, ["email"])[0] == ("email", D(24_000), True)

    def test_of_three_channels(self):
        # 60 %, then 6 and 4 tenths of the 20 % that are left.
        assert [planned for _name, planned, _core in self.of(30_000, ["a", "b", "c"])] == [
            18_000, 3_600, 2_400, 3_000, 3_000,
        ]  # fmt: skip

    def test_is_exact_to_the_cent(self):
        # Reserve 1000.10 up to 1001, flexible down to 1000, core 6000.60 up to 6001; 1999.01 are
        # left: 1199 and 799, and 1.01 for the best.
        found = self.of("10001.01", ["a", "b", "c"])
        assert [planned for _name, planned, _core in found] == [
            D("6002.01"), 1199, 799, 1001, 1000,
        ]  # fmt: skip
        assert sum(planned for _name, planned, _core in found) == D("10001.01")

    @pytest.mark.parametrize("total", ["7", "99.99", "100", "1234.56", "29999", "500000"])
    @pytest.mark.parametrize("count", [2, 3])
    def test_keeps_the_rules(self, total, count):
        parts = split(D(total), ["a", "b", "c"][:count], Policy())
        sums = {one.category: one.planned for one in parts if not one.channel}
        assert sum(one.planned for one in parts) == D(total)
        assert parts[0].planned >= D("0.6") * D(total)
        assert D("0.10") * D(total) <= sums["contingency"] <= D("0.15") * D(total)
        assert D("0.08") * D(total) <= sums["flexible"] <= D("0.12") * D(total)

    def test_follows_the_rules_of_the_workspace(self):
        own = (
            Share("core", "core", D("0.50")),
            Share("contingency", "contingency", D("0.15"), D("0.20")),
            Share("film", "creative", D("0.05"), title="Films"),
        )
        assert self.of(10_000, ["a", "b"], Policy(shares=own)) == [
            ("a", 5000, True),
            ("b", 3000, False),
            ("contingency", 1500, False),
            ("creative", 500, False),
        ]

    def test_keeps_one_reserve_for_two_rules(self):
        own = Share("own-1", "contingency", D("0.12"), title="Reserve")
        assert self.of(10_000, ["a", "b"], Policy(shares=(*SHARES, own))) == [
            ("a", 6000, True),
            ("b", 1800, False),
            ("contingency", 1200, False),
            ("flexible", 1000, False),
        ]

    def test_leaves_room_for_lines_that_count_themselves(self):
        assert [planned for _name, planned, _core in self.of(30_000, ["a", "b"], taken=1000)] == [
            18_000, 5_000, 3_000, 3_000,
        ]  # fmt: skip
        assert self.of(30_000, ["a", "b"], taken=6001) is None

    def test_is_none_where_the_rules_ask_for_more_than_there_is(self):
        core = replace(SHARES[1], least=D("0.90"))
        assert self.of(30_000, ["a", "b"], Policy(shares=(SHARES[0], core, SHARES[2]))) is None


BROUGHT = {
    "Spring": {
        "email": Return(D(1000), D(40), D(4000)),
        "sms": Return(D(500), D(10), D(1000)),
        "(refunds)": Return(D(0), D(0), D(-200)),
    },
    "Summer": {
        "email": Return(D(3000), D(50), D(6000)),
        "sms": Return(D(1500), D(30), D(3000)),
        "ads": Return(D(9000), D(90), D(90_000)),
    },
    "Abroad": {"ads": Return(D(1), D(90), D(90_000))},
}


@pytest.fixture
def past(start, monkeypatch):
    """Mail brought 1.5 times its cost beyond it, text messages 1; ads were tried only once here."""
    first = date(2026, 3, 1)
    for n, name in enumerate(BROUGHT):
        days = {
            "starts": first + timedelta(days=30 * n),
            "ends": first + timedelta(days=30 * n + 5),
        }
        currency = "USD" if name == "Abroad" else "CNY"
        one = start(name=name, goals=[], currency=currency, **days)
        Campaign.objects.filter(pk=one.pk).update(status=Campaign.Status.REVIEWED)
    asked = [lambda campaign: BROUGHT.get(campaign.name)]
    monkeypatch.setattr("muster.plan.budget.effect._returns", asked)


def lines(campaign):
    return [(one.label, one.planned, one.core) for one in campaign.lines.all()]


def returns(campaign):
    rows = campaign.lines.exclude(channel="")
    return list(rows.values_list("expected_return", flat=True))


@pytest.mark.django_db
class TestAProposal:
    def test_asks_ended_campaigns_of_the_same_currency(self, past, campaign):
        found = known(campaign)
        assert (found.campaigns, found.apart) == (2, 1)
        assert [(one.channel, one.n, one.roi) for one in found.records] == [
            ("ads", 1, 9),
            ("email", 2, D("1.5")),
            ("sms", 2, 1),
        ]
        assert [one.channel for one in found.chosen] == ["email", "sms"]

    def test_is_none_without_enough(self, campaign, monkeypatch):
        monkeypatch.setattr("muster.plan.budget.effect._returns", [])
        assert propose(campaign, D(30_000), known(campaign)) is None

    def test_becomes_the_budget_and_is_taken_back(self, past, campaign, owner):
        before = lines(campaign)
        change = take_over(campaign, D(30_000), by=owner)
        campaign.refresh_from_db()
        assert campaign.total_budget == 30_000
        assert lines(campaign) == [
            ("Mail", 18_000, True),
            ("SMS", 6_000, False),
            ("Contingency", 3_000, False),
            ("Flexible", 3_000, False),
        ]
        # Both are more than twice of what was ever tried, so nobody knows what they bring.
        assert returns(campaign) == [None, None]
        undo(change, by=owner)
        campaign.refresh_from_db()
        assert (campaign.total_budget, lines(campaign)) == (500_000, before)

    def test_is_taken_back_by_whoever_may_write_it(self, past, campaign, user_with, owner):
        finance = user_with("executive")
        rights = ["campaigns.see", "insights.see", "budget.see", "budget.edit"]
        finance.own_role = OwnRole.objects.create(
            name="Finance", base="executive", permissions=rights
        )
        finance.save()
        assert not finance.may("campaigns.edit")
        change = take_over(campaign, D(30_000), by=finance)
        undo(change, by=finance)
        campaign.refresh_from_db()
        assert campaign.total_budget == 500_000
        other = edit_campaign(campaign, {"name": "Other", "total_budget": D(1)}, by=owner)
        assert not may_undo(other, finance)

    def test_expects_what_was_brought_where_it_was_tried(self, past, campaign, owner):
        take_over(campaign, D(5000), by=owner)
        # 3,000 × 2.5 and 1,000 × 2.
        assert returns(campaign) == [7500, 2000]

    def test_is_none_where_no_channel_earned_its_cost(self, past, campaign, owner, monkeypatch):
        lost = {"email": Return(D(100), D(1), D(99)), "sms": Return(D(100), D(1), D(0))}
        monkeypatch.setattr("muster.plan.budget.effect._returns", [lambda campaign: lost])
        assert known(campaign).is_enough
        assert propose(campaign, D(30_000), known(campaign)) is None
        with pytest.raises(Refused, match="earned back"):
            take_over(campaign, D(30_000), by=owner)

    def test_is_refused_where_it_breaks_a_rule_of_the_workspace(self, past, campaign, monkeypatch):
        """At most half for media, where the channels would get 24,000 of 30,000."""
        own = Policy(shares=(*SHARES, Share("own-1", "media", most=D("0.50"), title="Media")))
        monkeypatch.setattr("muster.plan.frugal.proposing.policy", lambda: own)
        with pytest.raises(Refused) as refused:
            propose(campaign, D(30_000), known(campaign))
        assert refused.value.code == "breaks_rule"
        assert "“Media” gets 80" in refused.value.params["rule"]

    def test_keeps_lines_that_count_themselves(self, past, campaign, owner):
        fields = {"category": "people", "label": "Hours", "auto": "labour", "planned": D(1000)}
        add_line(campaign, fields, by=owner)
        take_over(campaign, D(30_000), by=owner)
        sums = {one.label: one.planned for one in campaign.lines.all()}
        assert (sums["Hours"], sums["SMS"], sum(sums.values())) == (1000, 5000, 30_000)

    def test_is_for_campaigns_that_are_not_launched(self, past, campaign, owner):
        Campaign.objects.filter(pk=campaign.pk).update(status=Campaign.Status.RUNNING)
        with pytest.raises(Refused):
            take_over(campaign, D(30_000), by=owner)
        assert Campaign.objects.get(pk=campaign.pk).total_budget == 500_000

    @pytest.mark.parametrize("amount", ["0", "-5", "1.005", "1e12"])
    def test_of_no_sum(self, past, campaign, amount):
        with pytest.raises(Invalid):
            propose(campaign, D(amount), known(campaign))


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def url(self, campaign):
        return f"/c/{campaign.public_id}/budget/small"

    def test_show_and_write_it(self, past, client_for, owner, url, campaign):
        client = client_for(owner)
        assert "amount=500000" in client.get(url).content.decode()
        text = client.get(url, {"amount": "3万"}, headers=HTMX).content.decode()
        assert "ROI 150% in 2 campaigns, from 100% to 300%" in text
        assert "18,000" in text
        assert "1 campaign does not count in CNY" in text
        answer = client.post(f"{url}/take-over", {"amount": "30000.00"}, headers=HTMX)
        assert answer.status_code == 204
        assert "undo" in answer.headers["HX-Trigger"]
        assert campaign.lines.get(channel="email").planned == 18_000

    def test_say_that_too_little_is_known(self, client_for, owner, url, monkeypatch):
        monkeypatch.setattr("muster.plan.budget.effect._returns", [])
        text = client_for(owner).get(url, {"amount": "30000"}, headers=HTMX).content.decode()
        assert "Too little is known" in text
        assert "Make this the budget" not in text

    def test_are_for_those_who_see_money_and_results(self, past, client_for, user_with, url):
        assert client_for(user_with("sales")).get(url).status_code == 403
        analyst = client_for(user_with("analyst"))
        text = analyst.get(url, {"amount": "30000"}, headers=HTMX).content.decode()
        assert "18,000" in text
        assert "Make this the budget" not in text
        assert analyst.post(f"{url}/take-over", {"amount": "30000"}).status_code == 403

    def test_are_offered_only_to_those_who_see_results(self, campaign, owner, user_with):
        def offered(user):
            return [one.key for one in views("budget", campaign, user, "lines")]

        assert "frugal" in offered(owner)
        seer = user_with("sales")
        rights = {"campaigns.see", "budget.see"}
        seer.may = rights.__contains__
        assert offered(seer) == ["lines", "months", "curve", "ledger"]


@pytest.mark.django_db
class TestApi:
    def test_proposes_and_writes(self, past, api, campaign):
        path = f"/campaigns/{campaign.public_id}/budget/small"
        found = api("GET", f"{path}?amount=30000").json()
        assert [one["channel"] for one in found["channels"]] == ["ads", "email", "sms"]
        assert found["channels"][1]["roi"] == 1.5
        assert [one["planned"]["amount"] for one in found["lines"]] == [
            "18000.00", "6000.00", "3000.00", "3000.00",
        ]  # fmt: skip
        written = api("POST", path, {"amount": "30000"}).json()
        assert written["total"]["amount"] == "30000.00"
        assert BudgetLine.objects.get(campaign=campaign, channel="sms").planned == 6000

    def test_asks_for_the_right_to_results(self, past, api, campaign):
        path = f"/campaigns/{campaign.public_id}/budget/small?amount=1"
        few = ["campaigns:read", "budget:read"]
        assert api("GET", path, scopes=few).status_code == 403

    def test_says_that_too_little_is_known(self, api, campaign, monkeypatch):
        monkeypatch.setattr("muster.plan.budget.effect._returns", [])
        path = f"/campaigns/{campaign.public_id}/budget/small"
        assert api("GET", f"{path}?amount=30000").json()["lines"] is None
        refused = api("POST", path, {"amount": "30000"})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_enough")
