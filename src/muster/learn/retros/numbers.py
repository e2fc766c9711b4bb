"""What the numbers say when a retrospective opens (LE1): plain values, so that they can be kept.

Page, API and the kept copy of a finished retrospective all show this one shape.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from muster.channels.sending.models import Recipient, Send
from muster.measure.reports.roi import roi_of
from muster.measure.results.answer import as_json
from muster.measure.results.numbers import Group, Results, results
from muster.plan.approvals.models import Decision
from muster.plan.budget.models import BudgetLine, costs_by
from muster.plan.campaigns.models import Campaign

_BY = "conversion_rate"


def fill(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """The numbers of the campaign as they are now, as JSON has them."""
    r = results(campaign, now)
    found = as_json(r)
    numbers = {
        "as_of": r.as_of,
        "currency": r.currency,
        "is_sent": r.is_sent,
        "goals": found["goals"],
        "revenue": str(r.revenue),
        "cost": str(r.cost.total),
        "roi": r.roi,
        "orders": r.orders,
        "channels": _channels(campaign),
        "funnel": found["funnel"],
        "bottleneck": _bottleneck(r),
        "variants": _variants(r),
        "budget": _budget(r),
        "sends": [_send(send) for send in campaign.sends.order_by("pk")],
        "waived": _waived(campaign),
    }
    plain: dict[str, Any] = json.loads(json.dumps(numbers, cls=DjangoJSONEncoder))
    return plain


def _channels(campaign: Campaign) -> list[dict[str, Any]]:
    """Channels by what they brought beyond their cost, the best first."""
    rows = [row for row in roi_of(campaign, "channel").rows if not row.key.startswith("(")]
    rows.sort(key=lambda row: row.cost - row.revenue)
    return [
        {
            "key": row.key,
            "cost": str(row.cost),
            "revenue": str(row.revenue),
            "roi": row.roi,
            "orders": row.orders,
        }
        for row in rows
    ]


def _bottleneck(r: Results) -> dict[str, Any] | None:
    """The step that the smallest share went on to."""
    step = r.bottleneck
    if step is None:
        return None
    return {"step": step.name, "people": step.people, "rate": step.from_previous}


def _variants(r: Results) -> list[dict[str, Any]]:
    """Every variant with its conversion, the best first."""
    groups = sorted(
        (group for group in r.groups if group.role == "variant"),
        key=lambda group: -(group.figures[_BY].value or 0),
    )
    return [_variant(group) for group in groups]


def _variant(group: Group) -> dict[str, Any]:
    figure = group.figures[_BY]
    return {
        "name": group.name,
        "send": group.send.name,
        "people": group.people,
        "metric": _BY,
        "value": figure.value,
        "lift": figure.lift.relative if figure.lift else None,
        "interval": list(figure.lift.interval) if figure.lift and figure.lift.interval else None,
        "is_certain": bool(figure.lift and figure.lift.is_significant),
    }


def _budget(r: Results) -> list[dict[str, Any]]:
    """Planned against paid, category by category; discounts given are what they were."""
    planned: dict[str, Decimal] = {}
    for category, amount in r.campaign.lines.values_list("category", "planned"):
        planned[category] = planned.get(category, Decimal(0)) + amount
    paid: Mapping[str, Decimal] = costs_by(r.campaign, "category")
    discounts = BudgetLine.Category.DISCOUNTS.value
    actual = {**paid}
    if r.cost.discounts:
        actual[discounts] = actual.get(discounts, Decimal(0)) + r.cost.discounts
    keys = [key for key in BudgetLine.Category.values if key in planned or key in actual]
    return [
        {
            "category": key,
            "planned": str(planned.get(key, Decimal(0))),
            "actual": str(actual.get(key, Decimal(0))),
            "difference": str(actual.get(key, Decimal(0)) - planned.get(key, Decimal(0))),
        }
        for key in keys
    ]


def _send(send: Send) -> dict[str, Any]:
    sent = send.recipients.filter(state=Recipient.State.SENT).count()
    return {
        "id": send.public_id,
        "name": send.name,
        "status": send.status,
        "planned_at": send.starts_at,
        "started_at": send.started_at,
        "ended_at": send.ended_at,
        "audience": send.audience_size,
        "sent": sent,
    }


def _waived(campaign: Campaign) -> list[dict[str, Any]]:
    """Approvals that an owner gave to their own request because nobody else could."""
    rows = Decision.objects.filter(request__campaign=campaign, waiver=True)
    return [
        {"title": decision.request.title, "by": str(decision.by), "at": decision.at}
        for decision in rows.select_related("request", "by")
    ]
