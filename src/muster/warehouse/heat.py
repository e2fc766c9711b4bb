"""The heat map of a page (TR4): what was pressed, how far people scrolled, what they looked at.

Devices are never mixed, because a page is laid out anew for each. Positions of clicks are those in
the page; the page has the height that most clicks found it to have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from muster.events import names
from muster.warehouse.metrics import Scope, naive
from muster.warehouse.tables import EVENTS, human, vouched, who
from muster.warehouse.visits import LANDING, LONGEST_VIEW, LOOK_BACK, on_pages, origins_of

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

ENOUGH = 200
"""Below so many looks at the page, what a heat map shows is chance."""
FEW_PEOPLE = 20
"""Of fewer people of a segment nothing is shown: it would tell what single ones of them did.
Nor where fewer others were on the page: the whole map without that of the segment is theirs."""
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

    is_hidden: bool = False
    """Whether nothing is shown, because too few of the people who were asked for were there, or
    too few others."""

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
class Wanted:
    """Which looks at a page count; None leaves it open."""

    device: str
    version: str | None = None
    group: str | None = None
    """The channel group that the visit came by, such as `search`."""
    source: str | None = None
    visits: str | None = None
    """`first`: those of people who had never come by before; `later`: all others."""


VISITS = ("first", "later")


@dataclass(frozen=True)
class Choice:
    """Looks at a page that are alike in everything that can be chosen."""

    device: str
    version: str
    group: str
    source: str
    visits: str
    views: int


def choices(db: Backend, host: str, path: str, scope: Scope) -> list[Choice]:
    """How the page was looked at, the commonest first."""
    with _looks(db, host, path, scope):
        rows = db.con.execute(
            """
            SELECT coalesce(device, ''), version, "group", source, visits, count(*)
            FROM looks WHERE is_view GROUP BY ALL ORDER BY 6 DESC, 1, 2, 3, 4, 5
            """
        ).fetchall()
    return [Choice(*row) for row in rows]


HIDDEN = Heat(0, 0, 0, 0, [0.0] * BANDS, [0.0] * BANDS, 0, [], [], is_hidden=True)
"""What is shown of too few: not even how few they were."""


def heat(
    db: Backend,
    host: str,
    path: str,
    scope: Scope,
    wanted: Wanted,
    people: pa.ChunkedArray | pa.Array | None = None,
) -> Heat:
    """The heat map of those looks at a page, or of those of some people alone.

    Of people it is `HIDDEN` unless there are looks and people enough, and as many people besides
    them or none at all.
    """
    open_ = {
        "coalesce(device, '')": wanted.device,
        "version": wanted.version,
        '"group"': wanted.group,
        "source": wanted.source,
        "visits": wanted.visits,
    }
    asked = {column: value for column, value in open_.items() if value is not None}
    with _looks(db, host, path, scope):
        db.con.execute(
            "CREATE OR REPLACE TEMP TABLE heat AS SELECT * FROM looks WHERE "  # noqa: S608
            + " AND ".join(f"{column} = ?" for column in asked),
            list(asked.values()),
        )
    try:
        if people is not None and not _keep_only(db, people):
            return HIDDEN
        return _drawn(db)
    finally:
        db.con.execute("DROP TABLE heat")


def _keep_only(db: Backend, people: pa.ChunkedArray | pa.Array) -> bool:
    """Leave what these people did in `heat`; whether they are enough, and the others too."""
    _views, everybody = _seen(db)
    db.con.register("asked_on_page", pa.table({"person_id": people}))
    try:
        db.con.execute(
            "DELETE FROM heat WHERE event_id NOT IN"
            " (SELECT event_id FROM events SEMI JOIN asked_on_page USING (person_id))"
        )
    finally:
        db.con.unregister("asked_on_page")
    views, seen = _seen(db)
    others = everybody - seen
    return views >= ENOUGH and seen >= FEW_PEOPLE and (others == 0 or others >= FEW_PEOPLE)


def _seen(db: Backend) -> tuple[int, int]:
    """How many looks `heat` has, and of how many people and visitors."""
    found = db.con.execute(
        "SELECT count(*) FILTER (is_view), count(DISTINCT who) FROM heat"
    ).fetchone()
    return found or (0, 0)


@contextmanager
def _looks(db: Backend, host: str, path: str, scope: Scope) -> Iterator[None]:
    """What happened on the page as the table `looks`: where its visit came from, and whether it
    was the first one of somebody.
    """
    begins = [f"landing_{column}" for column in LANDING]
    db.con.execute(
        f"CREATE OR REPLACE TEMP TABLE on_page AS "  # noqa: S608
        f"SELECT * FROM ({_on_pages(db, scope)}) AS e WHERE host = ? AND path = ?",
        [host, path],
    )
    try:
        different = db.con.execute(f"SELECT DISTINCT {', '.join(begins)} FROM on_page")  # noqa: S608
        origins = origins_of(different.to_arrow_table().to_pylist())
        shape = pa.schema([(c, pa.string()) for c in (*begins, "source", "medium", "group")])
        db.con.register("origins_of_page", pa.Table.from_pylist(origins, shape))
        same = " AND ".join(f"e.{one} IS NOT DISTINCT FROM o.{one}" for one in begins)
        db.con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE looks AS
            SELECT e.*, coalesce(o."group", '') AS "group", coalesce(o.source, '') AS source,
                   CASE WHEN e.landing_at <= f.began THEN 'first' ELSE 'later' END AS visits
            FROM on_page AS e LEFT JOIN origins_of_page AS o ON {same}
            LEFT JOIN ({_first_signs(db)}) AS f ON f.visitor = e.who
            """  # noqa: S608
        )
        db.con.unregister("origins_of_page")
        yield
    finally:
        db.con.execute("DROP TABLE IF EXISTS looks")
        db.con.execute("DROP TABLE on_page")


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


def _on_pages(db: Backend, scope: Scope) -> str:
    """What happened in the scope; visits may have begun a little before."""
    e = EVENTS.filter(vouched(EVENTS))
    if scope.start is not None:
        e = e.filter(e.at >= naive(scope.start - LOOK_BACK))
    if scope.end is not None:
        e = e.filter(e.at < naive(scope.end))
    e = on_pages(e)
    if scope.start is not None:
        e = e.filter(e.at >= naive(scope.start))
    wanted = (
        "event_id",
        "who",
        "at",
        "name",
        "is_view",
        "view",
        "version",
        "host",
        "path",
    )
    begins = (f"landing_{column}" for column in ("at", *LANDING))
    return str(db.compile(e.select(*wanted, "device", "depth", "props", *begins)))


def _first_signs(db: Backend) -> str:
    """When each visitor gave the very first sign from a page."""
    e = EVENTS.filter(vouched(EVENTS), human(EVENTS), EVENTS.name.isin(names.ON_PAGES))
    e = e.mutate(visitor=who(e))
    return str(db.compile(e.group_by("visitor").agg(began=e.at.min())))
