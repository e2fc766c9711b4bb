"""How many people each channel of a campaign brought into each stage, and on to the next (PL12).

Somebody belongs to a stage of a channel who, by an event of that channel and campaign, was written
to or came by (awareness), opened or came by (interest), clicked or came by (consideration); who
ordered after the first such event (purchase), and who ordered again (loyalty). People whom several
channels touched count in each. What happens in service leaves no event, so it is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from muster.events import names
from muster.warehouse.metrics import VISITS
from muster.warehouse.tables import EVENTS, answer, human, surely_human, vouched, who

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

KNOWN = ("awareness", "interest", "consideration", "purchase", "loyalty")
"""The stages of which events tell, in order."""
_CAME = (*VISITS, names.PRODUCT_VIEWED, names.PRODUCT_ADDED, names.CHECKOUT_STARTED)


@dataclass(frozen=True)
class Passage:
    """People in a stage, and how many of them are in the next one too."""

    people: int
    onward: int | None
    """None after the last stage."""


def passages(db: Backend, campaign_id: str) -> dict[tuple[str, str], Passage]:
    """(stage, channel) → people; channels without any event are left out."""
    e = EVENTS.filter(
        EVENTS.campaign_id == campaign_id, EVENTS.channel.notnull(), who(EVENTS).notnull()
    )
    e = e.filter(vouched(e))
    came = e.name.isin(_CAME) & human(e)
    opened = (e.name == names.MESSAGE_OPENED) & surely_human(e)
    clicked = (e.name == names.MESSAGE_CLICKED) & surely_human(e)
    written = e.name.isin([names.MESSAGE_SENT, names.MESSAGE_DELIVERED])
    rows = e.select(
        channel=e.channel,
        who=who(e),
        at=e.at,
        awareness=written | opened | clicked | came,
        interest=opened | clicked | came,
        consideration=clicked | came,
    )
    touched = rows.filter(rows.awareness)
    touched = touched.group_by(["channel", "who"]).agg(
        first=touched.at.min(),
        interest=touched.interest.any(),
        consideration=touched.consideration.any(),
    )
    bought = EVENTS.filter(EVENTS.name == names.ORDER_COMPLETED, who(EVENTS).notnull())
    bought = bought.filter(human(bought))
    bought = bought.select(buyer=who(bought), bought=bought.at)
    both = touched.left_join(bought, [touched.who == bought.buyer, bought.bought >= touched.first])
    people = both.group_by(["channel", "who", "interest", "consideration"]).agg(
        orders=both.buyer.count()
    )
    is_in = {
        "awareness": people.orders >= 0,
        "interest": people.interest,
        "consideration": people.consideration,
        "purchase": people.orders >= 1,
        "loyalty": people.orders >= 2,
    }
    sums = {name: truth.ifelse(1, 0).sum() for name, truth in is_in.items()}
    for here, after in pairwise(KNOWN):
        sums[f"{here}_on"] = (is_in[here] & is_in[after]).ifelse(1, 0).sum()
    found: dict[tuple[str, str], Passage] = {}
    for row in answer(db, people.group_by("channel").agg(**sums)).to_pylist():
        for stage in KNOWN:
            onward = row.get(f"{stage}_on")
            found[stage, row["channel"]] = Passage(
                int(row[stage]), int(onward) if onward is not None else None
            )
    return found
