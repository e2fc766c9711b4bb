"""What cannot be is refused with a sentence that says what, where and how to mend it."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest

from muster.plan.approvals.models import ApprovalRequest
from muster.plan.brief.actions import submit
from muster.plan.campaigns.days import today
from muster.plan.tasks.actions import add_task, edit_task
from muster.plan.tasks.replanning import Move, replan

pytestmark = pytest.mark.django_db


def problem(answer, at):
    assert answer.status_code == 422, answer.content
    found = {one["at"]: one["detail"] for one in answer.json()["errors"]}
    assert at in found, found
    return found[at]


class TestDaysOfATask:
    @pytest.fixture
    def task(self, campaign, owner):
        return add_task(campaign, {"title": "Film", "days": 2}, by=owner)

    @pytest.fixture
    def url(self, campaign, task):
        return f"/campaigns/{campaign.public_id}/tasks/{task.public_id}"

    @pytest.mark.parametrize("name", ["started_on", "done_on"])
    def test_that_have_not_come(self, api, url, campaign, name):
        day = (today() + timedelta(days=2)).isoformat()
        assert f"{day} has not come yet" in problem(api("PATCH", url, {name: day}), f"/{name}")
        new = f"/campaigns/{campaign.public_id}/tasks"
        problem(api("POST", new, {"title": "x", name: day}), f"/{name}")
        assert api("PATCH", url, {name: today().isoformat()}).status_code == 200

    def test_done_before_it_was_begun(self, api, url):
        body = {"status": "done", "started_on": "2024-03-08", "done_on": "2024-03-06"}
        assert "before it was begun" in problem(api("PATCH", url, body), "/done_on")

    def test_due_before_it_may_begin(self, api, url, task, client_for, owner):
        body = {"not_before": "2027-03-09", "due": "2027-03-05"}
        said = problem(api("PATCH", url, body), "/due")
        assert "due on 2027-03-05, before it may begin on 2027-03-09" in said
        assert api("PATCH", url, {"not_before": "2027-03-09"}).status_code == 200
        problem(api("PATCH", url, {"due": "2027-03-05"}), "/due")
        page = f"/c/{task.campaign.public_id}/plan/{task.public_id}"
        answer = client_for(owner).post(page, {"due": "2027-03-05"})
        assert answer.status_code in (409, 422)
        assert "before it may begin" in answer.content.decode()
        task.refresh_from_db()
        assert task.due is None

    @pytest.mark.parametrize("name", ["due", "not_before", "started_on"])
    def test_far_from_the_campaign(self, api, url, task, campaign, client_for, owner, name):
        said = problem(api("PATCH", url, {name: "1900-01-01"}), f"/{name}")
        assert "1900-01-01 is far from the campaign" in said
        new = f"/campaigns/{campaign.public_id}/tasks"
        problem(api("POST", new, {"title": "x", name: "1900-01-01"}), f"/{name}")
        if name == "started_on":  # the page does not ask for it
            return
        page = f"/c/{campaign.public_id}/plan/{task.public_id}"
        answer = client_for(owner).post(page, {name: "1900-01-01"})
        assert answer.status_code in (409, 422)
        assert "far from the campaign" in answer.content.decode()

    def test_a_plan_that_moves_may_be_late(self, campaign, task, owner):
        edit_task(task, {"due": date(2027, 3, 5)}, by=owner)
        replan(campaign, {task.pk: Move(not_before=date(2027, 3, 9))}, by=owner)
        task.refresh_from_db()
        assert task.not_before > task.due
        edit_task(task, {"title": "Movie"}, by=owner)


class TestDaysOfMoney:
    @pytest.mark.parametrize("day", ["1066-10-14", "2099-01-01", "2030-01-01"])
    def test_far_from_the_campaign(self, api, client_for, owner, campaign, day):
        url = f"/campaigns/{campaign.public_id}/costs"
        said = problem(api("POST", url, {"amount": 5, "at": day}), "/at")
        assert f"{day} is far from the campaign" in said
        form = {"kind": "actual", "category": "media", "amount": "5", "at": day}
        answer = client_for(owner).post(f"/c/{campaign.public_id}/budget/costs", form)
        assert answer.status_code == 422
        assert f"{day} is far from the campaign" in answer.content.decode()
        assert not campaign.costs.exists()

    @pytest.mark.parametrize("day", ["2024-11-08", "2027-11-08"])
    def test_near_it_are_fine(self, api, campaign, day):
        url = f"/campaigns/{campaign.public_id}/costs"
        assert api("POST", url, {"amount": 5, "at": day}).status_code == 201


class TestValuesOfAGoal:
    @pytest.mark.parametrize(
        ("fields", "at", "text"),
        [
            ({"metric": "conversion_rate", "target": 1.5}, "/target", "never more than 100 %"),
            ({"metric": "open_rate", "target": 0.2, "baseline": 20}, "/baseline", "never more"),
            ({"metric": "orders", "target": -5}, "/target", "“Orders” is never less than zero"),
            (
                {
                    "metric": "orders",
                    "target": 5,
                    "guardrails": [{"metric": "unsubscribe_rate", "op": "lte", "value": 4}],
                },
                "/guardrails/0/value",
                "never more than 100 %",
            ),
        ],
    )
    def test_that_it_never_has(self, api, campaign, fields, at, text):
        url = f"/campaigns/{campaign.public_id}/goals"
        assert text in problem(api("POST", url, fields), at)

    @pytest.mark.parametrize(
        "fields",
        [
            {"metric": "roi", "target": -0.1},
            {"metric": "roi", "target": 3},
            {"metric": "orders_per_person", "target": 2},
            {"metric": "conversion_rate", "target": 1},
        ],
    )
    def test_that_it_may_have(self, api, campaign, fields):
        url = f"/campaigns/{campaign.public_id}/goals"
        assert api("POST", url, fields).status_code == 201

    def test_on_the_page(self, client_for, owner, campaign):
        goal = campaign.goals.get()
        goal.guardrails = []
        prefix = goal.public_id
        form = {
            f"{prefix}-{name}": value
            for name, value in {
                "metric": "conversion_rate", "target": "150%", "starts": "2026-11-04",
                "due": "2026-11-15", "primary": "on",
            }.items()
        }  # fmt: skip
        url = f"/c/{campaign.public_id}/goals/{goal.public_id}"
        answer = client_for(owner).post(url, form)
        assert answer.status_code == 422
        assert "never more than 100 %" in answer.content.decode()
        goal.refresh_from_db()
        assert goal.target == Decimal(500)


def test_a_deadline_of_an_approval_is_one_moment_everywhere(api, campaign, owner, workspace):
    from muster.plan.approvals.actions import set_policy
    from muster.plan.approvals.rules import Step

    assert workspace.time_zone == "Asia/Shanghai"
    set_policy("campaign", [Step("look", "Look", within=8, unit="hours")], by=owner)
    submit(campaign, by=owner)
    stored = ApprovalRequest.objects.get().due_at
    shown = api("GET", f"/campaigns/{campaign.public_id}/approvals").json()["items"][0]
    assert stored.utcoffset() == timedelta(0)
    utc = stored.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "")
    assert shown["due"].startswith(utc)
    assert shown["due"].endswith("Z")
    assert shown["steps"][0]["due"].startswith(utc)
    assert shown["steps"][0]["due"].endswith("Z")
