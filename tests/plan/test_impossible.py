"""What cannot be is refused with a sentence that says what, where and how to mend it."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest

from muster.kit.errors import Invalid
from muster.plan.approvals.actions import appoint
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.brief.actions import submit
from muster.plan.campaigns.days import today
from muster.plan.objectives.actions import make_objective
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
        said = problem(api("PATCH", url, {name: "2021-01-01"}), f"/{name}")
        assert "2021-01-01 is far from the campaign" in said
        new = f"/campaigns/{campaign.public_id}/tasks"
        problem(api("POST", new, {"title": "x", name: "1900-01-01"}), f"/{name}")
        if name == "started_on":  # the page does not ask for it
            return
        page = f"/c/{campaign.public_id}/plan/{task.public_id}"
        answer = client_for(owner).post(page, {name: "2021-01-01"})
        assert answer.status_code in (409, 422)
        assert "far from the campaign" in answer.content.decode()

    def test_a_plan_that_moves_may_be_late(self, campaign, task, owner):
        edit_task(task, {"due": date(2027, 3, 5)}, by=owner)
        replan(campaign, {task.pk: Move(not_before=date(2027, 3, 9))}, by=owner)
        task.refresh_from_db()
        assert task.not_before > task.due
        edit_task(task, {"title": "Movie"}, by=owner)


FAR = ["9999-12-31", "2063-04-05", "0001-01-01"]


@pytest.mark.parametrize("day", FAR)
class TestAMistypedYear:
    """Nobody plans in another age, and no page may have to draw the centuries between."""

    def test_of_a_campaign(self, api, client_for, owner, campaign, day):
        new = {"name": "x", "starts": day, "ends": day}
        assert "ten years" in problem(api("POST", "/campaigns", new), "/starts")
        from_template = {"name": "x", "starts": day, "template": "big_sale"}
        problem(api("POST", "/campaigns", from_template), "/starts")
        at = f"/campaigns/{campaign.public_id}"
        problem(api("PATCH", at, {"ends": day}), "/ends")
        problem(api("POST", f"{at}/clone", {"starts": day}), "/starts")
        client = client_for(owner)
        url = f"/campaigns/new?template=big_sale&starts={day}"
        assert client.get(url).status_code == 422
        form = {"source": "big_sale", "name": "x", "starts": day, "length": "5"}
        assert client.post("/campaigns/new/preview", form).status_code == 200
        assert client.post("/campaigns/new", form).status_code == 422
        assert client.get(f"/calendar/planner?day={day}").status_code == 422
        text = f"Spring tea\nBudget: 5\n{day[:4]}年1月1日"
        assert client.post("/campaigns/new/read", {"text": text}).status_code == 200

    def test_of_a_task(self, api, campaign, owner, day):
        task = add_task(campaign, {"title": "Film", "days": 2}, by=owner)
        at = f"/campaigns/{campaign.public_id}/tasks"
        for name in ("due", "not_before"):
            assert "ten years" in problem(
                api("PATCH", f"{at}/{task.public_id}", {name: day}), f"/{name}"
            )
        moves = {"moves": [{"task": task.public_id, "not_before": day}]}
        for door in ("preview", "replan"):
            assert "ten years" in problem(api("POST", f"{at}/{door}", moves), "/not_before")
        assert api("GET", f"{at}/schedule").status_code == 200

    def test_of_what_belongs_to_a_campaign(self, api, campaign, day):
        at = f"/campaigns/{campaign.public_id}"
        goal = {"metric": "orders", "target": 5, "due": day, "checkpoints": [day]}
        problem(api("POST", f"{at}/goals", goal), "/due")
        vendor = api("POST", "/vendors", {"name": "Print"}).json()["id"]
        delivery = {"vendor": vendor, "title": "Flyers", "due": day}
        problem(api("POST", f"{at}/deliveries", delivery), "/due")

    def test_of_days_of_people(self, api, owner, manager, day):
        problem(api("POST", "/calendar/leave", {"first": day, "last": day}), "/first")
        with pytest.raises(Invalid, match="ten years"):
            appoint(manager, date.fromisoformat(day), date.fromisoformat(day), by=owner)
        fields = {"name": "x", "starts": date.fromisoformat(day), "ends": date.fromisoformat(day)}
        with pytest.raises(Invalid, match="ten years"):
            make_objective(fields, by=owner)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_the_calendar_has_two_ends(api, client_for, owner, campaign, day):
    problem(api("POST", "/calendar/days", {"name": "x", "first": day}), "/first")
    problem(api("GET", f"/calendar?from={day}"), "/from")
    client = client_for(owner)
    tile = f"campaigns:{campaign.public_id}"
    assert client.post("/calendar/move", {"tile": tile, "to": day}).status_code == 404
    far = "2090-01-01" if day > "2" else "1910-01-01"
    assert client.post("/calendar/move", {"tile": tile, "to": far}).status_code == 422


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
