"""Campaigns as board and time line write them: each by how it looks, and its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from muster.plan.campaigns.models import Campaign
from muster.plan.overview.listing import Row
from muster.plan.templatetags.starting import span_bar
from muster.team.lookup import Addresses
from muster.ui.templatetags.alike import Alike
from muster.ui.templatetags.ui import day, face, money


class _Card(NamedTuple):
    """A card of the board."""

    chip: str
    status: str
    has_goal: bool
    has_money: bool
    worry: str
    """bad, warn or nothing"""


def cards(rows: Iterable[Row], *, with_money: bool) -> list[Alike]:
    """The cards of a column."""
    address = Addresses("plan:overview", "campaign")
    states = {key: str(name) for key, name in Campaign.Status.choices}
    return [_card(row, address, states, with_money=with_money) for row in rows]


def _card(row: Row, address: Addresses, states: dict[str, str], *, with_money: bool) -> Alike:
    one, goal, worry = row.campaign, row.goal, row.worry
    has_money = with_money and bool(one.total_budget)
    how = f"{one.currency} short"
    looks = _Card(
        row.chip,
        states[one.status],
        goal is not None,
        has_money,
        ("bad" if worry.is_bad else "warn") if worry else "",
    )
    words = {
        "url": address.of(one.public_id),
        "name": one.name,
        "face": face(one.owner),
        "starts": day(one.starts),
        "ends": day(one.ends),
        "value": goal.shown_value if goal else "",
        "target": goal.shown_target if goal else "",
        "goal": goal.name if goal else "",
        "actual": money(row.bound.actual, how) if has_money else "",
        "total": money(one.total_budget, how) if has_money else "",
        "worry": worry.text if worry else "",
    }
    return Alike(looks, words)


class _Bar(NamedTuple):
    """A row of the time line."""

    chip: str
    status: str
    worry: str
    """bad, warn or nothing"""


def bars(
    rows: Iterable[Row],
    left: Callable[[date], float],
    marks: Sequence[tuple[str, float]],
    now: date,
) -> list[Alike]:
    """The rows of the time line; `left` tells where a day begins, in percent of the width."""
    address = Addresses("plan:overview", "campaign")
    states = {key: str(name) for key, name in Campaign.Status.choices}
    here = left(now)
    found = []
    for row in rows:
        one, worry = row.campaign, row.worry
        begin = left(one.starts)
        width = max(left(one.ends + timedelta(days=1)) - begin, 0.6)
        looks = _Bar(
            row.chip,
            states[one.status],
            ("bad" if worry.is_bad else "warn") if worry else "",
        )
        words = {
            "url": address.of(one.public_id),
            "name": one.name,
            "worry": worry.text if worry else "",
            "starts": day(one.starts),
            "ends": day(one.ends),
            "bar": span_bar(begin, width, here, here, marks, "over" if one.is_over else ""),
        }
        found.append(Alike(looks, words))
    return found
