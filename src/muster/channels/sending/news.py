"""What the event log hears of messages (CH9): each result once, whoever tells it how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from muster.channels.messages import tokens
from muster.channels.sending.models import Recipient, Send, Variant
from muster.events import names, shape
from muster.kit import ids
from muster.kit.tokens import Signer
from muster.people.profile.given import given
from muster.team import stores

AT_ONCE = 1000
_NAMES = {
    Recipient.State.SENT: names.MESSAGE_SENT,
    Recipient.State.FAILED: names.MESSAGE_FAILED,
}
ANNOUNCED = frozenset(_NAMES)
"""The states that the event log hears of."""


def campaign_context(send: Send, variant: Variant | None, key: str) -> dict[str, str]:
    """The campaign context of everything that happens to one message."""
    context = {
        # As in utm_campaign: names change, and two campaigns may share one.
        "name": send.campaign.public_id,
        "source": "muster",
        "medium": send.channel,
        "channel": send.channel,
        "campaign_id": send.campaign.public_id,
        "send_id": send.public_id,
        "message_id": key,
    }
    if variant is not None:
        context["variant"] = variant.name
        context["content"] = ids.public("email", variant.email_id)
    return context


def announce(send: Send, *, owner: str | None = None) -> int:
    """Tell the event log the results of this send that it has not heard yet; returns how many.

    Telling one twice does no harm: its `messageId` is always the same.
    """
    rows = Recipient.objects.filter(send=send, announced=False).order_by("pk")
    if owner is not None:
        rows = rows.filter(owner=owner)
    variants: Mapping[int, Variant] = {variant.pk: variant for variant in send.variants.all()}
    signer = stores.stores().signer
    told = 0
    while True:
        part = list(rows[:AT_ONCE])
        if not part:
            return told
        events = [
            event(send, variants.get(row.variant_id or 0), row, signer)
            for row in part
            if row.state in ANNOUNCED
        ]
        if events:
            stores.emit(events)
        _mark([row.pk for row in part])
        told += len(part)


def event(send: Send, variant: Variant | None, row: Recipient, signer: Signer) -> bytes:
    """The event of one result."""
    properties: dict[str, Any] = {"channel": send.channel, "attempt": row.attempt}
    if row.state == Recipient.State.FAILED:
        properties.update(reason=row.reason, code=row.code, answer=row.answer)
    return shape.event(
        _NAMES[Recipient.State(row.state)],
        person_id=row.person_id,
        properties=properties,
        context={"campaign": campaign_context(send, variant, row.key)},
        at=row.sent_at,
        message_id=tokens.event_id(signer, row.key, row.state),
    )


def _mark(numbers: list[int]) -> None:
    source, parameters = given({"id": "bigint"}, [(number,) for number in numbers])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE channels_recipient SET announced = %s FROM {source}"  # noqa: S608
            " WHERE channels_recipient.id = given.id",
            [True, *parameters],
        )
