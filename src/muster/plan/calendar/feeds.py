"""Writes the calendar as iCalendar, for the calendar programs that follow it (S15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from icalendar import Calendar, Event

from muster.plan.calendar.almanac import holidays_of, runs
from muster.plan.calendar.board import MARKS
from muster.plan.calendar.layers import Layer, Tile, Window, layers, tiles
from muster.plan.calendar.models import Feed
from muster.plan.calendar.nodes import nodes_between
from muster.team.users.models import User, Workspace

BACK, AHEAD = timedelta(days=62), timedelta(days=400)
FEED_MARKS = tuple(mark for mark in MARKS if mark[0] in ("holidays", "nodes"))


def feed_of(feed: Feed, now: datetime) -> bytes:
    """The feed as its owner may see it now: layers that the person lost are left out."""
    user, workspace = feed.user, Workspace.here()
    zone = ZoneInfo(user.time_zone) if user.time_zone else workspace.zone
    language = user.language or workspace.language
    with translation.override(language):
        today = now.astimezone(zone).date()
        window = Window(today - BACK, today + AHEAD, zone)
        calendar = _calendar(f"{workspace.name} · {feed.name}", zone)
        titles = {one.key: one for one in layers(user)}
        for tile in tiles(user, window, feed.layers):
            calendar.add_component(_event(tile, titles[tile.layer], now))
        if "holidays" in feed.layers:
            countries = feed.countries or [workspace.country]
            _add_holidays(calendar, countries, window, language, now)
        if "nodes" in feed.layers:
            for node in nodes_between(window.since, window.until):
                name = translation.gettext(node.name)
                calendar.add_component(_whole(f"node-{node.key}", name, node.first, node.last, now))
        return bytes(calendar.to_ical())


def _calendar(name: str, zone: ZoneInfo) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Muster//Marketing calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def _event(tile: Tile, layer: Layer, now: datetime) -> Event:
    if tile.at is None:
        event = _whole(tile.key.replace(":", "-"), tile.title, tile.first, tile.last, now)
    else:
        event = _bare(tile.key.replace(":", "-"), tile.title, now)
        event.add("dtstart", tile.at.astimezone(UTC))
        event.add("dtend", (tile.until or tile.at + timedelta(minutes=15)).astimezone(UTC))
    about = [str(one) for one in (tile.campaign_name, tile.state) if one]
    if about:
        event.add("description", " · ".join(about))
    event.add("categories", [str(layer.title)])
    event.add("url", urljoin(settings.PUBLIC_URL, tile.url))
    return event


def _add_holidays(
    calendar: Calendar, countries: Sequence[str], window: Window, language: str, now: datetime
) -> None:
    found = holidays_of(countries, window.since, window.until, language)
    for first, last, one in runs(day for days in found.values() for day in days):
        name = one.name if len(countries) == 1 else f"{one.name} ({one.country})"
        if one.is_expected:
            name = translation.gettext("%(name)s (expected)") % {"name": name}
        calendar.add_component(
            _whole(f"holiday-{one.country}-{first.isoformat()}", name, first, last, now)
        )


def _whole(uid: str, title: str, first: date, last: date, now: datetime) -> Event:
    event = _bare(uid, title, now)
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def _bare(uid: str, title: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@muster")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("summary", title)
    return event


def choices(user: User) -> list[tuple[str, str]]:
    """The layers that this reader may follow."""
    found = [(one.key, str(one.title)) for one in layers(user)]
    return [*found, *((key, str(title)) for key, title in FEED_MARKS)]
