"""The menu (PF7): ten entries in the order of the story, the same on every screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Entry:
    """One place that the menu leads to."""

    name: str
    label: str | Promise
    icon: str
    key: str
    """Pressed after G."""
    route: str
    """The name of its address; an entry without an address is not shown."""
    permission: str
    also: tuple[str, ...] = ()
    """Beginnings of other addresses that belong to it."""


@dataclass(frozen=True)
class Group:
    """Entries that belong together, under one small title."""

    label: str | Promise
    entries: tuple[Entry, ...]


MENU = (
    Group(
        _("Work"),
        (
            Entry("work", _("My work"), "inbox", "m", "team:work", "work.see"),
            Entry(
                "campaigns",
                _("Campaigns"),
                "speakerphone",
                "c",
                "plan:campaigns",
                "campaigns.see",
                also=("/c/", "/sends", "/objectives"),
            ),
            Entry("calendar", _("Calendar"), "calendar", "k", "plan:calendar", "campaigns.see"),
        ),
    ),
    Group(
        _("Reach"),
        (
            Entry(
                "audience",
                _("Audience"),
                "users",
                "a",
                "people:people",
                "people.see",
                also=(
                    "/people",
                    "/segments",
                    "/imports",
                    "/consent",
                    "/personas",
                    "/leads",
                    "/accounts",
                ),
            ),
            Entry(
                "content",
                _("Content"),
                "file-text",
                "t",
                "content:content",
                "content.see",
                also=("/emails", "/links"),
            ),
            Entry("offers", _("Offers"), "ticket", "o", "offers:offers", "offers.see"),
            Entry("journeys", _("Journeys"), "route", "j", "journeys:journeys", "journeys.see"),
        ),
    ),
    Group(
        _("Insight"),
        (
            Entry(
                "insights",
                _("Insights"),
                "chart-bar",
                "i",
                "measure:insights",
                "insights.see",
                also=("/insights", "/experiments", "/reports"),
            ),
            Entry(
                "conversations",
                _("Conversations"),
                "messages",
                "v",
                "watch:conversations",
                "mentions.see",
            ),
            Entry(
                "library",
                _("Library"),
                "books",
                "b",
                "learn:library",
                "library.see",
                also=("/retros", "/playbooks"),
            ),
        ),
    ),
)
FOOT = (Entry("settings", _("Settings"), "settings", "s", "team:settings", "work.see"),)
THUMB = ("work", "campaigns", "audience", "insights")
"""What the phone's bottom bar shows; the rest is under More."""


@dataclass(frozen=True)
class Place:
    """An entry as it stands in the menu of one reader."""

    name: str
    label: str | Promise
    icon: str
    key: str
    url: str
    is_here: bool


@dataclass(frozen=True)
class Menu:
    """The menu of one reader on one page."""

    groups: tuple[tuple[str | Promise, tuple[Place, ...]], ...]
    foot: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place, in order."""
        return tuple(place for _label, places in self.groups for place in places) + self.foot

    @property
    def thumb(self) -> tuple[Place, ...]:
        """The places of the phone's bottom bar."""
        return tuple(place for place in self.places if place.name in THUMB)

    @property
    def is_behind_more(self) -> bool:
        """Whether the page belongs to a place that the bottom bar does not show."""
        return any(place.is_here and place.name not in THUMB for place in self.places)


def visible_menu(may: Callable[[str], bool], path: str) -> Menu:
    """The menu of a reader: only what exists and what the reader may see.

    An address belongs to the entry with the longest beginning that fits it.
    """
    routes = {
        entry.name: (entry, url)
        for entry in (*(entry for group in MENU for entry in group.entries), *FOOT)
        if may(entry.permission) and (url := address(entry.route))
    }
    here = max(
        (
            (len(start), name)
            for name, (entry, url) in routes.items()
            for start in (url, *entry.also)
            if _within(path, start)
        ),
        default=(0, ""),
    )[1]

    def shown(entries: tuple[Entry, ...]) -> tuple[Place, ...]:
        return tuple(
            Place(
                entry.name,
                entry.label,
                entry.icon,
                entry.key,
                routes[entry.name][1],
                entry.name == here,
            )
            for entry in entries
            if entry.name in routes
        )

    groups = tuple((group.label, places) for group in MENU if (places := shown(group.entries)))
    return Menu(groups, shown(FOOT))


def address(route: str) -> str:
    """The address of a route, or "" while no part has it."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def _within(path: str, start: str) -> bool:
    return path == start or path.startswith(start if start.endswith("/") else start + "/")
