"""The heat map of a page (TR4): what was pressed, how far people scrolled, what they looked at.

Devices are never mixed, because a page is laid out anew for each. Positions of clicks are those in
the page; the page has the height that most clicks found it to have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muster.events import names
from muster.warehouse.metrics import Scope, naive
from muster.warehouse.tables import EVENTS, vouched
from muster.warehouse.visits import LONGEST_VIEW, on_pages

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

ENOUGH = 200
"""Below so many looks at the page, what a heat map shows is chance."""
BANDS = 20
COLUMNS = 20
RAGE_SECONDS = 2
"""Three presses of one thing within this time were made in anger."""
_MOST_ELEMENTS = 50
_MOST_SPOTS = 2000


@dataclass(frozen=True)
class Element:
    """A thing on the page that people pressed."""

    path: str
    text: str
    left: float
    top: float
    width: float
    height: float
    clicks: int
    people: int
    dead: int
    rage: int

    @property
    def is_live(self) -> bool:
        """Whether pressing it does something, mostly."""
        return self.dead * 2 < self.clicks


@dataclass(frozen=True)
class Heat:
    """One page on one kind of device."""

    views: int
    width: int
    height: int
    fold: int
    """What most screens show before anybody scrolls, in pixels."""
    reach: list[float]
    """For each twentieth of the page: the share of looks that had its upper edge on the screen."""
    attention: list[float]
    """For each twentieth of the page: the seconds for which it was on the screen."""
    clicks: int
    elements: list[Element]
    spots: list[tuple[int, int, int]]
    """Column, row and presses of each square of the page that was pressed."""

    @property
    def is_enough(self) -> bool:
        """Whether there are looks enough to believe it."""
        return self.views >= ENOUGH

    def unseen(self, element: Element) -> float | None:
        """The share of looks that never came as far down as this thing; None if that is unknown."""
        if not self.height or not any(self.reach):
            return None
        band = min(int(BANDS * element.top / self.height), BANDS - 1)
        return 1 - self.reach[band]


@dataclass(frozen=True)
class Choice:
    """Looks at a page on one device in one version."""

    device: str
    version: str
    views: int


def choices(db: Backend, host: str, path: str, scope: Scope) -> list[Choice]:
    """The devices and versions in which the page was looked at, the commonest first."""
    rows = db.con.execute(
        f"""
        SELECT coalesce(device, ''), version, count(*) FROM ({_on_page(db, scope)}) AS e
        WHERE is_view AND host = ? AND path = ? GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
        """,  # noqa: S608
        [host, path],
    ).fetchall()
    return [Choice(*row) for row in rows]


def heat(db: Backend, host: str, path: str, scope: Scope, device: str, version: str | None) -> Heat:
    """The heat map of a page; without a version of all its versions."""
    wanted = "host = ? AND path = ? AND coalesce(device, '') = ? AND (? IS NULL OR version = ?)"
    asked = [host, path, device, version, version]
    db.con.execute(
        f"CREATE OR REPLACE TEMP TABLE heat AS "  # noqa: S608
        f"SELECT * FROM ({_on_page(db, scope)}) AS e WHERE {wanted}",
        asked,
    )
    try:
        return _drawn(db)
    finally:
        db.con.execute("DROP TABLE heat")


def _drawn(db: Backend) -> Heat:
    one = db.con.execute(
        """
        SELECT count(*) FILTER (is_view),
               coalesce(median((props ->> '$.screen[0]')::DOUBLE), 0),
               coalesce(median(try_cast(props ->> '$.height' AS DOUBLE)), 0),
               coalesce(median((props ->> '$.screen[1]')::DOUBLE), 0),
               count(*) FILTER (name = ?)
        FROM heat
        """,
        [names.ELEMENT_CLICKED],
    ).fetchone()
    views, width, height, fold, clicks = one or (0, 0, 0, 0, 0)
    return Heat(
        views=views,
        width=int(width),
        height=int(height),
        fold=int(fold),
        reach=_reach(db),
        attention=_attention(db),
        clicks=clicks,
        elements=_elements(db),
        spots=_spots(db, width),
    )


def _reach(db: Backend) -> list[float]:
    """By looks that said how far they came; a look tells more than once, the farthest counts."""
    rows = db.con.execute(
        """
        WITH looks AS (SELECT max(depth) AS depth FROM heat
                       WHERE name = ? GROUP BY coalesce(view, event_id::VARCHAR))
        SELECT band, avg(CASE WHEN depth > band * 100.0 / ? THEN 1.0 ELSE 0.0 END)
        FROM looks, range(?) AS bands(band) WHERE depth IS NOT NULL GROUP BY band ORDER BY band
        """,
        [names.PAGE_LEFT, BANDS, BANDS],
    ).fetchall()
    return [share for _band, share in rows] or [0.0] * BANDS


def _attention(db: Backend) -> list[float]:
    rows = db.con.execute(
        """
        WITH told AS (SELECT from_json(props -> '$.bands', '["DOUBLE"]') AS bands FROM heat
                      WHERE name = ? AND json_array_length(props, '$.bands') = ?)
        SELECT band, sum(least(bands[band + 1], ?)) FROM told, range(?) AS every(band)
        GROUP BY band ORDER BY band
        """,
        [names.PAGE_LEFT, BANDS, LONGEST_VIEW, BANDS],
    ).fetchall()
    return [float(seconds or 0) for _band, seconds in rows] or [0.0] * BANDS


def _elements(db: Backend) -> list[Element]:
    rows = db.con.execute(
        """
        WITH pressed AS (
            SELECT who, props ->> '$.element' AS element, props ->> '$.text' AS text, "at",
                   from_json(props -> '$.box', '["DOUBLE"]') AS box,
                   coalesce((props ->> '$.dead') = 'true', false) AS dead,
                   "at" - lag("at", 2) OVER (PARTITION BY who, props ->> '$.element'
                                             ORDER BY "at", event_id)
                       <= to_seconds(?) AS rage
            FROM heat WHERE name = ?)
        SELECT element, coalesce(mode(text), ''), coalesce(median(box[1]), 0),
               coalesce(median(box[2]), 0), coalesce(median(box[3]), 0),
               coalesce(median(box[4]), 0),
               count(*), count(DISTINCT who), count(*) FILTER (dead), count(*) FILTER (rage)
        FROM pressed WHERE element IS NOT NULL
        GROUP BY element ORDER BY count(*) DESC, element LIMIT ?
        """,
        [RAGE_SECONDS, names.ELEMENT_CLICKED, _MOST_ELEMENTS],
    ).fetchall()
    return [Element(*row) for row in rows]


def _spots(db: Backend, width: float) -> list[tuple[int, int, int]]:
    """Where presses lie, by squares; each in the page as wide as its own screen was."""
    rows = db.con.execute(
        """
        WITH pressed AS (
            SELECT (props ->> '$.at[0]')::DOUBLE AS x,
                   (props ->> '$.at[1]')::DOUBLE
                       + coalesce((props ->> '$.top')::DOUBLE, 0) AS y,
                   (props ->> '$.screen[0]')::DOUBLE AS width
            FROM heat WHERE name = ?)
        SELECT least(greatest(floor(x / width * ?), 0), ? - 1)::INTEGER,
               greatest(floor(y * ? / greatest(?, 1)), 0)::INTEGER, count(*)
        FROM pressed WHERE x IS NOT NULL AND y IS NOT NULL AND width > 0
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ?
        """,
        [names.ELEMENT_CLICKED, COLUMNS, COLUMNS, COLUMNS, width, _MOST_SPOTS],
    ).fetchall()
    return [(column, row, presses) for column, row, presses in rows]


def page_of(text: str) -> tuple[str, str]:
    """Host and path of a page as an address names it: `shop.example/autumn`."""
    host, _slash, path = re.sub(r"^[a-zA-Z-]+://", "", text).partition("/")
    return host.lower(), "/" + path


def _on_page(db: Backend, scope: Scope) -> str:
    e = EVENTS.filter(vouched(EVENTS))
    if scope.start is not None:
        e = e.filter(e.at >= naive(scope.start))
    if scope.end is not None:
        e = e.filter(e.at < naive(scope.end))
    e = on_pages(e)
    wanted = ("event_id", "who", "at", "name", "is_view", "view", "version", "host", "path")
    return str(db.compile(e.select(*wanted, "device", "depth", "props")))
