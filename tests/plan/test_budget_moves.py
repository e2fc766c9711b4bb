"""Money on the move: pairs that net to zero, vaults, second persons, and a total that holds."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from muster.kit.errors import Invalid, Refused
from muster.plan.approvals.actions import decide
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.budget.actions import (
    add_line,
    book_cost,
    edit_line,
    reverse_cost,
    set_months,
    set_shares,
)
from muster.plan.budget.alerts import watch
from muster.plan.budget.automatic import keep_count, refresh
from muster.plan.budget.exchange import read_csv, set_rates
from muster.plan.budget.models import BudgetLine, BudgetMove, BudgetPolicy, Cost, PlanEntry
from muster.plan.budget.moves import move_money, raise_total, reverse_move
from muster.plan.budget.rules import Return, effect
from muster.plan.budget.standing import positions, standing
from muster.plan.campaigns.actions import edit_campaign, move, take_step
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import undo
from muster.team.members.giving import save_role
from muster.team.notices.actions import mark_read
from muster.team.notices.models import Notice
from muster.team.roles import ROLES
from muster.team.users.models import OwnRole

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 8)


def balanced(campaign):
    """The ledger's sum of every line is its plan."""
    sums: dict[int, Decimal] = {}
    for line, amount in PlanEntry.objects.filter(campaign=campaign).values_list("line", "amount"):
        sums[line] = sums.get(line, Decimal(0)) + amount
    plans = dict(campaign.lines.exclude(planned=0).values_list("pk", "planned"))
    return {line: amount for line, amount in sums.items() if amount} == plans


@pytest.fixture
def lines(campaign):
    return {line.category: line for line in campaign.lines.all()}


@pytest.fixture
def live(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(status="running")
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def book(campaign, owner):
    def enter(amount, line=None, kind="actual", **more):
        return book_cost(
            campaign, kind=kind, amount=Decimal(str(amount)), at=DAY, by=owner, line=line, **more
        )

    return enter


class TestAMove:
    def test_is_a_pair_that_nets_to_zero(self, campaign, lines, owner):
        made = move_money(
            campaign, lines["creative"], lines["tools"], Decimal(8000), by=owner, reason="Licences"
        )
        pair = sorted(made.entries.values_list("label", "amount"))
        assert pair == [("Creative", Decimal(-8000)), ("Tools", Decimal(8000))]
        assert campaign.lines.get(category="creative").planned == 42_000
        assert campaign.lines.get(category="tools").planned == 28_000
        assert balanced(campaign)

    def test_is_undone_by_a_counter_pair(self, campaign, lines, owner):
        made = move_money(
            campaign, lines["creative"], lines["tools"], Decimal(8000), by=owner, reason="Licences"
        )
        reverse_move(made, by=owner)
        assert campaign.lines.get(category="creative").planned == 50_000
        assert PlanEntry.objects.filter(move__isnull=False).count() == 4
        assert balanced(campaign)
        with pytest.raises(Refused, match="undone already"):
            reverse_move(made, by=owner)

    def test_takes_only_what_is_neither_promised_nor_spent(self, campaign, lines, owner, book):
        book(30_000, lines["creative"], "committed")
        book(45_000, lines["creative"])
        with pytest.raises(Invalid, match=r"5,000\.00 CNY left"):
            move_money(
                campaign,
                lines["creative"],
                lines["tools"],
                Decimal("5000.01"),
                by=owner,
                reason="x",
            )

    def test_above_the_limit_waits_for_a_second_person(self, campaign, lines, owner, user_with):
        # 5 % of 500,000 is 25,000.
        made = move_money(
            campaign, lines["media"], lines["tools"], Decimal("25000.01"), by=owner, reason="Shift"
        )
        assert made.state == "asked"
        assert campaign.lines.get(category="media").planned == 300_000
        request = ApprovalRequest.objects.get(kind="budget_move", object_id=made.pk)
        boss = user_with("executive")
        assert Notice.objects.filter(event="budget_move_asked").count() == 0  # came later than she
        decide(request, "approved", by=boss)
        made.refresh_from_db()
        assert (made.state, made.agreed_by) == ("posted", boss)
        assert campaign.lines.get(category="media").planned == Decimal("274999.99")
        assert balanced(campaign)

    def test_in_small_steps_waits_as_well(self, campaign, lines, owner):
        states = [
            move_money(
                campaign, lines["media"], lines["tools"], Decimal(9000), by=owner, reason="Shift"
            ).state
            for _step in range(3)
        ]
        # 27,000 in all would pass the 25,000 that one person may move alone.
        assert states == ["posted", "posted", "asked"]

    def test_asked_before_the_close_can_only_be_sent_back(
        self, campaign, lines, owner, user_with, client_for
    ):
        boss = user_with("executive")
        made = move_money(
            campaign, lines["media"], lines["tools"], Decimal(30_000), by=owner, reason="Shift"
        )
        request = ApprovalRequest.objects.get(kind="budget_move")
        Campaign.objects.update(status=Campaign.Status.REVIEWED)
        with pytest.raises(Refused, match=r"closed after this was asked.*Send the request back"):
            decide(request, "approved", by=boss)
        assert "Send the request back" in client_for(boss).get(request.room).content.decode()
        decide(request, "sent_back", by=boss, note="Too late")
        made.refresh_from_db()
        assert made.state == "refused"
        assert campaign.lines.get(category="media").planned == 300_000
        assert balanced(campaign)

    def test_that_was_sent_back_moves_nothing(self, campaign, lines, owner, user_with):
        boss = user_with("executive")
        made = move_money(
            campaign, lines["media"], lines["tools"], Decimal(30_000), by=owner, reason="Shift"
        )
        assert Notice.objects.get(event="budget_move_asked").to == boss
        request = ApprovalRequest.objects.get(kind="budget_move")
        decide(request, "sent_back", by=boss, note="Too early")
        made.refresh_from_db()
        assert made.state == "refused"
        assert not made.entries.exists()

    @pytest.mark.parametrize(
        ("amount", "reason", "at"),
        [("0", "x", "/amount"), ("1.001", "x", "/amount"), ("1", " ", "/reason")],
    )
    def test_needs_an_amount_and_a_reason(self, campaign, lines, owner, amount, reason, at):
        with pytest.raises(Invalid) as caught:
            move_money(
                campaign, lines["media"], lines["tools"], Decimal(amount), by=owner, reason=reason
            )
        assert at in [problem.at for problem in caught.value.errors]


class TestAVault:
    def test_is_not_spent_from(self, lines, book):
        for category in ("contingency", "flexible"):
            with pytest.raises(Invalid, match="locked"):
                book(1, lines[category])
        with pytest.raises(Invalid, match="locked"):
            book(1, category="contingency")

    def test_is_released_for_a_kind_of_reason(self, campaign, lines, owner):
        with pytest.raises(Invalid, match="emergency or an opportunity"):
            move_money(
                campaign,
                lines["contingency"],
                lines["media"],
                Decimal(9000),
                by=owner,
                reason="Rain",
            )
        made = move_money(
            campaign,
            lines["contingency"],
            lines["media"],
            Decimal(9000),
            by=owner,
            reason="Rain",
            reason_class="emergency",
        )
        assert (made.kind, made.state) == ("release", "posted")

    def test_needs_two_people_above_the_limit(self, campaign, lines, owner):
        made = move_money(
            campaign,
            lines["flexible"],
            lines["media"],
            Decimal("10000.01"),
            by=owner,
            reason="It sells",
            reason_class="opportunity",
        )
        assert made.state == "asked"

    def test_gets_back_at_the_close_what_was_not_spent(self, live, lines, owner, book):
        for amount in (4000, 3000):
            move_money(
                live,
                lines["contingency"],
                lines["creative"],
                Decimal(amount),
                by=owner,
                reason="Rain",
                reason_class="emergency",
            )
        book(52_500, live.lines.get(category="creative"))
        take_step(live, "end", by=owner)
        # 57,000 planned − 52,500 spent = 4,500 go back: 3,000 of the newest, 1,500 of the oldest.
        back = BudgetMove.objects.filter(kind="return").values_list("amount", flat=True)
        assert sorted(back) == [1500, 3000]
        assert live.lines.get(category="contingency").planned == 57_500
        assert live.lines.get(category="creative").planned == 52_500
        assert balanced(live)

    def test_gives_it_out_again_when_the_close_is_taken_back(self, live, lines, owner):
        for amount in (4000, 3000):
            move_money(
                live,
                lines["contingency"],
                lines["creative"],
                Decimal(amount),
                by=owner,
                reason="Rain",
                reason_class="emergency",
            )
        before = dict(live.lines.values_list("category", "planned"))
        for _twice in range(2):
            change = take_step(live, "end", by=owner)
            assert dict(live.lines.values_list("category", "planned")) != before
            undo(change, by=owner)
            live.refresh_from_db()
            assert live.status == "running"
            assert dict(live.lines.values_list("category", "planned")) == before
        assert balanced(live)


class TestTheTotal:
    def test_is_not_lowered_below_what_is_bound(self, campaign, owner, lines, book):
        book(200_000, lines["media"], "committed")
        with pytest.raises(Invalid, match=r"200,000\.00 CNY is promised or spent"):
            edit_campaign(campaign, {"total_budget": Decimal(199_999)}, by=owner)

    def test_is_not_lowered_by_an_undo(self, campaign, owner, lines, book):
        change = edit_campaign(campaign, {"total_budget": Decimal(600_000)}, by=owner)
        book(550_000, lines["media"])
        with pytest.raises(Invalid):
            undo(change, by=owner)
        campaign.refresh_from_db()
        assert campaign.total_budget == 600_000

    def test_grows_after_the_launch_by_an_approval_only(self, live, owner, lines, user_with, book):
        with pytest.raises(Invalid, match="approval only"):
            edit_campaign(live, {"total_budget": Decimal(500_001)}, by=owner)
        made = raise_total(live, lines["media"], Decimal(20_000), by=owner, reason="It sells")
        with pytest.raises(Invalid, match="over the total"):
            book(500_001, lines["media"])
        decide(
            ApprovalRequest.objects.get(object_id=made.pk), "approved", by=user_with("executive")
        )
        live.refresh_from_db()
        assert live.total_budget == 520_000
        assert live.lines.get(category="media").planned == 320_000
        book(520_000, lines["media"])
        assert standing(live).free == 0
        assert balanced(live)

    def test_stops_an_automatic_line_too(self, campaign, owner, book):
        line = add_line(
            campaign, {"category": "people", "label": "Hours", "planned": Decimal(0)}, by=owner
        )
        BudgetLine.objects.filter(pk=line.pk).update(auto="labour")
        line.refresh_from_db()
        book(499_000, category="venue")
        keep_count(line, Decimal(1500))
        assert Cost.objects.get(source="auto").amount == 1000
        assert standing(campaign).free == 0

    def test_takes_back_what_an_automatic_line_counted_too_much(self, campaign, owner):
        line = add_line(
            campaign, {"category": "people", "label": "Hours", "planned": Decimal(0)}, by=owner
        )
        BudgetLine.objects.filter(pk=line.pk).update(auto="labour")
        line.refresh_from_db()
        for amount in (600, 1000, 700):
            keep_count(line, Decimal(amount))
            assert sum(Cost.objects.values_list("amount", flat=True)) == amount
        # 600, +400, −400, +100: nothing is wiped out.
        assert [int(one.amount) for one in Cost.objects.order_by("pk")] == [600, 400, -400, 100]

    def test_tells_the_owner_in_one_message_that_is_news_at_each_threshold(
        self, campaign, lines, book, owner
    ):
        told = []
        for amount in (399_999, 1, 50_000, 25_000, 25_000):
            book(amount, lines["media"])
            notices = list(Notice.objects.filter(event="budget_line_crossed", to=owner))
            told.append([(n.params["percent"], n.read_at is None) for n in notices])
            # Whoever has read of 80 % hears of 95 % anew, and of nothing in between.
            mark_read(owner)
        assert told == [[], [(80, True)], [(80, False)], [(95, True)], [(100, True)]]

    def test_tells_those_who_keep_the_books_too(self, campaign, lines, book, owner, user_with):
        rights = ROLES["executive"].permissions | {"budget.edit"}
        save_role(None, "Finance", "executive", rights, by=owner)
        keeper = user_with("executive", "Ma Li")
        user_with("executive", "Sun Yu", "sun@muster.test")
        keeper.own_role = OwnRole.objects.get()
        keeper.save()
        book(400_000, lines["media"])
        told = Notice.objects.filter(event="budget_line_crossed").values_list("to", flat=True)
        assert set(told) == {owner.pk, keeper.pk}

    def test_says_how_it_is_now_and_nothing_once_there_is_enough(
        self, campaign, lines, book, owner
    ):
        book(480_000, lines["media"])
        notice = Notice.objects.get(event="budget_line_crossed")
        assert notice.params["percent"] == 95
        Campaign.objects.filter(pk=campaign.pk).update(total_budget=Decimal(590_000))
        campaign.refresh_from_db()
        watch(campaign, Decimal(480_000))
        notice.refresh_from_db()
        assert (notice.params["percent"], notice.times, notice.closed_at) == (80, 1, None)
        watch(campaign, Decimal(100_000))
        notice.refresh_from_db()
        assert notice.closed_at is not None
        watch(campaign, Decimal(480_000))
        notice.refresh_from_db()
        assert (notice.params["percent"], notice.closed_at) == (80, None)


class TestAfterTheLaunch:
    def test_a_plan_changes_by_moves_only(self, live, lines, owner):
        with pytest.raises(Refused, match="launched"):
            edit_line(lines["media"], {"planned": Decimal(1)}, by=owner)
        with pytest.raises(Refused, match="launched"):
            add_line(live, {"category": "venue", "planned": Decimal(1)}, by=owner)
        edit_line(lines["media"], {"vendor": "抖音", "estimate": Decimal(310_000)}, by=owner)
        add_line(live, {"category": "venue", "planned": Decimal(0)}, by=owner)

    def test_an_edit_before_it_is_not_undone(self, campaign, lines, owner):
        change = edit_line(lines["media"], {"planned": Decimal(290_000)}, by=owner)
        Campaign.objects.update(status="running")
        with pytest.raises(Refused, match="launched since"):
            undo(change, by=owner)

    def test_an_undo_before_it_balances(self, campaign, lines, owner):
        change = edit_line(lines["media"], {"planned": Decimal(290_000)}, by=owner)
        undo(change, by=owner)
        assert campaign.lines.get(category="media").planned == 300_000
        assert balanced(campaign)


class TestTheForecast:
    def test_is_never_less_than_what_is_bound(self, campaign, lines, owner, book):
        edit_line(lines["media"], {"estimate": Decimal(100_000)}, by=owner)
        book(120_000, lines["media"], "committed")
        book(80_000, lines["media"])
        media = next(p for p in positions(campaign) if p.line.category == "media")
        assert (media.forecast, media.variance) == (120_000, -180_000)
        edit_line(media.line, {"status": "invoiced"}, by=owner)
        media = next(p for p in positions(campaign) if p.line.category == "media")
        assert media.forecast == 80_000

    def test_follows_the_status_of_the_line(self, campaign, lines, book):
        book(10, lines["media"], "committed")
        assert campaign.lines.get(category="media").status == "contracted"
        book(10, lines["media"])
        assert campaign.lines.get(category="media").status == "happened"


class TestOtherCurrencies:
    @pytest.fixture
    def usd(self, campaign, owner):
        set_rates(read_csv("day,currency,in,rate\n2026-10-01,USD,CNY,7.12"), by=owner)
        return add_line(
            campaign,
            {
                "category": "tools",
                "label": "SaaS",
                "planned": Decimal("1000.50"),
                "currency": "USD",
            },
            by=owner,
        )

    def test_are_planned_at_a_locked_rate(self, campaign, usd, owner):
        # 1,000.50 × 7.12 = 7,123.56
        assert (usd.own_planned, usd.planned) == (Decimal("1000.50"), Decimal("7123.56"))
        set_rates([(DAY, "USD", "CNY", Decimal("8"))], by=owner)
        edit_line(usd, {"planned": Decimal(2000)}, by=owner)
        usd.refresh_from_db()
        assert (usd.own_planned, usd.planned) == (2000, 14_240)
        assert balanced(campaign)

    def test_are_paid_at_the_lines_rate(self, usd, book):
        entry = book(100, usd, currency="USD")
        assert (entry.own_amount, entry.amount) == (100, 712)

    def test_are_paid_at_the_rate_of_the_day_elsewhere(self, usd, book, owner, lines):
        set_rates([(DAY, "USD", "CNY", Decimal("7.3"))], by=owner)
        entry = book(100, lines["media"], currency="USD")
        counter = reverse_cost(entry, by=owner, at=DAY)
        assert (entry.amount, counter.amount, counter.own_amount) == (730, -730, -100)

    def test_need_a_rate(self, book, lines):
        with pytest.raises(Invalid, match="No rate from JPY to CNY"):
            book(100, lines["media"], currency="JPY")

    def test_name_the_bad_row(self):
        with pytest.raises(Invalid, match="Row 2"):
            read_csv("2026-10-01,USD,CNY,7.12\n2026-13-01,USD,CNY,7")


class TestMonths:
    def test_never_exceed_the_line(self, start, owner):
        long = start(starts=date(2026, 10, 15), ends=date(2026, 12, 20))
        media = long.lines.first()
        set_months(media, {date(2026, 11, 1): Decimal(300_000)}, by=owner)
        with pytest.raises(Invalid, match=r"0\.01 CNY more"):
            set_months(media, {date(2026, 11, 1): Decimal("300000.01")}, by=owner)
        with pytest.raises(Invalid, match="no day in this month"):
            set_months(media, {date(2027, 1, 1): Decimal(1)}, by=owner)


class TestTheRuleBar:
    def test_divides_the_total_and_keeps_ratios(self, campaign, owner):
        parts = {"core": 325_000, "other": 75_000, "contingency": 50_000, "flexible": 50_000}
        set_shares(campaign, {part: Decimal(v) for part, v in parts.items()}, by=owner)
        now = {line.category: line.planned for line in campaign.lines.all()}
        # creative, tools, people were 50:20:20 of 90,000; floor(…×75,000), the largest takes the rest
        assert now == {
            "media": 325_000,
            "creative": 41_668,
            "tools": 16_666,
            "people": 16_666,
            "contingency": 50_000,
            "flexible": 50_000,
        }
        assert balanced(campaign)

    def test_wants_the_whole_total(self, campaign, owner):
        with pytest.raises(Invalid, match="add up to the total"):
            set_shares(campaign, {"core": Decimal(1)}, by=owner)


class TestAutomaticLines:
    def test_book_the_hours_of_finished_tasks_once(self, campaign, owner, user_with):
        from muster.plan.tasks.models import Duty, Task

        BudgetPolicy.objects.create(rates={"content": "120", "manager": "200"})
        add_line(
            campaign, {"category": "people", "label": "Hours", "planned": Decimal(0)}, by=owner
        )
        campaign.lines.filter(label="Hours").update(auto="labour")
        writer, manager = user_with("content"), user_with("manager")
        both = Task.objects.create(campaign=campaign, title="Write", status="done", hours=10)
        days = Task.objects.create(campaign=campaign, title="Film", status="done", days=2)
        late = Task.objects.create(campaign=campaign, title="Later", status="doing", hours=99)
        for task, user in ((both, writer), (both, manager), (days, writer), (late, writer)):
            Duty.objects.create(task=task, user=user, letter="R")
        # 5 h × 120 + 5 h × 200 + 2 days × 8 h × 120 = 3,520
        for _again in range(2):
            refresh(campaign, at_once=True)
        assert list(Cost.objects.values_list("amount", "source")) == [(3520, "auto")]

    def test_show_discounts_without_booking_them(self, campaign, owner, book):
        line = add_line(
            campaign, {"category": "discounts", "label": "Coupons", "planned": Decimal(0)}, by=owner
        )
        BudgetLine.objects.filter(pk=line.pk).update(auto="discounts")
        line.refresh_from_db()
        keep_count(line, Decimal(9650))
        assert not Cost.objects.exists()
        now = standing(campaign)
        assert (now.actual, now.free) == (9650, 490_350)
        with pytest.raises(Invalid, match="count the money twice"):
            book(1, category="discounts")


class TestClosedBudgets:
    def test_stay_as_they_were(self, campaign, lines, owner):
        Campaign.objects.update(status="ended")
        move(Campaign.objects.get(), "archived", by=owner)
        with pytest.raises(Refused, match="closed"):
            move_money(campaign, lines["media"], lines["tools"], Decimal(1), by=owner, reason="x")


class TestTheEffect:
    @pytest.mark.parametrize(
        ("source", "target", "found"),
        [
            # 1,000 of 20,000 are a twentieth of 80 orders; of 5,000 a fifth of 30.
            ((20_000, 80), (5_000, 30), (4, 6, 2)),
            ((20_000, 80), (5_000, 0), (4, 0, -4)),
            ((0, 80), (5_000, 30), None),
            (None, (5_000, 30), None),
        ],
    )
    def test_is_what_the_money_brings_on_average(self, source, target, found):
        ends = [
            Return(Decimal(one[0]), Decimal(one[1])) if one else None for one in (source, target)
        ]
        got = effect(*ends, Decimal(1000))
        assert (got and (got.lost, got.won, got.change)) == found

    @pytest.fixture
    def ask(self, campaign, lines, owner, client_for):
        def ask(amount="1000"):
            url = f"/c/{campaign.public_id}/budget/move"
            query = {"effect": "1", "source": lines["media"].pk, "target": lines["tools"].pk}
            answer = client_for(owner).get(url, {**query, "amount": amount})
            assert answer.status_code == 200
            return answer.content.decode()

        return ask

    def test_is_shown_as_the_channels_did(self, ask, campaign, lines, monkeypatch):
        lines["media"].channel, lines["tools"].channel = "ads", "email"
        for line in lines.values():
            line.save()
        brought = {
            "ads": Return(Decimal(20_000), Decimal(80)),
            "email": Return(Decimal(5_000), Decimal(30)),
        }
        monkeypatch.setattr("muster.plan.budget.effect._returns", [lambda campaign: brought])
        page = ask("=500*2")
        assert "about 4 orders fewer by Paid ads, 6 more by Mail, altogether +2" in page

    def test_is_shown_as_the_lines_are_expected_to_do(self, ask, lines, monkeypatch):
        monkeypatch.setattr("muster.plan.budget.effect._returns", [])
        assert "cannot be told yet" in ask()
        # 300,000 are to bring 900,000: three for each; the tools line is to bring half of its plan.
        BudgetLine.objects.filter(pk=lines["media"].pk).update(expected_return=900_000)
        tools = lines["tools"]
        BudgetLine.objects.filter(pk=tools.pk).update(expected_return=tools.planned / 2)
        page = ask()
        assert "3,000" in page
        assert "500" in page
        assert "−2,500" in page

    def test_says_nothing_before_it_is_filled_in(self, ask):
        assert ask("").strip() == ""


class TestAVaultThatOtherLinesReachInto:
    """40,000 for A, 12,000 of contingency and 10,000 to move, of 100,000."""

    @pytest.fixture
    def small(self, campaign, owner):
        campaign.lines.all().delete()
        Campaign.objects.filter(pk=campaign.pk).update(total_budget=100_000)
        campaign.refresh_from_db()
        return campaign

    @pytest.fixture
    def made(self, small, owner):
        plans = {"media": 40_000, "flexible": 10_000, "contingency": 12_000}
        return {
            key: add_line(small, {"category": key, "planned": Decimal(amount)}, by=owner)
            for key, amount in plans.items()
        }

    @pytest.fixture
    def left(self, api, small):
        def read():
            shown = api("GET", f"/campaigns/{small.public_id}/budget").json()["vaults"]
            return [one["left"]["amount"] for one in shown]

        return read

    @pytest.fixture
    def spend(self, api, small, made):
        url = f"/campaigns/{small.public_id}/costs"
        line = made["media"].public_id
        return lambda amount: api("POST", url, {"amount": amount, "line": line})

    def told(self, owner):
        return list(Notice.objects.filter(to=owner, event="vault_reached", closed_at=None))

    def test_stays_whole_while_the_rest_of_the_total_suffices(self, spend, left, owner):
        assert spend("78000").json()["warnings"] == []
        assert left() == ["12000.00", "10000.00"]
        assert self.told(owner) == []

    def test_shows_what_is_really_left_and_warns(self, spend, left, owner, client_for, small):
        (warning,) = spend("99000").json()["warnings"]
        assert "of what is locked" in warning
        assert left() == ["1000.00", "0.00"]
        page = client_for(owner).get(f"/c/{small.public_id}/budget").content.decode()
        assert re.search(r"really left: \S*1,000", page)
        assert len(self.told(owner)) == 1

    def test_is_news_again_when_more_is_taken_and_over_when_it_is_given_back(
        self, api, spend, owner, small
    ):
        first = spend("80000").json()
        mark_read(owner, [one.pk for one in self.told(owner)])
        spend("5000")
        (notice,) = self.told(owner)
        assert notice.read_at is None
        for cost in list(small.costs.filter(kind="actual")):
            reverse_cost(cost, by=owner, at=DAY)
        assert self.told(owner) == []
        assert first["warnings"]

    def test_releases_no_more_than_is_left(self, api, spend, made, small):
        spend("99000")
        url = f"/campaigns/{small.public_id}/budget/releases"
        body = {
            "from": made["contingency"].public_id,
            "to": made["media"].public_id,
            "amount": "1000.01",
            "reason": "Rain",
            "reason_class": "emergency",
        }
        answer = api("POST", url, body)
        assert answer.status_code == 422
        assert "only 1,000.00 CNY is really left" in answer.json()["errors"][0]["detail"]
        assert api("POST", url, body | {"amount": "1000"}).status_code == 201
        flexible = body | {"from": made["flexible"].public_id, "amount": "1"}
        assert api("POST", url, flexible).status_code == 422
