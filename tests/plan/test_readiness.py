"""Readiness: what blocks, who may answer for going on all the same, and what that is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from muster.kit.errors import Forbidden, Invalid, NotFound, Refused
from muster.plan.budget.actions import add_line, edit_line
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.actions import change_fact, write_down
from muster.plan.readiness import checks
from muster.plan.readiness.actions import NotReady, confirm, launch, revoke, waive
from muster.plan.readiness.checks import Finding, Severity, check, readiness
from muster.plan.readiness.models import Waiver
from muster.plan.readiness.rules import Attempt, No, refusal
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Duty, Task
from muster.team.changes.models import Change

pytestmark = pytest.mark.django_db


@pytest.fixture
def faults(monkeypatch):
    """What two checks find: `faults["blocks"]`, `faults["warns"]`; all other checks are gone."""
    monkeypatch.setattr(checks, "_questions", {})
    found = {"blocks": ["/a"], "warns": ["/w"]}

    @check("budget", "The sum is right")
    def blocks(campaign):
        return [Finding("Off by %(sum)s", at, params={"sum": 7}) for at in found["blocks"]]

    @check("team", "Nobody is overworked")
    def warns(campaign):
        return [Finding("Too much", at, Severity.WARN) for at in found["warns"]]

    @check("compliance", "It is approved", may_be_waived=False)
    def approved(campaign):
        return [Finding("Not approved", "/p")] if found.get("approval") else []

    return found


@pytest.fixture
def ready(campaign):
    campaign.status = Campaign.Status.READY
    campaign.save()
    return campaign


def accountable(user, campaign):
    task = Task.objects.create(campaign=campaign, title="Copy")
    Duty.objects.create(task=task, user=user, letter="A")


class TestAWaiver:
    @pytest.mark.parametrize(
        ("no", "changes"),
        [
            (None, {}),
            (None, {"is_admin": False, "owns_campaign": True}),
            (None, {"is_admin": False, "is_accountable": True, "blocks": False}),
            (No.NOT_YOURS, {"is_admin": False, "is_accountable": True}),
            (No.NOT_YOURS, {"is_admin": False, "blocks": False}),
            (No.NO_REASON, {"has_reason": False}),
            (No.NOTHING, {"is_open": False}),
            (No.FIXED, {"may_be_waived": False}),
        ],
    )
    def test_is_given_or_not(self, no, changes):
        facts = {
            "may_be_waived": True, "is_open": True, "blocks": True, "is_admin": True,
            "owns_campaign": False, "is_accountable": False, "has_reason": True,
        }  # fmt: skip
        assert refusal(Attempt(**{**facts, **changes})) == no

    def test_lets_the_campaign_start_and_stays_in_sight(self, faults, ready, owner, client_for):
        with pytest.raises(NotReady):
            launch(ready, by=owner)
        waive(ready, "budget.blocks", "The rest comes from sales", by=owner)
        launch(ready, by=owner)
        assert Campaign.objects.get().status == "running"
        Campaign.objects.update(status="archived")
        page = client_for(owner).get(f"/c/{ready.public_id}").content.decode()
        assert "one check waived" in page
        assert "The rest comes from sales (Wang Min)" in page
        assert Change.objects.get(verb="check_waived").by == owner

    def test_holds_for_what_was_found_only(self, faults, ready, owner):
        waive(ready, "budget.blocks", "Known", by=owner)
        assert not readiness(ready).blockers
        faults["blocks"] = ["/a", "/b"]
        assert [finding.fix_at for finding in readiness(ready).blockers] == ["/b"]

    def test_holds_for_what_it_is_about_only(self, faults, ready, owner):
        @check("content", "Links answer")
        def links(campaign):
            return [Finding("A link is broken", "/m", about=url) for url in faults["links"]]

        faults["links"] = ["/a"]
        waive(ready, "content.links", "Known", by=owner)
        faults["links"] = ["/a", "/b"]
        assert [one.about for one in readiness(ready).answer("content.links").open] == ["/b"]

    def test_holds_whether_it_is_one_or_many(self):
        many, one = (
            Finding("%(n)s people", "/a", params={"n": n}, one="One person", count=n)
            for n in (2, 1)
        )
        assert (str(many), str(one)) == ("2 people", "One person")
        assert many.mark == one.mark

    def test_written_down_before_still_holds(self):
        assert Finding("Off by %(sum)s", "/a", params={"sum": 7}).mark == "/a Off by %(sum)s"

    def test_taken_back_blocks_again_and_is_remembered(self, faults, ready, owner, manager):
        waive(ready, "budget.blocks", "Known", by=owner)
        with pytest.raises(Forbidden):
            revoke(ready, "budget.blocks", by=manager)
        revoke(ready, "budget.blocks", by=owner)
        assert readiness(ready).blockers
        assert Waiver.objects.get().revoked_by == owner
        with pytest.raises(NotFound):
            revoke(ready, "budget.blocks", by=owner)

    def test_of_a_blocker_is_not_for_whoever_has_an_a(self, faults, ready, user_with):
        designer = user_with("content")
        with pytest.raises(Forbidden):
            waive(ready, "team.warns", "Fine", by=designer)
        accountable(designer, ready)
        waive(ready, "team.warns", "Fine", by=designer)
        with pytest.raises(Forbidden):
            waive(ready, "budget.blocks", "Fine", by=designer)

    def test_needs_a_reason(self, faults, ready, owner):
        with pytest.raises(Invalid):
            waive(ready, "budget.blocks", "  ", by=owner)

    def test_never_stands_for_an_approval(self, faults, ready, owner):
        faults["approval"] = True
        with pytest.raises(Refused, match="cannot be waived"):
            waive(ready, "compliance.approved", "Hurry", by=owner)


class TestTheDoors:
    def test_of_page_and_api_do_not_let_a_blocked_campaign_start(
        self, faults, ready, owner, client_for, api
    ):
        url = f"/c/{ready.public_id}/launch"
        assert client_for(owner).post(url, headers={"HX-Request": "true"}).status_code == 409
        assert api("POST", f"/campaigns/{ready.public_id}/launch").status_code == 409
        assert (
            api("PATCH", f"/campaigns/{ready.public_id}", {"status": "running"}).status_code == 422
        )
        assert Campaign.objects.get().status == "ready"

    def test_of_a_blocker_comes_back_only_for_those_who_may_waive_it_now(
        self, faults, ready, owner, user_with, client_for
    ):
        manager = user_with("manager")
        Campaign.objects.filter(pk=ready.pk).update(owner=manager)
        waive(Campaign.objects.get(pk=ready.pk), "budget.blocks", "Known", by=manager)
        Campaign.objects.filter(pk=ready.pk).update(owner=owner)
        revoked = revoke(Campaign.objects.get(pk=ready.pk), "budget.blocks", by=owner)
        way = f"/c/{ready.public_id}/activity/{revoked.public_id}/restore"
        client_for(manager).post(way)
        assert not ready.waivers.filter(revoked_at=None).exists()
        client_for(owner).post(way)
        assert ready.waivers.filter(revoked_at=None).exists()

    def test_waive_and_take_back_by_api(self, faults, ready, api):
        url = f"/campaigns/{ready.public_id}/readiness"
        answer = api("POST", f"{url}/budget.blocks/waive", {"reason": "Known"})
        assert answer.status_code == 201, answer.content
        shown = api("GET", url).json()
        assert (shown["ready"], shown["passed"], shown["waived"], shown["total"]) == (True, 1, 1, 3)
        assert api("DELETE", f"{url}/budget.blocks/waive").status_code == 204
        assert not api("GET", url).json()["ready"]
        assert api("POST", f"{url}/budget.nothing/waive", {"reason": "x"}).status_code == 404

    def test_waive_by_page(self, faults, ready, owner, client_for):
        client, url = client_for(owner), f"/c/{ready.public_id}/readiness"
        page = client.get(url).content.decode()
        assert "One thing blocks the launch" in page
        assert "Off by 7" in client.get(f"{url}/budget.blocks/waive").content.decode()
        assert client.post(f"{url}/budget.blocks/waive", {"reason": "Known"}).status_code == 204
        page = client.get(url).content.decode()
        assert "Waived by Wang Min" in page
        assert "Off by 7" not in client.get(f"{url}?open=1").content.decode()
        assert client.post(f"{url}/budget.blocks/revoke").status_code == 204
        assert "Waived by" not in client.get(url).content.decode()


class TestTheQuestions:
    def test_fit_the_campaign(self, campaign):
        asked = {answer.question.key for answer in readiness(campaign).answers}
        assert "budget.adds_up" in asked
        assert "content.previews_were_seen" not in asked
        assert "team.every_task_has_its_people" not in asked
        campaign.channels = ["email"]
        campaign.total_budget = 0
        campaign.lines.all().delete()
        Task.objects.create(campaign=campaign, title="Copy")
        asked = {answer.question.key for answer in readiness(campaign).answers}
        assert "budget.adds_up" not in asked
        assert {"content.previews_were_seen", "team.every_task_has_its_people"} <= asked

    def test_that_only_people_can_answer_are_answered_by_them(self, campaign, manager, user_with):
        campaign.channels = ["email"]
        campaign.save()
        key = "content.previews_were_seen"
        assert readiness(campaign).answer(key).open
        with pytest.raises(Forbidden):
            confirm(campaign, key, by=user_with("sales"))
        confirm(campaign, key, "On two phones", by=manager)
        assert readiness(campaign).answer(key).passed
        revoke(campaign, key, by=manager)
        assert not readiness(campaign).answer(key).passed
        with pytest.raises(Refused, match="by Muster itself"):
            confirm(campaign, "budget.adds_up", by=manager)

    def test_ask_for_a_plan_against_what_is_serious(self, campaign):
        key = "compliance.has_a_crisis_plan"
        assert readiness(campaign).answer(key).open
        risk = Risk.objects.create(campaign=campaign, title="Stock", plan=[{"do": "Stop the ads"}])
        assert readiness(campaign).answer(key).passed
        Risk.objects.create(campaign=campaign, title="Outage", likelihood=3, impact=5)
        assert [str(f) for f in readiness(campaign).answer(key).open] == [
            "“Outage” is serious, and there is no plan for it."
        ]
        Risk.objects.exclude(pk=risk.pk).update(status=Risk.Status.CLOSED)
        assert readiness(campaign).answer(key).passed

    def test_ask_for_the_paper_of_a_large_order(self, campaign, owner):
        key = "budget.vendors_have_papers"
        # The limit of a move is 5% of 500,000.
        add = {"category": "creative", "vendor": "Studio", "label": "Film"}
        line = add_line(campaign, {**add, "planned": Decimal(25_000)}, by=owner)
        assert readiness(campaign).answer(key).passed
        edit_line(line, {"planned": Decimal("25000.01")}, by=owner)
        (finding,) = readiness(campaign).answer(key).open
        assert str(finding).startswith("“Film” plans CN¥25,000.01 for Studio, but no quote")
        assert not finding.blocks
        line.documents.create(kind="quote", name="Quote", link="https://papers.example/1", by=owner)
        assert readiness(campaign).answer(key).passed

    def test_ask_who_watches_a_goal(self, campaign, owner):
        key = "tracking.somebody_watches"
        goal = campaign.goals.get()
        goal.owner = owner
        goal.guardrails = [{"metric": "unsubscribe_rate", "op": "lte", "value": ""}]
        goal.save()
        assert "no threshold" in str(readiness(campaign).answer(key).open[0])
        campaign.goals.update(guardrails=[])
        assert readiness(campaign).answer(key).passed
        campaign.goals.update(owner=None)
        assert "Give it an owner" in str(readiness(campaign).answer(key).open[0])

    def test_ask_for_a_day_of_reporting(self, campaign):
        key = "tracking.results_are_reported"
        Task.objects.create(campaign=campaign, title="Look back", phase="review", due="2026-11-14")
        assert readiness(campaign).answer(key).open  # the campaign ends on the 15th
        Task.objects.update(due="2026-11-18")
        assert readiness(campaign).answer(key).passed

    def test_ask_what_a_price_is_based_on(self, campaign, owner):
        key = "compliance.prices_have_a_basis"
        assert readiness(campaign).answer(key) is None
        fields = {"key": "price.hero", "name": "Price", "kind": "price", "values": {"": "199"}}
        fact = write_down(campaign, fields, by=owner)
        (finding,) = readiness(campaign).answer(key).open
        assert finding.blocks
        assert finding.fix_at.endswith(f"/brief/facts#{fact.public_id}")
        change_fact(fact, {"evidence": "Price list of 1 October"}, by=owner)
        assert readiness(campaign).answer(key).passed


class TestThePages:
    def test_ask_as_much_of_a_large_campaign_as_of_a_small_one(
        self, campaign, owner, client_for, user_with
    ):
        designer = user_with("content")
        client = client_for(owner)

        def cost():
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert client.get(f"/c/{campaign.public_id}").status_code == 200
            return len(asked)

        def add(count):
            for number in range(count):
                task = Task.objects.create(campaign=campaign, title=f"Task {number}")
                Duty.objects.create(task=task, user=designer, letter="R")
                Risk.objects.create(campaign=campaign, title="Risk", plan=[{"do": "Stop"}])

        add(1)
        cost()
        few = cost()
        add(20)
        assert cost() == few


class TestSeverities:
    """B blocks a launch and W warns, as S09 lists them."""

    @pytest.fixture
    def careless(self, start, owner, stores):
        """A campaign in which nobody thought of anything but a goal and a sum."""
        goal = {"metric": "first_time_buyers", "target": Decimal(500)}
        campaign = start(goals=[goal, {"metric": "orders", "target": Decimal(900)}])
        campaign.goals.update(owner=None)
        campaign.lines.all().delete()
        add_line(campaign, {"category": "media", "planned": Decimal(100_000)}, by=owner)
        Task.objects.create(campaign=campaign, title="Copy")
        campaign.cells.create(stage="interest", channel="email", text="Teaser")
        write_down(campaign, {"key": "price.a", "name": "Price", "kind": "price",
                              "values": {"": "199"}}, by=owner)  # fmt: skip
        return campaign

    @pytest.mark.parametrize(
        ("key", "blocks"),
        [
            ("goals.main_goal_is_smart", True),
            ("goals.has_a_guardrail", True),
            ("goals.has_a_checkpoint", False),
            ("goals.supports_an_aim", False),
            ("budget.adds_up", True),
            ("budget.has_contingency", True),
            ("budget.backs_the_core", False),
            ("budget.stays_flexible", False),
            ("budget.expects_a_return", False),
            ("content.map_has_no_gaps", True),
            ("content.facts_are_verified", True),
            ("team.every_task_has_its_people", True),
            ("team.on_call", False),
            ("tracking.events_arrive", True),
            ("tracking.somebody_watches", False),
            ("tracking.results_are_reported", False),
            ("compliance.prices_have_a_basis", True),
            ("compliance.has_a_crisis_plan", False),
        ],
    )
    def test_are_those_of_the_table(self, careless, key, blocks):
        answer = readiness(careless).answer(key)
        found = answer.findings
        assert [one.blocks for one in found] == [blocks] * len(found)
        assert answer.question.severity in {None, found[0].severity}
        assert found

    def test_of_a_goal_ask_for_five_letters_of_five(self, careless, api):
        found = api("GET", f"/campaigns/{careless.public_id}/readiness").json()["checks"]
        (smart,) = [one for one in found if one["check"] == "goals.main_goal_is_smart"]
        severities = {one["detail"]: one["severity"] for one in smart["findings"]}
        # The meter only warns of it, but four letters are not five.
        assert severities["It does not say of whom. Name the people it is about."] == "block"
