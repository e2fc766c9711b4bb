"""What a page of the calendar shows: the query in words, and days with everything on them (S15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from muster.kit.days import COUNTRIES, is_shown
from muster.plan.calendar.almanac import Holiday, LunarDay, holidays_of, lunar_day
from muster.plan.calendar.layers import Layer, Tile, Window, counts, layers, tiles
from muster.plan.calendar.nodes import NodeDays, nodes_between
from muster.plan.calendar.pressure import answering
from muster.plan.calendar.rules import Segment, Span, View, heat, lanes, span, week_of
from muster.plan.campaigns.days import today
from muster.team.calendars.working import work_calendar
from muster.team.users.models import User, Workspace

MARKS: tuple[tuple[str, str | Promise], ...] = (
    ("holidays", _("Official days")),
    ("nodes", _("Festivals and sales")),
    ("lunar", _("Lunar days and solar terms")),
    ("pressure", _("Contact pressure")),
)
"""What is drawn beside the tiles, and can be switched off like a layer."""
VIEWS: tuple[tuple[View, str | Promise], ...] = (
    (View.MONTH, _("Month")),
    (View.WEEK, _("Week")),
    (View.QUARTER, _("Quarter")),
    (View.YEAR, _("Year")),
    (View.AGENDA, _("Agenda")),
)
_SERIES = 6
_LANES, _ROWS = 3, 5
_FULL_ROWS = 30
"""Of a week, where a day has a whole column: more than anybody reads there opens in its drawer."""
"""How many bars and how many lines in all a day of a month has room for."""
_DOTS = 4
_AGENDA_MOST = 200


@dataclass(frozen=True)
class Asked:
    """What the address asks for; it can be written back, so that a link shows the same."""

    view: View
    day: date
    on: tuple[str, ...] | None
    """Keys of layers and marks; None means all."""
    also: tuple[str, ...]
    """Further countries whose days are shown."""
    by: str
    """campaign or channel"""
    audience: str

    def query(self, **more: Any) -> str:
        """The query of an address that differs by `more`."""
        one = replace(self, **more)
        said: dict[str, str] = {}
        if one.view is not View.MONTH:
            said["view"] = one.view.value
        said["day"] = one.day.isoformat()
        if one.on is not None:
            said["layers"] = ",".join(one.on) or "none"
        if one.also:
            said["also"] = ",".join(one.also)
        if one.by != "campaign":
            said["by"] = one.by
        if one.audience:
            said["audience"] = one.audience
        return "?" + urlencode(said, safe=",")

    def is_on(self, key: str) -> bool:
        return self.on is None or key in self.on

    def toggled(self, key: str, known: Sequence[str]) -> tuple[str, ...] | None:
        """The layers with this one switched."""
        on = set(known if self.on is None else self.on) ^ {key}
        return None if on >= set(known) else tuple(one for one in known if one in on)


def read(query: Mapping[str, str]) -> Asked:
    """The query of an address; what makes no sense is as if it were not there."""
    try:
        day = date.fromisoformat(query.get("day", ""))
    except ValueError:
        day = today()
    if not is_shown(day):
        day = today()
    view = query.get("view", "")
    given = query.get("layers")
    return Asked(
        view=View(view) if view in set(View) else View.MONTH,
        day=day,
        on=None if given is None else tuple(one for one in given.split(",") if one),
        also=tuple(one for one in query.get("also", "").split(",") if one in COUNTRIES),
        by="channel" if query.get("by") == "channel" else "campaign",
        audience=query.get("audience", ""),
    )


def reader_zone() -> ZoneInfo:
    """The time zone of whoever reads."""
    return ZoneInfo(timezone.get_current_timezone_name())


def language() -> str:
    return get_language() or "en"


def week_starts() -> int:
    """Monday in simplified Chinese, Sunday elsewhere (ux §4.6)."""
    return 0 if language() == "zh-hans" else 6


@dataclass(frozen=True)
class ShownTile:
    """A tile with its colour and its hour."""

    tile: Tile
    series: str
    """1 to 6 or rest"""
    clock: str
    said: str
    """The whole of it, for hovering and for those who listen."""


@dataclass(frozen=True)
class Cell:
    """One day of the calendar."""

    day: date
    is_inside: bool
    is_today: bool
    is_chosen: bool
    is_working: bool
    lunar: LunarDay | None
    lunar_text: str
    term: str
    holidays: tuple[Holiday, ...]
    nodes: tuple[NodeDays, ...]
    slots: tuple[Segment[Lasting] | None, ...] = ()
    tiles: tuple[ShownTile, ...] = ()
    more: int = 0
    dots: tuple[str, ...] = ()
    """The colours on this day, where there is room for nothing else."""
    home: str = ""
    """The workspace's country."""

    @property
    def iso(self) -> str:
        return self.day.isoformat()

    @property
    def official(self) -> Holiday | None:
        """The official day of the workspace's own country."""
        return next((one for one in self.holidays if one.country == self.home), None)

    @property
    def holiday(self) -> Holiday | None:
        """The day off that is to be named: not where a festival of the same name stands."""
        one = self.official
        named = one is None or not one.is_off or any(n.node.is_official for n in self.nodes)
        return None if named else one

    @property
    def abroad(self) -> tuple[Holiday, ...]:
        return tuple(one for one in self.holidays if one.country != self.home)


@dataclass(frozen=True)
class HeatDay:
    """One day of a year."""

    day: date
    looks: str
    about: str
    url: str
    has_node: bool


@dataclass(frozen=True)
class Lasting:
    """A bar of several days."""

    shown: ShownTile

    @property
    def first(self) -> date:
        return self.shown.tile.first

    @property
    def last(self) -> date:
        return self.shown.tile.last


class Board:
    """Everything that one address shows to one reader."""

    def __init__(self, user: User, asked: Asked) -> None:
        self.user = user
        self.asked = asked
        self.language = language()
        self.span: Span = span(asked.view, asked.day, week_starts())
        self.today = today()
        self.zone = reader_zone()
        self.window = Window(self.span.shown_first, self.span.shown_last, self.zone)
        self.layers: list[Layer] = layers(user)
        self.home = Workspace.here().country
        on = [one.key for one in self.layers if asked.is_on(one.key)]
        self.counted: dict[str, Counter[date]] = {}
        if asked.view in (View.QUARTER, View.YEAR):
            # These only count, except for the campaigns of a quarter.
            self.counted = counts(user, self.window, [key for key in on if key != "campaigns"])
            on = ["campaigns"] if "campaigns" in on and asked.view is View.QUARTER else []
        self.tiles = tiles(user, self.window, on)
        self.colours = self._colours()
        self.is_cut = False
        self._work = work_calendar(asked.day)
        self._holidays: dict[date, list[Holiday]] = {}
        self._nodes: dict[date, list[NodeDays]] = {}
        self._look_up()

    def _look_up(self) -> None:
        since, until = self.span.shown_first, self.span.shown_last
        if self.asked.is_on("holidays"):
            countries = tuple(dict.fromkeys([self.home, *self.asked.also]))
            self._holidays = holidays_of(countries, since, until, self.language)
        if self.asked.is_on("nodes"):
            for node in nodes_between(since, until):
                # A sale of many days is named on its first day; the days after it stay calm.
                self._nodes.setdefault(max(node.first, since), []).append(node)

    def _colours(self) -> dict[str, tuple[str, str]]:
        """Name of a campaign or channel → its series and its name, the most frequent first."""
        counted: Counter[tuple[str, str]] = Counter()
        for tile in self.tiles:
            key = self._key(tile)
            if key is not None:
                counted[key] += 1
        order = sorted(key for key, _n in counted.most_common(_SERIES))
        return {key: (str(n), name) for n, (key, name) in enumerate(order, 1)}

    def _key(self, tile: Tile) -> tuple[str, str] | None:
        if self.asked.by == "channel":
            name = str(_CHANNELS.get(tile.channel, tile.channel))
            return (tile.channel, name) if tile.channel else None
        return (str(tile.campaign), tile.campaign_name) if tile.campaign else None

    def _series(self, tile: Tile) -> str:
        key = self._key(tile)
        return self.colours.get(key[0], ("rest", ""))[0] if key else "rest"

    def _shown(self, tile: Tile) -> ShownTile:
        clock = f"{tile.at.astimezone(self.zone):%H:%M}" if tile.at else ""
        campaign = tile.campaign_name if tile.campaign_name != tile.title else ""
        said = " · ".join(str(x) for x in (clock, tile.title, campaign, tile.state) if x)
        return ShownTile(tile, self._series(tile), clock, said)

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Series and what it stands for."""
        found = [(series, name) for series, name in self.colours.values()]
        return [*found, ("rest", gettext("Others"))] if found else []

    def cell(self, day: date) -> Cell:
        """The marks of one day."""
        wants_lunar = self.asked.is_on("lunar")
        lunar = lunar_day(day) if wants_lunar else None
        return Cell(
            day=day,
            is_inside=self.span.first <= day <= self.span.last,
            is_today=day == self.today,
            is_chosen=day == self.asked.day,
            is_working=self._work.is_working(day),
            lunar=lunar,
            lunar_text=lunar.written(self.language) if lunar else "",
            term=lunar.term_in(self.language) if lunar else "",
            holidays=tuple(self._holidays.get(day, ())),
            nodes=tuple(self._nodes.get(day, ())),
            home=self.home,
        )

    def weeks(self, *, full: bool = False) -> list[list[Cell]]:
        """The days in rows of seven with bars and tiles; `full` shows all bars, and more tiles."""
        long = [Lasting(self._shown(one)) for one in self.tiles if one.is_long]
        short: dict[date, list[Tile]] = {}
        for one in self.tiles:
            if not one.is_long:
                short.setdefault(one.first, []).append(one)
        return [self._week(week, long, short, full=full) for week in self.span.weeks]

    def _week(
        self,
        week: list[date],
        long: list[Lasting],
        short: dict[date, list[Tile]],
        *,
        full: bool,
    ) -> list[Cell]:
        rows = lanes(long, week)
        cells = []
        for column, day in enumerate(week):
            over = [next((one for one in row if _covers(one, column)), None) for row in rows]
            kept = over if full else over[:_LANES]
            while kept and kept[-1] is None:
                kept.pop()
            hidden = sum(one is not None for one in over[_LANES:]) if not full else 0
            mine = short.get(day, [])
            room = _FULL_ROWS if full else max(_ROWS - len(kept), 2)
            if len(mine) > room or hidden:
                room = max(room - 1, 1)
            dots = [one.thing.shown.series for one in over if one is not None]
            dots += [self._series(one) for one in mine]
            cells.append(
                replace(
                    self.cell(day),
                    # A bar is drawn from its first day over all the others.
                    slots=tuple(one if one and one.begin == column else None for one in kept),
                    tiles=tuple(self._shown(one) for one in mine[:room]),
                    more=len(mine) - len(mine[:room]) + hidden,
                    dots=tuple(dict.fromkeys(dots))[:_DOTS],
                )
            )
        return cells

    def agenda(self, first: date | None = None, *, most: int = _AGENDA_MOST) -> list[Cell]:
        """The days that hold something, each with everything that begins or goes on there."""
        first = first or self.span.first
        begins: dict[date, list[Tile]] = {}
        for one in self.tiles:
            if one.last >= first:
                begins.setdefault(max(one.first, first), []).append(one)
        found, left = [], most
        for day in self.span.days:
            if day < first or not self.span.first <= day <= self.span.last:
                continue
            if left <= 0:
                self.is_cut = True
                break
            mine = begins.get(day, [])
            shown = tuple(self._shown(one) for one in mine[:left])
            cell = replace(self.cell(day), tiles=shown, more=len(mine) - len(shown))
            if mine or cell.holidays or cell.nodes or cell.is_chosen:
                found.append(cell)
                left -= len(mine) + 1
        return found

    def rows(self) -> list[dict[str, Any]]:
        """The quarter: each campaign as a row of three pieces, before, during and after."""
        days = len(self.span.days)
        found = []
        for one in self.tiles:
            if one.layer != "campaigns":
                continue
            begin = max((one.first - self.span.first).days, 0)
            end = min((one.last - self.span.first).days, days - 1)
            shown = self._shown(one)
            found.append(
                {"shown": shown, "before": begin, "days": end - begin + 1, "after": days - end - 1}
            )
        return found

    def columns(self) -> list[tuple[date, int]]:
        """The weeks of a quarter: first day, and how many days of it lie inside."""
        found: list[tuple[date, int]] = []
        for day in self.span.days:
            start = max(week_of(day, week_starts()), self.span.first)
            if found and found[-1][0] == start:
                found[-1] = (start, found[-1][1] + 1)
            else:
                found.append((start, 1))
        return found

    def counts(self) -> list[tuple[Layer, list[tuple[date, int, int]]]]:
        """The quarter: how many things of the other layers begin in each week."""
        found = []
        for layer in self.layers:
            mine = self.counted.get(layer.key)
            if not mine:
                continue
            cells = []
            for start, days in self.columns():
                week = (start + timedelta(days=n) for n in range(days))
                cells.append((start, days, sum(mine[day] for day in week)))
            found.append((layer, cells))
        return found

    def node_weeks(self) -> list[tuple[date, int, list[NodeDays]]]:
        """The quarter: the festivals and sales that begin in each week."""
        found = []
        for start, days in self.columns():
            week = [start + timedelta(days=n) for n in range(days)]
            found.append((start, days, [one for day in week for one in self._nodes.get(day, ())]))
        return found

    def months(self) -> list[tuple[date, list[list[HeatDay | None]]]]:
        """The year: each month with its weeks; a day with how many things and how warm it is."""
        counted: Counter[date] = sum(self.counted.values(), Counter())
        most = max(counted.values(), default=0)
        found = []
        for month in range(1, 13):
            inner = span(View.MONTH, date(self.span.first.year, month, 1), week_starts())
            weeks = [
                [
                    self._heat(day, counted[day], most)
                    if inner.first <= day <= inner.last
                    else None
                    for day in week
                ]
                for week in inner.weeks
            ]
            found.append((inner.first, weeks))
        return found

    def _heat(self, day: date, n: int, most: int) -> HeatDay:
        nodes = self._nodes.get(day, ())
        home = next((one for one in self._holidays.get(day, ()) if one.country == self.home), None)
        looks = [f"h-{heat(n, most)}"]
        if not self._work.is_working(day):
            looks.append("is-off")
        if day == self.today:
            looks.append("is-today")
        if home is not None and home.is_expected:
            looks.append("is-expected")
        about = [home.name] if home is not None else []
        about += [gettext(one.name) for one in nodes]
        if n:
            about.append(ngettext("One thing", "%(count)s things", n) % {"count": n})
        url = self.asked.query(view=View.MONTH, day=day)
        return HeatDay(day, " ".join(looks), " · ".join(about), url, bool(nodes))

    def context(self) -> dict[str, Any]:
        """What the template needs."""
        asked, view = self.asked, self.asked.view
        known = [one.key for one in self.layers] + [key for key, _title in MARKS]
        may_pressure = answering(self.user) is not None
        shown: dict[str, Any] = {}
        if view in (View.MONTH, View.WEEK):
            shown = {"weeks": self.weeks(full=view is View.WEEK), "days_ahead": self.agenda(
                max(asked.day, self.span.first), most=30)}  # fmt: skip
        elif view is View.AGENDA:
            shown = {"days_ahead": self.agenda()}
        elif view is View.QUARTER:
            shown = {
                "rows": self.rows(),
                "columns": self.columns(),
                "counts": self.counts(),
                "node_weeks": self.node_weeks() if asked.is_on("nodes") else [],
            }
        else:
            shown = {"months": self.months()}
        return {
            "asked": asked,
            "view": view.value,
            "query": asked.query(),
            "span": self.span,
            "today": self.today,
            "views": [
                (one.value, title, asked.query(view=one), one is view) for one, title in VIEWS
            ],
            "before": asked.query(day=self.span.step(-1)),
            "after": asked.query(day=self.span.step(1)),
            "to_today": asked.query(day=self.today),
            "toggles": [
                (key, title, asked.is_on(key), asked.query(on=asked.toggled(key, known)))
                for key, title in [
                    *((one.key, one.title) for one in self.layers),
                    *(one for one in MARKS if one[0] != "pressure" or may_pressure),
                ]
            ],
            "countries": [
                (code, code in asked.also, asked.query(also=_switched(asked.also, code)))
                for code in COUNTRIES
                if code != self.home
            ],
            "by_other": asked.query(by="campaign" if asked.by == "channel" else "channel"),
            "legend": self.legend,
            "weekday_names": [
                week_of(self.span.shown_first, week_starts()) + timedelta(days=n) for n in range(7)
            ],
            "shows_pressure": may_pressure
            and asked.is_on("pressure")
            and view in (View.MONTH, View.WEEK),
            "home": self.home,
            "count": len(self.tiles),
            **shown,
            "is_cut": self.is_cut,
        }


_CHANNELS = {"email": _("E-mail"), "sms": _("SMS"), "wecom": _("WeCom")}


def _covers(segment: Segment[Lasting], column: int) -> bool:
    return segment.begin <= column < segment.begin + segment.days


def _switched(on: tuple[str, ...], code: str) -> tuple[str, ...]:
    return tuple(one for one in on if one != code) if code in on else (*on, code)
