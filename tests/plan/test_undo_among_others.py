"""Undo takes back one's own change, never what a colleague did since, and passes all guards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from muster.kit.errors import Invalid, Refused
from muster.plan.approvals.actions import decide
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.budget.actions import book_cost, edit_line, set_months, set_shares
from muster.plan.budget.exchange import read_csv, set_rates
from muster.plan.budget.models import BudgetLine, LineMonth
from muster.plan.budget.moves import move_money, raise_total
from muster.plan.campaigns.actions import edit_campaign, move, take_step
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.actions import edit_goal
from muster.plan.raci.actions import set_duties
from muster.plan.readiness.actions import revoke, waive
from muster.plan.readiness.checks import readiness
from muster.plan.risks.actions import add_risk, edit_risk
from muster.plan.risks.models import Risk
from muster.plan.tasks.actions import add_task, drop_task, edit_task, give, relieve
from muster.plan.tasks.linking import add_dependency, drop_dependency
from muster.plan.tasks.models import Dependency
from muster.team.changes.actions import undo
from muster.team.changes.models import Change

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
AGAIN = "changed it again"
SHARES = {"core": 300_000, "other": 100_000, "contingency": 50_000, "flexible": 50_000}


@pytest.fixture
def line(campaign, owner):
    found = campaign.lines.filter(category="media").get()
    edit_line(found, {"planned": Decimal(40_000)}, by=owner)
    return found


@pytest.fixture
def other(campaign, line):
    return campaign.lines.exclude(category__in=["media", "contingency", "flexible"]).first()


def set_status(campaign, status):
    Campaign.objects.filter(pk=campaign.pk).update(status=status)


class TestALineKeepsWhatAColleagueSetSince:
    def test_by_moving_money(self, line, other, owner, manager):
        change = edit_line(line, {"planned": Decimal(45_000)}, by=owner)
        move_money(line.campaign, line, other, Decimal(2_000), by=manager, reason="Film")
        with pytest.raises(Refused, match=AGAIN):
            undo(change, by=owner)
        line.refresh_from_db()
        assert line.planned == 43_000

    def test_by_dividing_the_total(self, campaign, line, owner, manager):
        change = edit_line(line, {"planned": Decimal(45_000)}, by=owner)
        set_shares(campaign, {part: Decimal(sum_) for part, sum_ in SHARES.items()}, by=manager)
        line.refresh_from_db()
        set_to = line.planned
        with pytest.raises(Refused, match=AGAIN):
            undo(change, by=owner)
        line.refresh_from_db()
        assert line.planned == set_to

    def test_by_writing_the_whole_budget(self, api, campaign, line, owner, manager):
        change = edit_line(line, {"label": "Banners"}, by=owner)
        url = f"/campaigns/{campaign.public_id}/budget"
        seen = api("GET", url).json()
        for one in seen["lines"]:
            if one["id"] == line.public_id:
                one["label"] = "Ads"
        assert api("PUT", url, seen, user=manager).status_code == 200
        with pytest.raises(Refused, match=AGAIN):
            undo(change, by=owner)
        line.refresh_from_db()
        assert line.label == "Ads"

    def test_in_another_currency(self, campaign, line, other, owner, manager):
        set_rates(read_csv("day,currency,in,rate\n2026-10-01,USD,CNY,7"), by=owner)
        edit_line(line, {"currency": "USD", "planned": Decimal(5_000)}, by=owner)
        change = edit_line(line, {"planned": Decimal(6_000)}, by=owner)
        move_money(campaign, line, other, Decimal(700), by=manager, reason="Film")
        with pytest.raises(Refused, match=AGAIN):
            undo(change, by=owner)
        line.refresh_from_db()
        assert (line.planned, line.own_planned) == (41_300, 5_900)

    def test_while_what_nobody_touched_is_undone(self, line, other, owner, manager):
        change = edit_line(line, {"label": "Banners"}, by=owner)
        move_money(line.campaign, line, other, Decimal(2_000), by=manager, reason="Film")
        undo(change, by=owner)
        line.refresh_from_db()
        assert (line.label != "Banners", line.planned) == (True, 38_000)


def test_a_total_that_was_raised_since_stays(campaign, line, owner, manager, user_with):
    change = edit_campaign(campaign, {"total_budget": Decimal(520_000)}, by=owner)
    raise_total(campaign, line, Decimal(5_000), by=manager, reason="More")
    decide(ApprovalRequest.objects.get(), "approved", by=user_with("executive"))
    with pytest.raises(Refused, match=AGAIN):
        undo(change, by=owner)
    campaign.refresh_from_db()
    assert campaign.total_budget == 525_000


class TestAnUndoIsGuardedLikeAnEdit:
    def test_the_currency_stays_once_costs_are_booked(self, campaign, owner):
        change = edit_campaign(campaign, {"currency": "USD"}, by=owner)
        book_cost(campaign, kind="actual", amount=Decimal(1), at=date(2026, 11, 8), by=owner)
        with pytest.raises(Invalid) as no:
            undo(change, by=owner)
        assert no.value.errors[0].code == "costs_booked"

    def test_a_launched_plan_stays_in_all_that_was_approved(self, campaign, line, owner):
        change = edit_line(line, {"category": "other"}, by=owner)
        renamed = edit_line(line, {"label": "Banners"}, by=owner)
        set_status(campaign, "running")
        undo(renamed, by=owner)
        with pytest.raises(Refused, match="launched since"):
            undo(change, by=owner)

    @pytest.mark.parametrize("status", ["archived", "reviewed"])
    def test_goals_risks_and_waivers_of_a_closed_campaign_stay(self, campaign, owner, status):
        done = [
            edit_goal(campaign.goals.get(), {"target": Decimal(600)}, by=owner),
            edit_risk(add_risk(campaign, {"title": "Rain"}, by=owner), {"title": "Snow"}, by=owner),
        ]
        waive(campaign, _waivable(campaign), "Not here", by=owner)
        done.append(Change.objects.get(verb="check_waived"))
        set_status(campaign, status)
        for change in done:
            with pytest.raises(Refused, match="closed"):
                undo(change, by=owner)
        with pytest.raises(Refused, match="closed"):
            edit_risk(Risk.objects.get(), {"title": "Hail"}, by=owner)
        with pytest.raises(Refused, match="closed"):
            revoke(Campaign.objects.get(), campaign.waivers.get().check_key, by=owner)

    def test_an_end_stays_once_the_campaign_is_reviewed(self, campaign, owner, manager):
        set_status(campaign, "running")
        change = take_step(campaign, "end", by=owner)
        move(campaign, "reviewed", by=manager)
        with pytest.raises(Refused, match=AGAIN):
            undo(change, by=owner)
        campaign.refresh_from_db()
        assert campaign.status == "reviewed"


def _waivable(campaign):
    return next(
        answer.question.key
        for answer in readiness(campaign).answers
        if answer.question.may_be_waived and answer.open
    )


class TestTheMonthsOfALine:
    def months(self, line):
        return dict(LineMonth.objects.filter(line=line).values_list("month", "planned"))

    def test_come_back_with_its_sum(self, line, owner):
        set_months(line, {NOVEMBER: Decimal(35_000)}, by=owner)
        change = edit_line(line, {"planned": Decimal(30_000)}, by=owner)
        assert not self.months(line)
        undo(change, by=owner)
        line.refresh_from_db()
        assert (line.planned, self.months(line)) == (40_000, {NOVEMBER: 35_000})

    def test_come_back_when_the_total_is_divided_as_before(self, campaign, line, owner):
        set_months(line, {NOVEMBER: Decimal(40_000)}, by=owner)
        parts = {"core": 1_000, "other": 399_000, "contingency": 50_000, "flexible": 50_000}
        change = set_shares(campaign, {k: Decimal(v) for k, v in parts.items()}, by=owner)
        assert not self.months(line)
        undo(change, by=owner)
        assert self.months(line) == {NOVEMBER: 40_000}

    def test_that_were_planned_since_stay(self, line, owner, manager):
        change = edit_line(line, {"planned": Decimal(45_000)}, by=owner)
        set_months(line, {NOVEMBER: Decimal(44_000)}, by=manager)
        with pytest.raises(Refused, match=AGAIN):
            undo(change, by=owner)
        assert self.months(line) == {NOVEMBER: 44_000}

    def test_of_a_longer_campaign_stay(self, campaign, line, owner, manager):
        change = edit_campaign(campaign, {"ends": date(2026, 12, 15)}, by=owner)
        set_months(line, {NOVEMBER: Decimal(10), DECEMBER: Decimal(20)}, by=manager)
        with pytest.raises(Refused, match=AGAIN):
            undo(change, by=owner)
        set_months(line, {NOVEMBER: Decimal(10)}, by=manager)
        undo(change, by=owner)
        campaign.refresh_from_db()
        assert campaign.ends == date(2026, 11, 15)


class TestATask:
    @pytest.fixture
    def tasks(self, campaign, owner):
        return [add_task(campaign, {"title": title}, by=owner) for title in ("甲", "乙", "丙")]

    def test_that_was_dropped_closes_no_circle(self, tasks, owner, manager):
        first, second, third = tasks
        add_dependency(first, second, by=owner)
        add_dependency(second, third, by=owner)
        change = drop_task(second, by=owner)
        add_dependency(third, first, by=manager)
        with pytest.raises(Invalid, match="in a circle"):
            undo(change, by=owner)
        second.refresh_from_db()
        assert second.deleted_at

    def test_becomes_part_again_of_no_circle(self, tasks, owner, manager):
        whole, part, other = tasks
        add_dependency(part, other, by=owner)
        edit_task(part, {"parent": whole}, by=owner)
        change = edit_task(part, {"parent": None}, by=owner)
        add_dependency(other, whole, by=manager)
        with pytest.raises(Invalid, match="in a circle"):
            undo(change, by=owner)
        with pytest.raises(Invalid, match="in a circle"):
            edit_task(part, {"parent": whole}, by=owner)
        part.refresh_from_db()
        assert part.parent is None

    def test_keeps_how_a_colleague_linked_it(self, tasks, owner, manager):
        first, second, _third = tasks
        linked = add_dependency(first, second, by=owner)
        add_dependency(first, second, by=manager, kind="SS", lag=3)
        with pytest.raises(Refused, match=AGAIN):
            undo(linked, by=owner)
        unlinked = drop_dependency(Dependency.objects.get(), by=owner)
        add_dependency(first, second, by=manager, kind="FF", lag=5)
        with pytest.raises(Refused, match=AGAIN):
            undo(unlinked, by=owner)
        assert Dependency.objects.values_list("kind", "lag").get() == ("FF", 5)

    def test_keeps_whom_a_colleague_gave_it_to(self, tasks, owner, manager):
        task = tasks[0]
        given = give(task, manager, by=owner)
        relieve(task, manager, by=manager)
        give(task, manager, by=manager)
        with pytest.raises(Refused, match=AGAIN):
            undo(given, by=owner)
        taken = relieve(task, manager, by=owner)
        give(task, manager, by=manager)
        with pytest.raises(Refused, match=AGAIN):
            undo(taken, by=owner)
        assert task.duties.count() == 1

    def test_keeps_whom_a_colleague_gave_it_to_in_the_matrix(self, campaign, tasks, owner, manager):
        cell = tasks[0].pk, f"u{manager.pk}"
        given = set_duties(campaign, {cell: frozenset("R")}, by=owner)
        set_duties(campaign, {cell: frozenset()}, by=manager)
        again = set_duties(campaign, {cell: frozenset("R")}, by=manager)
        with pytest.raises(Refused, match=AGAIN):
            undo(given, by=owner)
        undo(again, by=manager)
        assert not tasks[0].duties.exists()

    def test_of_the_matrix_goes_back_step_by_step(self, campaign, tasks, owner, manager):
        cell = tasks[0].pk, f"u{manager.pk}"
        given = set_duties(campaign, {cell: frozenset("R")}, by=owner)
        tasks[0].duties.update(share=Decimal("0.5"))
        taken = set_duties(campaign, {cell: frozenset()}, by=owner)
        undo(taken, by=owner)
        assert tasks[0].duties.get().share == Decimal("0.5")
        undo(given, by=owner)
        assert not tasks[0].duties.exists()

    def test_goes_back_step_by_step(self, tasks, owner, manager):
        task = tasks[0]
        done = [
            edit_task(task, {"title": "Film"}, by=owner),
            give(task, manager, by=owner),
            relieve(task, manager, by=owner),
            add_dependency(tasks[1], task, by=owner),
            edit_task(task, {"title": "Movie"}, by=owner),
        ]
        for change in reversed(done):
            undo(change, by=owner)
        task.refresh_from_db()
        assert (task.title, task.duties.count(), Dependency.objects.count()) == ("甲", 0, 0)


class TestWhoeverKnowsAnOlderBudget:
    """By the API: nothing that moved or came since is overwritten."""

    @pytest.mark.parametrize("how", ["move", "shares", "put"])
    def test_changes_no_line(self, api, campaign, line, other, manager, how):
        url = f"/campaigns/{campaign.public_id}/budget"
        seen = api("GET", url).json()
        known = next(one["version"] for one in seen["lines"] if one["id"] == line.public_id)
        if how == "move":
            move_money(campaign, line, other, Decimal(2_000), by=manager, reason="Film")
        elif how == "shares":
            set_shares(campaign, {part: Decimal(v) for part, v in SHARES.items()}, by=manager)
        else:
            for one in seen["lines"]:
                one["label"] += "!"
            assert api("PUT", url, seen, user=manager).status_code == 200
        body = {"planned": "41000", "version": known}
        answer = api("PATCH", f"{url}/{line.public_id}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
        assert f"{manager.name} changed" in answer.json()["detail"]
        assert ("what for" if how == "put" else "plan") in answer.json()["detail"]

    def test_drops_no_line_that_came_since(self, api, campaign, manager):
        url = f"/campaigns/{campaign.public_id}/budget"
        seen = api("GET", url).json()
        new = {"category": "other", "label": "New", "planned": "0"}
        assert api("POST", url, new, user=manager).status_code == 201
        answer = api("PUT", url, seen)
        assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
        assert BudgetLine.objects.filter(label="New").exists()
        now = api("GET", url).json()
        assert api("PUT", url, now).status_code == 200
        # Who leaves the version out means it.
        assert api("PUT", url, {"lines": seen["lines"]}).status_code == 200
