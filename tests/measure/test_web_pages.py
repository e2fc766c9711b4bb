"""The pages of the site and of heat maps: what they say, whom they refuse, and that the API agrees."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from muster.events import spool
from muster.events.shape import event, identify, iso
from muster.kit import clock
from muster.people.segments.models import Segment
from muster.ui.palette import find

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example/autumn"


@pytest.fixture
def site(workspace, stores):
    """Three looks by search on phones, one of them to the end; the button was pressed once."""
    now = clock.now() - timedelta(hours=1)
    for who in ("a", "b", "c"):
        view = {"view": who, "url": SHOP, "screen": [390, 800], "version": "v1"}
        told = [
            ("Page Viewed", {"referrer": "https://www.baidu.com/s?wd=tea"}),
            ("Page Left", {"seconds": 30, "depth": 100 if who == "a" else 40, "bands": [1] * 20}),
        ]
        if who == "a":
            box = {"element": "#buy", "text": "立即领券", "box": [20, 1500, 350, 48]}
            told.append(("Element Clicked", {**box, "at": [100, 100], "top": 1400, "height": 2000}))
        for name, more in told:
            one = event(name, anonymous_id=who, properties={**view, **more}, at=now)
            stores.stores.spool.append("key:web", [one])
    stores.settle()
    return stores


@pytest.fixture
def rebuilding(site):
    """The warehouse while its tables are made anew from the log."""
    site.stores.warehouse.needs_rebuild = True
    yield site
    site.stores.warehouse.needs_rebuild = False


SAID = "rebuilt from the event log"
ASKS_AGAIN = 'hx-trigger="every 10s"'


class TestWhileTheNumbersAreRebuilt:
    def test_the_site_stands_with_its_filters_and_asks_again(self, rebuilding, client_for, owner):
        client = client_for(owner)
        page = client.get("/insights/web?days=90")
        text = page.content.decode()
        assert page.status_code == 200
        assert SAID in text
        assert f'hx-get="/insights/web?days=90" {ASKS_AGAIN}' in text
        assert '<option value="90" selected>' in text
        assert 'href="/insights/funnel"' in text
        # Nothing is said of what nobody can count now.
        assert "No page was seen" not in text
        assert "In figures" not in text
        rebuilding.stores.warehouse.needs_rebuild = False
        again = client.get("/insights/web?days=90").content.decode()
        assert SAID not in again
        assert ASKS_AGAIN not in again
        assert "In figures" in again

    def test_a_heat_map_keeps_what_was_chosen(self, rebuilding, client_for, owner):
        client = client_for(owner)
        page = client.get(
            f"/insights/web/heatmap/{SHOP.removeprefix('https://')}"
            "?layer=scroll&version=v1&group=search&source=Baidu+%2F+organic"
        )
        text = page.content.decode()
        assert page.status_code == 200
        assert SAID in text
        assert ASKS_AGAIN in text
        for option in (
            '<option value="v1" selected>',
            '<option value="search" selected>',
            '<option value="Baidu / organic" selected>',
            # No device was chosen: the one that people mostly use is known later.
            '<option value="" disabled selected>',
        ):
            assert option in text
        assert "device=" not in text
        assert "Nobody looked at this page" not in text
        assert 'class="heatmap' not in text

    def test_a_heat_map_of_a_segment_stands_too(self, rebuilding, client_for, owner):
        segment = Segment.objects.create(name="Buyers", rule={"event": "Page Viewed"})
        page = client_for(owner).get(
            f"/insights/web/heatmap/shop.example/autumn?device=phone&segment={segment.public_id}"
        )
        text = page.content.decode()
        assert page.status_code == 200
        assert SAID in text
        assert '<option value="phone" selected>' in text
        assert f'<option value="{segment.public_id}" selected>' in text

    def test_reasons_of_visits_wait_while_an_address_can_be_tried(
        self, rebuilding, client_for, owner
    ):
        client = client_for(owner)
        text = client.get("/insights/web/why?source=Baidu+%2F+organic").content.decode()
        assert SAID in text
        assert "Try an address" in text
        assert "Give an address" not in text
        tried = client.get("/insights/web/why", {"url": "https://x.cn/?gclid=1"}).content.decode()
        assert SAID not in tried
        assert "Paid search" in tried
        both = {"source": "Baidu / organic", "url": "https://x.cn/?gclid=1"}
        text = client.get("/insights/web/why", both).content.decode()
        assert SAID in text
        assert "Paid search" in text

    def test_a_funnel_keeps_its_steps(self, rebuilding, client_for, owner):
        page = client_for(owner).get("/insights/funnel?step=Page+Viewed&step=Element+Clicked")
        text = page.content.decode()
        assert page.status_code == 200
        assert SAID in text
        assert ASKS_AGAIN in text
        assert 'value="Element Clicked"' in text
        assert "No steps yet" not in text

    def test_the_quality_of_data_says_what_the_records_know(self, rebuilding, client_for, owner):
        page = client_for(owner).get("/people/quality")
        text = page.content.decode()
        assert page.status_code == 200
        assert SAID in text
        assert "With an e-mail address" in text
        assert "Nothing has been told of anybody yet" not in text

    def test_programs_are_told_to_come_back(self, rebuilding, api):
        no = api("GET", "/reports/web")
        assert (no.status_code, no.json()["code"]) == (503, "rebuilding")


class TestTheSite:
    def test_says_the_same_as_the_api(self, site, client_for, owner, api):
        text = client_for(owner).get("/insights/web").content.decode()
        body = api("GET", "/reports/web").json()
        assert body["figures"]["visitors"] == 3
        assert body["figures"]["seconds_per_visit"] == 30
        assert body["group"] == [
            {
                "key": "search",
                "visitors": 3,
                "visits": 3,
                "one_page_rate": 1,
                "seconds_per_visit": 30,
            }
        ]
        for words in ("Organic search", "Baidu / organic", "shop.example/autumn", "Phones"):
            assert words in text

    def test_says_what_is_not_said_and_what_was_left_out(self, site, client_for, owner, api):
        unsaid = event("Page Viewed", anonymous_id="d", properties={"url": SHOP})
        site.stores.spool.append("key:web", [unsaid])
        programs = [event("Page Viewed", anonymous_id=b, properties={"url": SHOP}) for b in "xy"]
        site.stores.spool.append_lines(
            spool.lines(iso(clock.now()), "key:web", programs, "machine")
        )
        site.settle()
        text = client_for(owner).get("/insights/web").content.decode()
        assert "Not said" in text
        assert "2 looks by programs were left out in this period." in text
        assert api("GET", "/reports/web").json()["looks_by_programs"] == 2

    def test_explains_why_a_visit_counts_where_it_counts(self, site, client_for, owner):
        client = client_for(owner)
        text = client.get("/insights/web/why?source=Baidu+%2F+organic").content.decode()
        assert "is the search engine Baidu" in text
        assert "3 visits" in text
        tried = client.get("/insights/web/why", {"url": "https://x.cn/?gclid=1"}).content.decode()
        assert "Paid search" in tried
        assert "gclid" in tried

    def test_says_how_to_begin_where_nothing_came(self, workspace, stores, client_for, owner):
        assert (
            "Put the tracker on your pages"
            in client_for(owner).get("/insights/web").content.decode()
        )

    def test_refuses_a_period_that_ends_before_it_begins(self, site, client_for, owner):
        page = client_for(owner).get("/insights/web?from=2026-11-02&to=2026-11-01")
        assert page.status_code == 422
        assert "lies before the beginning" in page.content.decode()

    @pytest.mark.parametrize("path", ["", "/why", "/heatmap/shop.example/autumn"])
    def test_is_not_for_everybody(self, site, client_for, user_with, path):
        assert client_for(user_with("vendor")).get(f"/insights/web{path}").status_code == 403

    def test_is_found_by_name(self, site, owner):
        assert any(one.url == "/insights/web" for one in find(owner, "heatmap"))


class TestAHeatMap:
    def test_shows_a_table_beside_the_picture_and_warns_of_few_looks(self, site, client_for, owner):
        page = client_for(owner).get("/insights/web/heatmap/shop.example/autumn")
        text = page.content.decode()
        assert "立即领券" in text
        assert "Only 3 looks" in text
        assert text.count('class="hot-') == 1
        # The button lies at 1500 of 2000 px; two of three looks ended at 40 %.
        assert "67%" in text

    @pytest.mark.parametrize("layer", ["click", "scroll", "attention", "dead", "nonsense"])
    def test_has_layers(self, site, client_for, owner, layer):
        address = f"/insights/web/heatmap/shop.example/autumn?layer={layer}&version=v1&beside=v1"
        assert client_for(owner).get(address).status_code == 200

    @pytest.mark.parametrize(
        ("query", "looks"),
        [
            ("group=search", 3),
            ("source=Baidu&visits=first", 3),
            ("group=direct", 0),
            ("visits=later", 0),
        ],
        ids=["channel", "source_and_new", "another_channel", "returning"],
    )
    def test_can_be_narrowed_and_says_what_is_too_few(
        self, site, client_for, owner, api, query, looks
    ):
        address = f"/insights/web/heatmap/shop.example/autumn?{query}"
        text = client_for(owner).get(address).content.decode()
        assert f"Only {looks} looks" in text
        # What was chosen stays chosen when the layer changes.
        assert all(f"{part}" in text for part in query.split("&"))
        assert (
            api("GET", f"/reports/heatmap?page=shop.example/autumn&{query}").json()["views"]
            == looks
        )

    def test_of_a_page_that_nobody_saw_leads_on(self, site, client_for, owner):
        page = client_for(owner).get("/insights/web/heatmap/elsewhere.example/")
        assert "Nobody looked at this page" in page.content.decode()

    def test_in_the_api(self, site, api):
        body = api("GET", "/reports/heatmap?page=shop.example/autumn").json()
        assert (body["views"], body["clicks"], body["is_enough"]) == (3, 1, False)
        assert body["elements"][0]["text"] == "立即领券"


class TestThePeopleOfASegment:
    """Twenty-five known people looked ten times each and pressed something that does nothing."""

    @pytest.fixture
    def looks(self, workspace, stores, owner):
        from muster.people.profile.models import Person
        from muster.people.segments.models import Segment

        now = clock.now() - timedelta(hours=1)
        told = []
        for who in range(25):
            level = "gold" if who < 19 else "blue"
            told.append(identify({"level": level}, user_id=f"c{who}"))
            for n in range(12):
                view = {"view": f"{who}-{n}", "url": SHOP, "screen": [390, 800], "height": 2000}
                box = {"element": "#buy", "text": "Pick", "box": [20, 500, 350, 48], "dead": "true"}
                told += [
                    event("Page Viewed", user_id=f"c{who}", properties=view, at=now),
                    event("Element Clicked", user_id=f"c{who}", at=now,
                          properties={**view, **box, "at": [100, 100], "top": 400}),
                ]  # fmt: skip
        stores.stores.spool.append("key:web", told)
        stores.settle()
        assert Person.objects.count() == 25
        made = {}
        for name, rule in (
            ("Everybody", {"trait": "level", "op": "exists"}),
            ("Gold", {"trait": "level", "op": "eq", "value": "gold"}),
        ):
            made[name] = Segment.objects.create(name=name, rule=rule).public_id
        return made

    ADDRESS = "/insights/web/heatmap/shop.example/autumn"

    def test_are_shown_alone_where_they_are_enough(self, looks, client_for, owner, api):
        query = f"device=phone&segment={looks['Everybody']}"
        found = api("GET", f"/reports/heatmap?page=shop.example/autumn&{query}").json()
        assert (found["views"], found["clicks"], found["is_hidden"]) == (300, 300, False)
        text = client_for(owner).get(f"{self.ADDRESS}?{query}").content.decode()
        assert "300 looks" in text
        assert f'value="{looks["Everybody"]}" selected' in text

    def test_nothing_is_told_of_few_people_however_often_they_looked(
        self, looks, client_for, owner, api
    ):
        query = f"device=phone&segment={looks['Gold']}"
        found = api("GET", f"/reports/heatmap?page=shop.example/autumn&{query}").json()
        assert found["is_hidden"], "228 looks of 19 people"
        assert (found["views"], found["clicks"], found["elements"], found["spots"]) == (
            0,
            0,
            [],
            [],
        )
        assert set(found["reach"]) == set(found["attention"]) == {0}
        text = client_for(owner).get(f"{self.ADDRESS}?{query}").content.decode()
        assert "Too few people of “Gold” looked at this page" in text
        assert "#buy" not in text.split("<main")[1].split("</main")[0]
        assert "Make a task" not in text

    @pytest.mark.parametrize(("visitors", "is_hidden"), [(1, True), (19, True), (20, False)])
    def test_nor_are_few_others_told_by_what_is_missing(
        self, looks, stores, client_for, owner, api, visitors, is_hidden
    ):
        """The whole map without that of all people but one is the map of this one."""
        at = clock.now() - timedelta(hours=1)
        told = [
            event(name, anonymous_id=f"v{who}", at=at,
                  properties={"view": f"v{who}", "url": SHOP, "screen": [390, 800],
                              "element": "#own", "at": [100, 100]})
            for who in range(visitors)
            for name in ("Page Viewed", "Element Clicked")
        ]  # fmt: skip
        stores.stores.spool.append("key:web", told)
        stores.settle()
        page = "/reports/heatmap?page=shop.example/autumn&device=phone"
        assert api("GET", page).json()["views"] == 300 + visitors
        query = f"segment={looks['Everybody']}"
        found = api("GET", f"{page}&{query}").json()
        shown = (0, 0, True) if is_hidden else (300, 300, False)
        assert (found["views"], found["clicks"], found["is_hidden"]) == shown
        text = client_for(owner).get(f"{self.ADDRESS}?device=phone&{query}").content.decode()
        assert ("or too few others" in text, "300 looks" in text) == (is_hidden, not is_hidden)

    def test_others_on_another_device_take_nothing_away(self, looks, stores, api):
        view = {"view": "v", "url": SHOP, "screen": [1920, 1000]}
        at = clock.now() - timedelta(hours=1)
        told = [event("Page Viewed", anonymous_id="v", at=at, properties=view)]
        stores.stores.spool.append("key:web", told)
        stores.settle()
        query = f"device=phone&segment={looks['Everybody']}"
        found = api("GET", f"/reports/heatmap?page=shop.example/autumn&{query}").json()
        assert (found["views"], found["is_hidden"]) == (300, False)

    def test_need_the_right_to_see_segments(self, looks, client_for, user_with, api):
        address = "/reports/heatmap?page=shop.example/autumn&segment=seg_00000000"
        assert api("GET", address).status_code == 404

    def test_a_hint_becomes_a_task_with_its_title_and_its_place(self, looks, client_for, owner):
        from muster.plan.campaigns.models import Campaign

        campaign = Campaign.objects.create(
            name="Autumn", starts="2026-11-01", ends="2026-11-30", currency="CNY", owner=owner
        )
        client = client_for(owner)
        text = client.get(f"{self.ADDRESS}?device=phone").content.decode()
        (address,) = set(re.findall(r'href="([^"]+)#new-task"', text))
        form = client.get(html.unescape(address)).content.decode()
        filled = re.search(r"<textarea[^>]*>([^<]*)</textarea>", form)
        assert filled
        said = html.unescape(filled[1])
        assert said.startswith("“Pick” was pressed 300 times and nothing happened.")
        assert "/insights/web/heatmap/shop.example/autumn" in said
        assert campaign.public_id in address
