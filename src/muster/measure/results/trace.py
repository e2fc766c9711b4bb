"""Why a number is what it is (ME4): its formula, its filters, and the events behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from muster.events import names
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.measure.results.groups import members
from muster.measure.results.numbers import as_of, cost_of, goal_window, outcome_window
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal
from muster.team.stores import warehouse
from muster.warehouse.behind import Behind, behind
from muster.warehouse.metrics import METRICS, Metric, Scope, Value, evaluate

FUNNEL = {
    "sent": "messages_sent",
    "delivered": "people_reached",
    "opened": "opens",
    "clicked": "clicks",
    "visited": "visitors",
    "ordered": "buyers",
}
"""Step of the funnel → the metric whose events it counts."""


@dataclass(frozen=True)
class Trace:
    """One number, and everything it was worked out from."""

    campaign: Campaign
    metric: Metric
    value: Value
    start: datetime
    end: datetime
    group: str
    """Key of the group; empty for all that were meant to get a message."""
    people: int
    behind: Behind
    as_of: datetime


def trace(
    campaign: Campaign, key: str, now: datetime, *, group: str = "", goal: Goal | None = None
) -> Trace:
    """The number of metric `key`, of one group or of everybody drawn into a variant.

    With a goal the window is that of the goal. Raises Invalid for an unknown metric or group.
    """
    metric = METRICS.get(key)
    if metric is None:
        raise Invalid.at(
            "/metric", "unknown_metric", _("There is no metric “%(metric)s”."), metric=key
        )
    drawn = members(campaign)
    people = _people(drawn.table, group) if group else drawn.treated
    if group and group not in {one.key for one in drawn.groups}:
        raise Invalid.at(
            "/group", "unknown_group", _("This campaign has no group “%(group)s”."), group=group
        )
    start, end = goal_window(campaign, goal) if goal else outcome_window(campaign)
    scope = Scope(start, end, people, campaign.public_id, currency=campaign.currency)
    with warehouse() as db:
        cost = cost_of(db, campaign, drawn.treated)
        value = evaluate(db, [key], scope, cost=cost.total)[key]
        rows = behind(db, _events_of(metric), scope)
    return Trace(campaign, metric, value, start, end, group, len(people), rows, as_of(now))


def _people(table: pa.Table, group: str) -> pa.Array:
    return table.filter(pc.equal(table.column("group"), group)).column("person_id").combine_chunks()


def _events_of(metric: Metric) -> Sequence[str]:
    more = {names.ORDER_REFUNDED} if names.ORDER_COMPLETED in metric.needs else set()
    return sorted(metric.needs | more)
