"""The menu: ten entries in story order, and only what the reader may see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import HttpResponse
from django.urls import include, path

from muster.ui import menu


def page(request):
    return HttpResponse()


def _part(*names):
    return include(([path(name, page, name=name.split("/")[0]) for name in names], names[0]))


urlpatterns = [
    path(
        "",
        include(
            (
                [
                    path("campaigns", page, name="campaigns"),
                    path("calendar", page, name="calendar"),
                ],
                "plan",
            )
        ),
    ),
    path("", include(([path("people", page, name="people")], "people"))),
    path(
        "",
        include(([path("settings", page, name="settings"), path("my", page, name="work")], "team")),
    ),
]
pytestmark = pytest.mark.urls("tests.ui.test_menu")


def everything(permission):
    return True


class TestTheMenu:
    def test_has_the_ten_entries_of_the_guide_in_story_order(self):
        names = [entry.name for group in menu.MENU for entry in group.entries]
        assert names == [
            "work",
            "campaigns",
            "calendar",
            "audience",
            "content",
            "offers",
            "journeys",
            "insights",
            "conversations",
            "library",
        ]

    def test_has_one_key_for_each(self):
        keys = [entry.key for group in menu.MENU for entry in group.entries]
        assert keys == list("mckatojivb")

    def test_shows_only_what_exists(self):
        shown = menu.visible_menu(everything, "/")
        assert [place.name for place in shown.places] == [
            "work",
            "campaigns",
            "calendar",
            "audience",
            "settings",
        ]

    def test_shows_only_what_the_reader_may_see(self):
        shown = menu.visible_menu(lambda permission: permission == "people.see", "/")
        assert [place.name for place in shown.places] == ["audience"]

    def test_leaves_out_a_group_without_entries(self):
        shown = menu.visible_menu(lambda permission: permission == "people.see", "/")
        assert [str(label) for label, _places in shown.groups] == ["Reach"]

    @pytest.mark.parametrize(
        ("address", "here"),
        [
            ("/campaigns", "campaigns"),
            ("/c/cmp_7F3K/brief", "campaigns"),
            ("/segments/seg_1", "audience"),
            ("/people/per_1", "audience"),
            ("/peoples", ""),
            ("/settings/members", "settings"),
            ("/", ""),
        ],
    )
    def test_knows_where_the_reader_is(self, address, here):
        shown = menu.visible_menu(everything, address)
        assert [place.name for place in shown.places if place.is_here] == ([here] if here else [])

    def test_has_four_places_under_the_thumb(self):
        shown = menu.visible_menu(everything, "/calendar")
        assert [place.name for place in shown.thumb] == ["work", "campaigns", "audience"]
        assert shown.is_behind_more

    def test_cannot_be_changed_by_a_page(self):
        with pytest.raises(AttributeError):
            menu.MENU[0].entries[0].name = "other"
        assert replace(menu.MENU[0].entries[0], name="other").name == "other"
