"""What a workspace decides about the checks: off, how serious, numbers, kinds, and its own."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape
from django.utils.timezone import now

from muster.kit.errors import Forbidden, Invalid, Refused
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness import checks
from muster.plan.readiness.actions import confirm
from muster.plan.readiness.checks import readiness
from muster.plan.readiness.models import CheckRule
from muster.plan.readiness.policy import add_check, one_ruled, reset_check, ruled, set_check
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Duty, Task
from muster.team.changes.actions import undo
from muster.team.changes.models import Change

pytestmark = pytest.mark.django_db
CRISIS = "compliance.has_a_crisis_plan"
READERS = "content.speaks_their_languages"
GUARDRAIL = "goals.has_a_guardrail"
OWN = {"group": "content", "title": "The film is in the can", "text": "Watch it to the end."}


@pytest.fixture
def careless(campaign):
    campaign.goals.update(guardrails=[])
    return campaign


class TestACheck:
    def test_that_is_switched_off_is_not_asked(self, careless, owner):
        assert readiness(careless).answer(GUARDRAIL).blocks
        change = set_check(GUARDRAIL, {"off": True}, by=owner)
        assert readiness(careless).answer(GUARDRAIL) is None
        undo(change, by=owner)
        assert readiness(careless).answer(GUARDRAIL).blocks

    def test_is_as_serious_as_the_workspace_says(self, careless, owner):
        set_check(GUARDRAIL, {"severity": "warn"}, by=owner)
        answer = readiness(careless).answer(GUARDRAIL)
        assert answer.findings
        assert not answer.blocks
        set_check(CRISIS, {"severity": "block"}, by=owner)
        assert readiness(careless).answer(CRISIS).blocks

    def test_asks_for_the_number_of_the_workspace(self, campaign, owner):
        Risk.objects.create(campaign=campaign, title="Stock", plan=[{"do": "Stop the ads"}])
        Risk.objects.create(campaign=campaign, title="Rain", likelihood=2, impact=5)
        assert readiness(campaign).answer(CRISIS).passed  # 10 is below 15
        set_check(CRISIS, {"dials": {"points": 10}}, by=owner)
        assert [str(one) for one in readiness(campaign).answer(CRISIS).open] == [
            "“Rain” is serious, and there is no plan for it."
        ]

    def test_is_asked_of_some_kinds_of_campaigns_only(self, careless, owner):
        set_check(GUARDRAIL, {"strategies": ["launch"]}, by=owner)
        assert readiness(careless).answer(GUARDRAIL) is None
        Campaign.objects.update(strategy="launch")
        assert readiness(Campaign.objects.get()).answer(GUARDRAIL).blocks

    def test_is_kept_only_where_it_differs_from_the_code(self, owner, workspace):
        assert set_check(GUARDRAIL, {"severity": "block", "off": False}, by=owner) is None
        assert not CheckRule.objects.exists()
        set_check(CRISIS, {"dials": {"points": 12}}, by=owner)
        assert one_ruled(CRISIS).is_changed
        assert set_check(CRISIS, {"dials": {"points": 12}}, by=owner) is None
        set_check(CRISIS, {"dials": {"points": 15}}, by=owner)
        assert not one_ruled(CRISIS).is_changed

    def test_that_is_saved_as_it_was_stays_with_who_changed_it(self, owner, manager, workspace):
        change = set_check(CRISIS, {"dials": {"points": 12}}, by=owner)
        before = CheckRule.objects.values().get()
        assert set_check(CRISIS, {"dials": {"points": "12.0"}}, by=manager) is None
        assert CheckRule.objects.values().get() == before
        undo(change, by=owner)
        assert not CheckRule.objects.exists()

    def test_leaves_campaigns_in_the_order_of_their_changes(self, careless, owner):
        other = Campaign.objects.create(
            name="Later", starts=careless.starts, ends=careless.ends, currency="CNY", owner=owner
        )
        Campaign.objects.filter(pk=careless.pk).update(updated_at=now() - timedelta(days=2))
        Campaign.objects.filter(pk=other.pk).update(updated_at=now() - timedelta(days=1))
        before = dict(Campaign.objects.values_list("pk", "updated_at"))
        set_check(CRISIS, {"off": True}, by=owner)
        after = dict(Campaign.objects.values_list("pk", "updated_at"))
        # Open pages notice it, and nothing seems to be changed just now.
        assert all(before[pk] < at < before[pk] + timedelta(seconds=1) for pk, at in after.items())

    def test_is_as_usual_again_by_one_click(self, careless, owner, client_for):
        set_check(GUARDRAIL, {"off": True}, by=owner)
        client = client_for(owner)
        page = client.get("/settings/checks").content.decode()
        assert "changed from the default by Wang Min" in page
        answer = client.post(reverse("plan:reset_check", args=[GUARDRAIL]))
        assert '"undo"' in answer.headers["HX-Trigger"]
        assert readiness(careless).answer(GUARDRAIL).blocks
        undo(Change.objects.get(verb="check_reset"), by=owner)
        assert readiness(careless).answer(GUARDRAIL) is None

    def test_that_stands_for_a_decision_of_others_stays(self, campaign, owner):
        Campaign.objects.update(status="in_review")
        campaign = Campaign.objects.get()
        for fields in ({"off": True}, {"severity": "warn"}, {"strategies": ["launch"]}):
            with pytest.raises(Refused, match="decision of others"):
                set_check("compliance.is_signed", fields, by=owner)
        # Not even a row that somebody put there softens it.
        CheckRule.objects.create(
            key="compliance.is_signed", off=True, severity="warn", strategies=["launch"], by=owner
        )
        assert readiness(campaign).answer("compliance.is_signed").blocks

    def test_of_the_budget_is_set_in_its_rules(self, owner, workspace):
        with pytest.raises(Refused, match="budget rules"):
            set_check("budget.has_contingency", {"severity": "warn"}, by=owner)
        assert one_ruled("budget.has_contingency").set_at == "/settings/budget"

    @pytest.mark.parametrize(
        ("key", "fields", "at"),
        [
            (CRISIS, {"dials": {"points": 0}}, "/dials/points"),
            (CRISIS, {"dials": {"points": "NaN"}}, "/dials/points"),
            (CRISIS, {"dials": {"points": "9.0000001"}}, "/dials/points"),
            (READERS, {"dials": {"readers": "1E-3000000"}}, "/dials/readers"),
            (CRISIS, {"dials": {"days": 3}}, "/dials/days"),
            (CRISIS, {"severity": "loud"}, "/severity"),
            (CRISIS, {"strategies": ["war"]}, "/strategies"),
            (CRISIS, {"title": "Mine"}, "/title"),
            (CRISIS, {"key": "x"}, "/key"),
        ],
        ids=[
            "too-small",
            "no-number",
            "too-fine",
            "next-to-nothing",
            "unknown-number",
            "severity",
            "kind",
            "title",
            "field",
        ],
    )
    def test_takes_nothing_that_makes_no_sense(self, owner, workspace, key, fields, at):
        with pytest.raises(Invalid) as refused:
            set_check(key, fields, by=owner)
        assert [one.at for one in refused.value.errors] == [at]


class TestACheckOfOnesOwn:
    def test_is_open_until_somebody_says_that_it_is_done(self, campaign, owner, manager):
        rule = add_check({**OWN, "severity": "block"}, by=owner)
        answer = readiness(campaign).answer(rule.key)
        assert (str(answer.open[0]), answer.blocks) == ("Watch it to the end.", True)
        confirm(campaign, rule.key, by=manager)
        assert readiness(campaign).answer(rule.key).passed

    @pytest.mark.parametrize("duty", ["legal", "owner", "accountable"])
    def test_is_answered_by_those_whose_duty_it_is(self, campaign, owner, user_with, duty):
        rule = add_check({**OWN, "duty": duty}, by=owner)
        manager, legal = user_with("manager"), user_with("legal")
        Campaign.objects.update(owner=manager)
        Duty.objects.create(
            task=Task.objects.create(campaign=campaign, title="Film"), user=legal, letter="A"
        )
        right, wrong = (manager, legal) if duty == "owner" else (legal, manager)
        campaign = Campaign.objects.get()
        with pytest.raises(Forbidden, match="is answered by"):
            confirm(campaign, rule.key, by=wrong)
        confirm(campaign, rule.key, by=right)
        assert readiness(campaign).answer(rule.key).passed

    def test_can_be_changed_and_dropped_and_comes_back(self, campaign, owner):
        rule = add_check(OWN, by=owner)
        set_check(rule.key, {"severity": "block", "title": "The film is cut"}, by=owner)
        assert one_ruled(rule.key).question.title == "The film is cut"
        assert readiness(campaign).answer(rule.key).blocks
        dropped = reset_check(rule.key, by=owner)
        assert readiness(campaign).answer(rule.key) is None
        undo(dropped, by=owner)
        assert readiness(campaign).answer(rule.key).blocks

    def test_needs_words_and_a_group(self, owner, workspace):
        with pytest.raises(Invalid) as refused:
            add_check({"group": "weather", "title": " ", "duty": "king"}, by=owner)
        assert {one.at for one in refused.value.errors} == {"/group", "/title", "/duty"}


class TestTheDoors:
    def test_of_the_page_open_to_admins_alone(self, owner, manager, client_for):
        url = reverse("plan:check", args=[CRISIS])
        assert client_for(manager).get("/settings/checks").status_code == 200
        assert (
            "Back to the default"
            not in client_for(manager).get("/settings/checks").content.decode()
        )
        assert client_for(manager).get(url).status_code == 403
        assert client_for(manager).post(url, {"off": "on"}).status_code == 403
        client = client_for(owner)
        answer = client.post(url, {"severity": "block", "dial_points": "9"})
        assert answer.status_code == 200
        assert CheckRule.objects.get().dials == {"points": "9"}
        answer = client.post(url, {"severity": "block", "dial_points": "99"})
        assert answer.status_code == 422
        assert "from 1 to 25" in answer.content.decode()

    def test_keep_what_a_colleague_wrote_meanwhile(self, owner, user_with, client_for):
        url, admin = reverse("plan:check", args=[CRISIS]), user_with("admin")
        was = json.dumps({"off": False, "severity": "warn", "strategies": [], "dial_points": "15"})
        page = client_for(owner).get(url).content.decode()
        assert f'name="was" value="{escape(was)}"' in page
        set_check(CRISIS, {"dials": {"points": 9}}, by=admin)
        mine = {"was": was, "severity": "block", "dial_points": "15"}
        assert client_for(owner).post(url, mine).status_code == 200
        rule = CheckRule.objects.get()
        assert (rule.severity, rule.dials) == ("block", {"points": "9"})
        # What both changed is asked about, and nothing is lost either way.
        set_check(CRISIS, {"dials": {"points": 8}}, by=admin)
        answer = client_for(owner).post(url, {**mine, "dial_points": "12"})
        assert answer.status_code == 409
        assert "wrote: 8" in answer.content.decode()
        assert "You wrote: 12" in answer.content.decode()
        assert CheckRule.objects.get().dials == {"points": "8"}
        answer = client_for(owner).post(url, {**mine, "dial_points": "12", "mine": "dial_points"})
        assert answer.status_code == 200
        assert CheckRule.objects.get().dials == {"points": "12"}

    def test_say_a_range_as_the_field_has_it(self, owner, client_for):
        url = reverse("plan:check", args=["audience.people_are_its_own"])
        answer = client_for(owner).post(url, {"severity": "warn", "dial_share": "0.5"})
        assert answer.status_code == 422
        assert "from 1% to 100%" in answer.content.decode()

    def test_take_percents_with_and_without_their_sign(self, owner, client_for):
        url = reverse("plan:check", args=["audience.people_are_its_own"])
        client = client_for(owner)
        assert 'value="20"' in client.get(url).content.decode()
        for text in ("35", "35 %", "35％"):
            assert client.post(url, {"severity": "warn", "dial_share": text}).status_code == 200
            assert CheckRule.objects.get().dials == {"share": "0.35"}

    def test_add_a_check_by_page(self, owner, client_for, campaign):
        client = client_for(owner)
        assert client.get(reverse("plan:add_check")).status_code == 200
        assert client.post(reverse("plan:add_check"), {"group": "team"}).status_code == 422
        fields = {**OWN, "severity": "warn", "duty": "legal"}
        assert client.post(reverse("plan:add_check"), fields).status_code == 200
        page = client.get(f"/c/{campaign.public_id}/readiness").content.decode()
        assert "The film is in the can · Legal reviewer" in page
        assert "Watch it to the end." in page

    def test_of_the_api_do_the_same(self, api, manager, careless):
        url = "/readiness/checks"
        assert api("PATCH", f"{url}/{GUARDRAIL}", {"off": True}).json()["off"] is True
        assert readiness(careless).answer(GUARDRAIL) is None
        assert api("DELETE", f"{url}/{GUARDRAIL}").status_code == 204
        assert api("DELETE", f"{url}/{GUARDRAIL}").status_code == 404
        made = api("POST", url, {**OWN, "severity": "block"})
        assert made.status_code == 201, made.content
        key = made.json()["check"]
        assert readiness(careless).answer(key).blocks
        shown = {one["check"]: one for one in api("GET", url).json()["items"]}
        assert shown[key]["own"]
        assert shown[CRISIS]["dials"]["points"]["usual"] == "15"
        assert api("PATCH", f"{url}/{CRISIS}", {"off": True}, user=manager).status_code == 403

    def test_of_the_api_take_what_they_say(self, api, workspace):
        key = "/readiness/checks/channels.domain_is_trusted"
        assert api("PATCH", key, {"severity": "block"}).json()["severity"] == "block"
        answer = api("PATCH", key, {"severity": "depends"})
        assert answer.status_code == 200, answer.content
        assert answer.json()["severity"] == "depends"
        assert not answer.json()["changed"]
        assert (
            api("PATCH", f"/readiness/checks/{CRISIS}", {"severity": "depends"}).status_code == 422
        )

    def test_leave_a_trace(self, api, owner, workspace):
        api("PATCH", f"/readiness/checks/{CRISIS}", {"off": True})
        change = Change.objects.get(verb="check_set")
        assert (change.by, change.details["check"]) == (
            owner, "There is a plan for the day it goes wrong",
        )  # fmt: skip


class TestTheCode:
    def test_says_of_every_check_how_serious_it_is(self, workspace):
        """Where a severity is named, it is that of all findings: see the other tests of checks."""
        severities = {one.question.key: one.usual.severity for one in ruled()}
        assert severities[GUARDRAIL] == "block"
        assert severities[CRISIS] == "warn"
        assert set(severities) == set(checks._questions)
