"""The plan through the API: the same rules as on the pages, problems with pointers."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db
BODY = {
    "name": "双11 首购季",
    "starts": "2026-11-04",
    "ends": "2026-11-15",
    "currency": "CNY",
    "total_budget": {"amount": "500000", "currency": "CNY"},
    "goals": [{"metric": "first_time_buyers", "baseline": 236, "target": 500, "due": "2026-11-14"}],
}


@pytest.fixture
def made(api):
    answer = api("POST", "/campaigns", BODY)
    assert answer.status_code == 201, answer.content
    return answer.json()


class TestBeginningACampaign:
    def test_answers_with_what_was_given(self, api, made):
        assert made["id"].startswith("cmp_")
        assert made["status"] == "draft"
        assert made["total_budget"] == {"amount": "500000.00", "currency": "CNY"}
        goal = made["goals"][0]
        assert (goal["metric"], goal["baseline"], goal["target"]) == ("first_time_buyers", 236, 500)
        assert (goal["starts"], goal["due"], goal["primary"]) == ("2026-11-04", "2026-11-14", True)
        assert api("GET", f"/campaigns/{made['id']}").json() == made

    def test_happens_once_for_one_key(self, api):
        headers = {"Idempotency-Key": "k1"}
        ids = {api("POST", "/campaigns", BODY, headers=headers).json()["id"] for _ in range(2)}
        # Each call of the fixture has a token of its own, so the key stands for two calls.
        assert len(ids) == 2

    def test_without_a_currency_takes_that_of_the_workspace(self, api):
        body = {name: BODY[name] for name in ("name", "starts", "ends")}
        assert api("POST", "/campaigns", body).json()["currency"] == "CNY"

    @pytest.mark.parametrize(
        ("change", "at"),
        [
            ({"ends": "2026-10-01"}, "/ends"),
            ({"starts": "soon"}, "/starts"),
            ({"currency": "XXQ", "total_budget": 5}, "/currency"),
            ({"colour": "red"}, "/colour"),
            ({"total_budget": {"amount": "5", "currency": "USD"}}, "/total_budget/currency"),
            ({"goals": [{"metric": "fame", "target": 1}]}, "/goals/0/metric"),
            ({"lines": [{"category": "media", "planned": -1}]}, "/lines/0/planned"),
            ({"owner": "nobody@muster.test"}, "/owner"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, api, change, at):
        answer = api("POST", "/campaigns", {**BODY, **change})
        assert answer.status_code == 422
        assert at in [error["at"] for error in answer.json()["errors"]]

    def test_needs_the_scope(self, api):
        assert api("POST", "/campaigns", BODY, scopes=["campaigns:read"]).status_code == 403


class TestChangingACampaign:
    def test_leaves_every_other_field_as_it_was(self, api, made):
        before = api("GET", f"/campaigns/{made['id']}").json()
        answer = api("PATCH", f"/campaigns/{made['id']}", {"message": "  新茶\n上市 "})
        assert answer.status_code == 200
        assert api("GET", f"/campaigns/{made['id']}").json() == {
            **before,
            "message": "  新茶\n上市 ",
        }

    def test_hides_money_from_those_who_may_not_see_it(self, api, made, user_with):
        seen = api("GET", f"/campaigns/{made['id']}", user=user_with("content")).json()
        assert seen["total_budget"] is None

    def test_putting_it_away_makes_it_unknown(self, api, made):
        assert api("DELETE", f"/campaigns/{made['id']}").status_code == 204
        assert api("GET", f"/campaigns/{made['id']}").status_code == 404


class TestLists:
    def test_go_on_at_the_cursor(self, api, made):
        api("POST", "/campaigns", {**BODY, "name": "Second"})
        first = api("GET", "/campaigns?limit=1").json()
        assert [one["name"] for one in first["items"]] == ["Second"]
        second = api("GET", f"/campaigns?limit=1&cursor={first['next']}").json()
        assert [one["id"] for one in second["items"]] == [made["id"]]
        assert second["next"] is None

    def test_are_narrowed_by_status_and_name(self, api, made):
        assert len(api("GET", "/campaigns?status=draft&q=首购").json()["items"]) == 1
        assert api("GET", "/campaigns?status=running").json()["items"] == []


class TestGoals:
    def test_are_measured_against_smart(self, api, made):
        goals = api("GET", f"/campaigns/{made['id']}/goals").json()["items"]
        verdicts = {one["letter"]: one["verdict"] for one in goals[0]["smart"]["letters"]}
        assert verdicts["A"] == "pass"
        assert verdicts["R"] == "warn"

    def test_a_vague_one_is_caught_in_the_reader_s_words(self, api, made):
        url = f"/campaigns/{made['id']}/goals"
        goal = api("POST", url, {"metric": "revenue", "target": 9, "statement": "提升销量"}).json()
        first = goal["smart"]["letters"][0]
        assert first["verdict"] == "fail"
        assert "提升销量" in first["detail"]
        changed = api("PATCH", f"{url}/{goal['id']}", {"statement": "销售额 9 元"}).json()
        assert changed["smart"]["letters"][0]["verdict"] == "warn"
        assert changed["target"] == 9
        assert api("DELETE", f"{url}/{goal['id']}").status_code == 204


class TestBudget:
    def test_says_what_is_missing(self, api, made):
        url = f"/campaigns/{made['id']}/budget"
        lines = [{"category": "media", "planned": "450000", "core": True}]
        found = api("PUT", url, {"lines": lines}).json()
        rules = {rule["rule"]: rule for rule in found["rules"]}
        assert rules["sum"]["change"] == {"amount": "50000.00", "currency": "CNY"}
        assert rules["contingency"]["change"]["amount"] == "50000.00"
        assert rules["core"]["holds"]
        assert "CN¥50,000" in rules["contingency"]["detail"]

    def test_books_and_takes_back(self, api, made):
        url = f"/campaigns/{made['id']}"
        line = api("GET", f"{url}/budget").json()["lines"][0]["id"]
        entry = {"kind": "actual", "amount": "120300.50", "line": line, "at": "2026-11-05"}
        cost = api("POST", f"{url}/costs", entry).json()
        assert cost["amount"] == {"amount": "120300.50", "currency": "CNY"}
        assert cost["category"] == "media"
        assert api("POST", f"{url}/costs/{cost['id']}/reverse").status_code == 201
        assert api("GET", f"{url}/budget").json()["actual"]["amount"] == "0.00"
        assert len(api("GET", f"{url}/costs").json()["items"]) == 2

    def test_refuses_to_overspend(self, api, made):
        answer = api("POST", f"/campaigns/{made['id']}/costs", {"amount": 500001})
        assert answer.status_code == 422
        assert answer.json()["code"] == "over_budget"
        assert "1.00 CNY over the total" in answer.json()["detail"]

    def test_is_not_for_every_role(self, api, made, user_with):
        answer = api("GET", f"/campaigns/{made['id']}/budget", user=user_with("content"))
        assert answer.status_code == 403


class TestTheWayToTheLaunch:
    def test_is_walked_by_two_people(self, api, made, manager):
        url = f"/campaigns/{made['id']}"
        asked = api("POST", f"{url}/approvals", {"note": "as agreed"}, user=manager)
        assert asked.status_code == 201, asked.content
        decide = f"{url}/approvals/{asked.json()['id']}/decide"
        assert api("POST", decide, {"verdict": "approved"}, user=manager).status_code == 409
        decided = api("POST", decide, {"verdict": "approved"}).json()
        assert decided["decisions"][0]["verdict"] == "approved"
        assert api("GET", url).json()["status"] == "ready"
        api("PATCH", url, {"message": "something else"})
        launched = api("POST", f"{url}/launch")
        assert launched.status_code == 409
        assert launched.json()["code"] == "not_ready"
        readiness = api("GET", f"{url}/readiness").json()
        assert not readiness["ready"]
        assert len(launched.json()["errors"]) == sum(
            finding["severity"] == "block"
            for check in readiness["checks"]
            for finding in check["findings"]
        )

    def test_knows_no_tasks_yet(self, api, made):
        assert api("GET", f"/campaigns/{made['id']}/tasks").json()["items"] == []
