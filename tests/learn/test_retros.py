"""The retrospective: filled from the numbers, completed by the team, kept."""

from __future__ import annotations

import pytest

from muster.kit.errors import Invalid, Refused
from muster.learn.retros import actions
from muster.learn.retros.actions import NewCard
from muster.learn.retros.models import Card, Retro
from muster.learn.retros.numbers import fill
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.models import Campaign
from muster.team.changes import actions as changes
from tests.measure.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(owner, stores, monkeypatch):
    """A: 3 of 10 bought for 100 each; B: 1 of 10; none of the held-out. The campaign has ended."""
    monkeypatch.setattr("muster.kit.clock.now", lambda: NOW)
    world = World(owner, stores)
    world.goal("buyers", 4)
    world.send(A=10, B=10, held_out=10)
    for person in (*world.people[:3], world.people[10]):
        world.order(person, 100)
    BudgetLine.objects.create(campaign=world.campaign, category="media", label="Ads", planned=150)
    world.cost(200, channel="email")
    world.settle()
    Campaign.objects.filter(pk=world.campaign.pk).update(status=Campaign.Status.ENDED)
    world.campaign.refresh_from_db()
    return world


@pytest.fixture
def retro(world):
    return actions.open_retro(world.campaign)


class TestTheNumbers:
    def test_are_those_of_the_results(self, world):
        n = fill(world.campaign, NOW)
        assert (n["goals"][0]["actual"], n["goals"][0]["state"]) == (4, "reached")
        assert (n["revenue"], n["cost"], n["roi"]) == ("400.0000", "200.00", 1.0)
        assert [(v["name"], v["value"]) for v in n["variants"]] == [("A", 0.3), ("B", 0.1)]
        assert n["bottleneck"]["step"] == "opened"
        assert n["channels"][0]["key"] == "email"

    def test_compare_the_budget_with_what_was_paid(self, world):
        (media,) = fill(world.campaign, NOW)["budget"]
        assert (media["planned"], media["actual"], media["difference"]) == (
            "150.00",
            "200.00",
            "50.00",
        )


class TestCards:
    def test_are_written_changed_taken_away_and_brought_back(self, retro, owner):
        card = actions.add_card(retro, NewCard("keep", " The early mail "), by=owner)
        assert card.text == "The early mail"
        actions.edit_card(card, by=owner, text="The mail at nine")
        change = actions.remove_card(card, by=owner, now=NOW)
        assert not Card.objects.shown().exists()
        changes.undo(change, by=owner)
        assert [c.text for c in Card.objects.shown()] == ["The mail at nine"]

    @pytest.mark.parametrize(
        ("card", "code"),
        [
            (NewCard("keep", "  "), "empty"),
            (NewCard("keep", "x" * 401), "too_long"),
            (NewCard("shout", "hello"), "unknown_kind"),
            (NewCard("lesson", "hello", screen="moon"), "unknown_screen"),
        ],
    )
    def test_are_refused_when_they_cannot_be_used(self, retro, owner, card, code):
        with pytest.raises(Invalid) as no:
            actions.add_card(retro, card, by=owner)
        assert no.value.code == code


class TestCompleting:
    def test_keeps_the_numbers_and_reviews_the_campaign(self, world, retro, owner):
        actions.judge(retro, "changed", "Smaller audience", by=owner)
        actions.complete(retro, fill(world.campaign, NOW), by=owner, now=NOW)
        retro.refresh_from_db()
        world.campaign.refresh_from_db()
        assert retro.is_done
        assert retro.filled["roi"] == 1.0
        assert world.campaign.status == Campaign.Status.REVIEWED

    def test_needs_an_answer_first(self, world, retro, owner):
        with pytest.raises(Refused) as no:
            actions.complete(retro, {}, by=owner, now=NOW)
        assert no.value.code == "not_judged"

    def test_needs_a_campaign_that_has_ended(self, world, retro, owner):
        Campaign.objects.filter(pk=world.campaign.pk).update(status=Campaign.Status.RUNNING)
        with pytest.raises(Refused) as no:
            actions.complete(retro, {}, by=owner, now=NOW)
        assert no.value.code == "not_ended"

    def test_closes_the_wall(self, world, retro, owner):
        actions.judge(retro, "yes", "", by=owner)
        done = actions.complete(retro, fill(world.campaign, NOW), by=owner, now=NOW)
        with pytest.raises(Refused):
            actions.add_card(done, NewCard("keep", "late"), by=owner)


class TestThePage:
    def test_opens_already_filled(self, world, client_for, owner):
        page = client_for(owner).get(f"/c/{world.campaign.public_id}/retro")
        text = page.content.decode()
        assert page.status_code == 200
        for words in (
            "Best: “A” of Mail",
            "ROI was <strong>100%</strong>",
            "CN¥150.00",
            "CN¥200.00",
        ):
            assert words in text
        assert not Retro.objects.exists()

    def test_takes_cards_an_answer_and_completion(self, world, client_for, owner):
        client, base = client_for(owner), f"/c/{world.campaign.public_id}/retro"
        htmx = {"HX-Request": "true"}
        wall = client.post(
            f"{base}/cards",
            {"kind": "lesson", "text": "Mail before nine", "screen": "send"},
            headers=htmx,
        )
        assert "Mail before nine" in wall.content.decode()
        card = Card.objects.get()
        assert client.get(f"{base}/cards/{card.public_id}", headers=htmx).status_code == 200
        far = {"kind": "action", "text": "x", "due": "9999-12-31"}
        assert client.post(f"{base}/cards", far, headers=htmx).status_code == 422
        changed = client.post(
            f"{base}/cards/{card.public_id}",
            {"kind": "lesson", "text": "Before eight"},
            headers=htmx,
        )
        assert "Before eight" in changed.content.decode()
        assert "undo" in changed.headers["HX-Trigger"]
        gone = client.post(f"{base}/cards/{card.public_id}/remove", headers=htmx)
        assert "Before eight" not in gone.content.decode()
        client.post(f"{base}/judge", {"again": "yes", "why": "It paid"}, headers=htmx)
        assert client.post(f"{base}/complete").status_code == 302
        assert "Completed on" in client.get(base).content.decode()
        library = client.get("/library").content.decode()
        assert "Spring tea" in library
        assert "100%" in library

    def test_may_be_read_but_not_written_without_the_right(self, world, client_for, user_with):
        client, base = client_for(user_with("content")), f"/c/{world.campaign.public_id}/retro"
        page = client.get(base)
        assert page.status_code == 200
        assert "CN¥200.00" not in page.content.decode()
        assert client.post(f"{base}/judge", {"again": "yes"}).status_code == 403

    def test_of_the_library_is_friendly_while_empty(self, stores, client_for, owner):
        assert "No finished retrospective yet" in client_for(owner).get("/library").content.decode()


class TestTheApi:
    def test_writes_all_or_nothing(self, world, api):
        path = f"/retros/{world.campaign.public_id}"
        bad = api(
            "POST", path, {"cards": [{"kind": "keep", "text": "a"}, {"kind": "keep", "text": ""}]}
        )
        assert bad.status_code == 422
        assert not Card.objects.exists()
        good = api(
            "POST",
            path,
            {"cards": [{"kind": "keep", "text": "a"}], "would_do_again": "yes", "complete": True},
        )
        assert good.status_code == 200
        body = api("GET", path).json()
        assert (body["status"], body["numbers"]["roi"]) == ("done", 1.0)
        assert [card["text"] for card in body["cards"]] == ["a"]
        listed = api("GET", "/retros").json()
        assert [row["name"] for row in listed["items"]] == ["Spring tea"]

    def test_hides_money_from_those_who_do_not_see_budgets(self, world, api, user_with):
        body = api("GET", f"/retros/{world.campaign.public_id}", user=user_with("sales")).json()
        assert "roi" not in body["numbers"]
