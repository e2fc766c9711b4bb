"""The site in one look, and the heat map of a page, with numbers worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from muster.warehouse.heat import Choice, Wanted, choices, heat, page_of
from muster.warehouse.metrics import Scope
from muster.warehouse.web import now_on_pages, overview
from tests.warehouse.world import World

SHOP = "https://shop.example"
JUNE = Scope(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
PHONE, DESKTOP = [390, 800], [1440, 900]


@pytest.fixture
def world():
    """Ann (1) searched twice and read two pages; Bo (2) came by a mail and left; Cy (3) directly."""
    world = World()

    def look(who, at, url, screen=DESKTOP, referrer="", **more):
        world.event(
            who, "Page Viewed", f"2026-06-{at}", url=SHOP + url, screen=screen,
            referrer=referrer, **more,
        )  # fmt: skip

    look(1, "01 02:00", "/autumn", referrer="https://www.baidu.com/s?wd=龙井")
    look(1, "01 02:05", "/cart", referrer=SHOP + "/autumn")
    world.event(1, "Page Left", "2026-06-01 02:05:01", url=SHOP + "/autumn", seconds=90)
    look(1, "03 17:00", "/autumn", referrer="https://www.google.com/")
    look(2, "01 02:00", "/autumn?utm_source=muster&utm_medium=email&utm_campaign=d11", PHONE)
    world.event(2, "Page Left", "2026-06-01 02:01", url=SHOP + "/autumn", seconds=30, screen=PHONE)
    look(3, "02 02:00", "/autumn", DESKTOP)
    look(9, "02 02:00", "/autumn", actor="machine")
    look(3, "20 02:00", "/old")
    return world


class TestTheSite:
    def test_in_figures(self, world):
        found = overview(world.db, JUNE, "UTC").figures
        assert {key: float(value.value) for key, value in found.items()} == {
            "visitors": 3,
            "new_visitors": 3,
            "returning_visitors": 0,
            "visits": 5,
            "page_views": 6,
            "one_page_rate": 4 / 5,
            "pages_per_visit": 6 / 5,
            "seconds_per_visit": 120 / 5,
        }

    def test_by_where_people_came_from(self, world):
        parts = overview(world.db, JUNE, "UTC").parts
        assert {part.key: part.numbers["visits"] for part in parts["group"]} == {
            "search": 2,
            "direct": 2,
            "email": 1,
        }
        assert [part.key for part in parts["campaign"]] == ["d11"]
        baidu = next(part for part in parts["source"] if part.key == "Baidu / organic")
        assert baidu.numbers == {
            "visitors": 1,
            "visits": 1,
            "one_page_rate": 0,
            "seconds_per_visit": 90,
        }

    def test_by_page_and_device(self, world):
        parts = overview(world.db, JUNE, "UTC").parts
        pages = {part.key: part.numbers["page_views"] for part in parts["page"]}
        assert pages == {"shop.example/autumn": 4, "shop.example/cart": 1, "shop.example/old": 1}
        assert {part.key: part.numbers["visits"] for part in parts["device"]} == {
            "desktop": 4,
            "phone": 1,
        }
        landings = {part.key: part.numbers["visits"] for part in parts["landing"]}
        assert landings == {"shop.example/autumn": 4, "shop.example/old": 1}

    def test_by_devices_that_add_up_to_the_whole(self, world):
        world.event(4, "Page Viewed", "2026-06-05 02:00", url=SHOP + "/autumn")
        found = overview(world.db, JUNE, "UTC")
        visits = {part.key: part.numbers["visits"] for part in found.parts["device"]}
        assert visits == {"desktop": 4, "phone": 1, "": 1}
        assert sum(visits.values()) == found.figures["visits"].value

    def test_without_programs_says_how_often_these_looked(self, world):
        world.event(9, "Page Viewed", "2026-07-02 02:00", url=SHOP + "/old", actor="machine")
        world.event(9, "Order Completed", "2026-06-03 02:00", actor="machine")
        assert overview(world.db, JUNE, "UTC").by_programs == 1

    def test_by_the_days_of_the_place(self, world):
        days = overview(world.db, JUNE, "Asia/Shanghai").days
        assert days[:4] == [
            (date(2026, 6, 1), 2, 3),
            (date(2026, 6, 2), 1, 1),
            (date(2026, 6, 3), 0, 0),
            (date(2026, 6, 4), 1, 1),
        ]

    def test_counts_a_visit_whole_that_goes_on_after_the_end(self):
        """Two pages around midnight are no visit of one page: in the whole and in its parts."""
        world = World()
        for at in ("06-30 23:50", "07-01 00:05"):
            world.event(1, "Page Viewed", f"2026-{at}", url=SHOP + "/autumn", screen=DESKTOP)
        found = overview(world.db, JUNE, "UTC")
        assert float(found.figures["visits"].value) == 1
        assert float(found.figures["page_views"].value) == 1
        assert float(found.figures["one_page_rate"].value) == 0
        assert [part.numbers["one_page_rate"] for part in found.parts["group"]] == [0]

    def test_knows_what_was_searched_for(self, world):
        assert overview(world.db, JUNE, "UTC").terms == [("龙井", 1)]

    def test_without_any_look_is_empty(self):
        found = overview(World().db, JUNE, "UTC")
        assert found.days == []
        assert found.figures["one_page_rate"].value is None

    def test_says_who_is_there_now(self, world):
        assert now_on_pages(world.db, datetime(2026, 6, 1, 2, 4, 30, tzinfo=UTC)) == 2


class TestAHeatMap:
    @pytest.fixture
    def page(self):
        """Ten looks on phones; the button lies at 1500 of 2000 px, half of them came so far."""
        world = World()
        for person in range(10):
            view = {
                "url": SHOP + "/autumn?x=1",
                "screen": PHONE,
                "view": f"v{person}",
                "version": "b",
            }
            world.event(person, "Page Viewed", "2026-06-01 10:00", **view)
            depth = 40 if person < 5 else 100
            bands = [2] * 8 + [1] * (12 if depth == 100 else 0) + [0] * (0 if depth == 100 else 12)
            for at, far in (("10:01", 40), ("10:02", depth)):
                world.event(
                    person, "Page Left", f"2026-06-01 {at}", **view, depth=far, seconds=5,
                    bands=bands if at == "10:02" else [0] * 20,
                )  # fmt: skip
            if depth == 100:
                self.press(
                    world, person, "10:02:00", "#buy", [20, 1500, 350, 48], [195, 100], **view
                )
        self.press(world, 1, "10:03:00", "main>img", [0, 100, 390, 300], [10, 110], True, **view)
        self.press(world, 1, "10:03:01", "main>img", [0, 100, 390, 300], [10, 110], True, **view)
        self.press(world, 1, "10:03:02", "main>img", [0, 100, 390, 300], [10, 110], True, **view)
        world.event(1, "Page Viewed", "2026-06-01 10:00", url=SHOP + "/autumn", screen=DESKTOP)
        return world

    def press(self, world, who, at, element, box, place, dead=False, **view):
        top = 1400 if element == "#buy" else 0
        world.event(
            who, "Element Clicked", f"2026-06-01 {at}", **view, element=element, box=box,
            text="立即领券" if element == "#buy" else None, top=top, height=2000, dead=dead,
        )  # fmt: skip
        world.con.execute(
            "UPDATE events SET props = json_merge_patch(props, ?) WHERE event_id = (SELECT max(event_id) FROM events)",
            [f'{{"at": [{place[0]}, {place[1]}]}}'],
        )

    def test_shows_one_device_in_one_version(self, page):
        assert choices(page.db, "shop.example", "/autumn", JUNE) == [
            Choice("phone", "b", "direct", "(direct)", "first", 10),
            Choice("desktop", "", "direct", "(direct)", "first", 1),
        ]
        assert heat(page.db, "shop.example", "/autumn", JUNE, Wanted("phone", "a")).views == 0
        found = heat(page.db, "shop.example", "/autumn", JUNE, Wanted("phone", None))
        assert (found.views, found.width, found.height, found.fold) == (10, 390, 2000, 800)
        assert not found.is_enough

    def test_shows_who_came_by_one_way_or_for_the_first_time(self):
        world, url = World(), SHOP + "/autumn"
        for at, who, referrer, tags in (
            ("2026-05-30 10:00", 1, "https://www.baidu.com/s?wd=tea", ""),
            ("2026-06-02 10:00", 1, "", ""),
            ("2026-06-02 10:00", 2, "https://www.baidu.com/s?wd=tea", ""),
            ("2026-06-02 10:00", 3, "", "?utm_source=xhs&utm_medium=cpc"),
            ("2026-06-03 10:00", 3, "", ""),
            # Began elsewhere, before midnight; the page belongs to the same visit.
            ("2026-05-31 23:50", 4, "https://www.baidu.com/s?wd=tea", "/other"),
            ("2026-06-01 00:05", 4, SHOP + "/other", ""),
        ):
            there = SHOP + "/other" if tags == "/other" else url + tags
            world.event(who, "Page Viewed", at, url=there, referrer=referrer, screen=PHONE)

        def views(**wanted):
            return heat(world.db, "shop.example", "/autumn", JUNE, Wanted("phone", **wanted)).views

        assert views() == 5
        assert (views(group="search"), views(source="Baidu"), views(group="direct")) == (2, 2, 2)
        assert (views(visits="first"), views(visits="later")) == (3, 2)
        assert views(group="search", visits="first") == 2
        assert views(group="search", visits="later") == 0
        assert views(source="nothing") == 0

    def test_knows_how_far_people_came_and_what_they_looked_at(self, page):
        found = heat(page.db, "shop.example", "/autumn", JUNE, Wanted("phone", "b"))
        assert found.reach == [1.0] * 8 + [0.5] * 12
        assert found.attention == [20.0] * 8 + [5.0] * 12

    def test_knows_what_was_pressed_and_what_did_nothing(self, page):
        found = heat(page.db, "shop.example", "/autumn", JUNE, Wanted("phone", "b"))
        buy, picture = found.elements
        assert (buy.path, buy.text, buy.clicks, buy.people) == ("#buy", "立即领券", 5, 5)
        assert (buy.dead, buy.rage, buy.is_live) == (0, 0, True)
        assert (picture.clicks, picture.people, picture.dead, picture.rage) == (3, 1, 3, 1)
        assert not picture.is_live
        assert found.unseen(buy) == 0.5
        assert found.unseen(picture) == 0.0
        # Twenty columns of 19.5 px: the middle is column 10, 1500 px down is row 76.
        assert found.spots == [(10, 76, 5), (0, 5, 3)]

    @pytest.mark.parametrize(
        ("text", "page"),
        [
            ("shop.example/a/b", ("shop.example", "/a/b")),
            ("https://Shop.example", ("shop.example", "/")),
        ],
    )
    def test_is_named_by_its_address(self, text, page):
        assert page_of(text) == page
