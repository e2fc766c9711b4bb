"""What the tokens of opens and clicks stand for (CO3): read by the collector, without a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import close_old_connections, connection

from muster.channels.messages import tokens
from muster.channels.sending.models import Link as SentLink
from muster.channels.sending.models import Recipient
from muster.channels.sending.news import campaign_context
from muster.collector.links import Link
from muster.kit.tokens import Signer

K = TypeVar("K")
V = TypeVar("V")
_REMEMBERED = 50_000


@dataclass(frozen=True)
class _Message:
    """What is known of one message; it does not change once it was sent."""

    person: int
    variant: int | None
    campaign: Mapping[str, str | None]
    sent_at: datetime | None
    is_over: bool


class Links:
    """Reads the tokens of our messages; safe to use from many threads."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._messages: dict[int, _Message] = {}
        self._targets: dict[tuple[int, int], str] = {}

    def open_(self, token: str) -> Link | None:
        """The message whose counting picture was fetched; None for a token that is not ours."""
        number = tokens.recipient_of(self._signer, tokens.OPEN, token)
        found = self._message(number) if number is not None else None
        return None if found is None else Link(found.person, found.campaign, found.sent_at)

    def click(self, token: str) -> Link | None:
        """The message and the address of the link that was followed."""
        named = tokens.link_of(self._signer, token)
        found = self._message(named[0]) if named is not None else None
        if named is None or found is None or found.variant is None:
            return None
        target = self._target(found.variant, named[1])
        return Link(found.person, found.campaign, found.sent_at, target) if target else None

    def _message(self, number: int) -> _Message | None:
        known = self._messages.get(number)
        if known is not None:
            return known
        with _records():
            found = _message(number)
        # Before the result is written, the moment of sending is not known for good.
        if found is not None and found.is_over:
            _keep(self._messages, number, found)
        return found

    def _target(self, variant: int, number: int) -> str | None:
        known = self._targets.get((variant, number))
        if known is not None:
            return known
        with _records():
            rows = SentLink.objects.filter(variant_id=variant, number=number)
            found = rows.values_list("url", flat=True).first()
        if found is not None:
            _keep(self._targets, (variant, number), found)
        return found


@contextmanager
def _records() -> Iterator[None]:
    # No request ends here, so nobody else looks after the connection of this thread. Within a
    # transaction of the caller it must stay.
    if connection.in_atomic_block:
        yield
        return
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


def _keep(known: dict[K, V], key: K, value: V) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = value


def _message(number: int) -> _Message | None:
    row = Recipient.objects.filter(pk=number).select_related("send__campaign", "variant").first()
    if row is None:
        return None
    return _Message(
        person=row.person_id,
        variant=row.variant_id,
        campaign=campaign_context(row.send, row.variant, row.key),
        sent_at=row.sent_at,
        is_over=row.state not in Recipient.OPEN,
    )
