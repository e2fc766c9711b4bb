"""Which campaigns and channels leads came from, and what became of them (PE7, ME5).

Somebody is captured with the first form they send or, without one, when they become a lead; each
person once. They belong to the last touch up to that moment, as in attribution by last touch. So of
all who were captured a share became leads, of these some an opportunity, and some were won.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import ibis

from muster.events import names
from muster.warehouse.attribution import NONE, NOT_SET, touches
from muster.warehouse.metrics import FORM_SUBMITTED, naive
from muster.warehouse.tables import EVENTS, answer, human, who
from muster.warehouse.windows import earlier

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class Captured:
    """The people of one campaign or channel."""

    key: str
    people: int
    became: int
    """Those whom the score or a colleague made a lead for sales (MQL)."""
    opportunities: int
    won: int


def captured(
    db: Backend, by: str, *, start: datetime, end: datetime, window: str
) -> list[Captured]:
    """Who was captured in [start, end), by `campaign` or `channel`; most people first.

    `window` is how long before the capture a touch may be (`30d`). People without a touch stand
    under `(none)`.
    """
    e = EVENTS.filter(human(EVENTS), EVENTS.at >= naive(start), EVENTS.at < naive(end))
    steps = [FORM_SUBMITTED, names.LEAD_CREATED, names.DEAL_CREATED, names.DEAL_WON]
    people = e.filter(e.name.isin(steps), who(e).notnull()).mutate(one=who)
    is_capture = people.name.isin([FORM_SUBMITTED, names.LEAD_CREATED])
    people = people.group_by("one").agg(
        at=people.at.min(where=is_capture),
        became=(people.name == names.LEAD_CREATED).any(),
        opportunities=(people.name == names.DEAL_CREATED).any(),
        won=(people.name == names.DEAL_WON).any(),
    )
    people = people.filter(people["at"].notnull())
    t = touches(by)
    pairs = people.inner_join(t, [people.one == t.touch_who, t.touch_at <= people["at"]])
    pairs = pairs.filter(pairs.touch_at > earlier(pairs["at"], window))
    last = ibis.window(group_by=pairs.one, order_by=[pairs.touch_at.desc(), pairs.touch_id.desc()])
    touched = pairs.mutate(place=ibis.row_number().over(last))
    touched = touched.filter(touched.place == 0).select(credited="one", key="key")
    rows = people.left_join(touched, people.one == touched.credited)
    rows = rows.group_by(key=rows.key.fill_null(NONE)).agg(
        people=rows.count(),
        **{name: rows[name].sum() for name in ("became", "opportunities", "won")},
    )
    found = [
        Captured(row.pop("key"), **{name: int(count) for name, count in row.items()})
        for row in answer(db, rows).to_pylist()
    ]
    return sorted(found, key=lambda one: (-one.people, one.key in (NONE, NOT_SET), one.key))
