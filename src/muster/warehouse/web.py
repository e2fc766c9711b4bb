"""Web analytics in one look (TR3): figures of a period, as a whole and by source, page and device.

Each number is the formula of `metrics.METRICS`, whether it stands for all or for one part, so the
parts and the whole cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from muster.events import names
from muster.warehouse import sources, visits
from muster.warehouse.clocks import shown
from muster.warehouse.lending import kept, lent
from muster.warehouse.metrics import METRICS, Metric, Scope, Value, evaluate, looks_in, naive
from muster.warehouse.tables import EVENTS, answer, human, vouched

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

FIGURES = (
    "visitors",
    "new_visitors",
    "returning_visitors",
    "visits",
    "page_views",
    "one_page_rate",
    "pages_per_visit",
    "seconds_per_visit",
)
"""What is said of the whole."""
OF_VISITS = ("visitors", "visits", "one_page_rate", "seconds_per_visit")
OF_PAGES = ("page_views", "visitors")
PARTS: dict[str, tuple[str, ...]] = {
    "group": OF_VISITS,
    "source": OF_VISITS,
    "campaign": OF_VISITS,
    "landing": OF_VISITS,
    "device": OF_VISITS,
    "page": OF_PAGES,
}
"""What it can be split by, and what is said of each part."""
MOST_PARTS = 100
NOW_MINUTES = 5
_MOST_TERMS = 2000


@dataclass(frozen=True)
class Part:
    """A source, a page, a device …, and its numbers."""

    key: str
    numbers: dict[str, float | None]


@dataclass(frozen=True)
class Overview:
    """The site in one period."""

    figures: dict[str, Value]
    parts: dict[str, list[Part]]
    days: list[tuple[date, int, int]]
    """Day, visitors, page views; days without any are there too."""
    terms: list[tuple[str, int]]
    """What was searched for, as far as the search engines tell, and by how many visits."""
    by_programs: int
    """Looks at pages by programs, which all the rest leaves out."""


def overview(db: Backend, scope: Scope, zone: str) -> Overview:
    """Everything that is said of the pages in the scope; days are those of the zone."""
    by_programs = _by_programs(db, scope)
    with _looked_at(db, scope) as looks:
        figures = evaluate(db, FIGURES, scope, looks=looks)
        with _from_where(db, looks) as e:
            parts = {name: _parts(db, e, name) for name in PARTS}
            return Overview(figures, parts, _days(db, e, scope, zone), _terms(db, e), by_programs)


def _by_programs(db: Backend, scope: Scope) -> int:
    looks = EVENTS.filter(
        EVENTS.name.isin([names.PAGE_VIEWED, names.SCREEN_VIEWED]), ~human(EVENTS)
    )
    if scope.start is not None:
        looks = looks.filter(looks.at >= naive(scope.start))
    if scope.end is not None:
        looks = looks.filter(looks.at < naive(scope.end))
    return int(answer(db, looks.agg(n=looks.count())).column(0)[0].as_py())


def now_on_pages(db: Backend, now: datetime) -> int:
    """How many people gave a sign from a page in the last minutes."""
    since = naive(now - timedelta(minutes=NOW_MINUTES))
    recent = EVENTS.filter(EVENTS.at >= since, EVENTS.at <= naive(now))
    there = visits.on_pages(recent.filter(vouched(recent)))
    found = answer(db, there.agg(n=there.who.nunique()))
    return int(found.column(0)[0].as_py())


@contextmanager
def _looked_at(db: Backend, scope: Scope) -> Iterator[ir.Table]:
    """What happened on pages in the scope, each with its visit; worked out once."""
    e = looks_in(scope)
    if scope.end is not None:
        e = e.filter(e.at < naive(scope.end))
    if scope.start is not None:
        e = e.filter(e.at >= naive(scope.start))
    with kept(db, e.drop("props"), "on_pages") as looks:
        yield looks


@contextmanager
def _from_where(db: Backend, looks: ir.Table) -> Iterator[ir.Table]:
    """The looks with source, medium and channel group of their visits."""
    begins = [f"landing_{column}" for column in visits.LANDING]
    shape = pa.schema([(c, pa.string()) for c in (*begins, "source", "medium", "group")])
    different = answer(db, looks.select(*begins).distinct()).to_pylist()
    rows = visits.origins_of(different)
    with lent(db, pa.Table.from_pylist(rows, shape)) as origins:
        yield looks.left_join(origins, begins)


def _parts(db: Backend, e: ir.Table, name: str) -> list[Part]:
    by = {
        "group": e.group,
        "source": e.source.concat(" / ", e.medium),
        "campaign": e.campaign.nullif(""),
        "landing": e.landing_host.concat(e.landing_path),
        "page": e.host.concat(e.path),
        # Whoever does not say it is one of the parts, or they would not add up to the whole.
        "device": e.device.fill_null(""),
    }[name]
    keys = PARTS[name]
    columns: dict[str, ir.Value] = {}
    rows = e.mutate(part=by)
    rows = rows.filter(rows.part.notnull())
    for key in keys:
        metric = METRICS[key]
        columns[f"n_{key}"] = metric.numerator(rows)
        if metric.denominator is not None:
            columns[f"d_{key}"] = metric.denominator(rows)
    grouped = rows.group_by("part").agg(**columns)
    first = f"n_{keys[0]}"
    grouped = grouped.filter(grouped[first] > 0)
    ordered = grouped.order_by(ibis.desc(first), "part").limit(MOST_PARTS)
    return [
        Part(row["part"], {key: _of(METRICS[key], key, row) for key in keys})
        for row in answer(db, ordered).to_pylist()
    ]


def _of(metric: Metric, key: str, row: dict[str, Any]) -> float | None:
    above = row[f"n_{key}"] or 0
    if metric.denominator is None:
        return float(above)
    below = row[f"d_{key}"]
    return float(above) / float(below) if below else None


def _days(db: Backend, e: ir.Table, scope: Scope, zone: str) -> list[tuple[date, int, int]]:
    rows = e.mutate(day=shown(zone, e.at).date())
    days = rows.group_by("day").agg(
        visitors=METRICS["visitors"].numerator(rows), views=METRICS["page_views"].numerator(rows)
    )
    found = {row["day"]: row for row in answer(db, days).to_pylist()}
    if not found:
        return []
    first, last = min(found), max(found)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    none = {"visitors": 0, "views": 0}
    return [(d, found.get(d, none)["visitors"], found.get(d, none)["views"]) for d in every]


def _terms(db: Backend, e: ir.Table) -> list[tuple[str, int]]:
    begins = e.filter(e.visit_begins, e.group == "search")
    asked = begins.filter(begins.referrer.contains("?"))
    asked = asked.group_by("referrer").agg(n=asked.count())
    asked = asked.order_by(ibis.desc("n"), "referrer").limit(_MOST_TERMS)
    sums: dict[str, int] = {}
    for row in answer(db, asked).to_pylist():
        term = sources.search_term(row["referrer"]).strip().lower()
        if term:
            sums[term] = sums.get(term, 0) + row["n"]
    return sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:20]


def explained(db: Backend, scope: Scope, source: str) -> Sequence[dict[str, str]]:
    """How visits of a source began, the commonest first: for the question why they count there."""
    with _looked_at(db, scope) as looks, _from_where(db, looks) as e:
        begins = e.filter(e.visit_begins, e.source.concat(" / ", e.medium) == source)
        columns = [f"landing_{column}" for column in visits.LANDING]
        rows = begins.group_by(columns).agg(n=begins.count()).order_by(ibis.desc("n")).limit(20)
        found: list[dict[str, str]] = answer(db, rows).to_pylist()
        return found
