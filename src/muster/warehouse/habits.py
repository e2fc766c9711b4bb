"""How one person buys and reads, as counts that a word can be drawn from (PE1, S17)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from muster.events import names
from muster.warehouse.habit import Habits

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

LOOKS_BACK = timedelta(days=730)
MOST = 1000
"""No more of the newest orders and clicks are looked at."""
MONTH = timedelta(days=30)


def habits(db: Backend, person_id: int, now: datetime, zone: ZoneInfo) -> Habits:
    """The counts of one person."""
    moment = now.astimezone(UTC).replace(tzinfo=None)
    rows = db.con.execute(
        """
        SELECT "at", name, channel, discount, props FROM events
        WHERE person_id = ? AND "at" > ? AND "at" <= ? AND actor = 'human'
          AND name IN ('Order Completed', ?) ORDER BY "at" DESC LIMIT ?
        """,
        [person_id, moment - LOOKS_BACK, moment, names.MESSAGE_CLICKED, MOST],
    ).fetchall()
    counted = db.con.execute(
        f"""
        SELECT count(*) FILTER ("at" > ?), count(*) FILTER ("at" <= ?) FROM events
        WHERE person_id = ? AND "at" > ? AND "at" <= ? AND actor = 'human'
          AND NOT (source = 'muster' AND name IN {names.SAID_BY_US})
        """,  # noqa: S608 - names of ours
        [moment - MONTH, moment - MONTH, person_id, moment - 2 * MONTH, moment],
    ).fetchone()
    lately, before = counted or (0, 0)
    orders = [row for row in rows if row[1] == "Order Completed"]
    said = [_properties(row[4]) for row in orders]
    products = [one for props in said for one in _products(props)]
    moments = sorted(row[0] for row in orders)
    return Habits(
        orders=len(orders),
        at=dict(Counter(_part(row[0], zone) for row in orders)),
        items=len(products),
        categories=dict(Counter(name for name in products if name)),
        reduced=sum(
            bool(props.get("coupon")) or bool(row[3] and row[3] > 0)
            for row, props in zip(orders, said, strict=True)
        ),
        gaps=tuple((b - a).days for a, b in pairwise(moments)),
        clicks=dict(Counter(row[2] for row in rows if row[1] != "Order Completed" and row[2])),
        lately=int(lately),
        before=int(before),
    )


def _properties(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _products(props: dict[str, Any]) -> list[str]:
    products = props.get("products")
    if not isinstance(products, list):
        return [str(props["category"])[:60]] if props.get("category") else []
    named = [one for one in products if isinstance(one, dict)]
    return [str(one.get("category") or one.get("name") or "")[:60] for one in named]


def _part(at: datetime, zone: ZoneInfo) -> tuple[str, str]:
    local = at.replace(tzinfo=UTC).astimezone(zone)
    hour = local.hour
    part = (
        "morning" if 5 <= hour < 11 else "day" if 11 <= hour < 17 else
        "evening" if 17 <= hour < 23 else "night"
    )  # fmt: skip
    return ("weekend" if local.weekday() >= 5 else "weekday"), part
