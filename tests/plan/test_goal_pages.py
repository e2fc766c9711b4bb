"""The pages of goals, facts and objectives, as people use them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse(client, owner):
    client.force_login(owner)
    return client


class TestWritingAGoalAsASentence:
    def test_shows_what_was_read_and_what_was_not(self, browse, campaign):
        answer = browse.post(
            f"/c/{campaign.public_id}/goals/read",
            {"sentence": "两周内线上获取 500 名首购新客，客单价 ≥ 200 元，双11期间"},
        )
        text = answer.content.decode()
        for shown in ("First-time buyers", "500", "首购新客", "Average order value ≥", "双11"):
            assert shown in text
        assert "SMART 3/5" in text or "SMART 2/5" in text

    def test_offers_three_sentences_for_a_wish(self, browse, campaign):
        answer = browse.post(f"/c/{campaign.public_id}/goals/read", {"sentence": "提升品牌知名度"})
        assert answer.content.decode().count("data-fills") == 3
        assert "disabled" in answer.content.decode()

    def test_sets_the_goal(self, browse, start):
        campaign = start(goals=[])
        sentence = "500 first-time buyers online in two weeks with average order ≥ ¥200"
        answer = browse.post(f"/c/{campaign.public_id}/goals/sentence", {"sentence": sentence})
        goal = campaign.goals.get()
        assert answer.headers["Location"].endswith(f"#{goal.public_id}")
        assert (goal.metric, goal.target, goal.channel) == ("first_time_buyers", 500, "online")
        assert (goal.starts, (goal.due - goal.starts).days) == (campaign.starts, 13)
        assert len(goal.checkpoints) == 3
        assert goal.guardrails[0]["metric"] == "average_order_value"

    def test_one_click_mends_a_letter(self, browse, campaign):
        goal = campaign.goals.get()
        goal.checkpoints = []
        goal.objective, goal.supports = None, "Retention"
        goal.save()
        path = f"/c/{campaign.public_id}/goals/{goal.public_id}/fix"
        assert browse.post(path, {"do": "checkpoints"}).status_code == 200
        assert browse.post(path, {"do": "objective", "value": "Retention"}).status_code == 200
        goal.refresh_from_db()
        assert len(goal.checkpoints) == 3
        assert (goal.objective.name, goal.supports) == ("Retention", "")
        assert browse.post(path, {"do": "nonsense"}).status_code == 404

    def test_the_solver_says_when_the_past_shows_nothing(self, browse, campaign):
        goal = campaign.goals.get()
        answer = browse.get(f"/c/{campaign.public_id}/goals/{goal.public_id}/solver")
        assert "No past campaign shows" in answer.content.decode()


class TestTheFactSheet:
    def test_a_fact_is_written_verified_and_shown(self, browse, campaign):
        base = f"/c/{campaign.public_id}/brief/facts"
        fields = {"name": "礼盒", "key": "price.hero", "kind": "price", "value": "199",
                  "evidence": "Price list"}  # fmt: skip
        assert browse.post(f"{base}/new", fields).status_code == 200
        fact = campaign.facts.get()
        assert browse.post(f"{base}/{fact.public_id}/verify").status_code == 204
        text = browse.get(base).content.decode()
        assert "{{ fact.price.hero }}" in text
        assert "Verified" in text

    def test_says_what_is_wrong_with_a_key(self, browse, campaign):
        fields = {"name": "礼盒", "key": "Price Hero", "kind": "price", "value": "199"}
        answer = browse.post(f"/c/{campaign.public_id}/brief/facts/new", fields)
        assert answer.status_code == 422
        assert "small letters" in answer.content.decode()

    def test_is_not_for_those_who_only_read(self, client, user_with, campaign):
        client.force_login(user_with("analyst", "Zhao Lei"))
        base = f"/c/{campaign.public_id}/brief/facts"
        assert client.get(base).status_code == 200
        assert client.get(f"{base}/new").status_code == 403


class TestObjectives:
    def test_the_page_shows_what_stands_behind(self, browse, campaign):
        text = browse.get("/objectives").content.decode()
        assert "New customers" in text
        assert "Double 11" in text

    def test_one_is_set_in_the_drawer(self, browse):
        from muster.plan.objectives.models import Objective

        fields = {"name": "More members", "kind": "company", "starts": "2026-01-01",
                  "ends": "2026-12-31", "metric": "orders", "target": "1.2万",
                  "owner": browse.session["_auth_user_id"]}  # fmt: skip
        assert browse.post("/objectives/new", fields).status_code == 200
        assert Objective.objects.get(name="More members").target == 12000

    def test_a_running_campaign_shows_its_guardrails(self, browse, campaign):
        from muster.plan.campaigns.models import Campaign

        Campaign.objects.filter(pk=campaign.pk).update(status="running")
        text = browse.get(f"/c/{campaign.public_id}/brief").content.decode()
        assert 'Unsubscribe rate <b class="num">≤ 0.4%</b>' in text
