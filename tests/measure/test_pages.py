"""Pages of results: what they say, what they hide, and that page and API agree."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache

from muster.measure.results import views
from muster.measure.results.numbers import results
from muster.ui.palette import find
from tests.measure.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(owner, stores, monkeypatch):
    monkeypatch.setattr("muster.kit.clock.now", lambda: NOW)
    world = World(owner, stores)
    world.goal("buyers", 10)
    world.send(A=40, B=40, held_out=40)
    for person in world.people[:30]:
        world.did(person, "Page Viewed", url="https://shop.example/")
    for person in world.people[:20]:
        world.order(person, 50)
    world.did(world.people[-1], "Page Viewed", url="https://shop.example/")
    world.cost(500, channel="email")
    world.settle()
    return world


class TestWhileTheNumbersAreRebuilt:
    @pytest.fixture
    def rebuilding(self, world, stores):
        stores.stores.warehouse.needs_rebuild = True
        yield
        stores.stores.warehouse.needs_rebuild = False

    @pytest.mark.parametrize(
        ("page", "part"),
        [
            ("/insights/roi", "Campaigns and channels"),
            ("{c}/results", "Who gets the credit"),
            ("{c}/results/trace?metric=revenue", "How it is worked out"),
            ("{c}/retro", "Goals against actual"),
        ],
    )
    def test_a_page_says_so_and_asks_again(
        self, page, part, world, rebuilding, stores, client_for, owner
    ):
        client, said = client_for(owner), "rebuilt from the event log"
        address = page.format(c=f"/c/{world.campaign.public_id}")
        answer = client.get(address)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert said in text
        assert "every 10s" in text
        (asking,) = re.findall(r"<[^>]*every 10s[^>]*>", text)
        # The error page of a proxy would take the place of this one, and nothing would ask again.
        assert 'hx-status:4xx="swap:none" hx-status:5xx="swap:none"' in asking
        assert '<nav class="rail"' in text
        for shown in (part, "No cost and no order yet", "Nothing was sent yet"):
            assert shown not in text
        stores.stores.warehouse.needs_rebuild = False
        again = client.get(address).content.decode()
        assert said not in again
        assert "every 10s" not in again
        assert part in again

    def test_the_part_that_asks_again_gets_the_part(self, world, rebuilding, client_for, owner):
        address = f"/c/{world.campaign.public_id}/results"
        text = client_for(owner).get(address, headers={"HX-Request": "true"}).content.decode()
        assert text.strip().startswith('<div id="results"')
        assert f'hx-get="{address}"' in text
        assert "every 10s" in text
        # Only one of the two asks.
        assert text.count("hx-get") == 1


class TestTheTileOfTheOverview:
    def test_comes_after_the_page(self, world, client_for, owner, monkeypatch):
        def never(*_given):
            raise AssertionError("The page waited for the results.")

        client, address = client_for(owner), f"/c/{world.campaign.public_id}"
        with monkeypatch.context() as without:
            without.setattr("muster.measure.workspace.results", never)
            page = client.get(address).content.decode()
        assert f'hx-get="{address}/tile/outcome"' in page
        assert "What came of it" not in page
        tile = client.get(f"{address}/tile/outcome").content.decode()
        assert tile.strip().startswith('<section class="card c8" id="tile-outcome">')
        assert "What came of it" in tile
        assert "ROI" in tile
        # A page that refreshes itself brings everything along.
        assert (
            "What came of it"
            in client.get(address, headers={"HX-Request": "true"}).content.decode()
        )

    def test_is_counted_once_for_all_who_look(self, world, client_for, owner, settings,
                                              monkeypatch):  # fmt: skip
        settings.COUNTS_KEPT = 20
        cache.clear()
        client, asked = client_for(owner), []
        monkeypatch.setattr(
            "muster.measure.workspace.results",
            lambda *given: asked.append(given) or results(*given),
        )
        address = f"/c/{world.campaign.public_id}/tile/outcome"
        first, second = (client.get(address).content for _again in range(2))
        assert (len(asked), first) == (1, second)
        cache.clear()

    def test_is_for_those_who_may_see_it_and_only_where_there_is_one(
        self, world, client_for, owner, user_with, api
    ):
        address = f"/c/{world.campaign.public_id}/tile"
        assert client_for(user_with("store")).get(f"{address}/outcome").status_code == 403
        assert client_for(owner).get(f"{address}/nothing").status_code == 404


class TestTheResultsPage:
    def test_answers_first_and_agrees_with_the_api(self, world, client_for, owner, api):
        page = client_for(owner).get(f"/c/{world.campaign.public_id}/results")
        assert page.status_code == 200
        text = page.content.decode()
        body = api("GET", f"/campaigns/{world.campaign.public_id}/results").json()
        assert body["roi"] == 1.0
        assert "ROI 100%" in text
        assert "CN¥1,000.00" in text
        rate = body["groups"][0]["metrics"]["visit_rate"]["value"]
        assert f"{rate:.0%}" in text
        assert "Held out" in text
        assert 'data-live="results:' in text

    def test_gives_htmx_only_the_part_that_changes(self, world, client_for, owner):
        client = client_for(owner)
        page = client.get(f"/c/{world.campaign.public_id}/results", headers={"HX-Request": "true"})
        assert page.content.decode().lstrip().startswith('<div id="results"')

    def test_says_what_is_missing_before_the_first_send(self, owner, stores, client_for):
        world = World(owner, stores)
        page = client_for(owner).get(f"/c/{world.campaign.public_id}/results")
        assert "Nothing was sent yet" in page.content.decode()

    def test_shows_no_money_to_those_who_do_not_see_budgets(self, world, client_for, user_with):
        page = client_for(user_with("sales")).get(f"/c/{world.campaign.public_id}/results")
        assert page.status_code == 200
        assert "ROI 100%" not in page.content.decode()

    def test_is_not_for_everybody(self, world, client_for, user_with):
        page = client_for(user_with("vendor")).get(f"/c/{world.campaign.public_id}/results")
        assert page.status_code == 403


class TestTheTrace:
    def url(self, world, query):
        return f"/c/{world.campaign.public_id}/results/trace?{query}"

    def test_shows_the_formula_and_the_events(self, world, client_for, owner):
        page = client_for(owner).get(self.url(world, "metric=revenue"))
        text = page.content.decode()
        assert page.status_code == 200
        assert "20 events of 20 people" in text
        assert "Orders in the currency of the scope" in text
        assert "p0@example.test" in text

    def test_shows_people_by_number_to_those_who_may_not_see_names(
        self, world, client_for, user_with
    ):
        page = client_for(user_with("analyst")).get(self.url(world, "metric=revenue"))
        text = page.content.decode()
        assert "@example.test" not in text
        assert "per_" in text

    def test_can_be_of_one_group(self, world, client_for, owner):
        group = views.members(world.campaign).groups[0].key
        page = client_for(owner).get(self.url(world, f"metric=visit_rate&group={group}"))
        assert "75%" in page.content.decode()

    @pytest.mark.parametrize("query", ["metric=nonsense", "metric=revenue&group=9-9"])
    def test_refuses_what_is_not_there(self, world, client_for, owner, query):
        assert client_for(owner).get(self.url(world, query)).status_code == 422

    def test_hides_the_return_from_those_who_do_not_see_budgets(self, world, client_for, user_with):
        page = client_for(user_with("sales")).get(self.url(world, "metric=roi"))
        assert page.status_code == 403


class TestTheReturnPage:
    def test_compares_campaigns_and_channels(self, world, client_for, owner):
        page = client_for(owner).get("/insights/roi")
        text = page.content.decode()
        assert page.status_code == 200
        assert "Spring tea" in text
        assert "E-mail" in text
        assert "100%" in text

    def test_says_what_is_missing_while_there_is_nothing(self, owner, stores, client_for):
        assert "No cost and no order yet" in client_for(owner).get("/insights/roi").content.decode()


class TestTheFunnelPage:
    def test_counts_the_chosen_steps(self, world, client_for, owner):
        page = client_for(owner).get("/insights/funnel?step=Page+Viewed&step=Order+Completed")
        text = page.content.decode()
        assert page.status_code == 200
        assert ">31<" in text
        assert ">20<" in text

    def test_begins_empty(self, stores, client_for, owner):
        assert "No steps yet" in client_for(owner).get("/insights/funnel").content.decode()

    def test_says_what_is_wrong_with_a_duration(self, world, client_for, owner):
        page = client_for(owner).get("/insights/funnel?step=Page+Viewed&within=soon")
        assert page.status_code == 422
        assert "is no duration" in page.content.decode()


class TestReportsInTheApi:
    def test_split_the_return_so_that_it_adds_up(self, world, api):
        whole = {"cost": "500.00", "revenue": "1000.00"}
        for by in ("channel", "week", "phase"):
            body = api("GET", f"/reports/roi?campaign={world.campaign.public_id}&by={by}").json()
            assert {k: body["total"][k]["amount"] for k in whole} == whole
            assert body["total"]["roi"] == 1.0
            assert body["total"]["orders"] == 20
        assert api("GET", "/reports/roi").json()["total"]["orders"] == 20

    def test_give_attribution_by_model(self, world, api):
        body = api(
            "GET", "/reports/attribution?window=30d&models=first,linear&from=2026-11-01"
        ).json()
        assert body["conversions"] == 20
        assert body["models"]["linear"][0]["conversions"] == 20
        assert set(body["models"]) == {"first", "linear"}

    def test_count_a_funnel(self, world, api):
        steps = ["Page Viewed", {"event": "Order Completed", "name": "bought"}]
        body = api("POST", "/reports/funnel", {"steps": steps, "within": "7d"}).json()
        assert [(s["name"], s["people"]) for s in body["steps"]] == [
            ("Page Viewed", 31),
            ("bought", 20),
        ]

    def test_part_the_buyers_into_fifths(self, world, api):
        body = api("GET", "/reports/rfm?as_of=2026-11-06").json()
        assert (body["people"], body["value"]) == (20, 1000)

    @pytest.mark.parametrize(
        ("path", "at"),
        [
            ("/reports/roi?by=moon", "/by"),
            ("/reports/attribution?window=soon", "/window"),
            ("/reports/attribution?models=magic", "/models"),
            ("/reports/attribution?from=yesterday", "/from"),
            ("/reports/attribution?from=2026-11-02&to=2026-11-01", "/to"),
            ("/reports/attribution?currency=zz", "/currency"),
            ("/reports/rfm?currency=zz", "/currency"),
            ("/reports/rfm?as_of=someday", "/as_of"),
        ],
    )
    def test_say_where_the_question_is_wrong(self, world, api, path, at):
        answer = api("GET", path)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"] == at

    def test_say_what_is_wrong_with_steps(self, stores, api):
        answer = api("POST", "/reports/funnel", {"steps": []})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"] == "/steps"


class TestThePaletteAnswers:
    def test_return_of_a_campaign_with_its_trace(self, world, owner):
        (answer,) = [one for one in find(owner, "Spring tea ROI") if one.kind == "ask"]
        assert str(answer.title) == "Spring tea: ROI 100%"
        assert answer.url == f"/c/{world.campaign.public_id}/results"

    def test_return_of_a_week_by_last_touch(self, world, owner, workspace):
        # 20 orders of 50 follow the mail this week; 500 were booked for e-mail on 2 November.
        (answer,) = [one for one in find(owner, "本周邮件 ROI") if one.kind == "ask"]
        assert "100%" in str(answer.title)
        (before,) = [one for one in find(owner, "last week mail ROI") if one.kind == "ask"]
        assert "no cost is booked" in str(before.title)

    def test_nothing_to_those_who_do_not_see_money(self, world, user_with):
        assert [
            one for one in find(user_with("sales"), "Spring tea ROI") if one.kind == "ask"
        ] == []

    def test_why_somebody_did_not_get_a_send(self, world, owner):
        from muster.people.profile.models import Person

        held = world.people[-1]
        Person.objects.filter(pk=held.pk).update(first_name="雨", last_name="欧阳")
        (answer,) = [one for one in find(owner, "欧阳女士 为什么没收到 Mail") if one.kind == "ask"]
        assert "Belongs to those who get nothing" in str(answer.title)
        assert answer.url.startswith("/sends/snd_")
