"""Tells the event log what became of leads (PE7): each thing once, whatever is killed.

What somebody did is told when it can no longer be taken back, so that nothing is counted that was
a slip; what the machine did is told at once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from muster.events import names, shape
from muster.kit import ids
from muster.people.leads import rules
from muster.people.leads.models import Lead, LeadStep, ScoreMove
from muster.team import stores
from muster.team.changes.actions import UNDO_FOR

_BATCH = 5_000
_OF_DEALS = {
    rules.QUALIFIED: names.DEAL_CREATED,
    rules.WON: names.DEAL_WON,
    rules.LOST: names.DEAL_LOST,
}


def tell(now: datetime) -> int:
    """Put everything that the log has not yet into it; how many events.

    What is told is marked afterwards: killed between, the same events are written again with the
    same ids, and count once.
    """
    return _moves() + _steps(now)


def _moves() -> int:
    count = 0
    waiting = ScoreMove.objects.filter(told=False).order_by("pk")
    while rows := list(waiting[:_BATCH]):
        stores.emit(
            [
                shape.event(
                    names.LEAD_SCORED,
                    person_id=row.person_id,
                    properties={
                        "sales_ready": row.became, "score": row.score, "grade": row.grade,
                    },
                    at=row.at,
                    message_id=_id("score", row.pk),
                )
                for row in rows
            ]
        )  # fmt: skip
        ScoreMove.objects.filter(pk__in=[row.pk for row in rows]).update(told=True)
        count += len(rows)
    return count


def _steps(now: datetime) -> int:
    count = 0
    final = Q(by=None) | Q(at__lte=now - UNDO_FOR)
    waiting = LeadStep.objects.filter(final, told=False).select_related("lead", "to").order_by("pk")
    while rows := list(waiting[:_BATCH]):
        events = [event for row in rows for event in _events(row)]
        if events:
            stores.emit(events)
        LeadStep.objects.filter(pk__in=[row.pk for row in rows]).update(told=True)
        count += len(events)
    return count


def _events(row: LeadStep) -> Iterator[bytes]:
    lead = ids.public("lead", row.lead_id)
    said: dict[str, Any] = {"lead": lead, **row.facts}
    if row.kind == LeadStep.Kind.OPENED:
        yield _event(names.LEAD_CREATED, row, said)
    elif row.kind == LeadStep.Kind.GIVEN and row.to_id:
        yield _event(names.LEAD_HANDED_OVER, row, {**said, "to": ids.public("user", row.to_id)})
    elif row.kind == LeadStep.Kind.MOVED and row.facts.get("reason") == Lead.Reason.MERGED:
        # Nobody turned the person down: only what a deal was counted for ends, and begins again.
        if row.facts.get("deal"):
            name = names.DEAL_CREATED if row.state in rules.OPEN else names.DEAL_LOST
            yield _event(name, row, {**said, "deal_id": lead, "stage": row.state})
    elif row.kind == LeadStep.Kind.MOVED:
        yield _event(names.LEAD_STAGE_CHANGED, row, {**said, "stage": row.state})
        if row.state in _OF_DEALS and (row.state != rules.LOST or row.facts.get("deal")):
            yield _event(_OF_DEALS[row.state], row, {**said, "deal_id": lead, "stage": row.state})


def _event(name: str, row: LeadStep, said: dict[str, Any]) -> bytes:
    return shape.event(
        name,
        person_id=row.lead.person_id,
        properties={key: value for key, value in said.items() if key != "deal"},
        at=row.at,
        message_id=_id(name, row.pk),
    )


def _id(what: str, number: int) -> str:
    """The same for the same thing, and nothing that a stranger can guess."""
    said = f"{what} {number}".encode()
    return hmac.digest(settings.DATA.key("leads"), said, hashlib.sha256).hex()[:32]
